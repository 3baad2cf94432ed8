//! Documents that cannot lie: the console blocks of README and tour are run; an undocumented command, alias, flag, argument, JSON key,
//! code or exit code fails, and so does a documented one that is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use dasai::commands::cli::Cli;
use serde_json::Value;

use super::console;
use super::world::World;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap().replace("\r\n", "\n")
}

/// A page's sections: what each heading names, with the text up to the next heading. A heading may name several: `a, b`.
fn sections(page: &str) -> BTreeMap<String, String> {
    let mut sections = BTreeMap::new();
    let mut names: Vec<String> = Vec::new();
    let mut is_code = false;
    for line in page.lines() {
        is_code ^= line.starts_with("```");
        if line.starts_with('#') && !is_code {
            names = line.trim_start_matches('#').split(", ").map(|name| name.trim().to_owned()).collect();
        }
        for name in &names {
            let text: &mut String = sections.entry(name.clone()).or_default();
            text.extend([line, "\n"]);
        }
    }
    sections
}

/// What stands between backquotes in a line or text.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// A command with its path, and all below it.
fn commands(path: &str, command: &clap::Command, found: &mut Vec<(String, clap::Command)>) {
    found.push((path.to_owned(), command.clone()));
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        commands(&format!("{path} {}", inner.get_name()), inner, found);
    }
}

fn all_commands() -> Vec<(String, clap::Command)> {
    let mut root = Cli::command();
    root.build();
    let mut found = Vec::new();
    commands("dasai", &root, &mut found);
    found
}

/// A flag as it is typed, or the name of an argument.
fn spelled(argument: &clap::Arg) -> Vec<String> {
    let long = argument.get_long_and_visible_aliases().unwrap_or_default().into_iter().map(|name| format!("`--{name}"));
    let short = argument.get_short_and_visible_aliases().unwrap_or_default().into_iter().map(|name| format!("`-{name}"));
    let mut names: Vec<String> = long.chain(short).collect();
    if argument.is_positional() {
        names.extend(argument.get_value_names().unwrap_or_default().iter().map(|name| format!("<{name}>")));
    }
    names
}

#[test]
fn the_tour_is_true() {
    let mut world = World::new();
    for entry in fs::read_dir(root().join("docs/tour")).unwrap() {
        let path = entry.unwrap().path();
        world.write(&path.file_name().unwrap().to_string_lossy(), fs::read(&path).unwrap());
    }
    "王老师".clone_into(&mut world.actor);
    console::check(&root().join("docs/tour.md"), &mut world);
}

#[test]
fn the_readme_is_true() {
    let mut world = World::new();
    "王老师".clone_into(&mut world.actor);
    console::check(&root().join("README.md"), &mut world);
}

#[test]
fn every_command_and_flag_is_documented() {
    let page = page("docs/commands.md");
    let sections = sections(&page);
    let mut wrong = Vec::new();
    let all = all_commands();
    let global: BTreeSet<String> = all[0].1.get_arguments().flat_map(spelled).collect();
    for (path, command) in &all {
        let heading = if path == "dasai" { "Global options" } else { path };
        let Some(text) = sections.get(heading) else {
            wrong.push(format!("no heading “{heading}”"));
            continue;
        };
        let mut expected: Vec<String> = command.get_visible_aliases().map(|alias| format!("`{alias}`")).collect();
        for argument in command.get_arguments() {
            let is_shared = argument.is_global_set() || matches!(argument.get_id().as_str(), "help" | "version");
            if path == "dasai" || !is_shared {
                expected.extend(spelled(argument));
                expected.extend(
                    argument.get_possible_values().iter().filter(|_| !is_switch(argument)).map(|value| value.get_name().to_owned()),
                );
            }
        }
        wrong.extend(expected.iter().filter(|name| !text.contains(*name)).map(|name| format!("{heading}: {name} is not documented")));
        let own: BTreeSet<String> = command.get_arguments().flat_map(spelled).collect();
        let flags = quoted(text).filter(|words| words.starts_with("--")).map(|words| words.split([' ', '=', '[']).next().unwrap_or(words));
        for flag in flags.map(|flag| format!("`{flag}")) {
            if !own.contains(&flag) && !global.contains(&flag) {
                wrong.push(format!("{heading}: {flag}` is documented and does not exist"));
            }
        }
    }
    let paths: BTreeSet<&str> = all.iter().map(|(path, _)| path.as_str()).collect();
    let unknown = sections.keys().filter(|heading| heading.starts_with("dasai ") && !paths.contains(heading.as_str()));
    wrong.extend(unknown.map(|heading| format!("{heading} is documented and does not exist")));
    assert!(wrong.is_empty(), "docs/commands.md:\n{}", wrong.join("\n"));
}

