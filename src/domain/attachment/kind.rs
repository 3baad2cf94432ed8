//! Owns telling what a file is for (application, logo, script …) from the words of its name and from its content. Which kinds there are,
//! and what may be in them, the rules say. Refuses to know whose the file is.

use std::collections::BTreeSet;

use super::super::folding::fold_title;
use super::super::rules::ContestRules;
use super::super::values::CategoryId;
use super::file_type::FileType;
use super::name::words_of;

/// A recommender's stamped sheet: it belongs to no work, and no category asks for it.
pub const RECOMMENDATION: &str = "recommendation";

/// The printed name of a kind that no category asks for.
fn extra_kind(kind: &str) -> Option<&'static str> {
    (kind == RECOMMENDATION).then_some("推荐表扫描件")
}

/// The printed name of a kind, in a category or in whichever asks for it first; the kind itself where nobody does.
#[must_use]
pub fn kind_name<'a>(rules: &'a ContestRules, category: Option<&CategoryId>, kind: &'a str) -> &'a str {
    let own = category.and_then(|id| rules.category(id));
    let found = own.into_iter().chain(&rules.categories).flat_map(|category| &category.attachments).find(|rule| rule.kind == kind);
    found.map_or_else(|| extra_kind(kind).unwrap_or(kind), |rule| rule.name.as_str())
}

/// Words that usually name the kinds that the presets know.
fn usual_words(kind: &str) -> &'static [&'static str] {
    match kind {
        "application" => &["申报表", "登记表", "报名表", "申请表", "参赛表", "盖章表"],
        "logo" => &["logo", "标志", "标识", "徽标", "商标", "图标"],
        "profile" => &["简介", "单位介绍", "企业介绍", "公司介绍", "单位概况", "企业概况", "公司概况"],
        "script" => &["演讲稿", "讲稿", "文字稿", "讲演稿", "稿件", "演讲提纲", "提纲", "文稿", "文字素材", "演讲文本", "脚本"],
        "video" => &["视频", "影片", "成片", "正片", "微电影", "短视频"],
        "case" => &["案例", "创新案例", "案例正文", "案例文本"],
        "essay" => &["征文", "文章", "正文"],
        RECOMMENDATION => &["推荐表", "推荐汇总表", "推荐函"],
        _ => &[],
    }
}

#[derive(Debug, Clone)]
struct Kind {
    category: Option<CategoryId>,
    id: String,
    types: Vec<String>,
    words: Vec<String>,
    shared: bool,
}

/// What may name a kind or a category.
#[derive(Debug, Clone, Default)]
pub(super) struct Kinds {
    all: Vec<Kind>,
    categories: Vec<(CategoryId, Vec<String>)>,
    contest: String,
}

/// What the words of a name say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Said {
    /// Kinds, each with where its word ends and how long it is.
    kinds: Vec<(String, usize, usize)>,
    /// Categories.
    pub(super) categories: BTreeSet<CategoryId>,
    /// Pieces that name neither.
    pub(super) rest: Vec<String>,
}

impl Said {
    /// Whether a kind is named.
    pub(super) fn says_kind(&self) -> bool {
        !self.kinds.is_empty()
    }
}

impl Kinds {
    pub(super) fn new(rules: &ContestRules) -> Self {
        let mut kinds: Vec<Kind> = rules
            .categories
            .iter()
            .flat_map(|category| category.attachments.iter().map(move |rule| (category, rule)))
            .map(|(category, rule)| {
                // A bracket is a hint (（盖章）), and several names may stand in one (提纲或文字稿).
                let name: String = rule.name.split(['（', '(']).next().unwrap_or_default().to_owned();
                let own = name.split(['或', '、', '/', '，']).map(str::to_owned).chain(rule.words.iter().cloned());
                let usual = usual_words(&rule.kind).iter().map(|word| (*word).to_owned());
                let words = own.chain(usual).map(|word| fold_title(&word)).filter(|word| word.chars().count() >= 2).collect();
                Kind { category: Some(category.id.clone()), id: rule.kind.clone(), types: rule.types.clone(), words, shared: rule.shared }
            })
            .collect();
        if !kinds.iter().any(|kind| kind.id == RECOMMENDATION) {
            kinds.push(Kind {
                category: None,
                id: RECOMMENDATION.to_owned(),
                types: Vec::new(),
                words: usual_words(RECOMMENDATION).iter().map(|word| (*word).to_owned()).collect(),
                shared: false,
            });
        }
        let categories = rules
            .categories
            .iter()
            .map(|category| {
                let mut words: Vec<String> = std::iter::once(&category.name)
                    .chain(&category.aliases)
                    .map(|word| fold_title(word))
                    .filter(|word| !word.is_empty())
                    .collect();
                words.sort_by_key(|word| std::cmp::Reverse(word.len()));
                (category.id.clone(), words)
            })
            .collect();
        Self { all: kinds, categories, contest: fold_title(&rules.contest.name) }
    }

