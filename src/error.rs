//! Owns failure: a command that cannot do what was asked ends in one [`AppError`]. Refuses to know findings and quarantined rows:
//! those are [`crate::domain::problem::Problem`]s, data that a command returns beside its good rows.

use std::fmt;

/// What kind of failure; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Wrong usage: an unknown flag, a missing argument, a question that nobody is there to answer. Exit code 2.
    Usage,
    /// Refused by a rule of the contest or by the state that the data is in. Exit code 1.
    Refused,
    /// Somebody else changed the contest between the reading and the write; asked again, it may be done. Exit code 1.
    Overtaken,
    /// A thing named on the command line (work, judge, category) does not exist. Exit code 1.
    NotFound,
    /// A file or folder cannot be read or written. Exit code 1.
    Io,
    /// A file's content is damaged or not what it claims to be. Exit code 1.
    Damaged,
    /// A mistake in this program; the message asks to report it. Exit code 1.
    Internal,
}

/// A failure that ends a command. All texts are Chinese and meant for staff.
#[derive(Debug)]
pub struct AppError {
    /// What kind of failure.
    pub kind: ErrorKind,
    /// What is wrong and where, one sentence.
    pub message: String,
    /// The technical cause, if one helps.
    pub cause: Option<String>,
    /// What to do next, each one sentence, best first.
    pub hints: Vec<String>,
}

impl AppError {
    /// A failure of `kind` with its message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), cause: None, hints: Vec::new() }
    }

    /// Wrong usage.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// Refused by a rule or a state.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Refused, message)
    }

    /// Something named does not exist.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    /// A file cannot be read or written.
    pub fn io(message: impl Into<String>, cause: &std::io::Error) -> Self {
        Self::new(ErrorKind::Io, message).because(io_cause(cause))
    }

    /// A file's content is not what it should be.
    pub fn damaged(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Damaged, message)
    }

    /// A mistake in this program.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
            .hint("这是程序的错误，请把上面的文字连同所用命令反馈给维护人员；查看已经做完的操作：dasai log")
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds the technical cause.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// The process's exit code for this failure.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            ErrorKind::Usage => 2,
            ErrorKind::Refused | ErrorKind::Overtaken | ErrorKind::NotFound | ErrorKind::Io | ErrorKind::Damaged | ErrorKind::Internal => 1,
        }
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        if let Some(cause) = &self.cause {
            write!(formatter, "（{cause}）")?;
        }
        Ok(())
    }
}

impl std::error::Error for AppError {}

/// An operating system's error in words that staff understand.
#[must_use]
pub fn io_cause(error: &std::io::Error) -> String {
    use std::io::ErrorKind as Io;
    #[expect(clippy::wildcard_enum_match_arm, reason = "std's list is open; the rest keeps the system's own code")]
    match error.kind() {
        Io::NotFound => "找不到该文件或文件夹".to_owned(),
        Io::PermissionDenied => "没有权限，或文件正被其他程序占用".to_owned(),
        Io::AlreadyExists => "文件已存在".to_owned(),
        Io::StorageFull | Io::QuotaExceeded => "磁盘空间不足".to_owned(),
        Io::IsADirectory => "这是一个文件夹".to_owned(),
        Io::NotADirectory => "这不是文件夹".to_owned(),
        Io::ReadOnlyFilesystem => "磁盘为只读".to_owned(),
        Io::InvalidFilename => "文件名不合法".to_owned(),
        Io::UnexpectedEof => "文件不完整".to_owned(),
        Io::FileTooLarge => "文件太大，超出磁盘或系统允许的大小".to_owned(),
        Io::ResourceBusy | Io::ExecutableFileBusy | Io::WouldBlock => "正被其他程序占用".to_owned(),
        Io::NetworkDown | Io::NetworkUnreachable | Io::HostUnreachable | Io::StaleNetworkFileHandle | Io::TimedOut => {
            "网络位置连接不上".to_owned()
        }
        Io::OutOfMemory => "内存不足".to_owned(),
        _ => error.raw_os_error().map_or_else(|| format!("系统返回：{error}"), |code| format!("系统错误代码 {code}")),
    }
}
