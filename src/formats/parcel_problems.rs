//! Owns the catalogue of what can be said of mails and archives and of what is in them: codes, severities, every sentence. Refuses to
//! know how a fault is found. Every code here stands in `docs/problems.md`; a test keeps it so.

use crate::domain::problem::{Place, Problem, Severity};

/// What can be said of a mail, an archive or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParcelFault {
    /// A mail without attachments.
    NoAttachments,
    /// A mail whose date is missing or cannot be.
    UnclearDate,
    /// Attachments hidden in Outlook's own wrapping.
    Tnef,
    /// A mail that breaks off.
    Truncated,
    /// The part in which a mail breaks off.
    CutPart,
    /// Pictures that belong to a mail's text.
    InlinePictures,
    /// An attachment without a name.
    Unnamed,
    /// An archive without a directory that can be followed, or a broken file in one.
    Damaged,
    /// Protected by a password.
    Encrypted,
    /// Packed in a way that is not read.
    UnknownMethod,
    /// A mail in Outlook's own format.
    OutlookMail,
    /// Mails and archives in one another too deep.
    TooDeep,
    /// More parts than any mail has.
    TooMany,
    /// Larger than what the received file may cost.
    OverBudget,
    /// Packs so well that it can only repeat itself, or shares its bytes with others.
    Bomb,
    /// A name that leads out of the folder or is a device's.
    UnsafeName,
    /// A link.
    Link,
    /// What systems leave behind.
    SystemFile,
    /// Attachments that belong to no work.
    Unmatched,
}

impl ParcelFault {
    /// Every fault, in the order of the codes.
    pub const ALL: [Self; 19] = [
        Self::NoAttachments,
        Self::UnclearDate,
        Self::Tnef,
        Self::Truncated,
        Self::InlinePictures,
        Self::Unnamed,
        Self::Damaged,
        Self::Encrypted,
        Self::UnknownMethod,
        Self::OutlookMail,
        Self::TooDeep,
        Self::TooMany,
        Self::OverBudget,
        Self::Bomb,
        Self::UnsafeName,
        Self::Link,
        Self::SystemFile,
        Self::Unmatched,
        Self::CutPart,
    ];

    /// The stable code, its severity, what it means, and what to do next (may be empty).
    #[must_use]
    pub fn texts(self) -> (&'static str, Severity, &'static str, &'static str) {
        use Severity::{Error, Info, Warning};
        match self {
            Self::NoAttachments => (
                "I130",
                Warning,
                "邮件没有附件，正文不作为申报读取",
                "请打开邮件看正文：若写有网盘链接或申报内容，请下载或补填表格后再导入",
            ),
            Self::UnclearDate => {
                ("I131", Warning, "邮件没有可信的发送日期", "若影响截止时间的判断，请撤销后用 --received-at 指明收到的时间重新导入")
            }
            Self::Tnef => (
                "I132",
                Error,
                "附件包在 Outlook 专用的 winmail.dat 里，不能读取",
                "请发件人改用“HTML”或“纯文本”格式重发，或在 Outlook 中打开后另存附件",
            ),
            Self::Truncated => ("I133", Error, "邮件不完整，附件可能缺失或残缺", "请从邮箱重新导出这封邮件后再导入"),
            Self::CutPart => ("I141", Error, "邮件在这个附件中断了，没有读取", "请从邮箱重新导出这封邮件后再导入，或请发件人重发"),
            Self::InlinePictures => ("I134", Info, "正文中的图片（签名、标志等）没有作为附件", ""),
            Self::Unnamed => ("I135", Info, "附件没有文件名，已按次序编名", ""),
            Self::Damaged => ("I136", Error, "压缩包或其中的文件已损坏、不完整", "请向报送单位重新索取，或用解压软件修复后再导入"),
            Self::Encrypted => ("I137", Error, "压缩包里的文件设有密码，不能读取", "请向报送单位索取密码，解压后再导入"),
            Self::UnknownMethod => ("I138", Error, "压缩包里的文件用了不常见的压缩方式，不能读取", "请用解压软件解压后再导入"),
            Self::OutlookMail => {
                ("I139", Error, "这是 Outlook 专用格式的邮件（.msg），不能读取", "请在 Outlook 中打开，另存附件后导入附件")
            }
            Self::TooDeep => ("I140", Error, "邮件和压缩包层层相套，超过 8 层，里面的没有读取", "请解开后再导入"),
            Self::TooMany => (
                "I142",
                Error,
                "部分太多（超过 10000 个）或嵌套太复杂，其余的没有读取",
                "不像正常的附件，请核对来源；确需导入的，请解压后分批导入",
            ),
            Self::OverBudget => ("I143", Error, "解压后过大，没有读取", "不像正常的附件，请核对来源；确需导入的，请解压后再导入"),
            Self::Bomb => ("I144", Error, "内容异常重复，像是恶意的压缩包，没有读取", "请核对来源；确是申报材料的，请向报送单位重新索取"),
            Self::UnsafeName => ("I145", Warning, "名称不正常（含上级文件夹、盘符或设备名），内容照常读取，没有按此名称保存", "请核对来源"),
            Self::Link => ("I146", Info, "是指向别处的链接或特殊文件，没有读取", ""),
            Self::SystemFile => ("I147", Info, "系统或办公软件自动生成的文件，没有读取", ""),
            Self::Unmatched => {
                ("I148", Warning, "附件不知道属于哪件作品", "请把文件名改为“单位名称+作品名称”后重新发来，或查看 dasai attachment list")
            }
        }
    }

    /// The problem with a file; `detail` follows the meaning after a colon where it is not empty.
    #[must_use]
    pub fn at(self, file: &str, detail: &str) -> Problem {
        let (code, severity, meaning, hint) = self.texts();
        let message = if detail.is_empty() { meaning.to_owned() } else { format!("{meaning}：{detail}") };
        let place = Place { file: file.to_owned(), ..Place::default() };
        Problem { code, severity, place, field: None, value: String::new(), message, hint: hint.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_documented_as_it_is() {
        let page = include_str!("../../docs/problems.md");
        for fault in ParcelFault::ALL {
            let (code, severity, meaning, hint) = fault.texts();
            let hint = if hint.is_empty() { "不必处理" } else { hint };
            assert!(page.contains(&format!("| {code} | {} | {meaning} | {hint} |", severity.label())), "{code}");
        }
    }
}
