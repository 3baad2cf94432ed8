//! Owns the checks of single works against the rules: what is missing, malformed, out of bounds or too many (C, L). Pure: the same
//! works and rules give the same findings. What is late (D) is `domain::extension`, what works have in common (S) `domain::likeness`;
//! what a finding says is `domain::finding`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::category::Category;
use super::check_catalogue::Code;
use super::entry::{Entry, OrganizationProfile};
use super::field::Field;
use super::finding::{Detail, Finding};
use super::folding::{count_characters, fold_text};
use super::rules::{Bounds, ContestRules};
use super::values::{CategoryId, OrganizationId};

/// Units' profiles by their identity.
pub type Profiles = BTreeMap<OrganizationId, OrganizationProfile>;

/// All findings of the kinds C and L about `entries`, which are ordered by number. Withdrawn, rejected and disqualified works are
/// passed over. Findings come in the order of the works, then of the codes.
#[must_use]
pub fn findings(rules: &ContestRules, entries: &[Entry], profiles: &Profiles) -> Vec<Finding> {
    let options: Vec<SingleChoice> = rules.form.options.iter().map(|(field, options)| SingleChoice::new(*field, options)).collect();
    let mut seen_units = std::collections::BTreeSet::new();
    let mut found = Vec::new();
    for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.status.is_active()) {
        let Some(category) = rules.category(&entry.category) else { continue };
        let subject = Subject { index, entry, category, profile: profiles.get(&entry.organization) };
        let first_of_unit = seen_units.insert(entry.organization);
        subject.required(rules, first_of_unit, &mut found);
        subject.forms(rules, &mut found);
        for choice in &options {
            if first_of_unit || !choice.field.belongs_to_organization() {
                subject.single_choice(choice, &mut found);
            }
        }
        subject.length(&mut found);
        subject.lost_characters(&mut found);
    }
    found.extend(limits(rules, entries));
    found.sort_by_key(|finding| (finding.entry, finding.code));
    found
}

/// A finding about one work, with the catalogue's severity.
fn finding(code: Code, entry: usize, detail: Detail) -> Finding {
    Finding { code, severity: code.entry().severity, entry, detail, related: Vec::new(), similarity: None }
}

/// One work with what belongs to it.
struct Subject<'a> {
    index: usize,
    entry: &'a Entry,
    category: &'a Category,
    profile: Option<&'a OrganizationProfile>,
}

