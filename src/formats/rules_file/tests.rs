//! What a rules file means: defaults, every key once, the presets, and that nothing it may hold makes the reader fail.

use proptest::prelude::*;

use super::shapes;
use super::{PRESETS, RuleChange, decode, diff, is_within, parse, preset, render_faults, unconfirmed, values};
use crate::domain::category::{AwardQuota, Combine, LineTies, Normalize, PartSource, Quota, QuotaBase, TieBreak, TimingScale, VoteScale};
use crate::domain::field::Field;
use crate::domain::rules::{ContestRules, Deadline, DirectKind, SpecialBasis};
use crate::domain::values::{Points, RoundId, RoundingMode};

const LEAST: &str = "format = 1\n[contest]\nname = \"试赛\"\n[[category]]\nid = \"speech\"\nname = \"演讲\"\nprefix = \"Y\"\n";

fn read(text: &str) -> ContestRules {
    parse(text).unwrap_or_else(|faults| panic!("{}", render_faults("rules", text, &faults)))
}

fn points(text: &str) -> Points {
    Points::parse(text).expect("points")
}

#[test]
fn presets_have_no_fault() {
    for preset in PRESETS {
        read(preset.text);
    }
    assert!(preset("shanghai-2023").is_none());
}

#[test]
fn every_key_is_documented_and_nothing_else() {
    let text = include_str!("../../../docs/rules-file.md");
    for shape in shapes::ALL {
        let heading = if shape.name.is_empty() { "\n## Top\n".to_owned() } else { format!("\n## `{}`\n", shape.name) };
        let (_, section) = text.split_once(&heading).unwrap_or_else(|| panic!("docs/rules-file.md has no section{heading}"));
        let section = section.split("\n## ").next().unwrap_or_default();
        let rows: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        assert_eq!(rows, shape.keys, "docs/rules-file.md, section{heading}");
    }
}

