//! Owns what `rules show` and `rules check` print: the rules as tables in the notice's words, and values by key path.

use jiff::tz::TimeZone;

use crate::domain::category::{
    AwardQuota, Category, Combine, LineTies, Normalize, Part, PartSource, Quota, QuotaBase, Round, Rounding, TieBreak, Timing, TimingScale,
    Trim, VoteScale,
};
use crate::domain::field::Field;
use crate::domain::listing::{Audience, Cell, Column, Document, Listing};
use crate::domain::rules::{Bounds, ContestRules, Deadline, SpecialBasis};
use crate::domain::values::{Exact, Points, RoundingMode};
use crate::error::AppError;
use crate::formats::rules_file::{self, RuleValue, is_within};

/// Everything that the rules say, for people; scripts read the same tables. `source` is their text.
#[must_use]
pub fn overview(rules: &ContestRules, source: &str) -> Document {
    let contest = &rules.contest;
    let text = |text: &Option<String>| Cell::text(text.clone().unwrap_or_default());
    let texts = |texts: &[String]| Cell::List(texts.iter().map(|text| Cell::text(text.as_str())).collect());
    let fields = |fields: &[Field]| Cell::List(fields.iter().map(|field| Cell::keyed(field.key(), field.label())).collect());
    Document::default()
        .value("name", "大赛", contest.name.as_str())
        .value("theme", "主题", text(&contest.theme))
        .value("organizer", "主办单位", text(&contest.organizer))
        .value("document", "文号", text(&contest.document))
        .value("year", "年度", Cell::optional(contest.year, |year| Cell::Integer(i64::from(year))))
        .value("timezone", "时区", contest.timezone.iana_name().unwrap_or_default())
        .value("required", "必填内容", fields(&rules.form.required))
        .value("summary_length", "简介字数", Cell::optional(rules.form.summary_length, |bounds| Cell::text(span(bounds, "字"))))
        .value("zones", "赛区", texts(&rules.zones))
        .value("certificate_number", "证书编号", text(&rules.certificate_number))
        .value("contacts_until", "联系信息保留至", Cell::optional(rules.contacts_until, |day| Cell::text(day.to_string())))
        .value("unconfirmed", "待确认", Cell::count(rules_file::unconfirmed(source).len()))
        .listing(deadlines(rules))
        .listing(categories(rules))
        .listing(rounds(rules))
        .listing(scoring(rules))
        .listing(criteria(rules))
        .listing(awards(rules))
        .listing(special_awards(rules))
        .listing(options(rules))
}

fn deadlines(rules: &ContestRules) -> Listing {
    let mut listing = Listing::new(
        "deadlines",
        "时间安排",
        vec![Column::new("stage", "阶段"), Column::new("date", "日期").only(Audience::Scripts), Column::new("text", "日期")],
    )
    .when_empty("没有规定日期");
    let stages = [
        ("submission", "作品申报截止", rules.deadlines.submission),
        ("recommendation", "作品推荐截止", rules.deadlines.recommendation),
        ("screening", "形式审查截止", rules.deadlines.screening),
    ];
    for (key, label, deadline) in stages {
        if let Some(deadline) = deadline {
            listing.push(vec![Cell::keyed(key, label), date(deadline, &rules.contest.timezone), Cell::text(moment(deadline))]);
        }
    }
    for milestone in &rules.milestones {
        listing.push(vec![Cell::text(milestone.name.as_str()), Cell::Empty, Cell::text(milestone.date.as_str())]);
    }
    listing
}

/// For scripts: a day that counts whole as its date, anything else as the moment.
fn date(deadline: Deadline, timezone: &TimeZone) -> Cell {
    let day = deadline.0.date();
    if deadline == Deadline::end_of(day) {
        return Cell::text(day.to_string());
    }
    deadline.0.to_zoned(timezone.clone()).map_or(Cell::Empty, |zoned| Cell::Moment(zoned.timestamp()))
}

fn moment(deadline: Deadline) -> String {
    let day = deadline.0.date();
    if deadline == Deadline::end_of(day) { format!("{day} 24:00 前") } else { deadline.0.strftime("%Y-%m-%d %H:%M:%S").to_string() }
}

