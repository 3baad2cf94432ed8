//! Owns how a workbook's stored values become the text of a cell, whatever the workbook's kind: numbers, serial dates, spans, error
//! values, and what a number format says of them. Refuses to know records, parts and rows.
//!
//! Decision worth knowing: numbers become text with at most the fifteen digits that Excel keeps, and a format of zeros only (`000000`)
//! shows that many digits, so a postcode or a phone typed as a number reads as people see it.

use std::fmt::Write as _;

use calamine::{ExcelDateTime, ExcelDateTimeType};
use jiff::Unit;
use jiff::civil::{DateTime, Time};

use super::sheet::{CellKind, Row};

/// What a number format makes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Look {
    /// A number.
    #[default]
    Plain,
    /// A number shown with so many digits at least.
    Zeros(usize),
    /// A date, a date and time, or a time of day.
    Moment,
    /// A span (`[h]:mm`).
    Span,
}

impl Look {
    /// What a format's code says: its first section decides.
    pub(super) fn of_code(code: &str) -> Self {
        let zeros = zeros_of(code);
        if zeros > 0 {
            return Self::Zeros(zeros);
        }
        let mut characters = code.chars();
        let mut is_moment = false;
        while let Some(character) = characters.next() {
            match character {
                '"' => while characters.next().is_some_and(|next| next != '"') {},
                '\\' | '_' | '*' => {
                    characters.next();
                }
                '[' => {
                    let inside: String = characters.by_ref().take_while(|next| *next != ']').take(16).collect();
                    let inside = inside.to_ascii_lowercase();
                    if !inside.is_empty() && ['h', 'm', 's'].iter().any(|unit| inside.chars().all(|next| next == *unit)) {
                        return Self::Span;
                    }
                }
                ';' => break,
                'd' | 'm' | 'h' | 'y' | 's' | 'D' | 'M' | 'H' | 'Y' | 'S' => is_moment = true,
                _ => {}
            }
        }
        if is_moment { Self::Moment } else { Self::Plain }
    }

    /// What a format says that every workbook has without its code.
    pub(super) fn of_builtin(id: u32) -> Self {
        match id {
            14..=22 | 27..=36 | 45 | 47 | 50..=58 => Self::Moment,
            46 => Self::Span,
            _ => Self::Plain,
        }
    }
}

/// The length of a number format that is zeros only.
pub(super) fn zeros_of(format: &str) -> usize {
    if (2..=15).contains(&format.len()) && format.bytes().all(|byte| byte == b'0') { format.len() } else { 0 }
}

/// Adds a number as its format shows it.
pub(super) fn push_formatted(row: &mut Row, column: u32, value: f64, look: Look, from_1904: bool) {
    match look {
        Look::Plain => push_number(row, column, value, 0),
        Look::Zeros(zeros) => push_number(row, column, value, zeros),
        Look::Moment => push_moment(row, column, &ExcelDateTime::new(value, ExcelDateTimeType::DateTime, from_1904)),
        Look::Span => push_moment(row, column, &ExcelDateTime::new(value, ExcelDateTimeType::TimeDelta, from_1904)),
    }
}

/// Adds an error by its number in `.xls` and `.xlsb`.
pub(super) fn push_error(row: &mut Row, column: u32, number: u8) {
    let text = match number {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        0x2A => "#N/A",
        _ => "#ERROR!",
    };
    row.push(column, text, CellKind::Error);
}

/// Adds `TRUE` or `FALSE`.
pub(super) fn push_boolean(row: &mut Row, column: u32, value: bool) {
    row.push(column, if value { "TRUE" } else { "FALSE" }, CellKind::Boolean);
}

/// The number that an RK of `.xls` and `.xlsb` packs into four bytes.
pub(super) fn unpack_rk(packed: u32) -> f64 {
    let value = if packed & 2 == 0 { f64::from_bits(u64::from(packed & !3) << 32) } else { f64::from(packed.cast_signed() >> 2) };
    #[expect(clippy::float_arithmetic, reason = "what the format says")]
    let scaled = if packed & 1 == 0 { value } else { value / 100.0 };
    scaled
}

/// Writing into a `String` cannot fail.
pub(super) fn write_plain(text: &mut String, value: impl std::fmt::Display) {
    write!(text, "{value}").unwrap_or_default();
}

