//! Owns the catalogue of what can be wrong with a received table: codes, severities, and every sentence about them.
//! Refuses to know how a fault is found. Every code here stands in `docs/problems.md`; a test keeps it so.

use super::sheet::Unreadable;

/// Why a file is no table that this version reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFault {
    /// No such file.
    Missing,
    /// The system refuses to open it.
    Unopenable,
    /// Nothing in it.
    Empty,
    /// Broken or cut short.
    Damaged,
    /// Protected by a password.
    Encrypted,
    /// Would take too much memory or time.
    TooLarge,
    /// Neither text in a known encoding nor a known format.
    UnknownEncoding,
    /// `.xls`.
    OldWorkbook,
    /// `.xlsb`.
    BinaryWorkbook,
    /// `.ods`, `.odt`.
    OpenDocument,
    /// `.doc`, `.docx`, `.rtf`.
    Word,
    /// `.pdf`.
    Pdf,
    /// A picture.
    Picture,
    /// `.zip`, `.rar`, `.7z`, `.gz`.
    Archive,
    /// A web page or XML under a table's name.
    WebPage,
    /// A contest file of this program.
    Contest,
    /// An office file of another kind.
    UnknownOffice,
}

impl FileFault {
    /// Every fault, in the order of the codes.
    pub const ALL: [Self; 17] = [
        Self::Missing,
        Self::Unopenable,
        Self::Empty,
        Self::Damaged,
        Self::Encrypted,
        Self::TooLarge,
        Self::UnknownEncoding,
        Self::OldWorkbook,
        Self::BinaryWorkbook,
        Self::OpenDocument,
        Self::Word,
        Self::Pdf,
        Self::Picture,
        Self::Archive,
        Self::WebPage,
        Self::Contest,
        Self::UnknownOffice,
    ];

    /// The stable code, the message and the hint.
    #[must_use]
    pub fn texts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Missing => ("I101", "找不到该文件", "请检查文件名和所在文件夹"),
            Self::Unopenable => ("I102", "文件打不开：没有权限，或正被其他程序占用", "请关闭正在使用它的 Excel 或 WPS 后重试"),
            Self::Empty => ("I103", "文件是空的", "请向报送单位索取完整的文件"),
            Self::Damaged => ("I104", "文件已损坏或不完整，无法读取", "请重新下载附件，或用 Excel、WPS 打开后另存为 xlsx 再导入"),
            Self::Encrypted => ("I105", "文件设有打开密码，无法读取", "请用 Excel 或 WPS 打开，取消密码后另存再导入"),
            Self::TooLarge => {
                ("I106", "文件解压后过大，不像正常的申报表，已停止读取", "请用 Excel 打开核对，把数据区复制到新工作簿后另存为 xlsx 再导入")
            }
            Self::UnknownEncoding => ("I107", "无法识别文件的文字编码，或它不是文本表格", "请用 Excel 或 WPS 打开后另存为 xlsx，再导入"),
            Self::OldWorkbook => {
                ("I110", "这是旧版 Excel 工作簿（.xls），本版本尚不能读取", "请用 Excel 或 WPS 打开，另存为 xlsx 或 csv 后再导入")
            }
            Self::BinaryWorkbook => {
                ("I111", "这是 Excel 二进制工作簿（.xlsb），本版本尚不能读取", "请用 Excel 打开，另存为 xlsx 或 csv 后再导入")
            }
            Self::OpenDocument => {
                ("I112", "这是 OpenDocument 文件（.ods 等），本版本尚不能读取", "请用 WPS 或 LibreOffice 打开，另存为 xlsx 或 csv 后再导入")
            }
            Self::Word => ("I113", "这是 Word 文档，本版本尚不能读取", "请把表格内容复制到 Excel，另存为 xlsx 或 csv 后再导入"),
            Self::Pdf => ("I114", "这是 PDF 文件，本版本尚不能读取", "请向报送单位索取 Excel 表，另存为 xlsx 或 csv 后再导入"),
            Self::Picture => ("I115", "这是图片，不是表格", "请向报送单位索取 Excel 表，另存为 xlsx 或 csv 后再导入"),
            Self::Archive => ("I116", "这是压缩包，本版本尚不能读取", "请先解压，再导入里面的 xlsx 或 csv 文件"),
            Self::WebPage => (
                "I117",
                "这是网页或 XML 内容（有的系统导出时把它命名为 .xls），本版本尚不能读取",
                "请用 Excel 或 WPS 打开，另存为 xlsx 或 csv 后再导入",
            ),
            Self::Contest => ("I118", "这是大赛数据文件，不是申报表", "要使用它，请用 --db 指定；要导入作品，请改用 xlsx 或 csv 表格"),
            Self::UnknownOffice => {
                ("I119", "这是本版本尚不能读取的旧版 Office 文件", "请用 Excel 或 WPS 打开，另存为 xlsx 或 csv 后再导入")
            }
        }
    }
}

/// The refusal of a file.
#[must_use]
pub fn unreadable(fault: FileFault) -> Unreadable {
    let (code, message, hint) = fault.texts();
    Unreadable { code, message: message.to_owned(), hint: hint.to_owned() }
}
