//! Owns the meaning of a column title in a table of marks: which column is the work, the judge, a criterion, the total, a given part,
//! a judge's own column; and the shapes that titles make together. Refuses to know rows: that is `formats::score_sheet`.
//!
//! Decision worth knowing: the rules' own names (criteria, given parts) are looked up before the words of the field, so a criterion
//! that is called 总分 is a criterion.

use super::sheet::{Cell, Row};
use crate::domain::folding::fold_text;
use crate::domain::mark_intake::fold_judge;
use crate::domain::mark_text::did_you_mean;

/// The names that a round knows.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    criteria: Vec<String>,
    parts: Vec<String>,
    /// Folded and as registered.
    judges: Vec<(String, String)>,
    criterion_names: Vec<String>,
}

impl Vocabulary {
    /// Takes the names of the sheet's leaf criteria, of the given parts, and of the judges.
    #[must_use]
    pub fn new(criteria: &[&str], parts: &[&str], judges: &[&str]) -> Self {
        Self {
            criteria: criteria.iter().map(|name| fold_text(name)).collect(),
            parts: parts.iter().map(|name| fold_text(name)).collect(),
            judges: judges.iter().map(|name| (fold_judge(name), (*name).to_owned())).collect(),
            criterion_names: criteria.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    /// How many leaf criteria the sheet has.
    #[must_use]
    pub fn criteria(&self) -> usize {
        self.criteria.len()
    }

    /// A criterion's printed name.
    #[must_use]
    pub fn criterion(&self, position: usize) -> &str {
        self.criterion_names.get(position).map_or("", String::as_str)
    }

    /// The registered judge that a text names.
    #[must_use]
    pub fn judge(&self, text: &str) -> Option<&str> {
        let folded = fold_judge(text);
        self.judges.iter().find(|(candidate, _)| *candidate == folded).map(|(_, name)| name.as_str())
    }

    /// The registered judge or criterion that a misspelt title most likely means.
    #[must_use]
    pub fn similar(&self, text: &str) -> Option<&str> {
        let names = self.judges.iter().map(|(_, name)| name.as_str()).chain(self.criterion_names.iter().map(String::as_str));
        did_you_mean(&without_hints(text), names)
    }

    /// What a column title means.
    #[must_use]
    pub fn role(&self, title: &str) -> Role {
        let whole = fold_text(title);
        let bare = without_hints(&whole);
        if bare.is_empty() {
            return Role::Blank;
        }
        let candidates = [whole.as_str(), bare.as_str(), without_points(&bare)];
        for name in candidates {
            if let Some(position) = self.criteria.iter().position(|criterion| criterion == name) {
                return Role::Criterion(position);
            }
            if let Some(position) = self.parts.iter().position(|part| part == name) {
                return Role::Part(position);
            }
        }
        if self.judge_of_column(title).is_some() {
            return Role::JudgeColumn;
        }
        word(&bare)
    }

    /// The registered name of a judge's column. The whole title comes first: brackets may tell apart two judges of one name
    /// (王芳 and 王芳（某大学）).
    #[must_use]
    pub fn judge_of_column(&self, title: &str) -> Option<&str> {
        let whole = fold_text(title);
        let bare = without_hints(&whole);
        [whole.as_str(), without_points(&whole), bare.as_str(), without_points(&bare)].into_iter().find_map(|name| self.judge(name))
    }
}

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// No title.
    Blank,
    /// 作品编号.
    Number,
    /// 单位.
    Organization,
    /// 作品名称.
    Title,
    /// 评委.
    Judge,
    /// A criterion of the sheet.
    Criterion(usize),
    /// A given part of the score.
    Part(usize),
    /// A judge's totals.
    JudgeColumn,
    /// The judge's own total; the smaller the number the better the title says so.
    Total(u8),
    /// Known, and of no use here (序号, 平均分, 备注).
    Ignored,
    /// Not known.
    Unknown,
}

impl Role {
    /// Whether the column holds marks.
    #[must_use]
    pub fn is_mark(self) -> bool {
        matches!(self, Self::Criterion(_) | Self::Part(_) | Self::JudgeColumn | Self::Total(_))
    }

    /// Whether anything of the column may be read.
    #[must_use]
    pub fn is_used(self) -> bool {
        !matches!(self, Self::Blank | Self::Ignored | Self::Unknown)
    }
}

/// The shape of a table of marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A row a judge and work.
    Long,
    /// A column a judge.
    Matrix,
    /// A column a given part.
    Given,
    /// One judge's own sheet: the name stands above the table or names the sheet.
    Single,
}

impl Layout {
    /// The key in JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Long => "long",
            Self::Matrix => "matrix",
            Self::Given => "given",
            Self::Single => "single",
        }
    }

    /// The printed name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Long => "逐条（一行一位评委）",
            Self::Matrix => "矩阵（一列一位评委）",
            Self::Given => "给定分",
            Self::Single => "单个评委的评分表",
        }
    }
}

/// A folded title without bracketed hints, leading stars and trailing colons: `*主题内容(40分):` → `主题内容`.
fn without_hints(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut depth = 0_u32;
    for character in text.chars() {
        match character {
            '(' | '（' | '[' | '【' => depth += 1,
            ')' | '）' | ']' | '】' => depth = depth.saturating_sub(1),
            _ if depth == 0 => bare.push(character),
            _ => {}
        }
    }
    bare.trim_matches(['*', ':', '：', ' ']).to_owned()
}