    /// What pieces of a name say of kind and category.
    pub(super) fn said(&self, pieces: &[&str]) -> Said {
        let mut said = Said::default();
        let mut offset = 0;
        for piece in pieces {
            let mut left = (*piece).to_owned();
            // What a word takes is blanked, so that places stay and nothing is read twice.
            let take = |left: &mut String, word: &str| {
                if !word.is_empty() && left.contains(word) {
                    *left = left.replace(word, &" ".repeat(word.len()));
                }
            };
            take(&mut left, &self.contest);
            for kind in &self.all {
                for word in &kind.words {
                    said.kinds.extend(left.rfind(word.as_str()).map(|place| (kind.id.clone(), offset + place + word.len(), word.len())));
                }
            }
            for (category, words) in &self.categories {
                if words.iter().any(|word| left.contains(word.as_str())) {
                    said.categories.insert(category.clone());
                }
            }
            let mut words: Vec<&String> =
                self.all.iter().flat_map(|kind| &kind.words).chain(self.categories.iter().flat_map(|(_, words)| words)).collect();
            words.sort_by_key(|word| std::cmp::Reverse(word.len()));
            for word in words {
                take(&mut left, word);
            }
            said.rest.extend(left.split(' ').filter(|text| !text.is_empty()).map(words_of));
            offset += piece.len() + 1;
        }
        // In Chinese the head stands last: 微电影申报表 is an application. Of words that end together the longest counts.
        said.kinds.sort_by(|left, right| (right.1, right.2, &left.0).cmp(&(left.1, left.2, &right.0)));
        said.kinds.dedup_by(|left, right| left.0 == right.0);
        said
    }

    /// What a file is for: by its words where they fit its content, else by its content alone where that leaves one kind. `is_work`:
    /// whether the name names the work itself (then it is rather the work than something of its unit), where that is known. Empty: not
    /// known.
    pub(super) fn kind(&self, said: &Said, file_type: FileType, category: Option<&CategoryId>, is_work: Option<bool>) -> String {
        let of_category = |kind: &&Kind| category.is_none() || kind.category.is_none() || kind.category.as_ref() == category;
        let fits = |name: &str| self.all.iter().filter(of_category).any(|kind| kind.id == name && file_type.is_one_of(&kind.types));
        let named: Vec<&str> = said
            .kinds
            .iter()
            .map(|(kind, ..)| kind.as_str())
            .filter(|name| self.all.iter().filter(of_category).any(|kind| kind.id == *name))
            .collect();
        if let Some(kind) = named.iter().find(|kind| fits(kind)).or(named.first()) {
            return (*kind).to_owned();
        }
        let by_content: Vec<&Kind> = self
            .all
            .iter()
            .filter(of_category)
            .filter(|kind| kind.category.is_some() && !kind.types.is_empty() && file_type.is_one_of(&kind.types))
            .collect();
        let only = |kinds: &mut dyn Iterator<Item = &&Kind>| {
            let names: BTreeSet<&str> = kinds.map(|kind| kind.id.as_str()).collect();
            if names.len() == 1 { names.first().map(|name| (*name).to_owned()) } else { None }
        };
        only(&mut by_content.iter())
            .or_else(|| only(&mut by_content.iter().filter(|kind| is_work == Some(!kind.shared))))
            .unwrap_or_default()
    }

    /// Whether one file of a unit serves all its works.
    pub(super) fn is_shared(&self, kind: &str) -> bool {
        self.all.iter().any(|known| known.id == kind && known.shared)
    }

    /// Categories that ask for this kind; all where it is not known.
    pub(super) fn asks_for(&self, category: &CategoryId, kind: &str) -> bool {
        kind.is_empty() || self.all.iter().any(|known| known.id == kind && known.category.as_ref() == Some(category))
    }
}
