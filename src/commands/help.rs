//! Owns every help text: laid out here whole, in Chinese, from the clap tree, because clap's own layout has English words that no
//! setting reaches (`[aliases: …]`, `[OPTIONS]`). Refuses to know what commands do. A test walks the whole tree.

use std::ffi::OsString;
use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command};
use unicode_width::UnicodeWidthStr as _;

use crate::output::table;

/// The groups of the top-level help, in the order of a contest.
const GROUPS: [(&str, &[&str]); 7] = [
    ("筹备", &["init", "rules", "status"]),
    ("收件", &["import", "quarantine", "entry", "org", "attachment"]),
    ("审查", &["check", "duplicates", "recommender", "recommend", "screen", "deadline"]),
    ("评审", &["judge", "score"]),
    ("结果", &["rank", "advance", "award"]),
    ("发布", &["export"]),
    ("存档", &["log", "undo", "redo", "backup", "demo"]),
];

/// The widest help; longer lines are hard to read.
const WIDEST: usize = 100;
/// Below this there is no room for two columns.
const NARROWEST: usize = 40;

/// `dasai help …` and `dasai 帮助 …` mean `dasai … --help`.
#[must_use]
pub fn asked(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.get(1).is_some_and(|word| word == "help" || word == "帮助") {
        arguments.remove(1);
        arguments.push("--help".into());
    }
    arguments
}

/// The command tree with its Chinese help; `width` is the terminal's, if there is one.
#[must_use]
pub fn localised(root: Command, width: Option<usize>) -> Command {
    let width = width.unwrap_or(WIDEST).clamp(NARROWEST, WIDEST);
    let globals: Vec<Arg> = root.get_arguments().filter(|argument| argument.is_global_set()).cloned().collect();
    let name = root.get_name().to_owned();
    localise(root, &name, &globals, width)
}

fn localise(command: Command, path: &str, globals: &[Arg], width: usize) -> Command {
    let text = text(&command, path, globals, width);
    let usage = usage(&command, path);
    command.override_help(text).override_usage(usage).mut_subcommands(|child| {
        let path = format!("{path} {}", child.get_name());
        localise(child, &path, globals, width)
    })
}

fn text(command: &Command, path: &str, globals: &[Arg], width: usize) -> String {
    let mut text = String::new();
    if let Some(about) = command.get_long_about().or_else(|| command.get_about()) {
        paragraph(&mut text, &about.to_string(), width);
        text.push('\n');
    }
    let _ = writeln!(text, "用法：{}", usage(command, path));
    let aliases: Vec<String> = command.get_visible_aliases().map(|alias| other_path(path, alias)).collect();
    if !aliases.is_empty() {
        let _ = writeln!(text, "别名：{}", aliases.join("、"));
    }
    let everything = children(command, |_| true);
    let names = everything.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    if path.contains(' ') {
        section(&mut text, "命令", &everything, names, width);
    } else {
        for (title, group) in GROUPS {
            section(&mut text, title, &children(command, |name| group.contains(&name)), names, width);
        }
        let other = |name: &str| !GROUPS.iter().any(|(_, group)| group.contains(&name));
        section(&mut text, "其他", &children(command, other), names, width);
    }
    let positionals: Vec<(String, String)> = command
        .get_positionals()
        .filter(|argument| !argument.is_hide_set())
        .map(|argument| (positional(argument), said(argument)))
        .collect();
    section(&mut text, "参数", &positionals, 0, width);
    let own = |argument: &&Arg| !argument.is_positional() && !argument.is_hide_set() && !argument.is_global_set();
    section(&mut text, "选项", &command.get_arguments().filter(own).map(option).collect::<Vec<_>>(), 0, width);
    let mut common: Vec<(String, String)> = globals.iter().filter(|argument| !argument.is_hide_set()).map(option).collect();
    common.push(("-h, --help".to_owned(), "显示这份帮助".to_owned()));
    if !path.contains(' ') {
        common.push(("-V, --version".to_owned(), "显示版本".to_owned()));
    }
    section(&mut text, "通用选项", &common, 0, width);
    if let Some(after) = command.get_after_long_help().or_else(|| command.get_after_help()) {
        let _ = write!(text, "\n{}\n", after.to_string().trim_end());
    } else if command.has_subcommands() {
        let _ = write!(text, "\n各命令的用法和示例：{path} 命令 --help\n");
    }
    text
}

/// `dasai 作品` from `dasai entry` and `作品`.
fn other_path(path: &str, alias: &str) -> String {
    match path.rsplit_once(' ') {
        Some((parent, _)) => format!("{parent} {alias}"),
        None => alias.to_owned(),
    }
}