/// A bare title without what only says that it holds points: `主题内容40分` and `主题内容得分` → `主题内容`.
fn without_points(bare: &str) -> &str {
    for suffix in ["得分", "评分", "打分", "分数"] {
        if let Some(rest) = bare.strip_suffix(suffix)
            && !rest.is_empty()
        {
            return rest;
        }
    }
    match bare.strip_suffix(['分', '%']) {
        Some(rest) => {
            let name = rest.trim_end_matches(|character: char| character.is_ascii_digit() || character == '.');
            if name.is_empty() || name.len() == rest.len() { bare } else { name }
        }
        None => bare,
    }
}

fn word(bare: &str) -> Role {
    match bare {
        "作品编号" | "编号" | "参赛编号" | "作品号" | "参赛号" | "选手编号" | "案例编号" | "参赛作品编号" | "作品序号" => {
            Role::Number
        }
        "单位" | "单位名称" | "参赛单位" | "参赛单位名称" | "申报单位" | "申报单位名称" | "所在单位" | "工作单位" | "选送单位"
        | "企业名称" | "公司名称" | "单位全称" | "所属单位" | "参评单位" => Role::Organization,
        "作品名称" | "参赛作品名称" | "参赛作品" | "作品" | "作品标题" | "演讲题目" | "案例名称" | "题目" | "作品题目" | "片名"
        | "故事名称" | "标题" => Role::Title,
        "评委" | "评委姓名" | "评委名称" | "评委老师" | "评审" | "评审专家" | "评审人" | "评审员" | "专家" | "专家姓名" | "打分人"
        | "评分人" | "评分专家" => Role::Judge,
        "总分" => Role::Total(0),
        "总得分" | "合计得分" | "总成绩" | "总评分" => Role::Total(1),
        "得分" | "评分" | "分数" | "打分" | "成绩" => Role::Total(2),
        "合计" | "总计" | "小计" => Role::Total(3),
        "序号" | "排序" | "顺序" | "次序" | "出场顺序" | "演讲顺序" | "出场序号" | "名次" | "排名" | "备注" | "说明" | "签名" | "签字"
        | "评委签名" | "主创" | "主创者" | "主创者姓名" | "主创人员" | "作者" | "选手" | "选手姓名" | "演讲者" | "演讲人" | "姓名"
        | "赛区" | "分赛区" | "片区" | "推荐单位" | "类别" | "作品类别" | "参赛类型" | "参赛类别" | "轮次" | "日期" | "时间" | "用时"
        | "时长" | "作品时长" | "扣分" | "评语" | "意见" | "奖项" | "联系人" | "评委打分" | "评委评分" | "加分" => {
            Role::Ignored
        }
        _ if ["平均", "均分", "最高", "最低", "去掉", "最后得分", "最终得分", "最终", "方差"].iter().any(|part| bare.contains(part)) => {
            Role::Ignored
        }
        _ => Role::Unknown,
    }
}

/// The cells of a row as titles.
pub(super) fn titles(row: &Row) -> Vec<(u32, String)> {
    titles_of(row.cells())
}

/// The same without what a merged cell gives to the row.
pub(super) fn own_titles(row: &Row) -> Vec<(u32, String)> {
    titles_of(row.cells().filter(|cell| !cell.merged))
}

fn titles_of<'r>(cells: impl Iterator<Item = Cell<'r>>) -> Vec<(u32, String)> {
    cells.map(|cell| (cell.column, cell.text.trim().to_owned())).filter(|(_, title)| !title.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        Vocabulary::new(&["主题内容", "语言表达"], &["形式审查加分"], &["王芳", "欧阳小明"])
    }

    #[test]
    fn titles_are_known_in_their_many_spellings() {
        let vocabulary = vocabulary();
        for title in ["主题内容", "主题内容（40分）", "主题 内容", "主题内容40分", "*主题内容得分：", "主题内容\n(40%)"]
        {
            assert_eq!(vocabulary.role(title), Role::Criterion(0), "{title}");
        }
        for title in ["王芳", "王 芳", "评委王芳", "评委：王芳", "王芳老师", "王芳（评委）", "王芳打分"] {
            assert_eq!(vocabulary.role(title), Role::JudgeColumn, "{title}");
        }
        assert_eq!(vocabulary.role("作品编号"), Role::Number);
        assert_eq!(vocabulary.role("评委姓名"), Role::Judge);
        assert_eq!(vocabulary.role("总 分"), Role::Total(0));
        assert_eq!(vocabulary.role("去掉最高最低后平均"), Role::Ignored);
        assert_eq!(vocabulary.role("形式审查加分"), Role::Part(0));
        assert_eq!(vocabulary.role("王方"), Role::Unknown);
        assert_eq!(vocabulary.similar("王方"), Some("王芳"));
        assert_eq!(vocabulary.role("  "), Role::Blank);
    }

    #[test]
    fn brackets_tell_judges_of_one_name_apart() {
        let vocabulary = Vocabulary::new(&[], &[], &["王芳", "王芳（某大学）"]);
        assert_eq!(vocabulary.judge_of_column("王芳"), Some("王芳"));
        assert_eq!(vocabulary.judge_of_column("王芳(某大学)"), Some("王芳（某大学）"));
        assert_eq!(vocabulary.judge_of_column("评委：王芳（某大学）打分"), Some("王芳（某大学）"));
        assert_eq!(vocabulary.judge_of_column("王芳（评委）"), Some("王芳"));
    }

    #[test]
    fn the_rules_own_names_come_first() {
        let vocabulary = Vocabulary::new(&["总分"], &["备注"], &[]);
        assert_eq!(vocabulary.role("总分"), Role::Criterion(0));
        assert_eq!(vocabulary.role("备注"), Role::Part(0));
    }
}
