//! Owns the header of the invented tables, as offices send them.

/// The header of the tables.
pub(crate) const TITLES: [&str; 23] = [
    "序号",
    "参赛单位名称（全称）",
    "参赛作品名称",
    "参赛类型",
    "作品类别",
    "主创者姓名",
    "联系人姓名",
    "联系手机",
    "电子邮箱",
    "联系部门",
    "职务",
    "联系地址",
    "邮编",
    "单位性质",
    "市质协会会员单位",
    "重点领域",
    "重点产业",
    "作品时长",
    "案例篇幅",
    "参赛作品内容简介",
    "推荐单位",
    "曾获相关荣誉",
    "提交时间",
];