impl Subject<'_> {
    fn text(&self, field: Field) -> Cow<'_, str> {
        let of_unit = |read: fn(&OrganizationProfile) -> &str| self.profile.map(read).unwrap_or_default();
        Cow::Borrowed(match field {
            Field::Organization => &self.entry.organization_name,
            Field::Category => &self.category.name,
            Field::Number => self.entry.number.as_str(),
            Field::CreditCode => of_unit(|profile| &profile.credit_code),
            Field::Nature => of_unit(|profile| &profile.nature),
            Field::FocusArea => of_unit(|profile| &profile.focus_area),
            Field::FocusIndustry => of_unit(|profile| &profile.focus_industry),
            Field::Member => {
                let member = self.profile.and_then(|profile| profile.member);
                member.map_or("", |member| if member { "是" } else { "否" })
            }
            Field::IntendedCategories | Field::Order | Field::Opinion => "",
            Field::Title
            | Field::Theme
            | Field::Creators
            | Field::ContactName
            | Field::ContactPhone
            | Field::ContactEmail
            | Field::ContactDepartment
            | Field::ContactPosition
            | Field::Address
            | Field::Postcode
            | Field::Duration
            | Field::Length
            | Field::Summary
            | Field::Recommender
            | Field::Honors
            | Field::Zone
            | Field::SubmittedAt
            | Field::Remark => return self.entry.declaration.text(field).unwrap_or_default(),
        })
    }

    fn required(&self, rules: &ContestRules, first_of_unit: bool, found: &mut Vec<Finding>) {
        for &field in rules.form.required.iter().chain(self.category.required.iter().filter(|field| !rules.form.required.contains(field))) {
            let elsewhere = matches!(field, Field::Duration | Field::Length) || (field.belongs_to_organization() && !first_of_unit);
            // What registration or recommendation brings is no field of a work.
            let foreign = matches!(field, Field::IntendedCategories | Field::Order | Field::Opinion);
            if !elsewhere && !foreign && self.text(field).trim().is_empty() {
                found.push(finding(Code::C101, self.index, Detail::Missing(field)));
            }
        }
    }

    fn forms(&self, rules: &ContestRules, found: &mut Vec<Finding>) {
        let declaration = &self.entry.declaration;
        let mut push = |code, detail| found.push(finding(code, self.index, detail));
        if let Some(bounds) = rules.form.summary_length
            && !declaration.summary.trim().is_empty()
        {
            let count = u32::try_from(count_characters(&declaration.summary)).unwrap_or(u32::MAX);
            if !bounds.contains(count) {
                push(Code::C102, Detail::SummaryLength { count, bounds });
            }
        }
        let phone = declaration.contact_phone.reveal();
        if !phone.is_empty() && !is_phone(phone) {
            push(Code::C103, Detail::Malformed(Field::ContactPhone, declaration.contact_phone.masked()));
        }
        let email = declaration.contact_email.reveal();
        if !email.is_empty() && !is_email(email) {
            push(Code::C104, Detail::Malformed(Field::ContactEmail, declaration.contact_email.masked()));
        }
        let postcode = fold_text(&declaration.postcode);
        let is_postcode = postcode.len() == 6 && postcode.bytes().all(|byte| byte.is_ascii_digit());
        if !postcode.is_empty() && !is_postcode {
            push(Code::C105, Detail::Malformed(Field::Postcode, declaration.postcode.clone()));
        }
    }

    fn single_choice(&self, choice: &SingleChoice, found: &mut Vec<Finding>) {
        let value = self.text(choice.field);
        if value.trim().is_empty() || choice.options.iter().any(|(_, printed)| *printed == value) {
            return;
        }
        let chosen = choice.chosen(&value);
        match chosen.as_slice() {
            [_] => {}
            [] => found.push(finding(Code::C106, self.index, Detail::NoOption(choice.field, value.into_owned()))),
            _ => found.push(finding(Code::C106, self.index, Detail::SeveralOptions(choice.field, chosen))),
        }
    }

    fn length(&self, found: &mut Vec<Finding>) {
        let mut check = |field: Field, value: Option<u32>, bounds: Option<Bounds>| {
            let required = self.category.required.contains(&field);
            let detail = match (value, bounds) {
                (None, Some(_)) => Detail::LengthMissing(field),
                (None, None) if required => Detail::LengthMissing(field),
                (Some(value), Some(bounds)) if !bounds.contains(value) => Detail::LengthOutside { field, value, bounds },
                (Some(_) | None, _) => return,
            };
            found.push(finding(Code::C107, self.index, detail));
        };
        check(Field::Duration, self.entry.declaration.duration, self.category.duration);
        check(Field::Length, self.entry.declaration.length, self.category.length);
    }

    fn lost_characters(&self, found: &mut Vec<Finding>) {
        let declaration = &self.entry.declaration;
        let texts = [
            (Field::Organization, self.entry.organization_name.as_str()),
            (Field::Title, declaration.title.as_str()),
            (Field::Creators, declaration.creators.as_str()),
            (Field::ContactName, declaration.contact_name.reveal()),
        ];
        for (field, text) in texts {
            if has_lost_character(field, text) {
                let shown = if field == Field::ContactName { declaration.contact_name.masked() } else { text.to_owned() };
                found.push(finding(Code::C108, self.index, Detail::LostCharacter(field, shown)));
            }
        }
    }
}

/// A single-choice field with its folded options.
struct SingleChoice {
    field: Field,
    options: Vec<(String, String)>,
}

impl SingleChoice {
    fn new(field: Field, options: &[String]) -> Self {
        Self { field, options: options.iter().map(|option| (fold_choice(option), option.clone())).collect() }
    }

    /// The options that a text holds: the text as a whole, or its parts between separators.
    fn chosen(&self, text: &str) -> Vec<String> {
        if let Some(option) = self.option(text) {
            return vec![option];
        }
        let parts = text.split(['、', '，', ',', '；', ';', '/', '／', '|', ' ', '\u{3000}', '\n']);
        let mut chosen: Vec<String> = Vec::new();
        for option in parts.filter_map(|part| self.option(part)) {
            if !chosen.contains(&option) {
                chosen.push(option);
            }
        }
        chosen
    }

    fn option(&self, text: &str) -> Option<String> {
        let folded = fold_choice(text);
        let is_other = folded.starts_with("其他") || folded.starts_with("其它");
        self.options
            .iter()
            .find(|(option, _)| *option == folded || (is_other && (option == "其他" || option == "其它")))
            .map(|(_, printed)| printed.clone())
    }
}

/// Folds an option for comparing: widths, white space and quotation marks do not count.
fn fold_choice(text: &str) -> String {
    fold_text(text).chars().filter(|letter| !matches!(letter, '"' | '\'' | '“' | '”' | '‘' | '’' | '「' | '」')).collect()
}

/// Works of a unit beyond the category's limit, counted by number.
fn limits(rules: &ContestRules, entries: &[Entry]) -> Vec<Finding> {
    let mut works: BTreeMap<(OrganizationId, &CategoryId), Vec<usize>> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.status.is_active()) {
        works.entry((entry.organization, &entry.category)).or_default().push(index);
    }
    let mut found = Vec::new();
    for ((_, category), works) in works {
        let Some(limit) = rules.category(category).and_then(|category| category.per_organization) else { continue };
        let code = if limit.is_error { Code::L302 } else { Code::L301 };
        let count = u32::try_from(works.len()).unwrap_or(u32::MAX);
        for &index in works.iter().skip(limit.max as usize) {
            let mut excess = finding(code, index, Detail::TooMany { count, max: limit.max });
            excess.related = works.iter().copied().filter(|&other| other != index).take(super::finding::MOST_RELATED).collect();
            found.push(excess);
        }
    }
    found
}