fn categories(rules: &ContestRules) -> Listing {
    let columns = vec![
        Column::new("id", "代号"),
        Column::new("name", "参赛类型"),
        Column::new("prefix", "前缀"),
        Column::new("size", "时长或篇幅"),
        Column::new("per_organization", "每单位"),
        Column::new("attachments", "附件"),
    ];
    let mut listing = Listing::new("categories", "参赛类型", columns);
    for category in &rules.categories {
        let size: Vec<String> =
            category.duration.map(clock_span).into_iter().chain(category.length.map(|bounds| span(bounds, "字"))).collect();
        let limit = category
            .per_organization
            .map_or_else(String::new, |limit| format!("{}最多 {} 件", if limit.is_error { "" } else { "原则上" }, limit.max));
        let attachments = category.attachments.iter().map(|rule| Cell::keyed(rule.kind.as_str(), rule.name.as_str())).collect();
        listing.push(vec![
            category.id.as_str().into(),
            category.name.as_str().into(),
            category.prefix.as_str().into(),
            Cell::text(size.join("，")),
            Cell::text(limit),
            Cell::List(attachments),
        ]);
    }
    listing
}

fn rounds(rules: &ContestRules) -> Listing {
    let columns = vec![
        Column::new("category", "参赛类型").heading(),
        Column::new("round", "轮次"),
        Column::new("by_zone", "按赛区"),
        Column::new("minimum_judges", "最少评委"),
        Column::new("parts", "得分构成"),
        Column::new("advance", "晋级"),
    ];
    let mut listing = Listing::new("rounds", "轮次", columns);
    for (category, round) in each_round(rules) {
        let parts: Vec<String> = round.score.parts.iter().map(part).collect();
        listing.push(vec![
            Cell::keyed(category.id.as_str(), category.name.as_str()),
            Cell::keyed(round.id.as_str(), round.name.as_str()),
            Cell::Flag(round.by_zone),
            Cell::Integer(i64::from(round.minimum_judges)),
            Cell::text(parts.join(" + ")),
            Cell::text(advance(category, round)),
        ]);
    }
    listing
}

fn scoring(rules: &ContestRules) -> Listing {
    let columns = vec![
        Column::new("category", "参赛类型").heading(),
        Column::new("round", "轮次"),
        Column::new("combine", "评委分"),
        Column::new("timing", "超时扣分"),
        Column::new("rounding", "修约"),
        Column::new("tie_break", "同分先后"),
    ];
    let mut listing = Listing::new("scoring", "计分", columns);
    for (category, round) in each_round(rules) {
        let combine = round.judges.as_ref().map_or_else(
            || "评委不评分".to_owned(),
            |sheet| {
                let normalize = if sheet.normalize == Normalize::ZScore { "标准化后" } else { "" };
                format!("{}{normalize}{}", sheet.trim.map_or_else(String::new, trim), combine(sheet.combine))
            },
        );
        listing.push(vec![
            Cell::keyed(category.id.as_str(), category.name.as_str()),
            Cell::keyed(round.id.as_str(), round.name.as_str()),
            Cell::text(combine),
            Cell::text(round.timing.as_ref().map(timing).unwrap_or_default()),
            Cell::text(rounding(round.score.rounding)),
            Cell::List(round.score.tie_break.iter().map(|tie| Cell::text(tie_break(tie))).collect()),
        ]);
    }
    listing
}

fn each_round(rules: &ContestRules) -> impl Iterator<Item = (&Category, &Round)> {
    rules.categories.iter().flat_map(|category| category.rounds.iter().map(move |round| (category, round)))
}

fn trim(trim: Trim) -> String {
    let scope = if trim.by_criterion { "逐项" } else { "" };
    let dropped = match (trim.highest, trim.lowest) {
        (1, 1) => "一个最高分和一个最低分".to_owned(),
        (highest, 0) => format!("{highest} 个最高分"),
        (0, lowest) => format!("{lowest} 个最低分"),
        (highest, lowest) => format!("{highest} 个最高分和 {lowest} 个最低分"),
    };
    format!("{scope}去掉{dropped}（满 {} 个才去），", trim.from)
}