fn usage(command: &Command, path: &str) -> String {
    let mut usage = path.to_owned();
    let own = |argument: &&Arg| !argument.is_positional() && !argument.is_hide_set();
    for argument in command.get_arguments().filter(own).filter(|argument| argument.is_required_set()) {
        let _ = write!(usage, " {}", option(argument).0.trim_start());
    }
    usage.push_str(" [选项]");
    for argument in command.get_positionals().filter(|argument| !argument.is_hide_set()) {
        let _ = write!(usage, " {}", positional(argument));
    }
    if command.has_subcommands() {
        usage.push_str(" <命令>");
    }
    usage
}

fn children(command: &Command, wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    command
        .get_subcommands()
        .filter(|child| !child.is_hide_set() && wanted(child.get_name()))
        .map(|child| {
            let aliases: Vec<&str> = child.get_visible_aliases().collect();
            let name = if aliases.is_empty() { child.get_name().to_owned() } else { format!("{} {}", child.get_name(), aliases.join(" ")) };
            (name, child.get_about().map(ToString::to_string).unwrap_or_default())
        })
        .collect()
}

fn positional(argument: &Arg) -> String {
    let name = value_names(argument);
    let more = if many(argument) { "…" } else { "" };
    if argument.is_required_set() { format!("{name}{more}") } else { format!("[{}]{more}", name.trim_matches(['<', '>'])) }
}

fn many(argument: &Arg) -> bool {
    matches!(argument.get_action(), ArgAction::Append) || argument.get_num_args().is_some_and(|range| range.max_values() > 1)
}

fn value_names(argument: &Arg) -> String {
    match argument.get_value_names() {
        Some(names) => names.iter().map(|name| format!("<{name}>")).collect::<Vec<_>>().join(" "),
        None => format!("<{}>", argument.get_id()),
    }
}

fn option(argument: &Arg) -> (String, String) {
    let long = argument.get_long().map(|long| format!("--{long}"));
    let others = argument.get_visible_aliases().unwrap_or_default().into_iter().map(|alias| format!("--{alias}"));
    let long = long.into_iter().chain(others).collect::<Vec<_>>().join(", ");
    let mut name = match argument.get_short() {
        Some(short) if long.is_empty() => format!("-{short}"),
        Some(short) => format!("-{short}, {long}"),
        None => format!("    {long}"),
    };
    if argument.get_action().takes_values() {
        let _ = write!(name, " {}{}", value_names(argument), if many(argument) { "…" } else { "" });
    }
    (name, said(argument))
}

/// The help of an argument with its default and its possible values.
fn said(argument: &Arg) -> String {
    let mut text = argument.get_long_help().or_else(|| argument.get_help()).map(ToString::to_string).unwrap_or_default();
    if argument.get_action().takes_values() {
        let defaults: Vec<String> = argument.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
        if !defaults.is_empty() && !argument.is_hide_default_value_set() {
            let _ = write!(text, " [默认：{}]", defaults.join("、"));
        }
        let values = argument.get_possible_values();
        let shown: Vec<String> = values
            .iter()
            .filter(|value| !value.is_hide_set())
            .map(|value| match value.get_help() {
                Some(help) => format!("{} {help}", value.get_name()),
                None => value.get_name().to_owned(),
            })
            .collect();
        if !shown.is_empty() && !argument.is_hide_possible_values_set() {
            let _ = write!(text, " [可选：{}]", shown.join("、"));
        }
    }
    text
}

/// A titled list in two columns; where the names leave no room, texts stand below their names.
/// The names take at least `least` columns, so that several lists stand in line.
fn section(text: &mut String, title: &str, rows: &[(String, String)], least: usize, width: usize) {
    if rows.is_empty() {
        return;
    }
    let _ = write!(text, "\n{title}：\n");
    let names = rows.iter().map(|(name, _)| name.width()).max().unwrap_or(0).max(least);
    let beside = names + 4 + 20 <= width;
    let indent = if beside { names + 4 } else { 10 };
    for (name, said) in rows {
        let lines = table::wrap(said, width - indent);
        let _ = write!(text, "  {name}");
        for (index, line) in lines.iter().enumerate() {
            if index == 0 && beside {
                let _ = write!(text, "{}{line}", " ".repeat(names + 2 - name.width()));
            } else if !line.is_empty() {
                let _ = write!(text, "\n{}{line}", " ".repeat(indent));
            }
        }
        text.push('\n');
    }
}

fn paragraph(text: &mut String, said: &str, width: usize) {
    for line in table::wrap(said, width) {
        text.push_str(&line);
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::commands::cli::Cli;

    #[test]
    fn the_groups_are_the_commands() {
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let command = Cli::command();
        let mut commands: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
        grouped.sort_unstable();
        commands.sort_unstable();
        assert_eq!(grouped, commands);
    }
}
