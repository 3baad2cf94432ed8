//! Owns findings and what they say. The sentences are here and nowhere else; the codes are `domain::check_catalogue`, how a finding is
//! found is `domain::eligibility`, `domain::likeness` and others.
//!
//! Decision worth knowing: a finding holds data ([`Detail`]), and its sentence is made when it is shown. A check of 100,000 works
//! makes no text that nobody reads.

use std::sync::Arc;

use jiff::civil::DateTime;

use super::attachment::{Condition, FileType};
use super::check_catalogue::Code;
use super::field::Field;
use super::problem::Severity;
use super::recommendation::Lack;
use super::rules::{Bounds, Deadline};
use super::similarity::ratio::Ratio;
use super::status::Status;

/// What exactly was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// A required field is empty.
    Missing(Field),
    /// The summary has so many 字.
    SummaryLength {
        /// Counted as Word counts.
        count: u32,
        /// What is allowed.
        bounds: Bounds,
    },
    /// A value has not the form of its field. Personal values are kept masked.
    Malformed(Field, String),
    /// A single choice holds none of its options.
    NoOption(Field, String),
    /// A single choice holds several options.
    SeveralOptions(Field, Vec<String>),
    /// No length is given.
    LengthMissing(Field),
    /// The length in seconds or 字 is outside.
    LengthOutside {
        /// Duration (seconds) or Length (字).
        field: Field,
        /// As declared.
        value: u32,
        /// What is allowed.
        bounds: Bounds,
    },
    /// A character was probably lost; the text as it stands (masked where personal).
    LostCharacter(Field, String),
    /// Later than a deadline.
    Late {
        /// When it happened, on the contest's wall clock.
        at: DateTime,
        /// Whether that is only when the form was received, because it names no moment itself.
        is_received: bool,
        /// Until when it could.
        deadline: Deadline,
    },
    /// The unit has so many works in the category.
    TooMany {
        /// So many.
        count: u32,
        /// So many may be.
        max: u32,
    },
    /// No recommender is named.
    NoRecommender,
    /// The recommender is on no list.
    UnknownRecommender {
        /// As declared.
        name: Arc<str>,
        /// Names of the list that are near it, joined; may be empty.
        near: Arc<str>,
    },
    /// The unit may not enter directly.
    NotDirect {
        /// Whether all that matters is known of the unit.
        is_known: bool,
        /// What is known, or what is not, in words.
        said: String,
    },
    /// The recommender has not recommended the work.
    NotRecommended {
        /// The recommender.
        name: Arc<str>,
        /// What became of a recommendation that there is; `None`: there is none.
        lack: Option<Lack>,
    },
    /// No stamped sheet of the recommender covers the work.
    NotStamped(Arc<str>),
    /// Out of the contest, and yet on a list of a later stage.
    LeftBehind {
        /// Where the work stands.
        status: Status,
        /// The list, by its printed name.
        list: String,
    },
    /// Judged as the work of others.
    Replaced {
        /// 主创者 when judging began.
        before: String,
        /// 主创者 now.
        after: String,
    },
    /// Others are equal or similar; `count` of them in all, the first of them in `Finding::related`.
    Alike {
        /// How many others.
        count: u32,
        /// Whether staff judged all of them to be different works: then it is no finding to act on.
        is_settled: bool,
    },
    /// Staff judged others to be the same work; `count` of them in all, the first of them in `Finding::related`.
    JudgedSame {
        /// How many others.
        count: u32,
    },
    /// Works of earlier contests are similar; `count` of them in all.
    Earlier {
        /// How many.
        count: u32,
        /// The most alike, at most [`MOST_RELATED`].
        works: Vec<EarlierWork>,
    },
    /// A required file, by its printed name, is not there.
    FileMissing(String),
    /// A file is not named as asked.
    FileMisnamed(String),
    /// A file is larger than allowed; both sizes in bytes.
    FileTooLarge {
        /// Its name.
        file: String,
        /// Its size.
        size: u64,
        /// What is allowed.
        most: u64,
    },
    /// A file is not what it may be, or not what its ending says.
    FileOfOtherType {
        /// Its name.
        file: String,
        /// What it is.
        is: FileType,
        /// What its name says.
        ending: String,
        /// What it may be; empty where only the ending is wrong.
        allowed: Vec<String>,
    },
    /// A file is empty, cut short or locked.
    FileUnsound(String, Condition),
    /// Other works have the same file.
    FileShared {
        /// Its name.
        file: String,
        /// How many others.
        others: u32,
    },
}

