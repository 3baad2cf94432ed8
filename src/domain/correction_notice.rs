//! Owns what a 补正通知 says: to one recommender or unit, all defects of all its works, until when, on paper and as a mail. Refuses to know
//! how a defect is found and how a document is written.
//!
//! Decision worth knowing: a notice goes to people outside. It carries no contact data, no command of this program and no code that only
//! staff understand; a clause that is the program's own is not cited as one of the notice.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::paper::{Alignment, Block, Face, Length, Look, Paper, Paragraph, Span, Table, TableCell, TableColumn, TableRow, TypeSize};
use super::recommendation_sheet::{long_date, subject};
use super::rules::Deadline;

/// To whom a notice goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AddresseeKind {
    /// 推荐单位: it passes the notice on to its units.
    #[default]
    Recommender,
    /// 申报单位.
    Organization,
}

/// A correction notice to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionNotice {
    /// The contest's name.
    pub contest: String,
    /// 主办单位, who signs; empty: no signature line.
    pub organizer: String,
    /// The notice by which the contest was announced: 沪质协〔2024〕32号.
    pub basis: Option<String>,
    /// This notice's own document number.
    pub document: Option<String>,
    /// To whom it goes.
    pub addressee: String,
    /// What the addressee is.
    pub kind: AddresseeKind,
    /// The works, in the order of their numbers.
    pub works: Vec<NoticeWork>,
    /// Until when the corrected works must be in.
    pub until: Option<Deadline>,
    /// The day of the notice.
    pub date: Date,
    /// Whom to ask: an office and its number, as staff want it printed.
    pub enquiries: Option<String>,
}

/// A work that needs correction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NoticeWork {
    /// Its number.
    pub number: String,
    /// Its title, without 书名号.
    pub title: String,
    /// Its unit.
    pub organization: String,
    /// What is to be corrected; at least one.
    pub defects: Vec<Defect>,
}

/// What is to be corrected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Defect {
    /// What is wrong, one sentence without full stop.
    pub message: String,
    /// What to do, one sentence without full stop; may be empty. The catalogue of checks has one for every code.
    pub remedy: String,
    /// The clause of the notice, as the catalogue of checks gives it; may be empty.
    pub clause: String,
}

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailText {
    /// Its subject line.
    pub subject: String,
    /// Its text, lines ending in `\n`.
    pub body: String,
}

impl CorrectionNotice {
    /// The notice's title.
    #[must_use]
    pub fn title(&self) -> String {
        format!("关于{}参赛作品补正的通知", self.contest)
    }

    /// The notice on paper.
    #[must_use]
    pub fn paper(&self) -> Paper {
        let mut blocks: Vec<Block> = vec![Paragraph::title(format!("关于{}\n参赛作品补正的通知", self.contest)).into()];
        if let Some(document) = self.document.as_deref().filter(|document| !document.is_empty()) {
            let number = Paragraph::subtitle(document).in_look(Face::FangSong, TypeSize::SmallFour);
            blocks.push(number.spaced(Length(0), Length::points(10)).into());
        }
        let letter = |text: String| Paragraph::body(text).in_look(Face::FangSong, TypeSize::SmallFour);
        blocks.push(Paragraph { first_line: 0, keeps_with_next: true, ..letter(format!("{}：", self.addressee)) }.into());
        blocks.push(letter(self.opening()).into());
        blocks.push(
            Paragraph::heading(format!("一、需补正的作品（共{}件）", self.works.len())).in_look(Face::Hei, TypeSize::SmallFour).into(),
        );
        blocks.push(self.table().into());
        blocks.push(
            Paragraph { before: Length::points(12), ..Paragraph::heading("二、补正要求") }.in_look(Face::Hei, TypeSize::SmallFour).into(),
        );
        blocks.extend(self.demands().into_iter().map(|demand| letter(demand).into()));
        let signature = |text: String| Paragraph { right: 2, ..Paragraph::text(text) }.in_look(Face::FangSong, TypeSize::SmallFour);
        // A signature alone on a page could stand under anything: the letter's last words go with it.
        let last_words = Paragraph { before: Length::points(6), ..letter("特此通知。".to_owned()) };
        let mut end = vec![last_words.into(), Block::Space(Length::points(24))];
        if !self.organizer.is_empty() {
            end.push(signature(self.organizer.clone()).aligned(Alignment::Right).into());
        }
        end.push(signature(long_date(self.date)).aligned(Alignment::Right).into());
        blocks.push(Block::Together(end));
        Paper { title: self.title(), author: self.organizer.clone(), is_numbered: true, blocks, ..Paper::default() }
    }