/// A number in plain digits. Excel keeps fifteen: whole numbers beyond them have lost their tail, fractions are rounded to them.
pub(super) fn push_number(row: &mut Row, column: u32, value: f64, zeros: usize) {
    if !value.is_finite() || value.abs() >= 1e15 {
        row.push_with(column, CellKind::LostNumber, |text| write_plain(text, value));
        return;
    }
    row.push_with(column, CellKind::Number, |text| {
        let start = text.len();
        if zeros > 0 && value >= 0.0 && value.fract() == 0.0 {
            write_plain(text, format_args!("{value:0zeros$}"));
            return;
        }
        write_plain(text, value);
        let digits = text.bytes().skip(start).filter(u8::is_ascii_digit).count();
        if digits > 15 {
            text.truncate(start);
            write_rounded(text, value);
        }
    });
}

/// The number with fifteen significant digits, trailing zeros dropped.
fn write_rounded(text: &mut String, value: f64) {
    let scientific = format!("{value:.14e}");
    let exponent: i32 = scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    let decimals = usize::try_from(14 - exponent).unwrap_or(0).min(30);
    let fixed = format!("{value:.decimals$}");
    let shown = if fixed.contains('.') { fixed.trim_end_matches('0').trim_end_matches('.') } else { fixed.as_str() };
    text.push_str(if shown.is_empty() || shown == "-0" { "0" } else { shown });
}

/// Adds a serial date, a time of day or a span.
pub(super) fn push_moment(row: &mut Row, column: u32, moment: &ExcelDateTime) {
    let serial = moment.as_f64();
    if !(0.0..2_958_466.0).contains(&serial) {
        push_number(row, column, serial, 0);
        return;
    }
    if serial < 1.0 || moment.is_duration() {
        // 25:30 in a cell is more than a day to Excel: its days are hours.
        let (hours, minutes, seconds) = clock(moment);
        row.push_with(column, CellKind::Time, |text| write_plain(text, format_args!("{hours}:{minutes:02}:{seconds:02}")));
        return;
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let small = |number: u8| i8::try_from(number).unwrap_or(-1);
    let exact = DateTime::new(
        i16::try_from(year).unwrap_or(-1),
        small(month),
        small(day),
        small(hour),
        small(minute),
        small(second),
        i32::from(milli).saturating_mul(1_000_000),
    );
    // A time is stored with a millisecond's error at most; the nearest second may be tomorrow's first.
    match exact.and_then(|exact| exact.round(Unit::Second)) {
        Ok(at) if at.time() == Time::midnight() => row.push_with(column, CellKind::Date, |text| write_plain(text, at.date())),
        Ok(at) => row.push_with(column, CellKind::Date, |text| write_plain(text, at.strftime("%Y-%m-%d %H:%M:%S"))),
        // Excel's 29 February 1900.
        Err(_) => push_number(row, column, serial, 0),
    }
}

/// Hours, minutes and seconds of a span, to the nearest second.
fn clock(span: &ExcelDateTime) -> (u64, u64, u64) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between nothing and three million days")]
    let days = span.as_f64().trunc() as u64;
    let (_, _, _, hour, minute, second, milli) = span.to_ymd_hms_milli();
    let seconds = ((days * 24 + u64::from(hour)) * 60 + u64::from(minute)) * 60 + u64::from(second) + u64::from(milli >= 500);
    (seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_formats_are_told_apart() {
        for (code, look) in [
            ("General", Look::Plain),
            ("0.00_ ;[Red]\\-0.00", Look::Plain),
            ("#,##0\"年\"", Look::Plain),
            ("000000", Look::Zeros(6)),
            ("yyyy\"年\"m\"月\"d\"日\";@", Look::Moment),
            ("[$-804]yyyy-mm-dd hh:mm", Look::Moment),
            ("[h]:mm:ss", Look::Span),
            ("[mm]:ss", Look::Span),
            ("@", Look::Plain),
            ("\"unclosed d", Look::Plain),
        ] {
            assert_eq!(Look::of_code(code), look, "{code}");
        }
    }

    #[test]
    fn packed_numbers_are_unpacked() {
        let packed = |value: i32, flags: u32| (value << 2).cast_unsigned() | flags;
        let high = |value: f64| u32::try_from(value.to_bits() >> 32).expect("four bytes");
        let unpacked = [packed(-5, 2), packed(12345, 3), high(1.5), high(2024.0) | 1].map(unpack_rk);
        assert_eq!(unpacked.map(f64::to_bits), [-5.0, 123.45, 1.5, 20.24].map(f64::to_bits));
    }
}
