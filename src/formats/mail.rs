//! Owns how a mail (`.eml`) is cut into its parts, and what its envelope says. Refuses to know what the parts hold.
//!
//! Decision worth knowing: a mail is read line by line and its parts are decoded as they come, with the boundaries of open multiparts on
//! a stack of our own. So memory does not grow with the mail or with its nesting; a mail inside a mail is a part like any other, and who
//! reads it counts the depth.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

use jiff::Timestamp;

use super::mail_header::{self, Base64, Fields, Parameters};
use super::spool::{Budget, Spool, SpoolError, SpoolFolder, Spooled};

/// How many bytes of a header are read; the rest of it is passed over.
const HEADER_LIMIT: usize = 256 << 10;
/// Longer lines come in pieces.
const LINE: u64 = 64 << 10;
/// Multiparts within multiparts deeper than this are not opened.
const DEEPEST: usize = 32;
/// Fields of which a mail has at least two at its head.
const MAIL_FIELDS: [&str; 14] = [
    "from",
    "to",
    "subject",
    "date",
    "received",
    "message-id",
    "mime-version",
    "return-path",
    "delivered-to",
    "content-type",
    "reply-to",
    "sender",
    "x-mailer",
    "authentication-results",
];

/// Kinds of parts that, without a name, are the mail's own text.
const TEXTS: [&str; 9] = [
    "",
    "text",
    "text/plain",
    "text/html",
    "text/enriched",
    "text/calendar",
    "text/rfc822-headers",
    "message/delivery-status",
    "message/disposition-notification",
];

/// What the header of a mail says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Envelope {
    /// From whom, as written.
    pub sender: String,
    /// 主题.
    pub subject: String,
    /// When it was sent, by the sender's clock; `None` where it does not say or cannot be read.
    pub date: Option<Timestamp>,
    /// When the receiving server took it, where it says so.
    pub received: Option<Timestamp>,
}

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// A file that was attached.
    Attachment,
    /// A picture that belongs to the text: a signature's logo.
    Inline,
    /// A mail inside the mail.
    Mail,
    /// Outlook's own wrapping (`winmail.dat`), in which attachments are hidden.
    Tnef,
    /// A digital signature.
    Signature,
}

/// A part of a mail that is not its text.
#[derive(Debug)]
pub struct Part {
    /// Its name as shown; made where the mail has none.
    pub name: String,
    /// Whether the mail names it.
    pub is_named: bool,
    /// What it is.
    pub kind: PartKind,
    /// Whether the mail breaks off in it.
    pub is_cut: bool,
    /// Its content.
    pub content: Spooled,
}

/// What was wrong with a mail as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailFault {
    /// Its end is missing, or where its parts begin cannot be seen: parts may be cut short or lacking.
    Truncated,
    /// More parts, or more nested ones, than any mail has; the rest was not read.
    TooMany,
    /// The parts take more room than the mail may.
    OverBudget,
}

/// A mail, taken apart.
#[derive(Debug)]
pub struct Mail {
    /// Its header.
    pub envelope: Envelope,
    /// Its parts that are no text of the mail itself, in their order.
    pub parts: Vec<Part>,
    /// What was wrong with it.
    pub fault: Option<MailFault>,
}

/// The envelope of a file if it is a mail, by its content: the head of a file is enough.
#[must_use]
pub fn envelope(head: &[u8]) -> Option<Envelope> {
    let head = without_mailbox_line(head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head));
    // The very first line must be a field: the head of an archive may hold a mail in the midst.
    let first = Fields::parse(head.split(|byte| *byte == b'\n').next()?);
    if !first.names().next().is_some_and(is_header_start) {
        return None;
    }
    let fields = Fields::parse(head);
    let known = MAIL_FIELDS.iter().filter(|field| fields.get(field).is_some()).count();
    (known >= 2).then(|| envelope_of(&fields))
}

/// Whether a mail may begin with this field.
fn is_header_start(name: &str) -> bool {
    MAIL_FIELDS.contains(&name) || name.contains('-') || matches!(name, "cc" | "bcc" | "received" | "comments" | "keywords")
}

