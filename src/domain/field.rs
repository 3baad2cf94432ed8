//! Owns the list of things that a form can say about a work or a unit: one [`Field`] each, with its key (rules file, JSON, database)
//! and its name in the notice's own words. Refuses to know how a column is titled in a received file: that is `formats::headers`.

/// A declared field of a work, of the unit that sends it, or of its registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// 作品编号, where a file already carries our number.
    Number,
    /// 参赛单位名称.
    Organization,
    /// 统一社会信用代码.
    CreditCode,
    /// 参赛类型.
    Category,
    /// 拟申报作品: the categories that a registering unit intends.
    IntendedCategories,
    /// 参赛作品名称.
    Title,
    /// 作品类别（四大品牌）.
    Theme,
    /// 主创者姓名.
    Creators,
    /// 联系人姓名.
    ContactName,
    /// 联系手机.
    ContactPhone,
    /// 电子邮箱.
    ContactEmail,
    /// 联系部门.
    ContactDepartment,
    /// 职务.
    ContactPosition,
    /// 联系地址.
    Address,
    /// 邮编.
    Postcode,
    /// 单位性质.
    Nature,
    /// 市质协会员单位.
    Member,
    /// 重点领域.
    FocusArea,
    /// 重点产业.
    FocusIndustry,
    /// 作品时长.
    Duration,
    /// 案例篇幅.
    Length,
    /// 参赛作品内容简介.
    Summary,
    /// 推荐单位.
    Recommender,
    /// 推荐次序.
    Order,
    /// 推荐意见.
    Opinion,
    /// 曾获相关荣誉.
    Honors,
    /// 赛区.
    Zone,
    /// 提交时间.
    SubmittedAt,
    /// 备注.
    Remark,
}

impl Field {
    /// Every field, in the order of the form.
    pub const ALL: [Self; 29] = [
        Self::Number,
        Self::Organization,
        Self::CreditCode,
        Self::Category,
        Self::IntendedCategories,
        Self::Title,
        Self::Theme,
        Self::Creators,
        Self::ContactName,
        Self::ContactPhone,
        Self::ContactEmail,
        Self::ContactDepartment,
        Self::ContactPosition,
        Self::Address,
        Self::Postcode,
        Self::Nature,
        Self::Member,
        Self::FocusArea,
        Self::FocusIndustry,
        Self::Duration,
        Self::Length,
        Self::Summary,
        Self::Recommender,
        Self::Order,
        Self::Opinion,
        Self::Honors,
        Self::Zone,
        Self::SubmittedAt,
        Self::Remark,
    ];

    /// The field's key in the rules file, in JSON and in the database.
    #[must_use]
    pub fn key(self) -> &'static str {
        self.names().0
    }

    /// The field's name, as the notice has it.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.names().1
    }

    /// The field with this key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.key() == key)
    }

    /// Whether the field says something about the unit, not about one work.
    #[must_use]
    pub fn belongs_to_organization(self) -> bool {
        matches!(self, Self::CreditCode | Self::Nature | Self::Member | Self::FocusArea | Self::FocusIndustry)
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Number => ("number", "作品编号"),
            Self::Organization => ("organization", "参赛单位"),
            Self::CreditCode => ("credit_code", "统一社会信用代码"),
            Self::Category => ("category", "参赛类型"),
            Self::IntendedCategories => ("intended_categories", "拟申报作品"),
            Self::Title => ("title", "作品名称"),
            Self::Theme => ("theme", "作品类别"),
            Self::Creators => ("creators", "主创者"),
            Self::ContactName => ("contact_name", "联系人"),
            Self::ContactPhone => ("contact_phone", "联系手机"),
            Self::ContactEmail => ("contact_email", "电子邮箱"),
            Self::ContactDepartment => ("contact_department", "联系部门"),
            Self::ContactPosition => ("contact_position", "职务"),
            Self::Address => ("address", "联系地址"),
            Self::Postcode => ("postcode", "邮编"),
            Self::Nature => ("nature", "单位性质"),
            Self::Member => ("member", "会员单位"),
            Self::FocusArea => ("focus_area", "重点领域"),
            Self::FocusIndustry => ("focus_industry", "重点产业"),
            Self::Duration => ("duration", "作品时长"),
            Self::Length => ("length", "案例篇幅"),
            Self::Summary => ("summary", "内容简介"),
            Self::Recommender => ("recommender", "推荐单位"),
            Self::Order => ("order", "推荐次序"),
            Self::Opinion => ("opinion", "推荐意见"),
            Self::Honors => ("honors", "曾获相关荣誉"),
            Self::Zone => ("zone", "赛区"),
            Self::SubmittedAt => ("submitted_at", "提交时间"),
            Self::Remark => ("remark", "备注"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_labels_are_unique() {
        let mut keys: Vec<_> = Field::ALL.iter().map(|field| field.key()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), Field::ALL.len());
        let mut labels: Vec<_> = Field::ALL.iter().map(|field| field.label()).collect();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), Field::ALL.len());
    }
}
