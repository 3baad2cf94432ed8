//! The command line as staff meet it: help texts, wrong arguments, closed pipes.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use clap::Command;
use insta::assert_snapshot;

use super::*;

/// A stream that a test can read afterwards.
#[derive(Clone, Default)]
struct Captured(Rc<RefCell<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A pipe whose reader has gone.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::from(io::ErrorKind::BrokenPipe))
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::Error::from(io::ErrorKind::BrokenPipe))
    }
}

fn environment(out: Box<dyn Write>, err: Box<dyn Write>) -> Environment {
    Environment {
        out,
        err,
        terminal: Terminal { stdin: false, stdout: false, stderr: false, width: Some(80), colour: false, ascii: false },
        folder: std::env::temp_dir(),
        now: Timestamp::UNIX_EPOCH,
        variables: BTreeMap::new(),
    }
}

/// Exit code, stdout and stderr of a command line.
fn said(line: &str) -> String {
    let (out, err) = (Captured::default(), Captured::default());
    let arguments = line.split(' ').map(OsString::from).collect();
    let code = run(arguments, environment(Box::new(out.clone()), Box::new(err.clone())));
    let text = |captured: &Captured| String::from_utf8_lossy(&captured.0.borrow()).into_owned();
    format!("{code}\n--- stdout\n{}--- stderr\n{}", text(&out), text(&err))
}

#[test]
fn the_command_line_is_consistent() {
    help::localised(Cli::command(), None).debug_assert();
}

fn offences(command: &Command, path: &str, globals: &[&str], found: &mut Vec<String>) {
    let english = ["Usage", "Options", "Commands", "Arguments", "[alias", "default", "possible", "Print", "[env", "OPTIONS", "COMMAND"];
    let chinese = |text: &str| text.chars().any(|character| ('\u{4e00}'..='\u{9fff}').contains(&character));
    let help = command.clone().render_help().to_string();
    let long = command.clone().render_long_help().to_string();
    for word in english {
        if help.contains(word) || long.contains(word) {
            found.push(format!("{path}: the help says “{word}”"));
        }
    }
    if !command.get_about().is_some_and(|about| chinese(&about.to_string())) {
        found.push(format!("{path}: no Chinese about"));
    }
    if command.get_about().is_some_and(|about| about.to_string().ends_with(['。', '.'])) {
        found.push(format!("{path}: the about ends in a full stop"));
    }
    let is_root = !path.contains(' ');
    if !is_root && !command.get_visible_aliases().any(chinese) {
        found.push(format!("{path}: no Chinese alias"));
    }
    let example = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let has_example = example.contains("示例：") && example.contains("dasai ");
    if !command.has_subcommands() && !has_example {
        found.push(format!("{path}: no example"));
    }
    for argument in command.get_arguments().filter(|argument| !globals.contains(&argument.get_id().as_str()) || is_root) {
        if matches!(argument.get_id().as_str(), "help" | "version") {
            continue;
        }
        if !argument.get_help().is_some_and(|help| chinese(&help.to_string())) {
            found.push(format!("{path} {}: no Chinese help", argument.get_id()));
        }
        if argument.get_action().takes_values() && !argument.get_value_names().is_some_and(|names| names.iter().all(|name| chinese(name))) {
            found.push(format!("{path} {}: no Chinese value name", argument.get_id()));
        }
    }
    for child in command.get_subcommands() {
        offences(child, &format!("{path} {}", child.get_name()), globals, found);
    }
}

#[test]
fn every_help_is_chinese_and_whole() {
    let root = Cli::command();
    let globals: Vec<&str> =
        root.get_arguments().filter(|argument| argument.is_global_set()).map(|argument| argument.get_id().as_str()).collect();
    let mut found = Vec::new();
    offences(&help::localised(root.clone(), None), "dasai", &globals, &mut found);
    assert!(found.is_empty(), "{} offences:\n{}", found.len(), found.join("\n"));
}

