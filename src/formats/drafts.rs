//! Owns turning one data row into a draft: each cell's text by its column's field, with what was wrong and what was mended.
//! Refuses to know where the row came from beyond its place, and whether the draft becomes a work.

use std::borrow::Cow;
use std::sync::Arc;

use super::amounts::{self, Calendar};
use super::columns::{Column, Columns, json_text};
use super::fields::{self, Repair};
use super::marks::ticked;
use super::problems::Fault;
use super::registration::RegistrationDraft;
use super::sheet::{Cell, CellKind, Row};
use crate::domain::entry::Draft;
use crate::domain::field::Field;
use crate::domain::privacy::{Address, Email, PersonName, Phone};
use crate::domain::problem::{Place, Problem, column_letters};
use crate::domain::received::{ReceivedRow, push_json};
use crate::domain::values::EntryNumber;

/// How often each kind of repair happened.
pub type Repairs = [u32; Repair::ALL.len()];

/// What reading a sheet's rows needs.
#[derive(Debug)]
pub struct RowReader<'a> {
    /// The columns.
    pub columns: &'a Columns,
    /// File and sheet.
    pub place: &'a Place,
    /// How dates are read.
    pub calendar: &'a Calendar,
    /// Whether each value that was mended is told at its cell, too.
    pub lists_repairs: bool,
}

/// A value that a row gives a field.
#[derive(Debug, Default)]
struct Taken<'a> {
    draft: Draft,
    intended: Vec<String>,
    /// Categories whose own column is ticked.
    ticked: Vec<&'a str>,
    filled: u64,
    problems: Vec<Problem>,
}

impl Taken<'_> {
    /// What was taken for a field, as a text; empty for nothing.
    fn value(&self, field: Field) -> Cow<'_, str> {
        let draft = &self.draft;
        if let Some(text) = draft.declaration.text(field) {
            return text;
        }
        if let Some((_, text)) = draft.profile.texts().into_iter().find(|(known, _)| *known == field) {
            return Cow::Borrowed(text);
        }
        if field == Field::IntendedCategories {
            return Cow::Owned(self.intended.join("、"));
        }
        let number = draft.number.as_ref().map_or("", EntryNumber::as_str);
        let rest = [(Field::Organization, draft.organization.as_str()), (Field::Category, &draft.category), (Field::Number, number)];
        Cow::Borrowed(rest.into_iter().find(|(known, _)| *known == field).map_or("", |(_, text)| text))
    }
}

/// Whether a line break in the field's cell says something: a paragraph, another person, another option.
fn is_of_lines(field: Field) -> bool {
    fields::is_long(field) || fields::is_choice(field) || matches!(field, Field::Creators | Field::ContactName)
}

/// A text of several lines with what its field has between its parts instead of the line breaks.
fn parted(field: Field, text: &str) -> Cow<'_, str> {
    if fields::is_long(field) || !text.contains('\n') {
        return Cow::Borrowed(text);
    }
    // Headings of groups (三大先导产业：) are told from options by the room around them.
    if fields::is_choice(field) && ticked(text).is_some() {
        return Cow::Owned(text.replace('\n', "  "));
    }
    if matches!(field, Field::Creators | Field::ContactName | Field::Category | Field::IntendedCategories) {
        return Cow::Owned(fields::listed(text));
    }
    Cow::Owned(fields::clean(text, false).text.into_owned())
}

