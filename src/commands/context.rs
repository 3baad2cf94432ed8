//! Owns what every command is given: where it runs, when, as whom, on which contest file, and the streams. The only place that turns
//! the store's errors into words. Commands read the clock and the environment from here and nowhere else.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::huge_pages;
use crate::domain::command_word;
use crate::domain::listing::Document;
use crate::domain::rules::ContestRules;
use crate::domain::threads::side_by_side;
use crate::error::{AppError, ErrorKind, io_cause};
use crate::formats::rules_file::{self, RulesFault};
use crate::output::ui::Ui;
use crate::store::contest;
use crate::store::db::{Db, OperationHeader, Reader, StoreError, Tx};

/// What every command is given.
#[derive(Debug)]
pub struct Context {
    /// The streams.
    pub ui: Ui,
    /// `--db`, else `DASAI_DB`.
    pub database: Option<PathBuf>,
    /// The folder that the program was started in.
    pub folder: PathBuf,
    /// The one moment of this command.
    pub now: Timestamp,
    /// Who, for the log.
    pub actor: String,
    /// The command line as typed, for the log.
    pub command_line: String,
    /// Show, do not write.
    pub dry_run: bool,
    /// The person's editor: `VISUAL`, else `EDITOR`.
    pub editor: Option<String>,
}

/// What a command hands out when it did not fail.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The result, for stdout.
    pub document: Document,
    /// Lines for stderr after the result.
    pub messages: Vec<String>,
    /// Whether findings of severity error or quarantined rows exist: exit code 3.
    pub has_findings: bool,
}

impl Outcome {
    /// A plain result.
    #[must_use]
    pub fn of(document: Document) -> Self {
        Self { document, ..Self::default() }
    }

    /// Adds a line for stderr.
    #[must_use]
    pub fn message(mut self, text: impl Into<String>) -> Self {
        self.messages.push(text.into());
        self
    }
}

impl Context {
    /// The contest file's path: `--db`, else `DASAI_DB`, else the only `*.dasai` in the current folder.
    ///
    /// # Errors
    /// None or several files are there.
    pub fn database_path(&self) -> Result<PathBuf, AppError> {
        if let Some(path) = &self.database {
            return Ok(self.folder.join(path));
        }
        let entries = std::fs::read_dir(&self.folder).map_err(|error| AppError::io("无法读取当前文件夹", &error))?;
        let mut found: Vec<PathBuf> = entries
            .filter_map(Result::ok)
            // Macs leave a `._2024.dasai` beside the contest wherever they have been.
            .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "dasai") && path.is_file())
            .collect();
        found.sort();
        match found.as_slice() {
            [only] => Ok(only.clone()),
            [] => Err(AppError::usage("当前文件夹里没有大赛文件（*.dasai）")
                .hint("新建一个：dasai init 2024.dasai")
                .hint("或指明文件：dasai --db 路径 …")),
            several => {
                let names: Vec<String> =
                    several.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned()).collect();
                Err(AppError::usage(format!("当前文件夹里有 {} 个大赛文件：{}", several.len(), names.join("、"))).hint(format!(
                    "请指明一个，例如：dasai --db {} …",
                    command_word::path(Path::new(names.first().map_or("", String::as_str)))
                )))
            }
        }
    }

    /// Opens the contest file.
    ///
    /// # Errors
    /// It cannot be found or opened, or a dry run would have to bring it up to date.
    pub fn open(&self) -> Result<Db, AppError> {
        let path = self.database_path()?;
        if self.dry_run && Db::is_older(&path)? {
            return Err(AppError::refused(format!("大赛文件由旧版本的 dasai 建立，打开时要升级，试运行不能改动它：{}", path.display()))
                .hint("先升级（旁边会留一份升级前的备份）：dasai status；再试运行"));
        }
        huge_pages::accept_for(&path);
        Db::open(&path).map_err(|error| of_file(error, &path))
    }

    /// The contest's rules; also sets the time zone of what is printed.
    ///
    /// # Errors
    /// The rules in the file cannot be read.
    pub fn rules(&mut self, reader: &Reader<'_>) -> Result<ContestRules, AppError> {
        let text = contest::rules_text(reader)?;
        self.in_force(rules_file::parse(&text))
    }

    /// The same, while `read` reads something else.
    ///
    /// # Errors
    /// The rules in the file cannot be read, or those of `read`.
    pub fn rules_beside<T, E: Into<AppError>>(
        &mut self,
        reader: &Reader<'_>,
        read: impl FnOnce(&Reader<'_>) -> Result<T, E>,
    ) -> Result<(ContestRules, T), AppError> {
        let text = contest::rules_text(reader)?;
        let (parsed, read) = side_by_side(|| rules_file::parse(&text), || read(reader));
        Ok((self.in_force(parsed)?, read.map_err(Into::into)?))
    }

    fn in_force(&mut self, parsed: Result<ContestRules, Vec<RulesFault>>) -> Result<ContestRules, AppError> {
        let rules = parsed.map_err(|faults| {
            AppError::damaged(format!("大赛文件里的规则有 {} 处错误", faults.len()))
                .hint("用 dasai rules check 查看，再用 dasai rules apply 重新应用规则文件")
        })?;
        self.ui.timezone = rules.contest.timezone.clone();
        Ok(rules)
    }

    /// Opens the one write of this command.
    ///
    /// # Errors
    /// Another process is writing or has written since this one read, or the file cannot be written.
    pub fn operation<'a>(&self, db: &'a mut Db) -> Result<Tx<'a>, AppError> {
        let header = OperationHeader { at: self.now, actor: self.actor.clone(), command: self.command_line.clone() };
        Ok(db.operation(&header)?)
    }

    /// A path of the command line, taken from the folder that the program was started in.
    #[must_use]
    pub fn path(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }
}