/// A work of an earlier contest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierWork {
    /// The contest, as it is called.
    pub contest: Arc<str>,
    /// The work's number there.
    pub number: String,
    /// Its title.
    pub title: String,
    /// Its unit.
    pub organization: String,
    /// How alike it is, by title or by summary, whichever is more.
    pub similarity: Ratio,
}

/// One finding: what a check found about a work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The check.
    pub code: Code,
    /// How serious this one is.
    pub severity: Severity,
    /// The work, as an index into the checked list.
    pub entry: usize,
    /// What was found.
    pub detail: Detail,
    /// Other works that it concerns, as indices, most alike first, at most [`MOST_RELATED`].
    pub related: Vec<usize>,
    /// The highest similarity among them.
    pub similarity: Option<Ratio>,
}

/// How many related works a finding names; the message says how many there are in all.
pub const MOST_RELATED: usize = 20;

impl Finding {
    /// Whether staff have settled it: judged every other work that it names to be a different one.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        matches!(self.detail, Detail::Alike { is_settled: true, .. })
    }

    /// The field that it is about, if one.
    #[must_use]
    pub fn field(&self) -> Option<Field> {
        match &self.detail {
            Detail::Missing(field)
            | Detail::Malformed(field, _)
            | Detail::NoOption(field, _)
            | Detail::SeveralOptions(field, _)
            | Detail::LengthMissing(field)
            | Detail::LengthOutside { field, .. }
            | Detail::LostCharacter(field, _) => Some(*field),
            Detail::SummaryLength { .. } => Some(Field::Summary),
            Detail::Replaced { .. } => Some(Field::Creators),
            Detail::Late { .. }
            | Detail::TooMany { .. }
            | Detail::LeftBehind { .. }
            | Detail::FileMissing(_)
            | Detail::FileMisnamed(_)
            | Detail::FileTooLarge { .. }
            | Detail::FileOfOtherType { .. }
            | Detail::FileUnsound(..)
            | Detail::FileShared { .. }
            | Detail::JudgedSame { .. }
            | Detail::Earlier { .. } => None,
            Detail::NoRecommender
            | Detail::UnknownRecommender { .. }
            | Detail::NotDirect { .. }
            | Detail::NotRecommended { .. }
            | Detail::NotStamped(_) => Some(Field::Recommender),
            Detail::Alike { .. } if self.code == Code::S403 => Some(Field::Summary),
            Detail::Alike { .. } => matches!(self.code, Code::S401 | Code::S402).then_some(Field::Title),
        }
    }

    /// What is late and since when, with moments as `printed` writes them; `None` for every other finding.
    pub fn late(&self, printed: impl Fn(DateTime) -> String) -> Option<String> {
        let Detail::Late { at, is_received, deadline } = &self.detail else { return None };
        let what = if *is_received {
            "收到"
        } else if self.code == Code::D202 {
            "推荐"
        } else if self.code == Code::D203 {
            "重新提交"
        } else {
            "提交"
        };
        let known = if *is_received { "（表上没有提交时间）" } else { "" };
        Some(format!("{what}于{}{known}，晚于截止时间{}", printed(*at), printed(deadline.0)))
    }

    /// What is wrong, one sentence. `name` gives a related work's number and title.
    pub fn message(&self, name: impl Fn(usize) -> String) -> String {
        match &self.detail {
            Detail::Missing(field) => format!("“{}”未填写", field.label()),
            Detail::SummaryLength { count, bounds } => {
                format!("内容简介 {count} 字，要求 {}", range(*bounds, |value| value.to_string()) + " 字")
            }
            Detail::Malformed(field, value) => format!("“{}”格式不对：{value}", field.label()),
            Detail::NoOption(field, value) => format!("“{}”不在选项之列：{}", field.label(), shorten(value)),
            Detail::SeveralOptions(field, chosen) => {
                format!("“{}”为单选，却选了 {} 项：{}", field.label(), chosen.len(), chosen.join("、"))
            }
            Detail::LengthMissing(field) => format!("“{}”未填写或无法识别", field.label()),
            Detail::LengthOutside { field: Field::Duration, value, bounds } => {
                format!("作品时长 {}，要求 {}", minutes(*value), range(*bounds, minutes))
            }
            Detail::LengthOutside { value, bounds, .. } => {
                format!("案例篇幅 {value} 字，要求 {}", range(*bounds, |value| value.to_string()) + " 字")
            }
            Detail::LostCharacter(field, value) => format!("“{}”中疑有丢失的字：{}", field.label(), shorten(value)),
            Detail::Late { .. } => self.late(|at| format!(" {}", at.strftime("%Y-%m-%d %H:%M:%S"))).unwrap_or_default(),
            Detail::TooMany { count, max } => format!("该单位在本类型有 {count} 件作品，限 {max} 件"),
            Detail::NoRecommender => "没有推荐单位".to_owned(),
            Detail::UnknownRecommender { name, near } => {
                let near = if near.is_empty() { String::new() } else { format!("；是否要找：{near}") };
                format!("推荐单位不在名单中：{}{near}", shorten(name))
            }
            Detail::NotDirect { is_known: true, said } => format!("单位不符合直接报名条件：{said}"),
            Detail::NotDirect { is_known: false, said } => format!("无法判断单位是否符合直接报名条件：{said}"),
            Detail::NotRecommended { name, lack } => match lack {
                Some(Lack::Withdrawn) => format!("推荐单位已撤回推荐：{}", shorten(name)),
                Some(Lack::OtherRecommender) => format!("推荐单位更换后尚未推荐：{}", shorten(name)),
                Some(Lack::Opinion | Lack::Order | Lack::Stamp) | None => format!("推荐单位尚未推荐：{}", shorten(name)),
            },
            Detail::NotStamped(name) => format!("没有盖章推荐表：{}", shorten(name)),
            Detail::LeftBehind { status, list } => format!("作品的状态是“{}”，却仍在{list}上", status.label()),
            Detail::Replaced { before, after } => {
                format!("评审开始后更换了主创者：{} → {}", shorten(before), shorten(after))
            }
            Detail::Alike { count, is_settled } => {
                let ending = if *is_settled { "（已判定为不同作品）" } else { "" };
                self.alike(*count, name) + ending
            }
            Detail::JudgedSame { count } => {
                format!("已判定与其他作品为同一作品：{}", self.listed(*count, name))
            }
            Detail::Earlier { count, works } => earlier(*count, works),
            Detail::FileMissing(name) => format!("缺少材料：{name}"),
            Detail::FileMisnamed(file) => format!("文件未以“单位名称+作品名称”命名：{}", shorten(file)),
            Detail::FileTooLarge { file, size, most } => {
                let (said, limit) = (bytes(*size), bytes(*most));
                // One that is over by less than a tenth of the unit would read like the limit itself.
                let over = if said == limit { format!("，超出 {}", bytes(size.saturating_sub(*most))) } else { String::new() };
                format!("文件 {said}，不得超过 {limit}{over}：{}", shorten(file))
            }
            Detail::FileOfOtherType { file, is, ending, allowed } if allowed.is_empty() => {
                let ending = if ending.is_empty() { "没有扩展名".to_owned() } else { format!("扩展名为 {ending}") };
                format!("文件内容是{}，{ending}：{}", is.label(), shorten(file))
            }
            Detail::FileOfOtherType { file, is, allowed, .. } => {
                format!("文件内容是{}，要求 {}：{}", is.label(), allowed.join("、"), shorten(file))
            }
            Detail::FileUnsound(file, condition) => {
                let what = match condition {
                    Condition::Sound => "打不开",
                    Condition::Empty => "是空的",
                    Condition::Broken => "内容不完整",
                    Condition::Encrypted => "设有打开密码",
                };
                format!("文件{what}：{}", shorten(file))
            }
            Detail::FileShared { file, others } => {
                format!("文件与其他作品的相同：{}（{}）", shorten(file), self.listed(*others, name))
            }
        }
    }

    /// The first related works, and how many there are in all where that is more.
    fn listed(&self, count: u32, name: impl Fn(usize) -> String) -> String {
        first_of(count, self.related.iter().map(|&index| name(index)))
    }

    fn alike(&self, count: u32, name: impl Fn(usize) -> String) -> String {
        let others = self.listed(count, name);
        let degree = self.similarity.map(|ratio| format!("（相似度 {}）", percent(ratio))).unwrap_or_default();
        if self.code == Code::S401 {
            format!("题目与其他类型的作品相同：{others}")
        } else if self.code == Code::S402 {
            format!("题目与其他作品相似{degree}：{others}")
        } else if self.code == Code::S404 {
            format!("与其他作品重复：{others}")
        } else if self.severity == Severity::Error {
            format!("内容简介与本单位其他类型的作品相似{degree}：{others}")
        } else {
            format!("内容简介与其他作品相似{degree}：{others}")
        }
    }
}

