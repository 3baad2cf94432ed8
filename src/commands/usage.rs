//! Owns what a wrong command line is answered: clap's error kinds in Chinese, each with what, where and what next. Refuses to know the
//! help texts (`commands::help`).

use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::error::AppError;

/// The (sub-)command that these arguments mean, and how it is typed in full: `dasai entry list`.
#[must_use]
pub fn meant<'a>(root: &'a Command, arguments: &[OsString]) -> (String, &'a Command) {
    let mut path = root.get_name().to_owned();
    let mut command = root;
    for argument in arguments.iter().skip(1) {
        let Some(child) = argument.to_str().and_then(|name| command.find_subcommand(name)) else { continue };
        path = format!("{path} {}", child.get_name());
        command = child;
    }
    (path, command)
}

/// A parse error as a failure in Chinese; `command` is the (sub-)command that was meant, typed as `path`.
#[must_use]
#[expect(clippy::wildcard_enum_match_arm, reason = "clap's list is open; help and version are answered before")]
pub fn explained(error: &clap::Error, path: &str, command: &Command) -> AppError {
    let context = Words { error };
    let argument = context.quoted(ContextKind::InvalidArg);
    let value = context.one(ContextKind::InvalidValue);
    let failure = match error.kind() {
        ErrorKind::UnknownArgument => context.unknown_argument(path),
        ErrorKind::InvalidSubcommand => context.unknown_command(path, command),
        ErrorKind::MissingRequiredArgument => {
            AppError::usage(format!("缺少必需的参数：{}", context.all(ContextKind::InvalidArg).join(" ")))
        }
        ErrorKind::InvalidValue if value.is_empty() => {
            let failure = AppError::usage(format!("参数{argument}后面缺少内容"));
            context.with_valid_values(failure)
        }
        ErrorKind::InvalidValue => {
            let failure = AppError::usage(format!("参数{argument}不能是“{value}”"));
            context.with_valid_values(failure)
        }
        ErrorKind::ValueValidation => {
            let failure = AppError::usage(format!("参数{argument}的内容“{value}”不合要求"));
            match std::error::Error::source(error).and_then(reason) {
                Some(reason) => failure.because(reason),
                None => failure,
            }
        }
        ErrorKind::ArgumentConflict => context.conflict(&argument),
        ErrorKind::TooManyValues => AppError::usage(format!("参数{argument}的内容太多，多出“{value}”")),
        ErrorKind::TooFewValues => AppError::usage(format!(
            "参数{argument}至少要有 {} 项内容，现在是 {} 项",
            context.one(ContextKind::MinValues),
            context.one(ContextKind::ActualNumValues)
        )),
        ErrorKind::WrongNumberOfValues => AppError::usage(format!(
            "参数{argument}要有 {} 项内容，现在是 {} 项",
            context.one(ContextKind::ExpectedNumValues),
            context.one(ContextKind::ActualNumValues)
        )),
        ErrorKind::NoEquals => AppError::usage(format!("参数{argument}和它的内容之间要用等号（=）连接")),
        ErrorKind::MissingSubcommand => AppError::usage(format!("“{path}”后面缺少命令"))
            .hint(format!("可用的命令：{}", context.all(ContextKind::ValidSubcommand).join("、"))),
        ErrorKind::InvalidUtf8 => {
            AppError::usage("命令行里有无法识别的文字（不是 UTF-8 编码）").hint("请检查终端的编码设置，或把文件改成普通的名字再试")
        }
        ErrorKind::Io | ErrorKind::Format => AppError::internal("无法显示命令行的说明").because(error),
        _ => AppError::usage("命令行有误"),
    };
    failure.hint(format!("用法和示例：{path} --help"))
}

/// The pieces of a clap error.
struct Words<'a> {
    error: &'a clap::Error,
}