fn combine(combine: Combine) -> &'static str {
    match combine {
        Combine::Mean => "取平均",
        Combine::Sum => "取总和",
        Combine::Median => "取中位数",
        Combine::RankSum => "取名次和",
    }
}

fn part(part: &Part) -> String {
    let source = match &part.from {
        PartSource::Judges => "评委分".to_owned(),
        PartSource::Votes { channel, scale } => format!("{channel} 投票（{}）", vote_scale(scale)),
        PartSource::Given { name } => name.clone(),
    };
    part.weight.map_or_else(|| source.clone(), |weight| format!("{source} × {weight}%"))
}

fn vote_scale(scale: &VoteScale) -> String {
    match scale {
        VoteScale::ShareOfTop => "占最高票的百分数".to_owned(),
        VoteScale::ShareOfTotal => "占总票数的百分数".to_owned(),
        VoteScale::RankPoints(points) => {
            format!("按名次得 {}", points.iter().map(Points::to_string).collect::<Vec<_>>().join("、"))
        }
        VoteScale::RankBands { bands, otherwise } => {
            let bands: Vec<String> = bands.iter().map(|(share, points)| format!("前 {share}% 得 {points}")).collect();
            format!("{}，其余得 {otherwise}", bands.join("，"))
        }
        VoteScale::PerVote { points, cap } => {
            format!("每票 {points}{}", cap.map_or_else(String::new, |cap| format!("，最多 {cap}")))
        }
    }
}

fn timing(timing: &Timing) -> String {
    let bounds = clock_span(Bounds { min: timing.min, max: timing.max });
    let scale = match &timing.scale {
        TimingScale::Each { seconds, points } => format!("每 {seconds} 秒扣 {points}"),
        TimingScale::Bands(bands) => {
            bands.iter().map(|band| format!("超 {} 秒扣 {}", band.over, band.points)).collect::<Vec<_>>().join("，")
        }
    };
    let cap = timing.cap.map_or_else(String::new, |cap| format!("，最多扣 {cap}"));
    let exclude = timing.exclude_over.map_or_else(String::new, |seconds| format!("，超 {seconds} 秒不计成绩"));
    let order = if timing.before_trim { "，先扣后去分" } else { "" };
    format!("{bounds}，宽限 {} 秒，{scale}{cap}{exclude}{order}", timing.grace)
}