#[test]
fn the_top_help_groups_the_commands() {
    assert_snapshot!(said("dasai --help"), @r"
    0
    --- stdout
    质量品牌故事大赛管理：报名、审查、评审、排名、奖项、发布，一个文件管一届大赛

    用法：dasai [选项] <命令>

    筹备：
      init 新建             建立一届大赛的文件
      rules 规则            查看、检查、更改大赛规则
      status 概况           大赛一览：阶段、数量、待办

    收件：
      import 导入           导入收到的表格
      quarantine 隔离       隔离区：未能接收的行
      entry 作品            参赛作品：列出、查看、更正、撤回、查找
      org 单位              参赛单位：列出、查看、改名、合并
      attachment 材料       参赛材料：核对收到的文件、列出、指定、改名

    审查：
      check 审查            逐项核对作品与规则
      recommender 推荐单位  推荐单位：列出、登记、导入、更正
      recommend 推荐        作品推荐：推荐意见、次序、盖章确认、推荐表
      screen 形审           形式审查：受理、退回、淘汰、补正通知
      deadline 截止         截止时间与延期
      duplicates 查重       相似的作品：并排对照、判定

    评审：
      judge 评委            评委：登记、导入、列出
      score 评分            评分：导入、录入、查看进度

    结果：
      rank 排名             一轮的排名，连同得分构成
      advance 晋级          确定进入下一轮的作品
      award 奖项            奖项：拟定、确认、合议、获奖名单

    发布：
      export 导出           导出获奖名单、排名、评分、作品、审查结果

    存档：
      log 日志              查看操作日志
      undo 撤销             撤销操作
      redo 重做             重做被撤销的操作
      backup 备份           备份大赛文件
      demo 演示             用示例数据演示一届大赛

    通用选项：
          --db <文件>      大赛文件（默认：环境变量 DASAI_DB，或当前文件夹里唯一的
                           *.dasai）
          --format <形式>  结果的形式 [默认：table] [可选：table 表格、json 供程序读
                           取、csv 逗号分隔]
          --actor <姓名>   操作人，记入操作日志（默认：环境变量 DASAI_ACTOR 或系统用
                           户名）
          --dry-run        只显示将要发生的变化，不写入
      -y, --yes            对所有确认都回答“是”
      -q, --quiet          不显示进度和说明，只显示结果和错误
          --ascii          表格只用 ASCII 字符画线
      -h, --help           显示这份帮助
      -V, --version        显示版本

    各命令的用法和示例：dasai 命令 --help
    --- stderr
    ");
    assert_eq!(said("dasai -h"), said("dasai --help"));
    assert!(said("dasai").starts_with("2\n--- stdout\n--- stderr\n质量品牌故事大赛"));
}

#[test]
fn a_wrong_command_line_is_explained() {
    assert_snapshot!(said("dasai improt a.csv"), @"
    2
    --- stdout
    --- stderr
    错误：“dasai”没有命令“improt”
      → 您是不是要输入 dasai import
      → 用法和示例：dasai --help
    ");
    assert_snapshot!(said("dasai 导人"), @"
    2
    --- stdout
    --- stderr
    错误：“dasai”没有命令“导人”
      → 您是不是要输入 dasai 导入 或 dasai 导出
      → 用法和示例：dasai --help
    ");
    assert_snapshot!(said("dasai status --formt json"), @"
    2
    --- stdout
    --- stderr
    错误：“dasai status”没有参数“--formt”
      → 您是不是要输入 --format
      → 用法和示例：dasai status --help
    ");
    // No argument of `check` is like it, and none is proposed.
    assert_snapshot!(said("dasai check --category speech"), @"
    2
    --- stdout
    --- stderr
    错误：“dasai check”没有参数“--category”
      → 用法和示例：dasai check --help
    ");
    assert_snapshot!(said("dasai status --format xml"), @"
    2
    --- stdout
    --- stderr
    错误：参数“--format <形式>”不能是“xml”
      → 可选：table、json、csv
      → 用法和示例：dasai status --help
    ");
    assert_snapshot!(said("dasai status --format"), @"
    2
    --- stdout
    --- stderr
    错误：参数“--format <形式>”后面缺少内容
      → 可选：table、json、csv
      → 用法和示例：dasai status --help
    ");
    assert_snapshot!(said("dasai status --yes --yes"), @"
    2
    --- stdout
    --- stderr
    错误：参数“--yes”只能出现一次
      → 用法和示例：dasai status --help
    ");
    assert_snapshot!(said("dasai status extra"), @"
    2
    --- stdout
    --- stderr
    错误：“dasai status”后面多出了“extra”
      → 用法和示例：dasai status --help
    ");
    assert_snapshot!(said("dasai --dry-run"), @r"
    2
    --- stdout
    --- stderr
    错误：“dasai”后面缺少命令
      → 可用的命令：init、新建、rules、规则、status、概况、import、导入、quarantine、隔离、entry、作品、org、单位、attachment、材料、check、审查、recommender、推荐单位、recommend、推荐、screen、形审、deadline、截止、duplicates、查重、judge、评委、score、评分、rank、排名、advance、晋级、award、奖项、export、导出、log、日志、undo、撤销、redo、重做、backup、备份、demo、演示
      → 用法和示例：dasai --help
    ");
    assert_snapshot!(said("dasai export"), @"
    2
    --- stdout
    --- stderr
    错误：缺少必需的参数：--out <文件> <内容>
      → 用法和示例：dasai export --help
    ");
}

#[test]
fn the_version_is_a_result() {
    assert_eq!(said("dasai -V"), format!("0\n--- stdout\ndasai {}\n--- stderr\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let code = run(vec!["dasai".into(), "--help".into()], environment(Box::new(Closed), Box::new(Closed)));
    assert_eq!(code, 0);
    let code = run(vec!["dasai".into(), "nothing".into()], environment(Box::new(Closed), Box::new(Closed)));
    assert_eq!(code, 2);
}

#[cfg(unix)]
#[test]
fn an_argument_that_is_no_text_is_explained() {
    use std::os::unix::ffi::OsStringExt as _;
    let err = Captured::default();
    let arguments = vec!["dasai".into(), "status".into(), "--actor".into(), OsString::from_vec(vec![0xd5, 0xc5])];
    let code = run(arguments, environment(Box::new(Captured::default()), Box::new(err.clone())));
    let text = String::from_utf8_lossy(&err.0.borrow()).into_owned();
    assert_eq!(code, 2);
    assert!(text.contains("不是 UTF-8"), "{text}");
}