/// The envelope of the mail in a file; `None` where it is none.
///
/// # Errors
/// The file cannot be read.
pub fn peek(path: &Path) -> io::Result<Option<Envelope>> {
    let mut head = Vec::new();
    File::open(path)?.take(LINE).read_to_end(&mut head)?;
    Ok(envelope(&head))
}

fn envelope_of(fields: &Fields) -> Envelope {
    // The newest line of the way stands first; its moment follows the last semicolon.
    let received = fields.get("received").and_then(|way| way.rsplit(|byte| *byte == b';').next()).and_then(mail_header::moment);
    Envelope {
        sender: fields.text("from"),
        subject: fields.text("subject"),
        date: fields.get("date").and_then(mail_header::moment),
        received,
    }
}

/// Mailboxes put a line `From …` before a mail.
fn without_mailbox_line(head: &[u8]) -> &[u8] {
    match (head.starts_with(b"From "), head.iter().position(|byte| *byte == b'\n')) {
        (true, Some(end)) => head.get(end + 1..).unwrap_or_default(),
        _ => head,
    }
}

/// Takes a mail apart; each part goes to a temporary file in `folder`.
///
/// # Errors
/// The file cannot be read or the folder not be written.
pub fn unpack(path: &Path, folder: &SpoolFolder, budget: &mut Budget) -> io::Result<Mail> {
    let mut reader = Reader {
        lines: BufReader::with_capacity(1 << 16, File::open(path)?),
        folder,
        budget,
        open: Vec::new(),
        mail: Mail { envelope: Envelope::default(), parts: Vec::new(), fault: None },
        number: 0,
    };
    let mut line = Line::default();
    reader.next(&mut line)?;
    if line.bytes.starts_with(b"From ") {
        reader.next(&mut line)?;
    }
    let header = reader.header(&mut line)?;
    reader.mail.envelope = envelope_of(&header);
    match reader.entities(&header, &mut line) {
        Ok(()) => {}
        Err(SpoolError::OverBudget) => reader.mail.fault = Some(MailFault::OverBudget),
        Err(SpoolError::Io(error)) => return Err(error),
    }
    Ok(reader.mail)
}

/// A line, or a piece of a long one.
#[derive(Debug, Default)]
struct Line {
    bytes: Vec<u8>,
    /// Whether it begins where a line begins.
    is_start: bool,
    /// Whether the line ends with it.
    is_end: bool,
}

impl Line {
    /// The bytes without the line's end, and the end.
    fn split(&self) -> (&[u8], &[u8]) {
        let length = self.bytes.strip_suffix(b"\n").map_or(self.bytes.len(), |line| line.strip_suffix(b"\r").unwrap_or(line).len());
        self.bytes.split_at(length)
    }
}

/// An open multipart.
#[derive(Debug)]
struct Multipart {
    boundary: Vec<u8>,
    /// `multipart/related`: pictures in it belong to the text.
    is_related: bool,
}

/// Where reading goes on after a boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// A new part begins.
    Part,
    /// What follows belongs to no part until the next boundary.
    Between,
    /// The mail is over.
    End,
}

#[derive(Debug)]
struct Reader<'a> {
    lines: BufReader<File>,
    folder: &'a SpoolFolder,
    budget: &'a mut Budget,
    open: Vec<Multipart>,
    mail: Mail,
    number: u32,
}

