//! Owns what a sender is told about a fault: what is wrong, how to mend it, and from where in the notice that follows. The words for staff
//! (commands to type, other units) are in the catalogues; a code that has no words here is none of the sender's business.

use super::moments;
use crate::domain::check_catalogue::Code;
use crate::domain::field::Field;
use crate::domain::finding::{Detail, Finding};
use crate::domain::problem::{Problem, Severity};

/// A fault in the sender's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    /// What is wrong.
    pub(super) what: String,
    /// How to mend it.
    pub(super) mend: String,
    /// The clause of the notice; empty where there is none.
    pub(super) clause: &'static str,
}

fn words(what: impl Into<String>, mend: impl Into<String>, clause: &'static str) -> Words {
    Words { what: what.into(), mend: mend.into(), clause }
}

/// A reader's or planner's problem in the sender's words.
pub(super) fn of_problem(problem: &Problem) -> Option<Words> {
    let form = "附件2（二）";
    let options = "请按通知所列参赛类型选定一项，写全称";
    let words = match problem.code {
        "I121" => words("从这一行起有引号没有配对，其后各行可能并在同一格", "请核对引号，或另存为 .xlsx 后重新报送", ""),
        "I122" => words("工作表从这一行之后已损坏，未能读取", "请用 Excel 或 WPS 打开并另存后重新报送", ""),
        "I201" => words("没有找到表头", "请按申报表的栏目填写列名（参赛单位名称、参赛作品名称、参赛类型等）", form),
        "I202" | "I210" => words("不是报名表或作品申报表", "请使用附件2的表格填报", "附件2"),
        "I203" => words(problem.message.clone(), "请把列名改为申报表中的栏目名称", form),
        "I205" => words("没有参赛单位一列", "请补上“参赛单位名称”一列", form),
        "I302" => words("这一行有超出表头的内容，可能错列", "请核对各列是否与表头对齐", ""),
        "I303" => words("作品名称是跨行的合并单元格，只读取了第一行", "请一件作品填一行，续行中的内容并入第一行", ""),
        "I401" => words("数字已丢失尾数", "请把该格设为文本格式后重新填写完整的数字", ""),
        "I402" => words("单元格是公式错误", "请直接填写内容", ""),
        "I403" => words("有无法识别的文字", "请重新填写，或另存为 .xlsx 后重新报送", ""),
        "I404" => words("有丢失的文字，可能是生僻字", "请对照原件补上正确的字", ""),
        "I405" => words("日期或时间无法识别", "请写成“2024年7月5日”的样子", ""),
        "I406" => words("作品时长无法识别", "请写成“5分30秒”的样子", form),
        "I407" => words("案例篇幅无法识别", "请写明字数，如“2000字”", form),
        "I408" => words("既不是“是”也不是“否”", "请填“是”或“否”", ""),
        "I409" => words("单选的栏目选了多个", "请只保留一项", "附件2 注2（单选题）"),
        "I410" => words("同一项内容在几处填写不一致", "请核对后统一填写", ""),
        "I411" => words("应填文字，却成了日期，可能被 Excel 自动转换", "请把该格设为文本格式后重新填写", ""),
        "I501" => words("没有参赛单位名称，未能作为作品接收", "请补填参赛单位全称", form),
        "I502" => words("没有作品名称，未能作为作品接收", "请补填参赛作品名称", form),
        "I503" => words("没有填写或勾选参赛类型，未能作为作品接收", options, form),
        "I504" => words("参赛类型不是通知所列的类型，未能作为作品接收", options, form),
        "I505" => words("同时选了几个参赛类型，未能作为作品接收", "同时参加多种形式的，请分别填写", "附件2 注1"),
        "I506" => words("作品编号已属于另一件作品，未能作为作品接收", "请核对编号；新申报的作品不填编号", ""),
        "I508" => words("内容过长，不像申报表的内容，未能接收", "请核对是否粘贴有误，按栏目要求填写", form),
        "I515" => words("赛区不是本届大赛所设的赛区", "请核对赛区名称", ""),
        // What the readers will say one day is not hidden from the sender.
        _ if problem.severity == Severity::Error && problem.field.is_some() => words(problem.message.clone(), "请核对后改正", ""),
        _ => return None,
    };
    Some(words)
}

/// Why a file could not be read at all, in the sender's words.
pub(super) fn of_unreadable(code: &str) -> &'static str {
    match code {
        "I103" => "文件是空的。请重新报送完整的文件。",
        "I105" => "文件设有打开密码，无法读取。请取消密码后重新报送。",
        "I106" => "文件内容过大，不像申报表。请把申报内容复制到新文件，另存为 .xlsx 或 .docx 后重新报送。",
        "I113" | "I114" | "I115" => "文件是旧版 Word 文档、PDF 或图片，其中的内容无法读取。请报送 .xlsx 或 .docx 原表。",
        _ => "文件无法读取，可能已损坏，或不是申报表的格式。请另存为 .xlsx 或 .docx 后重新报送。",
    }
}

/// A check's finding in the sender's words; works of others are none of them.
pub(super) fn of_finding(finding: &Finding) -> Option<Words> {
    let label = finding.field().map_or("", Field::label);
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other checks are about other works, files or later stages")]
    let mend = match finding.code {
        Code::C101 => format!("请补填“{label}”"),
        Code::C102 => "请按要求的字数修改内容简介（按 Word 的“字数”计）".to_owned(),
        Code::C103 => "请填 11 位手机号，或带区号的固定电话".to_owned(),
        Code::C104 => "请填“名称@域名”形式的邮箱".to_owned(),
        Code::C105 => "请填六位邮政编码".to_owned(),
        Code::C106 => "请在所列选项中选定一项".to_owned(),
        Code::C107 => format!("请核实并按要求填写“{label}”"),
        Code::C108 => "请对照原件补上正确的字".to_owned(),
        Code::D201 | Code::D202 | Code::D203 => "请与大赛组委会联系，说明情况".to_owned(),
        Code::L301 | Code::L302 => "请确定保留的作品，其余请来函撤回".to_owned(),
        _ => return None,
    };
    // A phone is shown as it was received or not at all; a mask would help nobody here.
    let what = if let Detail::Malformed(field, _) = &finding.detail {
        format!("“{}”格式不对", field.label())
    } else if let Detail::LostCharacter(field, _) = &finding.detail {
        format!("“{}”中疑有丢失的字", field.label())
    } else {
        finding.late(moments::in_letter).unwrap_or_else(|| finding.message(|_| String::new()))
    };
    // What this program alone asks for is no clause of the notice.
    let clause = finding.code.entry().clause;
    Some(words(what, mend, clause.split_once("本程序自定").map_or(clause, |(notice, _)| notice.trim_end_matches('；'))))
}