/// The first names, and how many there are in all where that is more.
fn first_of(count: u32, names: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 3;
    let mut others: Vec<String> = names.take(SHOWN).collect();
    if count as usize > others.len() {
        others.push(format!("等 {count} 件"));
    }
    others.join("、")
}

fn earlier(count: u32, works: &[EarlierWork]) -> String {
    let names = works.iter().map(|work| {
        format!("{} {}《{}》（{}，相似度 {}）", work.contest, work.number, work.title, work.organization, percent(work.similarity))
    });
    format!("与往届作品相似：{}", first_of(count, names))
}

/// A similarity with two decimals, cut (0.999 is not 1.00).
#[must_use]
pub fn percent(ratio: Ratio) -> String {
    let hundredths = u64::from(ratio.numerator()) * 100 / u64::from(ratio.denominator()).max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// A length of time as people say it.
#[must_use]
pub fn minutes(seconds: u32) -> String {
    match (seconds / 60, seconds % 60) {
        (minutes, 0) => format!("{minutes}分钟"),
        (minutes, seconds) => format!("{minutes}分{seconds:02}秒"),
    }
}

/// A size as people say it, cut to one decimal (1.9 GB is not 2 GB).
#[must_use]
pub fn bytes(size: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = u128::from(size) * 10 / u128::from(unit);
        if tenths.is_multiple_of(10) { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
    };
    match size {
        0..1024 => format!("{size} 字节"),
        1024..1_048_576 => format!("{} KB", tenths(1024)),
        1_048_576..1_073_741_824 => format!("{} MB", tenths(1_048_576)),
        _ => format!("{} GB", tenths(1_073_741_824)),
    }
}

fn range(bounds: Bounds, print: impl Fn(u32) -> String) -> String {
    match (bounds.min, bounds.max) {
        (Some(min), Some(max)) => format!("{}–{}", print(min), print(max)),
        (Some(min), None) => format!("不少于 {}", print(min)),
        (None, Some(max)) => format!("不超过 {}", print(max)),
        (None, None) => "不限".to_owned(),
    }
}

fn shorten(text: &str) -> String {
    const MOST: usize = 30;
    if text.chars().count() > MOST { format!("{}…", text.chars().take(MOST).collect::<String>()) } else { text.to_owned() }
}

#[cfg(test)]
#[path = "finding_tests.rs"]
mod tests;