    /// The notice as a mail in plain text.
    #[must_use]
    pub fn mail(&self) -> MailText {
        let until = self.until.map_or_else(String::new, |until| format!("于{}", before(until)));
        let mut body = format!("{}：\n\n{}\n\n一、需补正的作品（共{}件）\n", self.addressee, self.opening(), self.works.len());
        for (serial, work) in (1..).zip(&self.works) {
            let _ = writeln!(body, "\n{serial}. {}（{}）", subject(&work.number, &work.title), work.organization);
            for (serial, defect) in (1..).zip(&work.defects) {
                let _ = writeln!(body, "   （{serial}）{}", defect.sentence());
            }
        }
        body.push_str("\n二、补正要求\n\n");
        for demand in self.demands() {
            let _ = writeln!(body, "{demand}");
        }
        body.push_str("\n特此通知。\n\n");
        if !self.organizer.is_empty() {
            let _ = writeln!(body, "{}", self.organizer);
        }
        let _ = writeln!(body, "{}", long_date(self.date));
        MailText { subject: format!("【补正通知】{}：{}件作品请{until}补正", self.contest, self.works.len()), body }
    }

    fn opening(&self) -> String {
        let basis = match self.basis.as_deref().filter(|basis| !basis.is_empty()) {
            Some(basis) => format!("根据{}通知（{basis}）的有关要求", self.contest),
            None => format!("根据{}的有关要求", self.contest),
        };
        let whose = match self.kind {
            AddresseeKind::Recommender => "推荐",
            AddresseeKind::Organization => "申报",
        };
        let we = if self.organizer.ends_with('会') { "我会" } else { "我单位" };
        format!(
            "{basis}，{we}对你单位{whose}的参赛作品进行了形式审查。经审查，下列{}件作品的申报材料尚需补充完善，现予退回修改，请按以下意见补正后再次提交。",
            self.works.len()
        )
    }

    fn demands(&self) -> Vec<String> {
        let mut demands = vec![match self.until {
            Some(until) => format!("请于{}完成补正，并通过原渠道再次提交；逾期未补正的作品，不予受理。", before(until)),
            None => "请尽快完成补正，并通过原渠道再次提交；未补正的作品，不予受理。".to_owned(),
        }];
        if self.kind == AddresseeKind::Recommender {
            demands.push("请将本通知及时转告有关申报单位，并对补正后的材料予以复核。".to_owned());
        }
        demands.push("补正时如须变更作品名称或参赛类型，请一并说明原作品编号。".to_owned());
        if let Some(enquiries) = self.enquiries.as_deref().filter(|enquiries| !enquiries.is_empty()) {
            demands.push(format!("如有疑问，请联系：{enquiries}。"));
        }
        (1..).zip(demands).map(|(serial, demand)| format!("{serial}．{demand}")).collect()
    }

    fn table(&self) -> Table {
        let row = |(serial, work): (u32, &NoticeWork)| {
            let mut whose = vec![Span::plain(format!("《{}》", work.title))];
            if !work.organization.is_empty() {
                whose.push(Span::plain(format!("\n{}", work.organization)));
            }
            let defects: Vec<String> =
                (1..).zip(&work.defects).map(|(serial, defect)| format!("{serial}．{}", defect.sentence())).collect();
            let cells = vec![
                TableCell::from(serial.to_string()),
                TableCell::from(work.number.as_str()),
                TableCell { spans: whose },
                TableCell::from(defects.join("\n")),
            ];
            TableRow { cells, subject: subject(&work.number, &work.title) }
        };
        Table {
            columns: vec![
                TableColumn::new(7, Alignment::Centre),
                TableColumn::new(12, Alignment::Centre),
                TableColumn::new(34, Alignment::Left),
                TableColumn::new(52, Alignment::Left),
            ],
            header: ["序号", "作品编号", "参赛作品及申报单位", "存在问题及补正要求"].map(str::to_owned).to_vec(),
            rows: (1..).zip(&self.works).map(row).collect(),
            look: Look { face: Face::Song, size: TypeSize::Five },
            row_height: Length::points(24),
        }
    }
}

impl Defect {
    /// The defect as one sentence: what is wrong, what to do, by which clause.
    #[must_use]
    pub fn sentence(&self) -> String {
        let message = self.message.trim_end_matches('。');
        let mut sentence =
            if self.remedy.is_empty() { message.to_owned() } else { format!("{message}。{}", self.remedy.trim_end_matches('。')) };
        let clauses: Vec<&str> = self.clause.split('；').filter(|clause| !clause.is_empty() && !clause.contains("本程序自定")).collect();
        if !clauses.is_empty() {
            let _ = write!(sentence, "。依据：{}", clauses.join("；"));
        }
        sentence + "。"
    }
}