/// Whether a text is one phone number or several: mobiles of eleven digits, or landlines with area code and perhaps an extension.
fn is_phone(text: &str) -> bool {
    let is_plain_mobile =
        matches!(text.as_bytes(), [b'1', b'3'..=b'9', rest @ ..] if rest.len() == 9 && rest.iter().all(u8::is_ascii_digit));
    if is_plain_mobile {
        return true;
    }
    let folded = fold_text(&text.replace([' ', '\u{3000}'], ""));
    let mut parts = folded.split(['、', '，', ',', '；', ';', '/', '|', '或']).filter(|part| !part.is_empty()).peekable();
    parts.peek().is_some() && parts.all(is_one_phone)
}

fn is_one_phone(text: &str) -> bool {
    let (number, extension) = match text.split_once(['转', '#']) {
        Some((number, extension)) => (number, Some(extension)),
        None => (text, None),
    };
    let number: String =
        number.chars().filter(|letter| !matches!(letter, '-' | '(' | ')' | '—' | '–' | '－' | '（' | '）' | '.')).collect();
    let number = number.strip_prefix("+86").or_else(|| number.strip_prefix("0086")).unwrap_or(&number);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(number) || extension.is_some_and(|extension| !digits(extension.trim_start_matches('-')) || extension.len() > 7) {
        return false;
    }
    let is_mobile = number.len() == 11 && number.starts_with('1') && !matches!(number.as_bytes().get(1), Some(b'0' | b'1' | b'2') | None);
    let is_landline = number.starts_with('0') && (10..=16).contains(&number.len());
    let is_service = number.starts_with("400") && number.len() == 10;
    is_mobile || is_landline || is_service
}

fn is_email(text: &str) -> bool {
    let text = text.trim();
    let Some((name, host)) = text.split_once('@') else { return false };
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_' | '+');
    !name.is_empty()
        && name.chars().all(plain)
        && host.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-'))
        && host.split('.').count() >= 2
        && host.split('.').all(|label| !label.is_empty())
}

/// A replacement or private-use character, or a question mark of ASCII: only one at the end of a title asks, a name asks nothing.
fn has_lost_character(field: Field, text: &str) -> bool {
    let is_lost = |letter: char| matches!(u32::from(letter), 0xE000..=0xF8FF | 0xFFFD | 0xF_0000..=0x10_FFFF);
    let asking: &[char] = if field == Field::Title { &['?', '”', '"', '》', '！', '!'] } else { &[] };
    text.chars().any(is_lost) || text.trim_end_matches(asking).contains('?')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_in_their_many_forms() {
        for good in [
            "13800001234",
            "138 0000 1234",
            "+86-138-0000-1234",
            "021-58000000转801",
            "（021）58000000",
            "13800001234、021-58000000",
            "１３８００００１２３４",
        ] {
            assert!(is_phone(good), "{good}");
        }
        for bad in ["1.38E+10", "1380000123", "12800001234", "无", "138000012345", "021-转801", "、"] {
            assert!(!is_phone(bad), "{bad}");
        }
    }

    #[test]
    fn addresses_of_mail() {
        assert!(is_email("li.hua-1@mail.example.com") && is_email(" a@b.cn "));
        for bad in ["a.example.com", "a@example", "a@@b.cn", "a b@c.cn", "刘@example.com", "a@b..cn", "a@b.cn；c@d.cn"] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn a_question_at_the_end_is_no_lost_character() {
        for asks in ["质量是什么?", "《质量在哪里?》", "质量？"] {
            assert!(!has_lost_character(Field::Title, asks), "{asks}");
        }
        for lost in ["刘?巍", "?示一的坚守", "质量\u{FFFD}", "王\u{E123}"] {
            assert!(has_lost_character(Field::Title, lost), "{lost}");
        }
        // 䶮 and 㛃 are the last characters of many names.
        for lost in ["刘?", "张三?", "王?、李四"] {
            assert!(has_lost_character(Field::Creators, lost), "{lost}");
        }
    }

    #[test]
    fn one_option_none_or_several() {
        let choice = SingleChoice::new(Field::Nature, &["国有", "民营", "其他", "“专精特新”中小企业"].map(str::to_owned));
        assert_eq!(choice.chosen("民 营"), ["民营"]);
        assert_eq!(choice.chosen("其它（股份制）"), ["其他"]);
        assert_eq!(choice.chosen("专精特新中小企业"), ["“专精特新”中小企业"]);
        assert_eq!(choice.chosen("国有、民营"), ["国有", "民营"]);
        assert!(choice.chosen("个体").is_empty());
    }
}