fn is_switch(argument: &clap::Arg) -> bool {
    !argument.get_action().takes_values()
}

#[test]
fn every_example_can_be_typed() {
    let mut wrong = Vec::new();
    for name in [
        "docs/commands.md",
        "docs/tour.md",
        "docs/import.md",
        "docs/rules-file.md",
        "docs/scoring.md",
        "docs/attachments.md",
        "docs/recommendation.md",
        "docs/screening.md",
        "README.md",
    ] {
        let text = page(name);
        let mut block = None;
        for line in text.lines() {
            if let Some(kind) = line.strip_prefix("```") {
                block = if block.is_none() { Some(kind.to_owned()) } else { None };
            }
            let is_command = block.as_deref().is_some_and(|kind| kind == "sh" || kind.starts_with("console"));
            let line = line.trim_start_matches("$ ").split(" > ").next().unwrap_or_default();
            if is_command
                && line.starts_with("dasai ")
                && let Err(error) = Cli::command().try_get_matches_from(console::words(line))
            {
                wrong.push(format!("{name}: {line}: {}", error.kind()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is run for its JSON: the command's heading, and what follows it. In one contest, in order.
const RUNS: &[(&str, &str)] = &[
    ("dasai init", "另一届.dasai"),
    ("dasai init", "小赛.dasai --rules 规则.toml"),
    ("dasai rules show", ""),
    ("dasai rules show", "deadlines"),
    ("dasai rules show", "--source"),
    ("dasai rules presets", ""),
    ("dasai rules check", ""),
    ("dasai rules diff", "national-2025"),
    ("dasai rules apply", "改.toml --yes"),
    ("dasai status", ""),
    ("dasai rank", "speech"),
    ("dasai rank", "speech --round preliminary --zone 浦东"),
    ("dasai rank", "speech --round preliminary"),
    ("dasai advance", "speech --round preliminary --include-ties --dry-run"),
    ("dasai award propose", ""),
    ("dasai award grant", "Y001 second --reason 合议"),
    ("dasai award list", ""),
    ("dasai award revoke", "Y001 second --reason 合议"),
    ("dasai award confirm", "--update --expand"),
    ("dasai entry list", ""),
    ("dasai entry show", "Y001"),
    ("dasai entry set", "Y001 title=另一个题目"),
    ("dasai entry show", "Y001"),
    ("dasai entry withdraw", "Y001 --reason 来函"),
    ("dasai entry restore", "Y001 --reason 来函"),
    ("dasai entry search", "之"),
    ("dasai import", "收件"),
    ("dasai import", "收件/金山赛区报名.csv --update --dry-run"),
    ("dasai import", "收件/金山赛区报名.csv --map 备注=remark"),
    ("dasai import", "--mappings"),
    ("dasai import", "信.eml"),
    ("dasai entry show", "Y900"),
    ("dasai import", "收件 --receipts 回执 --dry-run"),
    ("dasai quarantine list", ""),
    ("dasai quarantine show", "1"),
    ("dasai quarantine retry", "1 --set organization=上海示例有限公司"),
    ("dasai quarantine retry", "2"),
    ("dasai quarantine show", "1"),
    ("dasai quarantine discard", "2 --reason 说明"),
    ("dasai quarantine show", "2"),
    ("dasai quarantine list", "--all"),
    ("dasai org list", ""),
    ("dasai org list", "--similar"),
    ("dasai org set", "1 nature=民营 member=否"),
    ("dasai org alias", "1 别名甲"),
    ("dasai org rename", "1 上海新名有限公司"),
    ("dasai org rename", "3 上海新名有限责任公司"),
    ("dasai org list", "--similar"),
    ("dasai org show", "1"),
    ("dasai org merge", "2 1"),
    ("dasai attachment scan", "材料 --rename --yes"),
    ("dasai attachment scan", "材料"),
    ("dasai attachment list", ""),
    ("dasai attachment set", "1 --entry Y001 --kind script"),
    ("dasai attachment unlink", "1"),
    ("dasai entry show", "Y001"),
    ("dasai check", ""),
    ("dasai check", "--against 往届/2023.dasai"),
    ("dasai duplicates", "--against 往届/2023.dasai"),
    ("dasai duplicates decide", "W024 Y092 same --reason 换名重报"),
    ("dasai duplicates decide", "W024 Y092 different --reason 同题不同内容"),
    ("dasai duplicates", ""),
    ("dasai duplicates undecide", "W024 Y092"),
    ("dasai check rules", ""),
    ("dasai check rules", "C102"),
    ("dasai recommender list", ""),
    ("dasai recommender add", "上海市示例行业协会 --phone 021-55550000"),
    ("dasai recommender import", "推荐单位.csv"),
    ("dasai recommender set", "上海市示例行业协会 kind=other"),
    ("dasai recommender rename", "上海市示例行业协会 上海示例行业协会"),
    ("dasai recommender alias", "黄浦区市场监督管理局 黄浦区市场监管局"),
    ("dasai recommend set", "Y004 Y005 --opinion 同意推荐"),
    ("dasai recommend order", "黄浦区市场监督管理局 A013"),
    ("dasai recommend sheet", "黄浦区市场监督管理局 --out 推荐表.xlsx"),
    ("dasai recommend sheet", "--all --out 推荐表 --as pdf"),
    ("dasai import", "推荐表.xlsx"),
    ("dasai recommend confirm", "黄浦区市场监督管理局 --sheet 扫描.pdf --without-opinion recommend"),
    ("dasai recommend list", ""),
    ("dasai entry show", "A013"),
    ("dasai recommend withdraw", "A013 --reason 来函"),
    ("dasai recommend list", "黄浦区市场监督管理局"),
    ("dasai import", "推荐表.xlsx --update"),
    ("dasai recommend list", "黄浦区市场监督管理局"),
    ("dasai entry show", "A013"),
    ("dasai recommender list", ""),
    ("dasai judge list", ""),
    ("dasai judge import", "评委名单.xlsx"),
    ("dasai judge import", "新评委.csv --panel case/final"),
    ("dasai score import", "评分/演讲-决赛 --category speech --round final"),
    ("dasai score import", "给定分.csv --category speech --round preliminary"),
    ("dasai score status", ""),
    ("dasai score list", "--entry Y079"),
    ("dasai judge add", "某某 --panel speech/final"),
    ("dasai score set", "Y079 --judge 某某 --round final --total 90"),
    ("dasai score set", "Y079 --judge 某某 --round final --total 91 --update"),
    ("dasai score clear", "Y079 --judge 某某 --round final"),
    ("dasai rank", "speech"),
    ("dasai export", "awards --out 名单.xlsx"),
    ("dasai export", "rankings --out 排名.json"),
    ("dasai deadline extend", "screening --until 2024-07-20 --entry Y001 --reason 来函"),
    ("dasai deadline list", ""),
    ("dasai check waive", "C102 Y004 --reason 同意"),
    ("dasai check unwaive", "C102 Y004"),
    ("dasai screen return", "Y008 Y012 --reason 未盖章 --due 2024-07-12"),
    ("dasai screen reject", "Y016 --code C107"),
    ("dasai screen accept", "Y004 --override --reason 同意"),
    ("dasai check waive", "C106 Y012 --reason 同意"),
    ("dasai entry set", "Y008 contact_phone=13800001234"),
    ("dasai screen list", "--all"),
    ("dasai screen show", "Y008"),
    ("dasai screen show", "Y012"),
    ("dasai screen notice", "--all --out 通知"),
    ("dasai entry show", "Y008"),
    ("dasai entry show", "Y012"),
    ("dasai entry disqualify", "Y003 --reason 说明"),
    ("dasai log", "--exceptions"),
    ("dasai log", ""),
    ("dasai log", "--operation 3"),
    ("dasai log", "--operation 15"),
    ("dasai log", "--verify"),
    ("dasai undo", ""),
    ("dasai redo", ""),
    ("dasai backup", "备份.bak"),
    ("dasai demo", "--dry-run 另一个演示"),
];

/// Commands without JSON of their own: they need a person, and show what `rules apply` and `screen show` show.
const WITHOUT_JSON: [&str; 2] = ["dasai rules edit", "dasai screen review"];

/// A few received files: one that is as asked, some that are not, and one that is nobody's.
fn files(world: &World) {
    let list = world.run_in(Path::new("d"), ["entry", "list", "--format", "json"]).done().json();
    let (unit, title) = (list["entries"][0]["organization"].as_str().unwrap(), list["entries"][0]["title"].as_str().unwrap());
    world.write(&format!("d/材料/{unit}+{title}.doc"), super::attachments::word(title));
    world.write(&format!("d/材料/{title}申报表.pdf"), super::attachments::pdf(title));
    world.write(&format!("d/材料/旧/{title}申报表.pdf"), super::attachments::pdf("旧"));
    world.write(&format!("d/材料/{unit}LOGO.jpg"), super::attachments::PNG);
    world.write("d/材料/春游.jpg", super::attachments::JPG);
}

/// The contest of the demonstration, with a few files beside it.
fn demonstration() -> World {
    let mut world = World::new();
    world.now = "2024-07-06T09:00:00".into();
    world.run(["demo", "d"]).done();
    world.write("d/新评委.csv", "姓名,单位,类别\n新一,示例大学,case\n,示例大学,speech\n");
    let mail = super::mail::mail("Mon, 1 Jul 2024 09:00:00 +0800", "form", &[("a.csv", super::mail::NUMBERED.as_bytes())]);
    world.write("d/信.eml", mail);
    world.write("d/推荐单位.csv", "名称,类别,联系人,电话\n上海示例集团,,王示例,021-55550000\n上海某园区,街道,,\n");
    world.write("d/扫描.pdf", super::attachments::PDF);
    world.write("d/给定分.csv", "作品编号,观众投票得分\nY026,91\nY999,90\n");
    files(&world);
    fs::create_dir(world.path("d/往届")).unwrap();
    fs::copy(world.path("d/2024演示.dasai"), world.path("d/往届/2023.dasai")).unwrap();
    world.write("d/规则.toml", fs::read(root().join("docs/tour/规则.toml")).unwrap());
    let source = world.run_in(Path::new("d"), ["rules", "show", "--source"]).done().stdout;
    world.write("d/改.toml", source.replace("name = \"2024年上海市质量品牌故事大赛\"", "name = \"上海市质量品牌故事大赛\""));
    world
}

fn answer(world: &World, command: &str, rest: &str) -> Value {
    let words = console::words(&format!("{} {rest}", command.strip_prefix("dasai ").unwrap()));
    let common = ["--format", "json", "--db", "2024演示.dasai"].map(str::to_owned);
    let output = world.command().current_dir(world.path("d")).args(common.iter().chain(&words)).output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().take(1000).collect::<String>();
    serde_json::from_slice(&output.stdout)
        .ok()
        .filter(Value::is_object)
        .unwrap_or_else(|| panic!("{command} {rest}: no JSON object: {}{}", said(&output.stdout), said(&output.stderr)))
}

/// The paths of all keys, `a[].b`. Names that the rules give are `<name>`.
#[derive(Default)]
struct Keys {
    /// Of texts, numbers, flags, and of lists of these.
    values: BTreeSet<String>,
    /// Of nulls.
    nulls: BTreeSet<String>,
    /// Of objects and lists, which may be empty.
    nodes: BTreeSet<String>,
}

impl Keys {
    fn collect(&mut self, value: &Value, path: &str) {
        match value {
            Value::Object(map) => {
                self.nodes.insert(path.to_owned());
                for (key, inner) in map {
                    let key = if path.ends_with("components") { "<name>" } else { key };
                    self.collect(inner, &if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") });
                }
            }
            Value::Array(list) => {
                self.nodes.insert(path.to_owned());
                for inner in list {
                    self.collect(inner, &if inner.is_object() { format!("{path}[]") } else { path.to_owned() });
                }
            }
            Value::Null => {
                self.nulls.insert(path.to_owned());
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                self.values.insert(path.to_owned());
            }
        }
    }

    /// What must be documented.
    fn own(&self) -> impl Iterator<Item = &String> {
        self.values.iter().chain(self.nulls.difference(&self.nodes))
    }

    /// Whether a documented key was there, or may be in a list that was empty in every run.
    fn may_have(&self, key: &str) -> bool {
        let empty =
            |node: &&String| !node.is_empty() && key.starts_with(node.as_str()) && !self.own().any(|own| own.starts_with(node.as_str()));
        self.own().any(|own| own == key) || self.nodes.contains(key) || self.nodes.iter().any(|node| empty(&node))
    }
}

#[test]
fn every_json_key_is_documented() {
    let world = demonstration();
    let page = page("docs/json.md");
    let sections = sections(&page);
    let mut seen: BTreeMap<&str, Keys> = BTreeMap::new();
    for (command, rest) in RUNS {
        seen.entry(command).or_default().collect(&answer(&world, command, rest), "");
    }
    let mut wrong = Vec::new();
    for (path, command) in all_commands() {
        if !command.has_subcommands() && !WITHOUT_JSON.contains(&path.as_str()) && !seen.contains_key(path.as_str()) {
            wrong.push(format!("{path} is not run for its JSON"));
        }
    }
    for (command, keys) in &seen {
        let Some(text) = sections.get(*command) else {
            wrong.push(format!("no heading “{command}”"));
            continue;
        };
        let rows = text.lines().filter(|line| line.starts_with("| `"));
        let documented: BTreeSet<&str> = rows.flat_map(|line| quoted(line.split(" | ").next().unwrap_or_default())).collect();
        let missing = keys.own().filter(|key| !documented.contains(key.as_str()));
        wrong.extend(missing.map(|key| format!("{command}: {key} is not documented")));
        let surplus = documented.iter().filter(|key| !keys.may_have(key));
        wrong.extend(surplus.map(|key| format!("{command}: {key} is documented and never seen")));
    }
    assert!(wrong.is_empty(), "docs/json.md:\n{}", wrong.join("\n"));
}

/// The keys of an object, in order.
#[track_caller]
fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The keys that are a promise: exactly these, in this order, or these and more.
#[test]
fn the_promised_json_keys_are_there() {
    let world = demonstration();
    let run = |command: &str, rest: &str| answer(&world, command, rest);

    let import = run("dasai import", "收件");
    assert_eq!(keys(&import), ["files", "totals", "changes"]);
    let counts = ["rows", "added", "updated", "unchanged", "changed", "quarantined"];
    assert_eq!(keys(&import["totals"]), counts);
    let files = import["files"].as_array().unwrap();
    for file in files {
        let expected = ["path", "kind", "encoding", "sheet"].into_iter().chain(counts).chain(["problems", "outcome", "entry"]);
        assert_eq!(keys(file), expected.collect::<Vec<_>>());
        for problem in file["problems"].as_array().unwrap() {
            assert_eq!(keys(problem), ["code", "severity", "file", "sheet", "cell", "row", "field", "value", "message", "hint"]);
        }
    }
    for counted in files.iter().chain([&import["totals"]]) {
        let number = |key: &str| counted[key].as_i64().unwrap();
        assert_eq!(number("rows"), counts[1..].iter().map(|key| number(key)).sum::<i64>(), "{counted}");
    }
    assert_eq!(import["totals"]["rows"].as_i64().unwrap(), 377);

    let list = run("dasai entry list", "");
    assert_eq!(keys(&list), ["entries"]);
    let entry = ["number", "category", "title", "organization", "recommender", "theme", "creators", "zone", "status", "submitted_at"];
    assert_eq!(keys(&list["entries"][0]), entry);
    let show = run("dasai entry show", "Y001");
    assert_eq!(keys(&show), ["entry"]);
    assert!(entry.iter().all(|key| keys(&show["entry"]).contains(key)));
    assert_eq!(keys(&show["entry"]["source"]), ["file", "sheet", "row"]);
    assert!(show["entry"]["history"].is_array());

    let check = run("dasai check", "");
    assert_eq!(keys(&check), ["findings", "summary"]);
    let finding = ["code", "severity", "entry", "organization", "field", "message", "hint", "clause", "related", "similarity", "waived"];
    assert_eq!(keys(&check["findings"][0]), finding);
    assert_eq!(keys(&check["summary"]), ["errors", "warnings", "infos", "waived"]);

    let rank = run("dasai rank", "speech --round preliminary");
    assert_eq!(keys(&rank), ["category", "round", "zone", "complete", "missing", "ranking"]);
    let place = ["place", "entry", "title", "organization", "score", "components", "deduction", "marks", "tied_with", "tie_break"];
    let found: BTreeSet<&str> = keys(&rank["ranking"][0]).into_iter().collect();
    assert!(found.is_superset(&place.into_iter().collect()), "{found:?}");
    assert_eq!(keys(&rank["ranking"][0]["marks"][0]), ["judge", "total", "dropped"]);
    assert_eq!(keys(&rank["ranking"][0]["components"]), ["judges", "观众投票得分"]);
    assert!(rank["ranking"][0]["score"].is_string(), "points are texts");

    let awards = run("dasai award list", "");
    assert_eq!(keys(&awards), ["awards"]);
    let award = ["award", "level", "category", "title", "organization", "place", "computed", "reason", "certificate"];
    let found = keys(&awards["awards"][0]);
    assert!(award.iter().all(|key| found.contains(key)) && (found.contains(&"entry") || found.contains(&"recommender")), "{found:?}");
}

/// Every text in the sources that is a code of these letters and three digits.
fn codes_in_sources(letters: &str) -> BTreeSet<String> {
    fn walk(folder: &Path, letters: &str, found: &mut BTreeSet<String>) {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                walk(&path, letters, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(path).unwrap();
                let own = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
                let is_code = |word: &&str| {
                    word.len() == 4
                        && word.starts_with(|letter| letters.contains(letter))
                        && word[1..].bytes().all(|byte| byte.is_ascii_digit())
                };
                found.extend(own.split('"').filter(|word| word.is_ascii()).filter(is_code).map(str::to_owned));
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(&root().join("src"), letters, &mut found);
    found
}

#[test]
fn every_code_is_documented() {
    let codes = codes_in_sources("IJ");
    assert!(codes.len() > 70, "the codes were not found: {codes:?}");
    let page = page("docs/problems.md");
    let documented: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next())
        .filter(|code| code.len() == 4)
        .map(str::to_owned)
        .collect();
    let missing: Vec<_> = codes.difference(&documented).collect();
    let surplus: Vec<_> = documented.difference(&codes).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "docs/problems.md: missing {missing:?}, not in the program {surplus:?}");
}

#[test]
fn exit_codes_are_as_documented() {
    let text = page("docs/commands.md");
    let exit_codes = &sections(&text)["Exit codes"];
    assert!((0..=3).all(|code| exit_codes.contains(&format!("| {code} |"))), "{exit_codes}");
    let world = World::init();
    world.write("一件.csv", "单位名称,作品名称,参赛类型\n上海示例有限公司,一颗螺丝钉,演讲\n,无名,演讲\n");
    for (arguments, code) in [
        (&["status"][..], 0),
        (&["--help"], 0),
        (&["entry", "show", "Y001"], 1),
        (&["init", "2024.dasai"], 1),
        (&["--db", "没有.dasai", "status"], 1),
        (&["entry", "show"], 2),
        (&["不是命令"], 2),
        (&["status", "--没有这个"], 2),
        (&["import", "一件.csv"], 3),
        (&["check"], 3),
        (&["check", "--severity", "error", "--only", "S401"], 0),
    ] {
        assert_eq!(world.run(arguments).code, code, "{arguments:?}");
    }
}