#[test]
fn what_is_not_written_has_its_default() {
    let rules = read(LEAST);
    assert_eq!(rules.contest.timezone.iana_name(), Some("Asia/Shanghai"));
    assert!(rules.deadlines.submission.is_none() && rules.zones.is_empty() && rules.special_awards.is_empty());
    assert!(rules.form.required.is_empty() && rules.form.summary_length.is_none() && rules.form.options.is_empty());
    assert_eq!((rules.similarity.title, rules.similarity.summary), (points("0.8"), points("0.6")));
    assert!(rules.commendation.is_none() && rules.certificate_number.is_none() && rules.contacts_until.is_none());
    let category = &rules.categories[0];
    assert!(category.rounds.is_empty() && category.per_organization.is_none() && category.attachments.is_empty());

    let rules = read(&format!(
        "{LEAST}attachments = [{{ kind = \"script\" }}]\nper_organization = {{ max = 2 }}\n[[category.round]]\nid = \"final\"\n\
         [category.round.judges]\ntrim = {{ highest = 1, lowest = 1 }}\n[category.round.timing]\nmax = 90\neach = 10\npoints = 1\n\
         [[category.round]]\nid = \"plain\"\n[[category.award]]\nid = \"first\"\nquota = {{ share = \"10%\" }}\n\
         [[special_award]]\nid = \"best\"\ncategory = \"speech\"\n[commendation]\n"
    ));
    let category = &rules.categories[0];
    assert!(category.per_organization.is_some_and(|limit| limit.is_error));
    assert_eq!(category.attachments[0].name, "script");
    let round = &category.rounds[0];
    assert_eq!((round.name.as_str(), round.by_zone, round.minimum_judges), ("final", false, 1));
    let sheet = round.judges.as_ref().expect("judges mark by default");
    assert_eq!((sheet.step, sheet.combine, sheet.normalize), (Points::ZERO, Combine::Mean, Normalize::None));
    assert_eq!((sheet.criteria[0].name.as_str(), sheet.criteria[0].max, sheet.criteria[0].factor), ("总分", points("100"), points("1")));
    assert!(sheet.trim.is_some_and(|trim| trim.from == 3 && !trim.by_criterion));
    assert!(round.timing.as_ref().is_some_and(|timing| timing.grace == 0 && !timing.before_trim && timing.cap.is_none()));
    assert_eq!(round.score.parts[0].from, PartSource::Judges);
    assert_eq!(round.score.parts[0].weight, None);
    assert_eq!((round.score.rounding.mode, round.score.rounding.r#final), (RoundingMode::HalfUp, Some(2)));
    assert!(round.score.tie_break.is_empty() && round.advance.is_none());
    assert!(category.rounds[1].judges.is_some());
    let award = &category.awards[0];
    assert_eq!((award.name.as_str(), award.ties), ("first", LineTies::Ask));
    assert_eq!(award.round.as_ref().map(RoundId::as_str), Some("plain"));
    assert_eq!(award.quota, Some(AwardQuota::Share { percent: points("10"), of: QuotaBase::Works }));
    let special = &rules.special_awards[0];
    assert_eq!((special.count, special.alongside, &special.by, &special.round), (1, true, &SpecialBasis::Hand, &None));
    assert!(rules.commendation.is_some_and(|commendation| commendation.count == 10 && commendation.points["work"] == points("1")));
}

/// A rules file that uses every key and every word of every choice at least once.
const EVERYTHING: &str = include_str!("everything.toml");

#[test]
fn every_key_can_be_written_and_says_what_it_says() {
    let rules = read(EVERYTHING);
    for shape in shapes::ALL {
        for key in shape.keys {
            let written = EVERYTHING.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == *key);
            assert!(written, "everything.toml does not use {} {key}", shape.name);
        }
    }
    assert_eq!(rules.deadlines.recommendation.map(|deadline| deadline.0.to_string()), Some("2024-07-10T17:00:00".to_owned()));
    assert_eq!(rules.deadlines.submission, Some(Deadline::end_of(jiff::civil::date(2024, 7, 5))));
    assert_eq!(rules.recommenders.direct_for, [DirectKind::Member, DirectKind::PrivateSpecialized, DirectKind::Foreign]);
    assert_eq!(rules.form.options[&Field::Theme], ["上海服务", "上海制造"]);
    let category = &rules.categories[0];
    assert_eq!(category.required, [Field::Duration]);
    assert_eq!(category.duration.map(|bounds| (bounds.min, bounds.max)), Some((Some(300), Some(480))));
    assert_eq!(category.attachments[0].max_size, Some(1 << 30));
    let [zonal, middle, last] = category.rounds.as_slice() else { panic!("three rounds") };
    let per_zone = [("浦东".to_owned(), 8), ("黄浦".to_owned(), 0)].to_vec();
    let advance = zonal.advance.as_ref().expect("advance");
    assert_eq!((&advance.quota, advance.max_per_organization, advance.ties), (&Quota::PerZone(per_zone), Some(2), LineTies::Include));
    let sheet = zonal.judges.as_ref().expect("a sheet");
    assert_eq!(sheet.criteria.iter().map(|leaf| leaf.group.as_deref()).collect::<Vec<_>>(), [Some("内容"), Some("内容"), None]);
    assert_eq!((sheet.criteria[2].min, sheet.criteria[2].factor), (points("1"), points("1.6")));
    assert!(sheet.trim.is_some_and(|trim| trim.by_criterion && trim.from == 5));
    let timing = zonal.timing.as_ref().expect("timing");
    assert!(matches!(&timing.scale, TimingScale::Bands(bands) if bands.len() == 2));
    assert_eq!((timing.grace, timing.exclude_over, timing.cap), (10, Some(240), Some(points("0.5"))));
    assert_eq!(zonal.score.rounding.mode, RoundingMode::HalfEven);
    let ties = [TieBreak::Exact, TieBreak::Part("votes:online".into()), TieBreak::Criterion("主题".into()), TieBreak::HighestMark].to_vec();
    assert_eq!(zonal.score.tie_break, ties);
    assert!(matches!(&middle.timing, Some(timing) if timing.before_trim && matches!(timing.scale, TimingScale::Each { seconds: 10, .. })));
    let scales: Vec<&VoteScale> = middle
        .score
        .parts
        .iter()
        .filter_map(|part| if let PartSource::Votes { scale, .. } = &part.from { Some(scale) } else { None })
        .collect();
    assert_eq!(scales.len(), 4);
    assert_eq!(scales[0], &VoteScale::ShareOfTotal);
    assert_eq!(scales[1], &VoteScale::RankPoints(["5", "4"].map(points).to_vec()));
    let bands = vec![(points("20"), points("20")), (points("40"), points("16"))];
    assert_eq!(scales[2], &VoteScale::RankBands { bands, otherwise: points("4") });
    assert_eq!(scales[3], &VoteScale::PerVote { points: points("0.05"), cap: Some(points("25")) });
    assert!(last.judges.is_none(), "a round of given parts only has no sheet");
    assert_eq!(category.awards.last().map(|award| (award.quota.is_none(), award.round.is_none())), Some((true, true)));
    assert_eq!(rules.special_awards[1].by, SpecialBasis::Votes("online".into()));
    assert_eq!(rules.certificate_number.as_deref(), Some("{year}-{category}-{award}-{serial:3}"));
}

#[test]
fn a_marked_value_is_unconfirmed_until_it_or_its_mark_changes() {
    let text = preset("shanghai-2024").expect("preset");
    let marked = unconfirmed(text);
    let zones = "zones.list".to_owned();
    let sheet = "category[case].round[final].judges";
    assert!(marked.contains(&zones) && marked.iter().any(|path| path == sheet));
    assert!(!marked.iter().any(|path| is_within(path, "deadlines")));

    let changed =
        text.replace("list = [\"浦东\", \"黄浦\", \"普陀\", \"金山\"]", "list = [\"浦东\", \"黄浦\", \"普陀\", \"金山\", \"松江\"]");
    let changed = changed.replace("\"金山\" = 7 }", "\"金山\" = 7, 松江 = 1 }");
    let now = unconfirmed(&changed);
    assert!(!now.contains(&zones));
    assert!(now.contains(&"category[speech].round[preliminary].advance.to".to_owned()), "the rest of a changed table is named one by one");

    let unmarked = text.replace("# 通知未规定，请按大赛实际填写（通知只说设 3-5 个赛区）", "# 已确认");
    assert!(!unconfirmed(&unmarked).contains(&zones));
}

#[test]
fn a_difference_is_told_key_by_key() {
    let old = preset("shanghai-2024").expect("preset");
    assert_eq!(diff(old, &format!("# 注释\n{old}")), []);
    let new = old.replace("submission = 2024-07-05", "submission = 2024-07-08").replace("theme = \"上海质量新优势 中国品牌新风彩\"\n", "");
    let new = new.replace("screening = 2024-07-15 ", "screening = 2024-07-15\n[retired]\nkey = 1\n[unused] ");
    let change = |path: &str, old: Option<&str>, new: Option<&str>| RuleChange {
        path: path.to_owned(),
        old: old.map(str::to_owned),
        new: new.map(str::to_owned),
    };
    assert_eq!(
        diff(old, &new),
        [
            change("deadlines.submission", Some("2024-07-05"), Some("2024-07-08")),
            change("retired.key", None, Some("1")),
            change("contest.theme", Some("\"上海质量新优势 中国品牌新风彩\""), None),
        ]
    );
    let criterion = values(old).into_iter().find(|value| value.path.ends_with("round[final].judges.criteria[形象风度].max"));
    assert_eq!(criterion.map(|value| value.value), Some("\"15\"".to_owned()));
}

#[test]
fn files_are_utf_8_and_small() {
    assert_eq!(decode(b"\xef\xbb\xbfformat = 1"), Ok("format = 1".to_owned()));
    let faults = decode(b"format = 1\nname = \"\xd1\xdd\xbd\xb2\"").expect_err("GBK");
    assert_eq!((faults[0].line, faults[0].column), (2, 9));
    assert_eq!(decode(&vec![b'#'; (1 << 20) + 1]).expect_err("too large").len(), 1);
}

#[test]
fn hostile_texts_get_faults_at_once() {
    let deep = format!("{LEAST}aliases = {}{}", "[".repeat(200_000), "]".repeat(200_000));
    let dotted = format!("{LEAST}{} = 1", vec!["a"; 200_000].join("."));
    let tables = format!("{LEAST}{}", "[[category]]\n".repeat(50_000));
    let keys: String = (0..50_000).map(|number| format!("key{number} = 1\n")).collect::<Vec<_>>().concat();
    let line = format!("{LEAST}aliases = [{}]", "\"a\",".repeat(200_000));
    let zones: String = (0..400).map(|number| format!("z{number} = 1, ")).collect::<Vec<_>>().concat();
    let zones = format!("{LEAST}[[category.round]]\nid = \"a\"\n[category.round.advance]\nto = \"a\"\nper_zone = {{ {zones} z = 1 }}");
    for text in [deep, dotted, tables, format!("{LEAST}{keys}"), line, zones, "\0".repeat(1000), "=".repeat(100_000)] {
        let faults = parse(&text).expect_err("faults");
        assert!(!faults.is_empty() && faults.len() <= 201);
        assert!(render_faults("x", &text, &faults).len() < 2_000_000);
    }
}

/// A text with pieces cut out, doubled or replaced.
fn mutilated() -> impl Strategy<Value = String> {
    let pieces =
        ["", "\"", "[", "]", "{", "}", "=", "\n", "0", "-1", "99999999999", "\"0.5\"", "1.5", "浦东", "#", "true", "[[category]]\n", "\0"];
    let edit = (any::<prop::sample::Index>(), 0_usize..40, prop::sample::select(pieces.to_vec()));
    (prop::sample::select(vec![0_usize, 1, 2]), prop::collection::vec(edit, 1..6)).prop_map(|(which, edits)| {
        let mut text = PRESETS.get(which).map_or(EVERYTHING, |preset| preset.text).to_owned();
        for (place, length, piece) in edits {
            let start = text.floor_char_boundary(place.index(text.len() + 1));
            let end = text.ceil_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end, piece);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn no_text_makes_the_reader_fail(text in mutilated()) {
        match parse(&text) {
            Ok(rules) => prop_assert!(!rules.categories.is_empty()),
            Err(faults) => {
                prop_assert!(!faults.is_empty());
                for fault in &faults {
                    prop_assert!(text.get(fault.span.clone()).is_some());
                    prop_assert!(fault.line >= 1 && fault.column >= 1);
                }
                prop_assert!(!render_faults("x", &text, &faults).is_empty());
            }
        }
        let _ = diff(EVERYTHING, &text);
    }

    #[test]
    fn no_bytes_make_the_reader_fail(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(text) = decode(&bytes) {
            prop_assert!(parse(&text).is_err());
        }
    }
}