/// A failure of the store with the file that the system refused.
pub(super) fn of_file(error: StoreError, path: &Path) -> AppError {
    if let StoreError::Io(error) = error {
        return AppError::new(ErrorKind::Io, format!("读写大赛文件失败：{}", path.display()))
            .because(io_cause(&error))
            .hint("检查路径、权限和磁盘后再试");
    }
    error.into()
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing(path) => {
                Self::not_found(format!("找不到大赛文件：{}", path.display())).hint("检查 --db 的路径；新建用 dasai init 文件名")
            }
            StoreError::Folder(path) => {
                Self::not_found(format!("这是文件夹，不是大赛文件：{}", path.display())).hint("在路径后面写上文件名，例如 2024.dasai")
            }
            StoreError::Empty(path) => Self::damaged(format!("这个文件是空的，不是大赛文件：{}", path.display()))
                .hint("复制或下载可能没有完成，请重新取得；新建大赛请换一个文件名：dasai init 文件名"),
            StoreError::OtherDatabase(path) => Self::damaged(format!("这是其他程序的数据库，不是大赛文件：{}", path.display()))
                .hint("大赛文件由 dasai init 建立；请检查路径是否写错"),
            StoreError::Unfinished(path) => Self::damaged(format!("大赛文件没有建完，里面没有任何数据：{}", path.display()))
                .hint("建立时可能断电或被中止；删除它，再用 dasai init 重新建立"),
            StoreError::Unmerged(path) => {
                Self::new(ErrorKind::Io, format!("大赛文件所在的文件夹不可写，最近的操作还在旁边的 -wal 文件里：{}", path.display()))
                    .hint("把大赛文件连同同名的 -wal 文件一起复制到本机硬盘，再打开")
            }
            StoreError::StrangersLog(path) => {
                Self::refused(format!("旁边的 -wal 文件不是这个大赛文件的，是原来同名的那个文件留下的：{}", path.display()))
                    .hint("先把同名的 -wal、-shm 文件移到原来那个文件的旁边（没有就移到别处），再试；不要删除，里面可能有最近的操作")
            }
            StoreError::OldCopy(path) => {
                Self::refused(format!("这是旧版本大赛文件的备份，打开时会被升级，就不再是备份：{}", path.display()))
                    .hint("先复制一份，文件名以 .dasai 结尾，再打开复制的那一份")
            }
            StoreError::Exists(path) => {
                Self::refused(format!("文件已存在，不会覆盖：{}", path.display())).hint("换一个文件名，或先把原文件移走")
            }
            StoreError::NotAContest(path) => {
                Self::damaged(format!("这不是大赛文件：{}", path.display())).hint("大赛文件由 dasai init 建立；请检查路径是否写错")
            }
            StoreError::TooNew { found, known } => {
                Self::refused(format!("大赛文件由更新版本的 dasai 建立（文件版本 {found}，本程序只认到 {known}）"))
                    .hint("请升级 dasai 后再打开；文件没有被改动")
            }
            StoreError::Busy => Self::refused("大赛文件正被另一个程序写入").hint("等它结束后再试；若确认没有别的程序在用，重启电脑后再试"),
            StoreError::ChangedMeanwhile { operation, actor, summary } => Self::new(
                ErrorKind::Overtaken,
                format!("{actor}刚刚改过大赛文件（第 {} 号操作：{summary}），这一次什么都没有写入", operation.0),
            )
            .hint("看清改了什么，再运行一次同一命令：dasai log"),
            StoreError::Full => Self::new(ErrorKind::Io, "磁盘空间不足，什么都没有写入").hint("清理磁盘后再试；大赛文件保持原样"),
            StoreError::ReadOnly => {
                Self::new(ErrorKind::Io, "大赛文件或所在文件夹不可写").hint("检查文件是否只读、是否有写权限，或把文件复制到本机硬盘再打开")
            }
            StoreError::Corrupt(cause) => {
                Self::damaged("大赛文件已损坏").because(cause).hint("用最近的备份恢复；先把损坏的文件另存，不要覆盖")
            }
            StoreError::Device(code) => Self::new(ErrorKind::Io, "读写大赛文件失败，什么都没有写入")
                .because(format!("磁盘没有照办，代码 {code}"))
                .hint("检查磁盘是否已满、是否超出配额、是否已拔出，再试；大赛文件保持原样"),
            StoreError::Io(error) => Self::new(ErrorKind::Io, "读写大赛文件失败").because(io_cause(&error)).hint("检查磁盘与权限后再试"),
            StoreError::BadValue { place, value } => Self::damaged(format!("大赛文件中 {place} 的值无法识别：{value}"))
                .hint("可能由其他程序改动过；用最近的备份恢复，或反馈给维护人员"),
            StoreError::Sql(error) => Self::internal("数据库操作失败").because(error),
        }
    }
}