fn rounding(rounding: Rounding) -> String {
    let mode = match rounding.mode {
        RoundingMode::HalfUp => "四舍五入",
        RoundingMode::HalfEven => "四舍六入五成双",
    };
    let stages = [("评分项", rounding.criterion), ("乘系数后", rounding.factored), ("评委分", rounding.judges), ("最后", rounding.r#final)];
    let stages: Vec<String> =
        stages.iter().filter_map(|(name, decimals)| decimals.map(|decimals| format!("{name} {decimals} 位"))).collect();
    if stages.is_empty() { "不修约".to_owned() } else { format!("{mode}：{}", stages.join("，")) }
}

fn tie_break(tie: &TieBreak) -> String {
    match tie {
        TieBreak::Exact => "修约前的得分".to_owned(),
        TieBreak::Part(key) if key == "judges" => "评委分".to_owned(),
        TieBreak::Part(key) => key.clone(),
        TieBreak::Criterion(name) => format!("评分项“{name}”"),
        TieBreak::HighestMark => "最高的评委总分".to_owned(),
    }
}

fn advance(category: &Category, round: &Round) -> String {
    let Some(advance) = &round.advance else { return String::new() };
    let to = category.rounds.iter().find(|round| round.id == advance.to).map_or(advance.to.as_str(), |round| round.name.as_str());
    let limit = advance.max_per_organization.map_or_else(String::new, |most| format!("，每单位最多 {most} 件"));
    let ties = ties(advance.ties, "一并晋级", "都不晋级");
    format!("{}，进入{to}{limit}；{ties}", quota(&advance.quota))
}

fn quota(quota: &Quota) -> String {
    match quota {
        Quota::Count(count) => format!("{count} 件"),
        Quota::Share(percent) => format!("本轮作品的 {percent}%"),
        Quota::PerZone(zones) => zones.iter().map(|(zone, count)| format!("{zone} {count}")).collect::<Vec<_>>().join("、"),
    }
}

fn award_quota(quota: AwardQuota) -> String {
    match quota {
        AwardQuota::Count(count) => format!("{count} 件"),
        AwardQuota::Share { percent, of: QuotaBase::Works } => format!("已受理作品的 {percent}%"),
        AwardQuota::Share { percent, of: QuotaBase::Round } => format!("本轮作品的 {percent}%"),
    }
}

fn ties(ties: LineTies, include: &str, cut: &str) -> String {
    match ties {
        LineTies::Ask => "并列过线时由工作人员决定".to_owned(),
        LineTies::Include => format!("并列过线时{include}"),
        LineTies::Cut => format!("并列过线时{cut}"),
    }
}

fn criteria(rules: &ContestRules) -> Listing {
    let columns = vec![
        Column::new("category", "参赛类型").heading(),
        Column::new("round", "轮次"),
        Column::new("group", "大项"),
        Column::new("name", "评分项"),
        Column::new("min", "最低"),
        Column::new("max", "最高"),
        Column::new("factor", "系数"),
        Column::new("step", "步长"),
    ];
    let mut listing = Listing::new("criteria", "评分表", columns);
    for (category, round) in each_round(rules) {
        let Some(sheet) = &round.judges else { continue };
        for criterion in &sheet.criteria {
            let points = |points: Points| Cell::Points(Exact::from(points), None);
            listing.push(vec![
                Cell::keyed(category.id.as_str(), category.name.as_str()),
                Cell::keyed(round.id.as_str(), round.name.as_str()),
                Cell::text(criterion.group.clone().unwrap_or_default()),
                criterion.name.as_str().into(),
                points(criterion.min),
                points(criterion.max),
                points(criterion.factor),
                if sheet.step == Points::ZERO { Cell::Empty } else { points(sheet.step) },
            ]);
        }
    }
    listing
}

fn awards(rules: &ContestRules) -> Listing {
    let columns = vec![
        Column::new("category", "参赛类型").heading(),
        Column::new("id", "代号"),
        Column::new("name", "奖项"),
        Column::new("round", "依据"),
        Column::new("quota", "名额"),
        Column::new("ties", "并列"),
    ];
    let mut listing = Listing::new("awards", "奖项", columns);
    for category in &rules.categories {
        for award in &category.awards {
            let round = award.round.as_ref().and_then(|id| category.rounds.iter().find(|round| round.id == *id));
            let level = award.quota.is_some();
            listing.push(vec![
                Cell::keyed(category.id.as_str(), category.name.as_str()),
                award.id.as_str().into(),
                award.name.as_str().into(),
                Cell::optional(round, |round| Cell::keyed(round.id.as_str(), round.name.as_str())),
                Cell::text(award.quota.map_or_else(|| "其余已受理作品".to_owned(), award_quota)),
                if level { Cell::text(ties(award.ties, "全部提升", "从下一等取")) } else { Cell::Empty },
            ]);
        }
    }
    listing
}

fn special_awards(rules: &ContestRules) -> Listing {
    let columns = vec![
        Column::new("id", "代号"),
        Column::new("name", "奖项"),
        Column::new("category", "参赛类型").heading(),
        Column::new("round", "轮次"),
        Column::new("by", "依据"),
        Column::new("count", "名额"),
        Column::new("alongside", "可与等级奖兼得"),
    ];
    let mut listing = Listing::new("special_awards", "专项奖", columns);
    for award in &rules.special_awards {
        let category = rules.category(&award.category);
        let round = category.and_then(|category| match &award.round {
            Some(id) => category.rounds.iter().find(|round| round.id == *id),
            None => category.rounds.last(),
        });
        let by = match &award.by {
            SpecialBasis::Criterion(name) => format!("评分项“{name}”"),
            SpecialBasis::Votes(channel) => format!("{channel} 投票"),
            SpecialBasis::Part(key) if key == "judges" => "评委分".to_owned(),
            SpecialBasis::Part(key) => key.clone(),
            SpecialBasis::Hand => "人工评定".to_owned(),
        };
        listing.push(vec![
            award.id.as_str().into(),
            award.name.as_str().into(),
            Cell::keyed(award.category.as_str(), category.map_or("", |category| category.name.as_str())),
            Cell::optional(round, |round| Cell::keyed(round.id.as_str(), round.name.as_str())),
            Cell::text(by),
            Cell::Integer(i64::from(award.count)),
            Cell::Flag(award.alongside),
        ]);
    }
    listing
}

fn options(rules: &ContestRules) -> Listing {
    let mut listing = Listing::new("options", "单选内容", vec![Column::new("field", "内容"), Column::new("options", "选项")]);
    for (field, options) in &rules.form.options {
        let options = options.iter().map(|option| Cell::text(option.as_str())).collect();
        listing.push(vec![Cell::keyed(field.key(), field.label()), Cell::List(options)]);
    }
    listing
}

fn span(bounds: Bounds, unit: &str) -> String {
    match (bounds.min, bounds.max) {
        (Some(min), Some(max)) => format!("{min}–{max} {unit}"),
        (Some(min), None) => format!("至少 {min} {unit}"),
        (None, Some(max)) => format!("最多 {max} {unit}"),
        (None, None) => String::new(),
    }
}

fn clock_span(bounds: Bounds) -> String {
    let clock = |seconds: u32| format!("{}:{:02}", seconds / 60, seconds % 60);
    match (bounds.min.map(clock), bounds.max.map(clock)) {
        (Some(min), Some(max)) => format!("{min}–{max}"),
        (Some(min), None) => format!("至少 {min}"),
        (None, Some(max)) => format!("最多 {max}"),
        (None, None) => String::new(),
    }
}

/// The values at these keys and below, as written. A key may be typed as `category[speech]` or `category.speech`.
///
/// # Errors
/// A key that no value has.
pub fn values(text: &str, keys: &[String]) -> Result<Listing, AppError> {
    let values = rules_file::values(text);
    let mut listing = Listing::new("values", "规则", vec![Column::new("key", "键"), Column::new("value", "值")]);
    for key in keys {
        let found: Vec<&RuleValue> = values.iter().filter(|value| is_within(&dotted(&value.path), &dotted(key))).collect();
        if found.is_empty() {
            let mut tops: Vec<&str> = Vec::new();
            for value in &values {
                let top = value.path.split(['.', '[']).next().unwrap_or_default();
                if !tops.contains(&top) {
                    tops.push(top);
                }
            }
            return Err(AppError::not_found(format!("规则里没有写 {key}（没有写的键用默认值）"))
                .hint(format!("写了的有：{}", tops.join("、")))
                .hint("逐层写键，例如：dasai rules show category.speech.round.final"));
        }
        for value in found {
            listing.push(vec![value.path.as_str().into(), value.value.as_str().into()]);
        }
    }
    Ok(listing)
}

fn dotted(path: &str) -> String {
    path.replace('[', ".").replace(']', "")
}

/// Values that the notice does not give and that nobody has confirmed.
#[must_use]
pub fn unconfirmed(text: &str, paths: &[String]) -> Listing {
    let mut listing =
        Listing::new("unconfirmed", "通知未规定、待确认的内容", vec![Column::new("key", "键"), Column::new("value", "现在的值")]);
    let values = rules_file::values(text);
    for path in paths {
        let below: Vec<&RuleValue> = values.iter().filter(|value| is_within(&value.path, path)).collect();
        let shown = match below.as_slice() {
            [only] if only.path == *path => only.value.clone(),
            several => several.iter().filter_map(|value| summary(path, value)).collect::<Vec<_>>().join("；"),
        };
        listing.push(vec![path.as_str().into(), Cell::text(shown)]);
    }
    listing
}

/// A value below a path; nothing for a name that the key path says already.
fn summary(path: &str, value: &RuleValue) -> Option<String> {
    let rest = value.path.strip_prefix(path).unwrap_or(&value.path).trim_start_matches('.');
    let said = value.value.trim_matches('"');
    (!rest.ends_with(&format!("[{said}].name"))).then(|| format!("{rest} = {}", value.value))
}