impl Words<'_> {
    fn all(&self, kind: ContextKind) -> Vec<String> {
        match self.error.get(kind) {
            None | Some(ContextValue::None) => Vec::new(),
            Some(ContextValue::Strings(texts)) => texts.clone(),
            Some(other) => vec![other.to_string()],
        }
    }

    fn one(&self, kind: ContextKind) -> String {
        self.all(kind).join("、")
    }

    fn quoted(&self, kind: ContextKind) -> String {
        let text = self.one(kind);
        if text.is_empty() { text } else { format!("“{text}”") }
    }

    fn unknown_argument(&self, path: &str) -> AppError {
        let argument = self.one(ContextKind::InvalidArg);
        let failure = if argument.starts_with('-') {
            AppError::usage(format!("“{path}”没有参数“{argument}”"))
        } else {
            AppError::usage(format!("“{path}”后面多出了“{argument}”"))
        };
        let bare = |argument: &str| argument.trim_start_matches('-').to_owned();
        let mut suggestions = self.all(ContextKind::SuggestedArg);
        suggestions.retain(|name| is_near(&bare(&argument), &bare(name)));
        if !suggestions.is_empty() {
            return failure.hint(format!("您是不是要输入 {}", suggestions.join(" 或 ")));
        }
        if argument.starts_with('-') && self.error.get(ContextKind::Suggested).is_some() {
            return failure.hint(format!("如果它是内容而不是参数，请在前面加两个减号：-- {argument}"));
        }
        failure
    }

    fn unknown_command(&self, path: &str, command: &Command) -> AppError {
        let typed = self.one(ContextKind::InvalidSubcommand);
        let failure = AppError::usage(format!("“{path}”没有命令“{typed}”"));
        let mut suggestions: Vec<String> = self.all(ContextKind::SuggestedSubcommand);
        suggestions.retain(|name| !name.is_ascii() || is_near(&typed, name));
        if suggestions.is_empty() {
            suggestions = elsewhere(command, &typed, "");
        }
        if suggestions.is_empty() {
            // Chinese names have two characters: one right character is as near as a typing error gets.
            let near = |alias: &&str| !alias.is_ascii() && alias.chars().any(|character| typed.contains(character));
            suggestions = command.get_subcommands().flat_map(Command::get_visible_aliases).filter(near).map(str::to_owned).collect();
        }
        if suggestions.is_empty() {
            return failure;
        }
        let commands: Vec<String> = suggestions.iter().map(|name| format!("{path} {name}")).collect();
        failure.hint(format!("您是不是要输入 {}", commands.join(" 或 ")))
    }

    fn conflict(&self, argument: &str) -> AppError {
        let others = self.all(ContextKind::PriorArg);
        let this = if argument.is_empty() { self.quoted(ContextKind::InvalidSubcommand) } else { argument.to_owned() };
        match others.as_slice() {
            [] => AppError::usage(format!("参数{this}不能和其他参数一起用")),
            [other] if format!("“{other}”") == this => AppError::usage(format!("参数{this}只能出现一次")),
            others => AppError::usage(format!("参数{this}不能和“{}”一起用", others.join("”“"))),
        }
    }

    fn with_valid_values(&self, failure: AppError) -> AppError {
        let suggestion = self.one(ContextKind::SuggestedValue);
        let failure = if suggestion.is_empty() { failure } else { failure.hint(format!("您是不是要输入 {suggestion}")) };
        let valid: Vec<String> = self.all(ContextKind::ValidValue);
        if valid.is_empty() { failure } else { failure.hint(format!("可选：{}", valid.join("、"))) }
    }
}

/// Commands further in that have this name, or a flag of it: `restore` is `entry restore`, `verify` is `log --verify`.
fn elsewhere(command: &Command, typed: &str, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        let inner_path = format!("{path}{}", inner.get_name());
        let is_named = |inner: &Command| inner.get_name() == typed || inner.get_all_aliases().any(|alias| alias == typed);
        if !path.is_empty() && is_named(inner) {
            found.push(inner_path.clone());
        }
        if inner.get_arguments().any(|argument| argument.get_long() == Some(typed) && !argument.get_action().takes_values()) {
            found.push(format!("{inner_path} --{typed}"));
        }
        found.extend(elsewhere(inner, typed, &format!("{inner_path} ")));
    }
    // What many commands have says nothing.
    if found.len() > 3 { Vec::new() } else { found }
}

/// Whether one word becomes the other by a typing error or two: one for each three letters of the longer, at least one.
fn is_near(typed: &str, name: &str) -> bool {
    let (typed, name): (Vec<char>, Vec<char>) = (typed.chars().take(40).collect(), name.chars().take(40).collect());
    let mut above: Vec<usize> = (0..=name.len()).collect();
    for (row, one) in typed.iter().enumerate() {
        let mut corner = row;
        let mut left = row + 1;
        let mut current = vec![left];
        for (other, up) in name.iter().zip(above.iter().skip(1)) {
            left = (corner + usize::from(one != other)).min(left + 1).min(up + 1);
            corner = *up;
            current.push(left);
        }
        above = current;
    }
    above.last().is_some_and(|distance| *distance <= (typed.len().max(name.len()) / 3).max(1))
}

/// Why a value was refused, if that can be said in Chinese: our own parsers' words, or a number's fault or range.
fn reason(source: &(dyn std::error::Error + 'static)) -> Option<String> {
    if source.is::<std::num::ParseIntError>() {
        return Some("应为整数".to_owned());
    }
    let text = source.to_string();
    if let Some((_, bounds)) = text.split_once(" is not in ") {
        let (low, high) = bounds.split_once("..").unwrap_or((bounds, ""));
        let high = high.trim_start_matches('=');
        return Some(if high.is_empty() { format!("应不小于 {low}") } else { format!("应在 {low} 到 {high} 之间") });
    }
    if text.contains("invalid digit") || text.contains("number too") || text.contains("empty string") {
        return Some("应为整数，且不能过大或过小".to_owned());
    }
    (!text.is_ascii()).then_some(text)
}