impl Reader<'_> {
    /// Reads the next line; `false` at the end.
    fn next(&mut self, line: &mut Line) -> io::Result<bool> {
        line.is_start = line.is_end || line.bytes.is_empty();
        line.bytes.clear();
        self.lines.by_ref().take(LINE).read_until(b'\n', &mut line.bytes)?;
        line.is_end = line.bytes.ends_with(b"\n");
        Ok(!line.bytes.is_empty())
    }

    /// Reads a header that begins with `line`, and the empty line after it.
    fn header(&mut self, line: &mut Line) -> io::Result<Fields> {
        let mut bytes = Vec::new();
        loop {
            let is_over = line.bytes.is_empty() || (line.is_start && line.split().0.is_empty());
            if is_over || (line.is_start && self.boundary(line).is_some()) {
                return Ok(Fields::parse(&bytes));
            }
            if bytes.len() + line.bytes.len() <= HEADER_LIMIT {
                bytes.extend_from_slice(&line.bytes);
            }
            self.next(line)?;
        }
    }

    /// Reads the body of the part with this header, and all parts that follow.
    fn entities(&mut self, header: &Fields, line: &mut Line) -> Result<(), SpoolError> {
        let mut turn = self.body(header, line)?;
        loop {
            turn = match turn {
                Turn::End => return Ok(()),
                Turn::Between => self.pass(line)?,
                Turn::Part => {
                    if !self.next(line)? {
                        self.mail.fault.get_or_insert(MailFault::Truncated);
                        return Ok(());
                    }
                    let header = self.header(line)?;
                    self.body(&header, line)?
                }
            };
            if self.mail.fault == Some(MailFault::TooMany) {
                return Ok(());
            }
        }
    }

    /// Reads one body; `line` is the one before it.
    fn body(&mut self, header: &Fields, line: &mut Line) -> Result<Turn, SpoolError> {
        // A header that ran into a boundary has no body.
        if let Some(turn) = line.is_start.then(|| self.boundary(line)).flatten() {
            return Ok(self.turn(turn));
        }
        let kind = Parameters::parse(header.get("content-type").unwrap_or(b"text/plain"));
        if let Some(boundary) = kind.bytes("boundary").filter(|boundary| kind.value.starts_with("multipart/") && !boundary.is_empty()) {
            if self.open.len() >= DEEPEST {
                self.mail.fault = Some(MailFault::TooMany);
                return Ok(Turn::End);
            }
            let boundary = boundary.trim_ascii_end().to_vec();
            self.open.push(Multipart { boundary, is_related: kind.value == "multipart/related" });
            return self.pass(line);
        }
        if kind.value.starts_with("multipart/") {
            self.mail.fault.get_or_insert(MailFault::Truncated);
            return self.pass(line);
        }
        let Some(described) = self.describe(header, &kind) else {
            return self.pass(line);
        };
        if !self.budget.take_part() {
            self.mail.fault = Some(MailFault::TooMany);
            return Ok(Turn::End);
        }
        let (content, turn) = self.content(header, line)?;
        // The last boundary is lacking: nobody can say how much of the part is.
        let is_cut = turn == Turn::End && !self.open.is_empty();
        if is_cut {
            self.mail.fault.get_or_insert(MailFault::Truncated);
        }
        self.keep(described, content, is_cut);
        Ok(turn)
    }

    /// What a part is, by its header; `None` for the text of the mail.
    fn describe(&self, header: &Fields, kind: &Parameters) -> Option<(String, PartKind)> {
        let disposition = Parameters::parse(header.get("content-disposition").unwrap_or_default());
        let name = disposition.text("filename").filter(|name| !name.trim().is_empty()).or_else(|| kind.text("name"));
        let name = mail_header::file_name(&name.unwrap_or_default());
        if TEXTS.contains(&kind.value.as_str()) && name.is_empty() && disposition.value != "attachment" {
            return None;
        }
        let is_related = self.open.last().is_some_and(|multipart| multipart.is_related);
        let belongs = disposition.value != "attachment" && (is_related || header.get("content-id").is_some());
        let lower = name.to_lowercase();
        let kind = match kind.value.as_str() {
            "message/rfc822" | "message/global" => PartKind::Mail,
            "application/ms-tnef" | "application/vnd.ms-tnef" => PartKind::Tnef,
            "application/pkcs7-signature" | "application/x-pkcs7-signature" | "application/pgp-signature" => PartKind::Signature,
            _ if lower == "winmail.dat" => PartKind::Tnef,
            kind if kind.starts_with("image/") && belongs => PartKind::Inline,
            _ => PartKind::Attachment,
        };
        Some((name, kind))
    }

    /// Decodes the lines of a part until the boundary that ends it.
    fn content(&mut self, header: &Fields, line: &mut Line) -> Result<(Spooled, Turn), SpoolError> {
        let encoding = String::from_utf8_lossy(header.get("content-transfer-encoding").unwrap_or_default()).trim().to_ascii_lowercase();
        let mut spool = Spool::new(self.folder)?;
        let mut base64 = (encoding == "base64").then(Base64::default);
        let is_quoted = encoding == "quoted-printable";
        let mut decoded = Vec::new();
        // The end of a line belongs to the boundary if one follows.
        let mut end: Vec<u8> = Vec::new();
        loop {
            if !self.next(line)? {
                spool.write(&end, self.budget)?;
                return Ok((spool.finish()?, Turn::End));
            }
            if let Some(turn) = line.is_start.then(|| self.boundary(line)).flatten() {
                let turn = self.turn(turn);
                return Ok((spool.finish()?, turn));
            }
            if let Some(base64) = &mut base64 {
                decoded.clear();
                base64.decode(&line.bytes, &mut decoded);
                spool.write(&decoded, self.budget)?;
                continue;
            }
            spool.write(&end, self.budget)?;
            let (text, line_end) = line.split();
            end = line_end.to_vec();
            if is_quoted {
                let text = if line.is_end { text.trim_ascii_end() } else { text };
                let is_soft = line.is_end && text.ends_with(b"=");
                if is_soft {
                    end.clear();
                }
                let text = if is_soft { text.strip_suffix(b"=").unwrap_or(text) } else { text };
                spool.write(&mail_header::quoted(text), self.budget)?;
            } else {
                spool.write(text, self.budget)?;
            }
        }
    }

    /// Passes over lines until a boundary.
    fn pass(&mut self, line: &mut Line) -> Result<Turn, SpoolError> {
        while self.next(line)? {
            if let Some(turn) = line.is_start.then(|| self.boundary(line)).flatten() {
                return Ok(self.turn(turn));
            }
        }
        if !self.open.is_empty() {
            self.mail.fault.get_or_insert(MailFault::Truncated);
        }
        Ok(Turn::End)
    }

    /// Which open multipart's boundary a line is, the innermost first, and whether it is its last.
    fn boundary(&self, line: &Line) -> Option<(usize, bool)> {
        let text = line.split().0.trim_ascii_end().strip_prefix(b"--")?;
        self.open.iter().enumerate().rev().find_map(|(index, multipart)| {
            let rest = text.strip_prefix(multipart.boundary.as_slice())?;
            match rest {
                b"" => Some((index, false)),
                b"--" => Some((index, true)),
                _ => None,
            }
        })
    }

    /// Leaves the multiparts inside the one whose boundary was met.
    fn turn(&mut self, (index, is_last): (usize, bool)) -> Turn {
        self.open.truncate(if is_last { index } else { index + 1 });
        match (is_last, self.open.is_empty()) {
            (false, _) => Turn::Part,
            (true, false) => Turn::Between,
            // What follows the last boundary of the outermost multipart is nobody's.
            (true, true) => Turn::End,
        }
    }

    /// Adds a part; one without a name gets a number and the ending that its content suggests.
    fn keep(&mut self, (name, kind): (String, PartKind), content: Spooled, is_cut: bool) {
        self.number = self.number.saturating_add(1);
        let kind = if content.head.starts_with(b"\x78\x9F\x3E\x22") { PartKind::Tnef } else { kind };
        let is_named = !name.is_empty();
        let name = match (is_named, kind) {
            (true, _) => name,
            (false, PartKind::Mail) => match envelope(&content.head).map(|envelope| mail_header::cut_name(&envelope.subject)) {
                Some(subject) if !subject.is_empty() => format!("{subject}.eml"),
                _ => format!("邮件{}.eml", self.number),
            },
            (false, _) => format!("未命名{}{}", self.number, ending(&content.head)),
        };
        self.mail.parts.push(Part { name, is_named, kind, is_cut, content });
    }
}

/// The ending that the first bytes of a file suggest.
fn ending(head: &[u8]) -> &'static str {
    match head {
        [b'%', b'P', b'D', b'F', ..] => ".pdf",
        [0xFF, 0xD8, 0xFF, ..] => ".jpg",
        [0x89, b'P', b'N', b'G', ..] => ".png",
        [b'G', b'I', b'F', b'8', ..] => ".gif",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => ".mp4",
        _ => "",
    }
}
