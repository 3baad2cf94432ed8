//! Owns the catalogue of what can be wrong with a received table: codes, severities, and every sentence about them.
//! Refuses to know how a fault is found. Every code here stands in `docs/problems.md`; a test keeps it so.

use super::fields::Repair;
use super::sheet::Unreadable;
use crate::domain::field::Field;
use crate::domain::privacy::{Address, Email, PersonName, Phone};
use crate::domain::problem::{Place, Problem, Severity};

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
    /// `.odt`, `.odp`.
    OpenDocument,
    /// `.doc`, `.rtf`.
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
    pub const ALL: [Self; 15] = [
        Self::Missing,
        Self::Unopenable,
        Self::Empty,
        Self::Damaged,
        Self::Encrypted,
        Self::TooLarge,
        Self::UnknownEncoding,
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
            Self::Damaged => ("I104", "文件已损坏或不完整，无法读取", "请重新下载附件，或用 Excel、Word、WPS 打开后另存，再导入"),
            Self::Encrypted => ("I105", "文件设有打开密码，无法读取", "请用 Excel 或 WPS 打开，取消密码后另存再导入"),
            Self::TooLarge => (
                "I106",
                "文件解压后过大，不像正常的申报表，已停止读取",
                "请用 Excel 或 Word 打开核对，把需要的内容复制到新文件，另存为 xlsx 或 docx 再导入",
            ),
            Self::UnknownEncoding => ("I107", "无法识别文件的文字编码，或它不是文本表格", "请用 Excel 或 WPS 打开后另存为 xlsx，再导入"),
            Self::OpenDocument => {
                ("I112", "这是 OpenDocument 文档，但不是电子表格（.ods）", "请把表格内容复制到 Excel，另存为 .xlsx 后再导入")
            }
            Self::Word => (
                "I113",
                "这是旧版 Word 文档（.doc、.rtf），需要重新录入",
                "请用 Word 或 WPS 打开，另存为 docx 后再导入；不是登记表的，作为附件留存",
            ),
            Self::Pdf => (
                "I114",
                "这是 PDF 文件（盖章扫描件等），其中的内容需要重新录入",
                "请向报送单位索取 Word 或 Excel 原表后再导入；扫描件作为附件留存",
            ),
            Self::Picture => {
                ("I115", "这是图片，不是表格，其中的内容需要重新录入", "请向报送单位索取 Excel 表或 Word 原件后再导入；图片作为附件留存")
            }
            Self::Archive => ("I116", "这是压缩包，不能直接读取", "请先解压，再导入里面的文件"),
            Self::WebPage => (
                "I117",
                "这是没有表格的网页，或 XML 内容（有的系统导出时把它命名为 .xls），不能读取",
                "请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入",
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

/// What can be wrong with a sheet, its header, a row or a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The workbook hides the sheet.
    HiddenSheet,
    /// The workbook hides rows that hold data.
    HiddenRows,
    /// The workbook hides columns that have a title.
    HiddenColumns,
    /// A quotation mark that is never closed.
    UnclosedQuote,
    /// The rest of the sheet cannot be read.
    BrokenSheet,
    /// More rows of forms than are read.
    LongForms,
    /// No header in the first rows.
    NoHeader,
    /// A table of something else.
    OtherTable,
    /// A title that may mean several fields.
    AmbiguousColumn,
    /// Several columns of one field.
    DuplicateColumn,
    /// No column says whose work it is.
    NoOrganization,
    /// A given mapping that fits no title.
    UnusedMapping,
    /// Columns that no field takes.
    UnknownColumns,
    /// Rows that are no data.
    SkippedRows,
    /// Rows that continue a work above.
    ContinuedRows,
    /// Cells beyond the last title.
    ExtraCells,
    /// A value that a line above the table or a section's label gave.
    FromSurroundings,
    /// Another header further down.
    SecondTable,
    /// Two tables side by side.
    SideBySide,
    /// Digits that the file has lost.
    LostDigits,
    /// A formula's error.
    ErrorCell,
    /// A formula without its value.
    Uncomputed,
    /// Bytes outside the encoding.
    Undecodable,
    /// A character lost before it came here.
    LostCharacter,
    /// No moment.
    UnclearMoment,
    /// No length of time.
    UnclearDuration,
    /// No number of 字.
    UnclearLength,
    /// Neither yes nor no.
    UnclearYesNo,
    /// Several boxes ticked where one is asked.
    SeveralTicked,
    /// Two columns of one field that disagree.
    Contradiction,
    /// A text that a workbook made a date.
    DateForText,
    /// One form or row declares several categories.
    Divided,
    /// A document without a form.
    NoForm,
    /// A recommendation sheet, which brings no works.
    Recommendation,
    /// A value that was mended.
    Repaired(Repair),
}

impl Fault {
    /// Every fault, in the order of the codes.
    pub const ALL: [Self; 40] = [
        Self::HiddenSheet,
        Self::UnclosedQuote,
        Self::BrokenSheet,
        Self::LongForms,
        Self::HiddenRows,
        Self::HiddenColumns,
        Self::NoHeader,
        Self::OtherTable,
        Self::AmbiguousColumn,
        Self::DuplicateColumn,
        Self::NoOrganization,
        Self::UnusedMapping,
        Self::UnknownColumns,
        Self::NoForm,
        Self::Recommendation,
        Self::SkippedRows,
        Self::ContinuedRows,
        Self::ExtraCells,
        Self::FromSurroundings,
        Self::SecondTable,
        Self::SideBySide,
        Self::LostDigits,
        Self::ErrorCell,
        Self::Undecodable,
        Self::LostCharacter,
        Self::UnclearMoment,
        Self::UnclearDuration,
        Self::UnclearLength,
        Self::UnclearYesNo,
        Self::SeveralTicked,
        Self::Contradiction,
        Self::DateForText,
        Self::Divided,
        Self::Uncomputed,
        Self::Repaired(Repair::Contact),
        Self::Repaired(Repair::NamePadding),
        Self::Repaired(Repair::Controls),
        Self::Repaired(Repair::SerialDate),
        Self::Repaired(Repair::ClockTime),
        Self::Repaired(Repair::Merged),
    ];

    /// The stable code, its severity, what it means, and what to do next (may be empty).
    #[must_use]
    pub fn texts(self) -> (&'static str, Severity, &'static str, &'static str) {
        use Severity::{Error, Info, Warning};
        match self {
            Self::HiddenSheet => ("I120", Info, "这是隐藏的工作表，也已读取", "如不应导入，请在 Excel 中删除该工作表后重新导入"),
            Self::UnclosedQuote => (
                "I121",
                Error,
                "从这一行起有一个引号没有配对，其后的各行可能并入了同一单元格",
                "请用 Excel 或记事本核对这一行的引号，改正后重新导入",
            ),
            Self::BrokenSheet => {
                ("I122", Error, "工作表从这一行之后已损坏，未能读取", "请用 Excel 或 WPS 打开并另存，再重新导入；已读取的行不受影响")
            }
            Self::HiddenRows => ("I123", Info, "隐藏或筛选掉的行，也已读取", "如不应导入，请在 Excel 中删除这些行后重新导入"),
            Self::HiddenColumns => ("I124", Info, "隐藏的列，也已读取", "如不应导入，请在 Excel 中删除这些列后重新导入"),
            Self::LongForms => (
                "I125",
                Error,
                "这张工作表里的表单太长，从这一行起没有读取",
                "请把后面的表单分到别的工作表或文件，再重新导入；前面的表单不受影响",
            ),
            Self::NoHeader => (
                "I201",
                Warning,
                "前 20 行中没有找到表头，未读取任何数据行",
                "请确认表头含“作品名称”“参赛单位”等列名，或用 --map '列名=字段' 指定",
            ),
            Self::OtherTable => (
                "I202",
                Warning,
                "认出了表头，但它不是作品申报表或报名表，未读取任何数据行",
                "如确为作品申报表，请加 --kind entries；报名表请加 --kind registrations",
            ),
            Self::AmbiguousColumn => ("I203", Warning, "列名可能有几种含义，未采用该列", "请用 --map '列名=字段' 说明"),
            Self::DuplicateColumn => ("I204", Info, "几列是同一项内容，逐行取第一个非空的", "如应取另一列，请用 --map '列名=字段' 指定"),
            Self::NoOrganization => ("I205", Error, "没有找到参赛单位列", "请补上“参赛单位”列，或用 --map '列名=organization' 指定"),
            Self::UnusedMapping => ("I206", Info, "指定的列名在表头中不存在", "请核对 --map 中的列名是否与表头一致"),
            Self::UnknownColumns => ("I207", Info, "有的列不对应任何字段，原文随行保留", "如其中有需要的内容，请用 --map '列名=字段' 指定"),
            Self::SkippedRows => ("I301", Info, "不是数据的行已略过", "请核对略过的行中没有作品"),
            Self::ContinuedRows => (
                "I303",
                Warning,
                "作品名称是跨行的合并单元格，只读取第一行，其余各行未读取",
                "如续行中有主创者等内容，请合并到第一行后重新导入",
            ),
            Self::ExtraCells => {
                ("I302", Warning, "这一行有超出表头的单元格，可能错列", "请核对这一行各列是否对齐（常见原因：内容中有未加引号的逗号）")
            }
            Self::FromSurroundings => {
                ("I304", Info, "表中没有这一列，取自表头上方或分组标题", "请核对；如不对，请在表中加上这一列后重新导入")
            }
            Self::SecondTable => ("I305", Info, "下方另有表头，其后各行照新表头读取", ""),
            Self::SideBySide => ("I306", Info, "左右并排的表，已分别读取", ""),
            Self::LostDigits => ("I401", Error, "数字已丢失尾数，无法还原", "请向报送单位核实，并把该列设为文本格式后重新填写"),
            Self::ErrorCell => ("I402", Error, "单元格是公式错误，按空白处理", "请在 Excel 中改正公式或直接填写内容"),
            Self::Undecodable => ("I403", Error, "有无法识别的字节，显示为 �", "请向报送单位索取原文件，或用 Excel 另存为 xlsx 后重新导入"),
            Self::LostCharacter => ("I404", Warning, "有丢失的文字（� 或专用区字符），可能是生僻字", "请与报送单位核对原文后更正"),
            Self::UnclearMoment => ("I405", Warning, "看不懂的日期或时间，按空白处理", "请写成 2024-07-05 16:30 的样子"),
            Self::UnclearDuration => ("I406", Warning, "看不懂的时长，按空白处理", "请写成 5分30秒 或 5:30 的样子"),
            Self::UnclearLength => ("I407", Warning, "看不懂的篇幅，按空白处理", "请写成 2000字 的样子"),
            Self::UnclearYesNo => ("I408", Warning, "既不是“是”也不是“否”，按空白处理", "请填“是”或“否”"),
            Self::SeveralTicked => ("I409", Warning, "单选项勾选了多个，全部保留待核对", "请与报送单位核对后只留一个"),
            Self::Contradiction => ("I410", Warning, "同一项内容在几列中填写不一致，取第一个", "请核对哪一个正确"),
            Self::DateForText => ("I411", Warning, "应为文字的单元格是日期，可能被 Excel 自动转换", "请核对原文，并把该列设为文本格式"),
            Self::Divided => ("I412", Info, "一份申报了几个参赛类型，按类型分为几件作品", "不同类型的参赛作品须避免题目和内容重复，请核对"),
            Self::NoForm => ("I210", Info, "这份文档不是登记表、申报表或推荐表，没有读取", "如是作品或单位的材料，作为附件留存"),
            Self::Recommendation => (
                "I211",
                Info,
                "这是推荐单位的参赛作品推荐表（附件3），各行登记为推荐意见和次序，不作为作品导入",
                "作品请导入申报表或汇总表",
            ),
            Self::Uncomputed => {
                ("I413", Error, "公式没有算好的值，按空白处理", "请用 Excel 或 WPS 打开该文件并保存（保存时会计算），再重新导入")
            }
            Self::Repaired(Repair::Contact) => ("I421", Info, "联系方式、邮编或编号中的全角、空格等已整理", ""),
            Self::Repaired(Repair::NamePadding) => ("I422", Info, "两字姓名中间的空格已去掉", ""),
            Self::Repaired(Repair::Controls) => ("I423", Info, "控制字符和单行内容中的换行已去掉", ""),
            Self::Repaired(Repair::SerialDate) => ("I424", Info, "Excel 日期序号已读作日期", ""),
            Self::Repaired(Repair::ClockTime) => ("I425", Info, "被 Excel 当成时刻的时长（如 5:30:00）已读作分秒", "请抽查时长是否正确"),
            Self::Repaired(Repair::Merged) => ("I426", Info, "合并单元格的内容已填入它覆盖的各行", ""),
        }
    }

    /// The problem at a place; `detail` follows the meaning after a colon where it is not empty.
    #[must_use]
    pub fn at(self, place: Place, field: Option<Field>, value: &str, detail: &str) -> Problem {
        let (code, severity, meaning, hint) = self.texts();
        let message = if detail.is_empty() { meaning.to_owned() } else { format!("{meaning}：{detail}") };
        Problem { code, severity, place, field, value: shown_value(field, value), message, hint: hint.to_owned() }
    }
}

/// The most characters of a value that a problem shows.
const SHOWN: usize = 40;

/// A value as a problem shows it: masked where personal, cut where long.
fn shown_value(field: Option<Field>, value: &str) -> String {
    let value = value.trim();
    let safe = match field {
        Some(Field::ContactPhone) => Phone::new(value).masked(),
        Some(Field::ContactEmail) => Email::new(value).masked(),
        Some(Field::ContactName) => PersonName::new(value).masked(),
        Some(Field::Address) => Address::new(value).masked(),
        _ => value.to_owned(),
    };
    if safe.chars().count() <= SHOWN {
        return safe;
    }
    let cut: String = safe.chars().take(SHOWN).collect();
    format!("{cut}…")
}
