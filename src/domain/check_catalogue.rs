//! Owns the catalogue of checks: stable codes, what each checks, its severity, the clause of the notice it comes from, and what staff do
//! about it. Refuses to know how a finding is found (`domain::eligibility`, `domain::likeness` and others) and what one says
//! (`domain::finding`).

use super::problem::Severity;

/// A check's stable code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A required field is missing.
    C101,
    /// The summary's length.
    C102,
    /// A phone number.
    C103,
    /// An e-mail address.
    C104,
    /// A postcode.
    C105,
    /// A single choice.
    C106,
    /// The work's length.
    C107,
    /// A lost character.
    C108,
    /// Submitted late.
    D201,
    /// Recommended late.
    D202,
    /// Resubmitted late.
    D203,
    /// Gone or replaced, and yet in a later stage.
    E701,
    /// A required file is missing.
    F601,
    /// A file is not named as asked.
    F602,
    /// A file is too large.
    F603,
    /// A file is of another type than it may be.
    F604,
    /// A file is empty or cannot be opened.
    F605,
    /// Two works have the same file.
    F606,
    /// Too many works of a unit, as a warning.
    L301,
    /// Too many works of a unit, as an error.
    L302,
    /// No recommender, or one that is on no list.
    R501,
    /// Direct entry by a unit that may not.
    R502,
    /// Not recommended yet.
    R503,
    /// No stamped recommendation sheet.
    R504,
    /// Same title in another category.
    S401,
    /// Similar title.
    S402,
    /// Similar summary.
    S403,
    /// The same work twice.
    S404,
    /// Similar to a work of an earlier contest.
    S405,
}

/// What the catalogue says of a code.
#[derive(Debug, Clone, Copy)]
pub struct CodeEntry {
    /// The code.
    pub code: Code,
    /// Its text, `C101`.
    pub name: &'static str,
    /// Its severity unless the finding says otherwise.
    pub severity: Severity,
    /// What is checked, in a few words.
    pub title: &'static str,
    /// The clause of the notice it comes from, or 本程序自定.
    pub clause: &'static str,
    /// How exactly it is checked, for the page of the code.
    pub explanation: &'static str,
    /// What staff do about it.
    pub hint: &'static str,
    /// What applicants do about it, one sentence without full stop: for letters that go outside, so without commands.
    pub remedy: &'static str,
}