impl RowReader<'_> {
    /// Reads a row as a work.
    #[must_use]
    pub fn entry(&self, row: &Row, repairs: &mut Repairs) -> (Draft, Vec<Problem>) {
        let taken = self.take(row, repairs);
        (taken.draft, taken.problems)
    }

    /// Reads a row as a registering unit.
    #[must_use]
    pub fn registration(&self, row: &Row, repairs: &mut Repairs) -> (RegistrationDraft, Vec<Problem>) {
        let Taken { draft, intended, problems, .. } = self.take(row, repairs);
        let declaration = draft.declaration;
        let department = match (declaration.contact_department.as_str(), declaration.contact_position.as_str()) {
            (department, "") => department.to_owned(),
            ("", position) => position.to_owned(),
            (department, position) => format!("{department} {position}"),
        };
        let registration = RegistrationDraft {
            sheet: draft.sheet,
            row: draft.row,
            organization: draft.organization,
            intended,
            recommender: declaration.recommender,
            contact_name: declaration.contact_name,
            contact_phone: declaration.contact_phone,
            contact_email: declaration.contact_email,
            contact_department: department,
            address: declaration.address,
            postcode: declaration.postcode,
            registered_at: declaration.submitted_at,
            profile: draft.profile,
            received: draft.received.whole().into_owned(),
        };
        (registration, problems)
    }

    fn take(&self, row: &Row, repairs: &mut Repairs) -> Taken<'_> {
        let mut taken = Taken::default();
        taken.draft.sheet.clone_from(&self.place.sheet);
        taken.draft.row = row.number();
        taken.draft.received = self.received(row);
        let mut extra = None;
        for cell in row.cells() {
            if let Some(column) = self.columns.get(cell.column) {
                if let Some(field) = column.field {
                    let before = *repairs;
                    self.take_cell(field, column, cell, row.number(), &mut taken, repairs);
                    if self.lists_repairs {
                        let place = Place { row: Some(row.number()), column: Some(cell.column), ..self.place.clone() };
                        let done = Repair::ALL.into_iter().zip(before.iter().zip(&*repairs)).filter(|(_, (before, after))| before < after);
                        taken
                            .problems
                            .extend(done.map(|(repair, _)| Fault::Repaired(repair).at(place.clone(), Some(field), cell.text, "")));
                    }
                } else if let Some(category) = &column.category
                    && fields::is_tick(cell.text)
                {
                    taken.ticked.push(category);
                }
            } else if extra.is_none() && cell.column >= self.columns.width() && !cell.text.trim().is_empty() {
                extra = Some(cell);
            }
        }
        if taken.draft.category.is_empty() {
            taken.draft.category = taken.ticked.join("、");
        }
        if taken.intended.is_empty() {
            taken.intended = taken.ticked.iter().map(|name| (*name).to_owned()).collect();
        }
        if let Some(cell) = extra {
            let place = Place { row: Some(row.number()), column: Some(cell.column), ..self.place.clone() };
            taken.problems.push(Fault::ExtraCells.at(place, None, "", ""));
        }
        taken
    }

    /// The row as received: an array in the order of the titles, or an object where a cell has no title.
    pub(super) fn received(&self, row: &Row) -> ReceivedRow {
        let mut json = String::with_capacity(row.text_len() + 4 * self.columns.iter().len() + 8);
        json.push('[');
        let mut cells = row.cells().peekable();
        let mut summary = 0..0;
        for column in self.columns.iter() {
            let Some(cell) = cells.peek().filter(|cell| cell.column <= column.index) else {
                json.push_str(if cells.peek().is_none() { "" } else { "null," });
                continue;
            };
            if cell.column < column.index {
                return self.received_object(row);
            }
            let start = json.len();
            push_json(&mut json, cell.text);
            if column.field == Some(Field::Summary) && summary.is_empty() {
                summary = start..json.len();
            }
            json.push(',');
            cells.next();
        }
        if cells.next().is_some() {
            return self.received_object(row);
        }
        if json.len() > 1 {
            json.pop();
        }
        json.push(']');
        ReceivedRow::array(Arc::clone(self.columns.titles()), json, summary)
    }

    fn received_object(&self, row: &Row) -> ReceivedRow {
        let mut json = "{".to_owned();
        for cell in row.cells() {
            if json.len() > 1 {
                json.push(',');
            }
            match self.columns.get(cell.column) {
                Some(column) => json.push_str(&column.key),
                None => json.push_str(&json_text(&format!("（{}列无列名）", column_letters(cell.column)))),
            }
            json.push(':');
            push_json(&mut json, cell.text);
        }
        json.push('}');
        ReceivedRow::object(json)
    }

    fn take_cell(&self, field: Field, column: &Column, cell: Cell<'_>, row: u32, taken: &mut Taken<'_>, repairs: &mut Repairs) {
        let mut report = |fault: Fault, detail: &str| {
            let place = Place { row: Some(row), column: Some(cell.column), ..self.place.clone() };
            taken.problems.push(fault.at(place, Some(field), cell.text, detail));
        };
        let mut mended = |repair: Repair, is: bool| {
            if is && let Some(count) = repairs.get_mut(repair.index()) {
                *count = count.saturating_add(1);
            }
        };
        if cell.kind == CellKind::Error {
            report(Fault::ErrorCell, cell.text);
            return;
        }
        if cell.kind == CellKind::Uncomputed {
            report(Fault::Uncomputed, "");
            return;
        }
        let cleaned = fields::clean(cell.text, is_of_lines(field));
        if cleaned.text.is_empty() {
            return;
        }
        let text = parted(field, &cleaned.text);
        mended(Repair::Controls, cleaned.repaired || (text.as_ref() != cleaned.text.as_ref() && !fields::is_choice(field)));
        mended(Repair::Merged, cell.merged);
        if cell.kind == CellKind::Undecodable {
            report(Fault::Undecodable, "");
        } else if cleaned.lost {
            report(Fault::LostCharacter, "");
        }
        let text = text.as_ref();
        let is_code = matches!(field, Field::ContactPhone | Field::Postcode | Field::CreditCode | Field::Number);
        if cell.kind == CellKind::LostNumber || (is_code && fields::is_scientific(text)) {
            report(Fault::LostDigits, "");
            return;
        }
        let is_text = matches!(field, Field::Title | Field::Organization | Field::Creators | Field::ContactName | Field::ContactPhone);
        if is_text && matches!(cell.kind, CellKind::Date | CellKind::Time) {
            report(Fault::DateForText, text);
        }
        let bit = 1_u64 << (field as u64);
        let at = (row, cell.column);
        if taken.filled & bit == 0 {
            self.take_value(field, column, text, at, taken, repairs);
            if !taken.value(field).is_empty() {
                taken.filled |= bit;
            }
            return;
        }
        // Another column of the same field: compared as it is read, for 5:30 and 5分30秒 are the same.
        let mut second = Taken::default();
        self.take_value(field, column, text, at, &mut second, &mut Repairs::default());
        let value = second.value(field);
        if value != taken.value(field) && (!value.is_empty() || !second.problems.is_empty()) {
            let place = Place { row: Some(row), column: Some(cell.column), ..self.place.clone() };
            taken.problems.push(Fault::Contradiction.at(place, Some(field), cell.text, &format!("“{}”列", column.title)));
        }
    }

    /// Reads a cleaned text as its field's value. `at`: its row and its column.
    fn take_value(&self, field: Field, column: &Column, text: &str, at: (u32, u32), taken: &mut Taken<'_>, repairs: &mut Repairs) {
        let mut report = |fault: Fault, detail: &str| {
            let place = Place { row: Some(at.0), column: Some(at.1), ..self.place.clone() };
            taken.problems.push(fault.at(place, Some(field), text, detail));
        };
        let mut mended = |repair: Repair, is: bool| {
            if is && let Some(count) = repairs.get_mut(repair.index()) {
                *count = count.saturating_add(1);
            }
        };
        let declaration = &mut taken.draft.declaration;
        let profile = &mut taken.draft.profile;
        let single = |report: &mut dyn FnMut(Fault, &str)| {
            let choice = fields::choice(text);
            if choice.several {
                report(Fault::SeveralTicked, "");
            }
            choice.text
        };
        match field {
            Field::Organization => text.clone_into(&mut taken.draft.organization),
            Field::Title => text.clone_into(&mut declaration.title),
            Field::Summary => text.clone_into(&mut declaration.summary),
            Field::Remark => text.clone_into(&mut declaration.remark),
            Field::Zone => text.clone_into(&mut declaration.zone),
            Field::ContactDepartment => match fields::department_and_position(&column.title, text) {
                Some((department, position)) if declaration.contact_position.is_empty() => {
                    department.clone_into(&mut declaration.contact_department);
                    position.clone_into(&mut declaration.contact_position);
                }
                _ => text.clone_into(&mut declaration.contact_department),
            },
            Field::ContactPosition => text.clone_into(&mut declaration.contact_position),
            Field::Recommender => text.clone_into(&mut declaration.recommender),
            Field::Honors => declaration.honors = fields::honors(text),
            // Several categories in one cell are several works, or told by what takes the row in.
            // Where no box is ticked the boxes stay, so that this can be said.
            Field::Category => {
                let chosen = fields::choice(text).text;
                taken.draft.category = if chosen.is_empty() { text.to_owned() } else { chosen };
            }
            Field::Theme => declaration.theme = single(&mut report),
            Field::Nature => profile.nature = single(&mut report),
            Field::FocusArea => profile.focus_area = single(&mut report),
            Field::FocusIndustry => profile.focus_industry = single(&mut report),
            Field::IntendedCategories => taken.intended = fields::choices(text),
            Field::Creators => {
                let (kept, repaired) = fields::people(text);
                declaration.creators = kept;
                mended(Repair::NamePadding, repaired);
            }
            Field::ContactName => {
                let (kept, repaired) = fields::people(text);
                declaration.contact_name = PersonName::new(kept);
                mended(Repair::NamePadding, repaired);
            }
            Field::ContactPhone => {
                let (kept, repaired) = fields::phone(text);
                declaration.contact_phone = Phone::new(kept);
                mended(Repair::Contact, repaired);
            }
            Field::ContactEmail => {
                let (kept, repaired) = fields::emails(text);
                declaration.contact_email = Email::new(kept);
                mended(Repair::Contact, repaired);
            }
            Field::Address => declaration.address = Address::new(text),
            Field::Postcode => {
                let (kept, repaired) = fields::code(text);
                declaration.postcode = kept;
                mended(Repair::Contact, repaired);
            }
            Field::CreditCode => {
                let (kept, repaired) = fields::code(text);
                profile.credit_code = kept;
                mended(Repair::Contact, repaired);
            }
            Field::Number => taken.draft.number = Some(EntryNumber::new(&fields::compact(text).0)),
            Field::Member => match fields::yes_no(text) {
                Ok(member) => profile.member = member,
                Err(amounts::Unclear) => report(Fault::UnclearYesNo, ""),
            },
            Field::Duration => match amounts::duration(text, column.unit) {
                Ok(duration) => {
                    declaration.duration = Some(duration.seconds);
                    mended(Repair::ClockTime, duration.from_clock);
                }
                Err(amounts::Unclear) => report(Fault::UnclearDuration, ""),
            },
            Field::Length => match amounts::length(text) {
                Ok(length) => declaration.length = Some(length),
                Err(amounts::Unclear) => report(Fault::UnclearLength, ""),
            },
            Field::SubmittedAt => match amounts::moment(text, self.calendar) {
                Ok(moment) => {
                    declaration.submitted_at = Some(moment.at);
                    mended(Repair::SerialDate, moment.from_serial);
                }
                Err(amounts::Unclear) => report(Fault::UnclearMoment, ""),
            },
            // The recommendation's own columns are kept with the row as received.
            Field::Order | Field::Opinion => {}
        }
    }
}