/// 2024年7月15日前（含当日）; with its time where that is not the end of the day: 2024年7月15日17:00前.
fn before(deadline: Deadline) -> String {
    let (date, time) = (deadline.0.date(), deadline.0.time());
    if deadline.is_end_of_day() {
        format!("{}前（含当日）", long_date(date))
    } else {
        format!("{}{:02}:{:02}前", long_date(date), time.hour(), time.minute())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::check_catalogue::Code;
    use super::*;

    fn notice() -> CorrectionNotice {
        let defect = |message: &str, code: Option<Code>, clause: &str| Defect {
            message: message.to_owned(),
            remedy: code.map_or("请按要求补正", |code| code.entry().remedy).to_owned(),
            clause: clause.to_owned(),
        };
        CorrectionNotice {
            contest: "2024年上海市质量品牌故事大赛".to_owned(),
            organizer: "上海市质量协会".to_owned(),
            basis: Some("沪质协〔2024〕32号".to_owned()),
            document: None,
            addressee: "试样区市场监督管理局".to_owned(),
            kind: AddresseeKind::Recommender,
            works: vec![NoticeWork {
                number: "Y012".to_owned(),
                title: "一颗螺丝钉".to_owned(),
                organization: "上海试样厂".to_owned(),
                defects: vec![
                    defect("缺少材料：参赛作品申报表（盖章）", Some(Code::F601), "附件1（三）3"),
                    defect("“联系手机”格式不对：138****000", Some(Code::C103), "附件2；本程序自定的格式"),
                    defect("说明不清。", None, "本程序自定"),
                ],
            }],
            until: Some(Deadline::end_of(date(2024, 7, 15))),
            date: date(2024, 7, 11),
            enquiries: Some("大赛办公室".to_owned()),
        }
    }

    #[test]
    fn a_mail_says_what_to_mend_by_when() {
        let mail = notice().mail();
        insta::assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.body), @r"
        【补正通知】2024年上海市质量品牌故事大赛：1件作品请于2024年7月15日前（含当日）补正

        试样区市场监督管理局：

        根据2024年上海市质量品牌故事大赛通知（沪质协〔2024〕32号）的有关要求，我会对你单位推荐的参赛作品进行了形式审查。经审查，下列1件作品的申报材料尚需补充完善，现予退回修改，请按以下意见补正后再次提交。

        一、需补正的作品（共1件）

        1. Y012《一颗螺丝钉》（上海试样厂）
           （1）缺少材料：参赛作品申报表（盖章）。请补交该材料。依据：附件1（三）3。
           （2）“联系手机”格式不对：138****000。请核对并填写正确的联系电话。依据：附件2。
           （3）说明不清。请按要求补正。

        二、补正要求

        1．请于2024年7月15日前（含当日）完成补正，并通过原渠道再次提交；逾期未补正的作品，不予受理。
        2．请将本通知及时转告有关申报单位，并对补正后的材料予以复核。
        3．补正时如须变更作品名称或参赛类型，请一并说明原作品编号。
        4．如有疑问，请联系：大赛办公室。

        特此通知。

        上海市质量协会
        2024年7月11日
        ");
    }

    #[test]
    fn what_is_not_known_is_not_printed() {
        let bare = CorrectionNotice {
            organizer: String::new(),
            basis: None,
            until: None,
            enquiries: None,
            kind: AddresseeKind::Organization,
            ..notice()
        };
        insta::assert_snapshot!(bare.mail().body, @r"
        试样区市场监督管理局：

        根据2024年上海市质量品牌故事大赛的有关要求，我单位对你单位申报的参赛作品进行了形式审查。经审查，下列1件作品的申报材料尚需补充完善，现予退回修改，请按以下意见补正后再次提交。

        一、需补正的作品（共1件）

        1. Y012《一颗螺丝钉》（上海试样厂）
           （1）缺少材料：参赛作品申报表（盖章）。请补交该材料。依据：附件1（三）3。
           （2）“联系手机”格式不对：138****000。请核对并填写正确的联系电话。依据：附件2。
           （3）说明不清。请按要求补正。

        二、补正要求

        1．请尽快完成补正，并通过原渠道再次提交；未补正的作品，不予受理。
        2．补正时如须变更作品名称或参赛类型，请一并说明原作品编号。

        特此通知。

        2024年7月11日
        ");
    }

    #[test]
    fn a_time_of_day_is_named_where_the_day_does_not_count_whole() {
        let five = Deadline(date(2024, 7, 20).at(17, 0, 0, 0));
        assert_eq!(before(five), "2024年7月20日17:00前");
    }

    #[test]
    fn paper_and_mail_list_the_same_defects() {
        let paper = notice().paper();
        let Some(Block::Table(table)) = paper.blocks.iter().find(|block| matches!(block, Block::Table(_))) else { panic!("no table") };
        let cell = table.rows[0].cells[3].spans[0].text.clone();
        let mail = notice().mail().body;
        for sentence in cell.lines().map(|line| &line["1．".len()..]) {
            assert!(mail.contains(sentence), "{sentence}");
        }
        assert_eq!(table.rows[0].subject, "Y012《一颗螺丝钉》");
    }
}