/// Every check, in the order of the codes.
pub static CATALOGUE: &[CodeEntry] = &[
    CodeEntry {
        code: Code::C101,
        name: "C101",
        severity: Severity::Error,
        title: "必填项缺失",
        clause: "附件2；附件1（三）2",
        explanation: "规则 form.required 与各参赛类型 required 列出的栏目不得为空。单位性质、重点领域等单位栏目每个单位只报一次，记在该单位编号最小的作品上。作品时长、案例篇幅的缺失由 C107 报告。",
        hint: "请申报单位补填；或用 dasai entry set 编号 字段=值 补录",
        remedy: "请补填该栏目",
    },
    CodeEntry {
        code: Code::C102,
        name: "C102",
        severity: Severity::Error,
        title: "内容简介字数不符",
        clause: "附件2（二）内容简介（100-300字）",
        explanation: "按 Word 的“字数”计：每个汉字、每个全角标点各计一字，一串连续的英文字母或数字计一字。上下限见规则 form.summary_length，含端点。空白的简介由 C101 报告。",
        hint: "请申报单位修改内容简介后重新提交",
        remedy: "请按字数要求修改内容简介",
    },
    CodeEntry {
        code: Code::C103,
        name: "C103",
        severity: Severity::Warning,
        title: "联系手机无效",
        clause: "附件2；本程序自定的格式",
        explanation: "去掉空格、横线和 +86 后，应为 1 开头的 11 位手机号，或带区号的固定电话（可带分机）。一格多个号码时逐个核对。",
        hint: "向联系人核实号码，用 dasai entry set 编号 contact_phone=号码 更正",
        remedy: "请核对并填写正确的联系电话",
    },
    CodeEntry {
        code: Code::C104,
        name: "C104",
        severity: Severity::Warning,
        title: "电子邮箱无效",
        clause: "附件2；本程序自定的格式",
        explanation: "应为“名称@域名”，域名中有点号，没有空格和中文标点。",
        hint: "向联系人核实邮箱，用 dasai entry set 编号 contact_email=邮箱 更正",
        remedy: "请核对并填写正确的电子邮箱",
    },
    CodeEntry {
        code: Code::C105,
        name: "C105",
        severity: Severity::Warning,
        title: "邮编无效",
        clause: "附件2（一）；本程序自定的格式",
        explanation: "应为六位数字。",
        hint: "用 dasai entry set 编号 postcode=邮编 更正",
        remedy: "请核对并填写正确的邮政编码",
    },
    CodeEntry {
        code: Code::C106,
        name: "C106",
        severity: Severity::Error,
        title: "单选栏目选项不符",
        clause: "附件2 注2（单选题）",
        explanation: "规则 form.options 中的栏目须恰好选中一个选项。以“其他”开头的填写内容算作选中“其他”。未填由 C101 报告。",
        hint: "请申报单位在所列选项中选定一项",
        remedy: "请在所列选项中选定一项",
    },
    CodeEntry {
        code: Code::C107,
        name: "C107",
        severity: Severity::Error,
        title: "作品时长或篇幅不符",
        clause: "附件2（二）作品时长、案例篇幅",
        explanation: "演讲、微电影核对时长，创新案例核对篇幅（字）；上下限见规则各参赛类型的 duration、length，含端点；缺失也在此报告。",
        hint: "请申报单位核实；用 dasai entry set 编号 duration=5:30（或 length=3000）更正",
        remedy: "请核实作品时长或篇幅，按要求调整作品后如实填写",
    },
    CodeEntry {
        code: Code::C108,
        name: "C108",
        severity: Severity::Warning,
        title: "疑有丢失的字",
        clause: "本程序自定",
        explanation: "单位、作品名称、主创者、联系人中出现替换符（U+FFFD）、专用区字符，或半角问号（作品名称末尾的除外），多半是生僻字在转换编码时丢失。",
        hint: "对照原件补上正确的字，再用 dasai entry set 更正",
        remedy: "请核对文字，补正缺失的字",
    },
    CodeEntry {
        code: Code::D201,
        name: "D201",
        severity: Severity::Error,
        title: "逾期申报",
        clause: "附件1（三）2、3（7月5日前提交）",
        explanation: "提交时间晚于规则 deadlines.submission 与适用于该作品的延期（dasai deadline extend）中最晚的一个；截止日当天 23:59:59（大赛时区）前均算按时。没有提交时间的，以收到文件的时间计。退回后重新提交的，仍以第一次提交的时间计，重新提交得晚不晚由 D203 报告。",
        hint: "确属更早收到的，用 dasai entry set 编号 submitted_at=时间 更正；否则按通知处理",
        remedy: "请书面说明逾期原因",
    },
    CodeEntry {
        code: Code::D202,
        name: "D202",
        severity: Severity::Error,
        title: "逾期推荐",
        clause: "附件1（四）3（最晚7月10日）",
        explanation: "推荐时间晚于规则 deadlines.recommendation 与适用的延期中最晚的一个；截止日当天 23:59:59 前均算按时。没有记录推荐时间的不在此报告。",
        hint: "与推荐单位核实推荐时间",
        remedy: "请书面说明逾期原因",
    },
    CodeEntry {
        code: Code::D203,
        name: "D203",
        severity: Severity::Error,
        title: "逾期重新提交",
        clause: "附件1（五）（最晚7月15日）",
        explanation: "用后来的文件更新作品（退回后重新提交，或 import --update）的时间晚于规则 deadlines.screening 与适用的延期中最晚的一个；截止日当天 23:59:59 前均算按时。",
        hint: "通道已关闭，按通知处理；确有原因的，可批准延期：dasai deadline extend screening --until 日期 --entry 编号 --reason 理由",
        remedy: "请书面说明逾期原因",
    },
    CodeEntry {
        code: Code::E701,
        name: "E701",
        severity: Severity::Error,
        title: "退出或更换后仍在后面的阶段",
        clause: "附件1（五）、（六）；本程序自定",
        explanation: "作品已撤回、淘汰或取消资格，却还在晋级名单（该轮还没有评过它）或获奖名单上，为错误；评审开始（录入第一个分数）之后主创者改成了别人，为提醒。退出以前得到的分数只作记录，不参加排名，不在此报告。",
        hint: "晋级名单：重新运行 dasai advance 类型；奖项：dasai award confirm --update，或 dasai award revoke 编号 奖项 --reason 理由；更换选手经同意的：dasai check waive E701 编号 --reason 理由",
        remedy: "请书面说明退出或更换的情况",
    },
    CodeEntry {
        code: Code::F601,
        name: "F601",
        severity: Severity::Error,
        title: "缺少参赛材料",
        clause: "附件1（三）3（在线提交参赛作品和相关附件）",
        explanation: "规则各参赛类型 attachments 列出的材料，在大赛文件登记的文件中找不到。单位LOGO、单位简介等由单位共用的材料，有一份即可。只查核对过材料文件夹（attachment scan）的参赛类型，以及至少已有一份材料的作品；从未核对过材料的大赛不报告。",
        hint: "请申报单位补交；已收到而没有对上的，用 dasai attachment list --unmatched 查看，再用 dasai attachment set 指定",
        remedy: "请补交该材料",
    },
    CodeEntry {
        code: Code::F602,
        name: "F602",
        severity: Severity::Warning,
        title: "文件未按要求命名",
        clause: "附件1（三）3（以“单位名称+参赛作品名称”命名）",
        explanation: "文件名应以单位全称开头，接着是作品名称（单位LOGO、单位简介等共用材料只需单位全称）。加号有无、全半角、书名号、后面再写材料名称或版本都可以；简称、次序颠倒、只写“作品.mp4”则在此报告。",
        hint: "用 dasai attachment scan 文件夹 --rename；或请单位今后按要求命名",
        remedy: "请将文件以“单位名称+参赛作品名称”重新命名后提交",
    },
    CodeEntry {
        code: Code::F603,
        name: "F603",
        severity: Severity::Error,
        title: "文件过大",
        clause: "附件1（三）3（不大于1G的视频文件）",
        explanation: "文件大小超过规则 attachments 中该材料的 max_size。1GB 按 1,073,741,824 字节计。",
        hint: "请申报单位压缩后重新提交",
        remedy: "请压缩文件大小后重新提交",
    },
    CodeEntry {
        code: Code::F604,
        name: "F604",
        severity: Severity::Error,
        title: "文件类型不符",
        clause: "附件1（三）3（PDF版、jpg格式、word版）",
        explanation: "按文件内容而不是扩展名判断。内容不是规则 attachments 中该材料允许的类型，为错误；内容是允许的类型、只是扩展名写错，为提醒。",
        hint: "请申报单位重新提交；只是扩展名写错的，改正扩展名后再核对一次",
        remedy: "请按要求的文件格式重新提交",
    },
    CodeEntry {
        code: Code::F605,
        name: "F605",
        severity: Severity::Error,
        title: "空文件或打不开的文件",
        clause: "附件1（五）（申报材料的完整性）",
        explanation: "文件为零字节；PDF、Office 文档、压缩包、MP4/MOV 视频残缺不全；PDF、Office 文档设有打开密码。只看文件的结构，不逐页逐帧检查。",
        hint: "请申报单位重新提交完整的、不设密码的文件",
        remedy: "请重新提交完整、可以打开的文件",
    },
    CodeEntry {
        code: Code::F606,
        name: "F606",
        severity: Severity::Warning,
        title: "不同作品的文件相同",
        clause: "附件1（三）4（避免内容的重复）；本程序自定",
        explanation: "两件以上作品各有一份内容完全相同的文件（SHA-256 相同）。同一单位的作品共用 LOGO 或简介不报告。",
        hint: "核对是否交错了文件，或同一作品重复申报",
        remedy: "请核对文件是否误传，分别提交各作品自己的文件",
    },
    CodeEntry {
        code: Code::L301,
        name: "L301",
        severity: Severity::Warning,
        title: "同类作品数量偏多",
        clause: "附件1（三）4（原则上不超过5个）",
        explanation: "同一单位同一参赛类型的作品数超过规则 per_organization.max，且该限制为 warning。按编号从小到大数，超出的作品各报一次。",
        hint: "“原则上”的限制，由工作人员决定保留或请单位撤回",
        remedy: "请确认保留的作品，撤回超出数量的作品",
    },
    CodeEntry {
        code: Code::L302,
        name: "L302",
        severity: Severity::Error,
        title: "作品数量超限",
        clause: "附件1（三）4（创新案例1个）",
        explanation: "同一单位同一参赛类型的作品数超过规则 per_organization.max，且该限制为 error。按编号从小到大数，超出的作品各报一次。",
        hint: "请单位选定一件，其余用 dasai entry withdraw 编号 --reason 撤回",
        remedy: "请确认保留的作品，撤回超出数量的作品",
    },
    CodeEntry {
        code: Code::R501,
        name: "R501",
        severity: Severity::Error,
        title: "没有推荐单位，或不在名单中",
        clause: "附件1（三）5（自行选择对口的推荐单位）",
        explanation: "作品没有写推荐单位，或所写的不是规则 recommenders.list、recommender add 或 recommender import 登记的推荐单位，也不是它们的别名。比对时不计空格、全半角、括号和横线的写法。只有在名单不空时才检查。",
        hint: "核实后用 dasai entry set 编号 recommender=名称 更正；确是推荐单位的，用 dasai recommender add 登记，写法不同的用 dasai recommender alias 加别名",
        remedy: "请在名单中选择对口的推荐单位",
    },
    CodeEntry {
        code: Code::R502,
        name: "R502",
        severity: Severity::Error,
        title: "不符合直接报名条件",
        clause: "附件1（三）6；二（五）注",
        explanation: "推荐单位选了规则 recommenders.direct 的单位，须是 direct_for 所列之一：市质协会员单位（会员单位为“是”）、专精特新民营企业（单位性质为民营、重点领域为“专精特新”中小企业）、外商企业（单位性质为外资）。登记内容都齐而不符合，为错误；有关栏目没有填、无法判断，为提醒。每件作品各报一次。",
        hint: "核实单位情况，用 dasai org set 单位 member=是 等补录；确不符合的请单位另选推荐单位",
        remedy: "请落实推荐单位，或提交符合直接报名条件的证明材料",
    },
    CodeEntry {
        code: Code::R503,
        name: "R503",
        severity: Severity::Error,
        title: "尚未推荐",
        clause: "附件1（四）2（一一出具推荐意见）",
        explanation: "作品的推荐单位没有推荐它：没有推荐意见，推荐已撤回，或推荐来自更换前的推荐单位。登记了第一条推荐意见或第一份盖章推荐表之后才检查：之前推荐还没有开始。直接报名的作品不需要推荐，没有推荐单位的由 R501 报告。",
        hint: "与推荐单位联系；导入收到的推荐表（dasai import），或用 dasai recommend set 编号 --opinion 意见 登记",
        remedy: "请主动联系推荐单位，由其出具推荐意见",
    },
    CodeEntry {
        code: Code::R504,
        name: "R504",
        severity: Severity::Error,
        title: "没有盖章推荐表",
        clause: "附件1（四）3（上传盖章版推荐表扫描件）",
        explanation: "作品已有推荐意见，但没有登记包含它的盖章推荐表扫描件。尚未推荐的作品由 R503 报告，不在此重复。",
        hint: "请推荐单位交盖章推荐表扫描件，登记：dasai recommend confirm 推荐单位 --sheet 扫描件",
        remedy: "请提交加盖推荐单位公章的《参赛作品推荐表》扫描件",
    },
    CodeEntry {
        code: Code::S401,
        name: "S401",
        severity: Severity::Error,
        title: "与其他类型作品题目相同",
        clause: "附件1（三）4（不同类型作品须避免重复）",
        explanation: "折叠空白、全半角、标点、书名号后，与另一参赛类型的作品题目相同。繁体字按简体计；末尾的版本说明（“（修改版）”“最终版”“v2”“副本(1)”等）不计；以破折号、冒号隔开的两半对调后相同的（“甲——乙”与“乙——甲”）也算相同。",
        hint: "请单位更换题目或撤回其中一件；重复的按通知淘汰",
        remedy: "请说明各作品的区别，或修改、撤回重复的作品",
    },
    CodeEntry {
        code: Code::S402,
        name: "S402",
        severity: Severity::Warning,
        title: "题目相似",
        clause: "附件1（三）4",
        explanation: "题目的二字片段相似度（多重集 Jaccard）不低于规则 similarity.title；折叠办法与 S401 相同，两半对调的取较高者。题目中的数字、年份不同的不算相似。同类型、不同单位的相同题目也在此报告，相似度为 1。所有达到阈值的作品对都会找到。",
        hint: "对照两件作品：dasai duplicates；判定：dasai duplicates decide",
        remedy: "请说明各作品的区别，或修改、撤回重复的作品",
    },
    CodeEntry {
        code: Code::S403,
        name: "S403",
        severity: Severity::Warning,
        title: "内容简介相似",
        clause: "附件1（三）4",
        explanation: "简介（折叠空白、全半角、繁体字）的二字片段相似度（多重集 Jaccard）不低于规则 similarity.summary。同一单位不同类型之间为错误，其余为提醒。",
        hint: "对照两件作品的简介：dasai duplicates；判定：dasai duplicates decide；重复的按通知淘汰",
        remedy: "请说明各作品的区别，或修改、撤回重复的作品",
    },
    CodeEntry {
        code: Code::S404,
        name: "S404",
        severity: Severity::Error,
        title: "同一作品重复申报",
        clause: "附件1（三）4",
        explanation: "同一参赛类型中，单位、题目、简介三项里有两项相同（折叠办法与 S401、S403 相同）；或工作人员用 duplicates decide 判定为同一作品。判定为不同作品的一对，不再计入 S401–S404。",
        hint: "保留一件，其余用 dasai screen reject 编号 --code S404 淘汰，或用 dasai entry withdraw 编号 --reason 撤回",
        remedy: "请说明各作品的区别，或修改、撤回重复的作品",
    },
    CodeEntry {
        code: Code::S405,
        name: "S405",
        severity: Severity::Info,
        title: "与往届作品相似",
        clause: "本程序自定",
        explanation: "题目或内容简介与往届大赛文件中的作品相似，办法和阈值与 S402、S403 相同；往届作品不论状态都比。只在 check --against 往届文件 时查；往届文件只读，不会改动。",
        hint: "确认不是旧作重报；并排查看：dasai duplicates --against 往届文件",
        remedy: "请说明各作品的区别，或修改、撤回重复的作品",
    },
];

impl Code {
    /// What the catalogue says of this code.
    #[must_use]
    pub fn entry(self) -> &'static CodeEntry {
        CATALOGUE.iter().find(|entry| entry.code == self).unwrap_or(&CATALOGUE[0])
    }

    /// The code with this text, upper or lower case.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        CATALOGUE.iter().find(|entry| entry.name.eq_ignore_ascii_case(text.trim())).map(|entry| entry.code)
    }
}
