//! Every fault that a rules file can have, with the line that it is reported at, the key and the words.

use super::{parse, render_faults};

/// The least that a rules file may say: seven lines.
const LEAST: &str = "format = 1\n[contest]\nname = \"试赛\"\n[[category]]\nid = \"speech\"\nname = \"演讲\"\nprefix = \"Y\"\n";
/// A round with everything that other rules can refer to, from line 8 on.
const ROUND: &str = "[[category.round]]\nid = \"final\"\n[category.round.judges]\ncriteria = [{ name = \"内容\", max = \"100\" }]\n";

fn faults(text: &str) -> String {
    match parse(text) {
        Ok(_) => "没有错误\n".to_owned(),
        Err(faults) => faults
            .iter()
            .map(|fault| {
                let hint = if fault.hint.is_empty() { String::new() } else { format!(" → {}", fault.hint) };
                format!("{}:{} {}: {}{hint}\n", fault.line, fault.column, fault.path, fault.message)
            })
            .collect::<Vec<_>>()
            .concat(),
    }
}

fn all(cases: &[(&str, &str, &str)]) -> String {
    cases
        .iter()
        .map(|(name, before, text)| format!("{name}\n{}", indented(&faults(&format!("{before}{text}")))))
        .collect::<Vec<_>>()
        .concat()
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect::<Vec<_>>().concat()
}

#[test]
fn syntax() {
    let cases = [
        ("空文件", "", ""),
        ("没有引号", LEAST, "aliases = [演 讲]\n"),
        ("中文引号", LEAST, "aliases = [“演讲”]\n"),
        ("键写两次", LEAST, "name = \"又一次\"\n"),
        ("括号不成对", LEAST, "aliases = [\"演讲\"\n"),
        ("缺逗号", LEAST, "aliases = [\"演讲\" \"故事\"]\n"),
        ("没有值", LEAST, "aliases =\n"),
        ("日期不存在", LEAST, "[deadlines]\nsubmission = 2024-02-30\n"),
        ("控制字符", LEAST, "aliases = [\"演\0讲\"]\n"),
    ];
    insta::assert_snapshot!(all(&cases), @r#"
    空文件
      1:1 : 文件缺少 category → 请补上：category = …
      1:1 : 文件缺少 contest → 请补上：contest = …
      1:1 : 文件缺少 format → 请补上：format = …
    没有引号
      8:12 : 文字没有加引号 → 文字要加英文引号，例如 "初赛"
    中文引号
      8:12 : 文字没有加引号 → 文字要加英文引号，例如 "初赛"
    键写两次
      8:1 : 同一个键或表写了两次 → 删去一个；多个并列的表用双方括号，例如 [[category]]
    括号不成对
      8:16 : 列表的方括号不成对 → 列表写成 [ … , … ]，末尾要有 ]
    缺逗号
      8:17 : 缺少逗号 → 各项之间用英文逗号隔开
    没有值
      8:10 : 键后面没有值 → 写成 键 = 值
    日期不存在
      9:14 : 日期写法不对 → 写成 2024-07-05 或 2024-07-05T17:00:00
    控制字符
      8:14 : 有不可见的控制字符 → 删去这个字符
    "#);
}

#[test]
fn top_and_small_tables() {
    let cases = [
        ("格式不认识", "", "format = 2\n[contest]\nname = \"试赛\"\n[[category]]\nid = \"a\"\nname = \"甲\"\nprefix = \"A\"\n"),
        ("必需的都没有", "", "[contest]\n[[category]]\n"),
        ("拼错的键", LEAST, "[dedlines]\nsubmission = 2024-07-05\n"),
        ("别处的键", LEAST, "minimum_judges = 3\n"),
        ("没有的键", LEAST, "colour = \"红\"\n"),
        ("类型不对", LEAST, "aliases = \"演讲\"\n[contest.x]\n"),
        (
            "时区",
            "",
            "format = 1\n[contest]\nname = \"试赛\"\ntimezone = \"亚洲/上海\"\nyear = 24\n[[category]]\nid = \"a\"\nname = \"甲\"\nprefix = \"A\"\n",
        ),
        ("日期", LEAST, "[deadlines]\nsubmission = \"7月5日\"\nrecommendation = 2024-07-10T12:00:00Z\nscreening = 5\n"),
        ("日期先后", LEAST, "[deadlines]\nsubmission = 2024-07-05\nrecommendation = 2024-07-01\n"),
        (
            "必填内容",
            LEAST,
            "[form]\nrequired = [\"titel\", \"title\", \"title\", \"number\"]\nsummary_length = { min = 300, max = 100 }\n",
        ),
        ("选项", LEAST, "[form.options]\ntheme = []\nnature = [\"国有\", \"国有\", \"\"]\ntitle = [\"甲\"]\n"),
        ("界限", LEAST, "[similarity]\ntitle = 0.8\nsummary = \"1.2\"\n"),
        ("推荐", LEAST, "[recommenders]\ndirect_for = [\"members\"]\nlist = [\"甲局\", \"甲局\"]\n"),
        ("赛区空", LEAST, "[zones]\nlist = []\n"),
        ("里程碑", LEAST, "[[milestone]]\nname = \"推介会\"\n"),
        ("证书", LEAST, "[certificate]\nnumber = \"{year}-{no}\"\n[retention]\ncontacts_until = \"明年\"\n"),
        ("表扬", LEAST, "[commendation]\npoints = { gold = \"5\", work = 1.5 }\ncount = 0\n"),
    ];
    insta::assert_snapshot!(all(&cases), @r#"
    格式不认识
      1:10 format: 不认识的规则文件格式 2 → 本程序只认 format = 1；更新的格式请升级 dasai
    必需的都没有
      1:1 : 文件缺少 format → 请补上：format = …
      1:1 contest: contest 缺少 name → 请补上：name = …
      2:1 category[1]: category[1] 缺少 id → 请补上：id = …
      2:1 category[1]: category[1] 缺少 name → 请补上：name = …
      2:1 category[1]: category[1] 缺少 prefix → 请补上：prefix = …
    拼错的键
      8:2 dedlines: 文件顶层没有“dedlines”这个键 → 是不是想写 deadlines？
    别处的键
      8:1 category[speech].minimum_judges: category 里没有“minimum_judges”这个键 → minimum_judges 应写在 category.round 里
    没有的键
      8:1 category[speech].colour: category 里没有“colour”这个键 → 这里可以写：id、name、aliases、prefix、required、duration、length、per_organization、attachments、round、award
    类型不对
      8:11 category[speech].aliases: 这里应是一个列表 […]，写的却是文字
      9:10 contest.x: contest 里没有“x”这个键 → 这里可以写：name、theme、organizer、document、year、timezone
    时区
      4:12 contest.timezone: 没有“亚洲/上海”这个时区 → 写成 "Asia/Shanghai"（或删去这一行，默认就是它）
      5:8 contest.year: 数值超出范围：应在 1990 到 2999 之间
    日期
      9:14 deadlines.submission: “7月5日”不是日期 → 写成 2024-07-05（当天 23:59:59 止）或 2024-07-05T17:00:00
      10:18 deadlines.recommendation: 截止时间不写时区 → 写成当地时间：2024-07-05 或 2024-07-05T17:00:00；时区在 contest.timezone
      11:13 deadlines.screening: 这里应是日期或日期时间，写的却是整数 → 写成 2024-07-05（当天 23:59:59 止）或 2024-07-05T17:00:00
    日期先后
      10:18 deadlines.recommendation: 推荐截止早于申报截止 → 按申报、推荐、形式审查的先后改正日期
    必填内容
      9:13 form.required[1]: 不认识“titel” → 是不是想写 "title"？
      9:31 form.required[3]: “title”重复了 → 只保留一个
      9:40 form.required[4]: “作品编号”不是参赛作品申报表里的内容，不能列为必填 → 删去这一项
      10:37 form.summary_length.max: 上限小于下限 → min 不能大于 max
    选项
      9:9 form.options.theme: 列表是空的 → 至少写一项，或删去这一行
      10:17 form.options.nature[2]: “国有”重复了 → 只保留一个
      10:23 form.options.nature[3]: 内容是空的 → 填上内容，或删去这一行
      11:1 form.options.title: form.options 里没有“title”这个键 → title 应写在 similarity 里
    界限
      9:9 similarity.title: 分数不能写成不带引号的小数 → 加上引号："0.8"（这样才是精确的）
      10:11 similarity.summary: 相似度的界限不能大于 1 → 写在 "0" 到 "1" 之间，例如 "0.80"
    推荐
      9:14 recommenders.direct_for: 写了 direct_for，却没有写 direct → 补上 direct = "…"：没有推荐单位时选择的那一项
      9:15 recommenders.direct_for[1]: 不认识“members” → 是不是想写 "member"？
      10:15 recommenders.list[2]: “甲局”重复了 → 只保留一个
    赛区空
      9:8 zones.list: 列表是空的 → 至少写一项，或删去这一行
    里程碑
      8:1 milestone[推介会]: milestone[推介会] 缺少 date → 请补上：date = …
    证书
      9:10 certificate.number: 不认识“{no}” → 可以用：{year} 年份、{category} 类型前缀、{award} 奖项 id、{serial:3} 三位流水号
      9:10 certificate.number: 编号里没有流水号，证书会重号 → 加上 {serial:3}
      9:10 certificate.number: 编号里用了 {year}，却没有写 contest.year → 补上 year = 2024，或去掉 {year}
      11:18 retention.contacts_until: “明年”不是日期 → 写成 2024-07-05
    表扬
      9:19 commendation.points.gold: 没有“gold”这个计分对象 → 计分对象有：work、accepted
      9:31 commendation.points.work: 分数不能写成不带引号的小数 → 加上引号："1.5"（这样才是精确的）
      10:9 commendation.count: 数值超出范围：应在 1 到 10000 之间
    "#);
}

#[test]
fn categories() {
    let cases = [
        ("代号和前缀", "", "format = 1\n[contest]\nname = \"试赛\"\n[[category]]\nid = \"演讲\"\nname = \"演讲\"\nprefix = \"y1\"\n"),
        ("名称相撞", LEAST, "[[category]]\nid = \"film\"\nname = \"微电影\"\naliases = [\"演 讲\"]\nprefix = \"Y\"\n"),
        ("时长", LEAST, "duration = { min = \"8:00\", max = \"5:00\" }\nlength = { min = \"1000\" }\n"),
        ("时长写法", LEAST, "duration = { min = \"5分\", max = 90.5 }\nlength = {}\n"),
        ("限额", LEAST, "per_organization = { max = 0, severity = \"warn\" }\n"),
        (
            "附件",
            LEAST,
            "attachments = [ { kind = \"video\", types = [\".MP4\"], max_size = \"1G字节\" }, { kind = \"video\" }, { name = \"无\" } ]\n",
        ),
        ("没有类型", "", "format = 1\ncategory = []\n[contest]\nname = \"试赛\"\n"),
    ];
    insta::assert_snapshot!(all(&cases), @r#"
    代号和前缀
      5:6 category[演讲].id: “演讲”不能作 id → id 在命令行里使用：小写英文字母开头，只用小写字母、数字、- 和 _，最多 32 个字符；中文写在 name 里
      7:10 category[演讲].prefix: “y1”不能作编号前缀 → 用 1 到 4 个大写字母，例如 "Y"，编号即 Y001、Y002…
    名称相撞
      11:12 category[film].aliases[1]: “演 讲”已经用在 category[speech] 里 → 各参赛类型的 id、name、prefix 和 aliases 互不相同，表格才认得出类型
      12:10 category[film].prefix: “Y”已经用在 category[speech] 里 → 各参赛类型的 id、name、prefix 和 aliases 互不相同，表格才认得出类型
    时长
      8:34 category[speech].duration.max: 上限小于下限 → min 不能大于 max
      9:18 category[speech].length.min: 这里应是整数，写的却是文字 → 整数不加引号，例如 5
    时长写法
      8:20 category[speech].duration.min: “5分”不是时长 → 写成 "5:00"（分:秒），或整数秒，例如 300
      8:32 category[speech].duration.max: 这里应是时长，写的却是小数 → 写成 "5:00"（分:秒），或整数秒，例如 300
      9:10 category[speech].length: 上限和下限都没有写 → 写 min、max 中的至少一个，或删去这一行
    限额
      8:28 category[speech].per_organization.max: 数值超出范围：应在 1 到 100000 之间
      8:42 category[speech].per_organization.severity: 不认识“warn” → 可以写："error"、"warning"
    附件
      8:44 category[speech].attachments[1].types[1]: “.MP4”不是文件扩展名 → 写小写字母，前面不加点，例如 "pdf"
      8:64 category[speech].attachments[1].max_size: “1G字节”不是文件大小 → 写成 "1GB" 或 "500MB"，不超过 1TB
      8:83 category[speech].attachments[2].kind: 附件 video 写了两次 → 每种附件的 kind 各不相同
      8:94 category[speech].attachments[3]: category[speech].attachments[3] 缺少 kind → 请补上：kind = …
    没有类型
      2:12 category: 没有参赛类型 → 至少写一个 [[category]]，有 id、name、prefix
    "#);
}

#[test]
fn rounds() {
    let sheet = |rest: &str| format!("[[category.round]]\nid = \"final\"\n[category.round.judges]\n{rest}\n");
    let sheets = [
        ("评分项", sheet("criteria = []")),
        (
            "分值",
            sheet(
                "criteria = [{ name = \"内容\", min = \"5\", max = \"5\" }, { name = \"内容\", max = \"10.2\" }, { max = \"9\" }, { name = \"无\" }]\nstep = \"0.5\"",
            ),
        ),
        (
            "子项",
            sheet(
                "criteria = [{ name = \"甲\", max = \"9\", items = [] }, { name = \"甲\", items = [{ name = \"乙\", max = \"9\", items = [] }] }]",
            ),
        ),
        ("步长", sheet("step = \"0\"")),
        ("小数不加引号", sheet("step = 0.5")),
        ("去分太多", sheet("trim = { highest = 1, lowest = 1, from = 2 }")),
        ("什么也不去", sheet("trim = { by = \"judge\" }")),
        ("合成", sheet("combine = \"average\"\nnormalize = \"z-score\"")),
        ("名次和", sheet("trim = { highest = 1, by = \"criterion\" }\ncombine = \"rank_sum\"\nnormalize = \"z_score\"")),
    ];
    let timing = |rest: &str| format!("{ROUND}[category.round.timing]\n{rest}\n");
    let timings = [
        ("没有上下限", timing("each = 10\npoints = \"0.1\"")),
        ("两种扣分", timing("max = \"8:00\"\neach = 10\npoints = \"0.1\"\nbands = [{ over = 10, points = \"0.2\" }]")),
        ("没有扣分", timing("max = \"8:00\"")),
        (
            "档次",
            timing(
                "max = \"8:00\"\nbands = [{ over = 30, points = \"0.5\" }, { over = 10, points = \"0\" }, { over = 10, points = \"0.2\" }]\ncap = \"-1\"",
            ),
        ),
        ("超时不计", timing("min = \"5:00\"\nexclude_over = 240\napply = \"before\"")),
        (
            "没有评委分可扣",
            timing(
                "max = \"8:00\"\neach = 10\npoints = \"0.1\"\n[category.round.score]\nparts = [{ from = \"given\", name = \"网络投票\" }]",
            ),
        ),
        (
            "只不计成绩",
            timing("max = \"8:00\"\nexclude_over = 240\n[category.round.score]\nparts = [{ from = \"given\", name = \"网络投票\" }]"),
        ),
    ];
    let score = |rest: &str| format!("{ROUND}[category.round.score]\n{rest}\n");
    let scores = [
        ("权重合计", score("parts = [{ from = \"judges\", weight = \"60\" }, { from = \"given\", name = \"投票\", weight = \"30\" }]")),
        (
            "权重超出",
            score(
                "parts = [{ from = \"judges\", weight = \"100\" }, { from = \"given\", name = \"甲\", weight = \"30\" }, { from = \"given\", name = \"乙\" }]",
            ),
        ),
        (
            "部分",
            score(
                "parts = [{ from = \"jury\" }, { from = \"votes\" }, { from = \"given\", name = \"judges\" }, { from = \"judges\", channel = \"online\" }]",
            ),
        ),
        ("部分两次", score("parts = [{ from = \"judges\" }, { from = \"judges\" }]")),
        (
            "投票计分",
            score(
                "parts = [{ from = \"votes\", channel = \"a\", scale = \"top\" }, { from = \"votes\", channel = \"b\", scale = \"share_of_top\", otherwise = \"4\" }, { from = \"votes\", channel = \"c\", rank_points = [\"1\", \"2\"] }, { from = \"votes\", channel = \"d\", rank_bands = [[\"20\", \"20\"]] }, { from = \"votes\", channel = \"e\", rank_bands = [[\"20%\", \"20\"], [\"10%\", \"16\"]], per_vote = { points = \"1\" } }]",
            ),
        ),
        ("修约", score("rounding = { mode = \"half_down\", final = 7 }")),
        ("同分", score("tie_break = [\"exact\", \"exact\", \"part:votes\", \"criterion:内客\", \"judges\"]")),
        (
            "名次和相加",
            format!(
                "{ROUND}combine = \"rank_sum\"\n[category.round.score]\nparts = [{{ from = \"judges\" }}, {{ from = \"given\", name = \"甲\" }}]\n"
            ),
        ),
    ];
    let advance = |rest: &str| format!("{ROUND}[category.round.advance]\n{rest}\n");
    let advances = [
        ("晋级到哪里", advance("to = \"finals\"\ncount = 30")),
        ("晋级到自己", advance("to = \"final\"\ncount = 30\nties = \"expand\"")),
        ("晋级多少", advance("to = \"final\"\ncount = 30\nshare = \"30%\"")),
        ("没有分赛区", advance("to = \"final\"\nper_zone = { 浦东 = 8 }")),
        ("按赛区", "by_zone = true\n".to_owned()),
        (
            "转圈",
            format!(
                "{ROUND}[category.round.advance]\nto = \"second\"\nshare = \"120%\"\n[[category.round]]\nid = \"second\"\n[category.round.advance]\nto = \"final\"\nshare = \"30\"\n"
            ),
        ),
        ("轮次两次", format!("{ROUND}{ROUND}")),
    ];
    let zone = "[[category.round]]\nid = \"zonal\"\nby_zone = true\n[category.round.advance]\nto = \"final\"\nper_zone = { 浦东 = 8, 静安 = 1 }\n[[category.round]]\nid = \"final\"\n[zones]\nlist = [\"浦东\", \"黄浦\"]\n";
    let mut text = String::new();
    for (name, case) in sheets.iter().chain(&timings).chain(&scores).chain(&advances) {
        text += &all(&[(name, LEAST, case)]);
    }
    text += &all(&[
        ("赛区不符", LEAST, zone),
        ("按赛区而没有", LEAST, "[[category.round]]\nid = \"zonal\"\nby_zone = true\nminimum_judges = 0\n"),
    ]);
    insta::assert_snapshot!(text, @r#"
    评分项
      11:12 category[speech].round[final].judges.criteria: 评分表没有评分项 → 至少写一项：{ name = "…", max = "…" }
    分值
      11:45 category[speech].round[final].judges.criteria[1].max: 最高分应大于最低分 → min 默认是 "0"
      11:61 category[speech].round[final].judges.criteria[2].name: “内容”重复了 → 同一张评分表里评分项的名称各不相同
      11:73 category[speech].round[final].judges.criteria[2].max: 10.2 不是评分步长 0.5 的整数倍 → 改动这个分值，或改动 step
      11:83 category[speech].round[final].judges.criteria[3]: category[speech].round[final].judges.criteria[3] 缺少 name → 请补上：name = …
      11:98 category[speech].round[final].judges.criteria[4]: category[speech].round[final].judges.criteria[4] 缺少 max → 请补上：max = …
    子项
      11:33 category[speech].round[final].judges.criteria[1].max: 有子项的评分项不写 max → 分数写在各个子项里
      11:46 category[speech].round[final].judges.criteria[1].items: 列表是空的 → 至少写一个子项，或删去 items
      11:61 category[speech].round[final].judges.criteria[2].name: “甲”重复了 → 评分项的名称各不相同
      11:100 category[speech].round[final].judges.criteria[2].items[乙].items: category.round.judges.criteria.items 里没有“items”这个键 → items 应写在 category.round.judges.criteria 里
    步长
      11:8 category[speech].round[final].judges.step: 应大于 0，写的是 0
    小数不加引号
      11:8 category[speech].round[final].judges.step: 分数不能写成不带引号的小数 → 加上引号："0.5"（这样才是精确的）
    去分太多
      11:42 category[speech].round[final].judges.trim.from: 2 个分数去掉 2 个后一个也不剩 → from 至少是 3：有这么多分数时才去掉最高最低分
    什么也不去
      11:8 category[speech].round[final].judges.trim: highest 和 lowest 都是 0，什么也不去掉 → 写 highest = 1, lowest = 1，或删去 trim
    合成
      11:11 category[speech].round[final].judges.combine: 不认识“average” → 可以写："mean"、"sum"、"median"、"rank_sum"
      12:13 category[speech].round[final].judges.normalize: 不认识“z-score” → 是不是想写 "z_score"？
    名次和
      12:11 category[speech].round[final].judges.combine: 名次和（rank_sum）按评委的总分排名次，不能按评分项去掉最高最低分 → 把 trim.by 改为 "total"
      13:13 category[speech].round[final].judges.normalize: 名次和（rank_sum）不看分数的松紧，不需要标准化 → 删去 normalize，或改用 combine = "mean"
    没有上下限
      12:1 category[speech].round[final].timing: 上限和下限都没有写 → 写 min、max 中的至少一个，或删去这一行
    两种扣分
      16:9 category[speech].round[final].timing.bands: bands 和 each 只能写一种 → 按档扣分写 bands，按每若干秒扣分写 each 和 points
    没有扣分
      12:1 category[speech].round[final].timing: 没有写超时怎样扣分 → 写 bands = [ { over = 10, points = "0.2" } ]，或 each = 10 和 points = "0.1"
    档次
      14:63 category[speech].round[final].timing.bands[2].points: 应大于 0，写的是 0
      14:70 category[speech].round[final].timing.bands[3]: 各档应从小到大：秒数和扣分都比上一档大
      15:7 category[speech].round[final].timing.cap: 应大于 0，写的是 -1
    超时不计
      14:16 category[speech].round[final].timing.exclude_over: exclude_over 是超过 max 的秒数，却没有写 max → 补上 max，例如 max = "8:00"
      15:9 category[speech].round[final].timing.apply: 不认识“before” → 可以写："after_trim"、"before_trim"
    没有评委分可扣
      12:1 category[speech].round[final].timing: 这一轮的得分里没有评委分，时间分无处可扣 → 在 score.parts 里写 { from = "judges" }，或删去扣分，只写 exclude_over
    只不计成绩
      没有错误
    权重合计
      13:9 category[speech].round[final].score.parts: 各部分的权重合计 90，应为 100 → 改动 weight；直接相加的部分（附加分、扣分）不写 weight
    权重超出
      13:9 category[speech].round[final].score.parts: 各部分的权重合计 130，超过 100 → 改动 weight
    部分
      13:19 category[speech].round[final].score.parts[1].from: 不认识“jury” → 可以写："judges"、"votes"、"given"
      13:29 category[speech].round[final].score.parts[2]: category[speech].round[final].score.parts[2] 缺少 channel → 请补上：channel = …
      13:74 category[speech].round[final].score.parts[3].name: “judges”不能作部分的名称 → 换一个名称，不用冒号，例如 "网络投票得分"
      13:115 category[speech].round[final].score.parts[4].channel: 这种部分不写 channel → channel 和计分方法属于 from = "votes"，name 属于 from = "given"
    部分两次
      13:31 category[speech].round[final].score.parts[2]: “judges”这个部分写了两次 → 合并为一个，或另起名称
    投票计分
      13:51 category[speech].round[final].score.parts[1].scale: 不认识“top” → 可以写："share_of_top"、"share_of_total"
      13:129 category[speech].round[final].score.parts[2].otherwise: 写了 scale，就不再写 otherwise → 只保留一种计分方法
      13:189 category[speech].round[final].score.parts[3].rank_points[2]: 名次在后，得分却更高 → 从第一名起由高到低写
      13:245 category[speech].round[final].score.parts[4].rank_bands[1][1]: “20”不是百分数 → 加上百分号，例如 "10%"
      13:261 category[speech].round[final].score.parts[5]: rank_bands、per_vote 只能写一种 → 只保留一种计分方法
    修约
      13:21 category[speech].round[final].score.rounding.mode: 不认识“half_down” → 是不是想写 "half_even"？
      13:42 category[speech].round[final].score.rounding.final: 数值超出范围：应在 0 到 6 之间
    同分
      13:23 category[speech].round[final].score.tie_break[2]: “exact”重复了 → 只保留一个
      13:32 category[speech].round[final].score.tie_break[3]: 没有“votes”这个部分 → 部分有：judges
      13:46 category[speech].round[final].score.tie_break[4]: 没有“内客”这个评分项 → 是不是想写 内容？评分项有：内容
      13:62 category[speech].round[final].score.tie_break[5]: 不认识“judges” → 可以写："exact"、"part:judges"、"criterion:评分项名称"、"highest_mark"
    名次和相加
      13:1 category[speech].round[final].score: 名次和（rank_sum）越小越好，不能与其他部分相加 → 只保留 from = "judges" 一个部分，或改用 combine = "mean"
    晋级到哪里
      13:6 category[speech].round[final].advance.to: 没有“finals”这个轮次 → 是不是想写 final？轮次有：final
    晋级到自己
      13:6 category[speech].round[final].advance.to: final 不能晋级到 final：它不在后面 → 晋级只能去往写在后面的轮次；按比赛的先后排列 [[category.round]]
      15:8 category[speech].round[final].advance.ties: 不认识“expand” → 可以写："ask"、"include"、"cut"
    晋级多少
      12:1 category[speech].round[final].advance: count、share 只能写一种
      13:6 category[speech].round[final].advance.to: final 不能晋级到 final：它不在后面 → 晋级只能去往写在后面的轮次；按比赛的先后排列 [[category.round]]
    没有分赛区
      13:6 category[speech].round[final].advance.to: final 不能晋级到 final：它不在后面 → 晋级只能去往写在后面的轮次；按比赛的先后排列 [[category.round]]
      14:12 category[speech].round[final].advance.per_zone: 这一轮不按赛区排名，不能按赛区定晋级名额 → 在本轮写 by_zone = true，或改用 count
      14:19 category[speech].round[final].advance.per_zone.浦东: 没有“浦东”这个赛区 → 先在 [zones] 里列出赛区
    按赛区
      8:1 category[speech].by_zone: category 里没有“by_zone”这个键 → by_zone 应写在 category.round 里
    转圈
      14:9 category[speech].round[final].advance.share: 百分数应大于 0%，不超过 100%
      18:6 category[speech].round[second].advance.to: second 不能晋级到 final：它不在后面 → 晋级只能去往写在后面的轮次；按比赛的先后排列 [[category.round]]
      19:9 category[speech].round[second].advance.share: “30”不是百分数 → 加上百分号，例如 "10%"
    轮次两次
      13:6 category[speech].round[2].id: 轮次 final 写了两次 → 同一参赛类型里轮次的 id 各不相同
    赛区不符
      13:12 category[speech].round[zonal].advance.per_zone: 没有写赛区“黄浦”的名额 → 补上 黄浦 = 名额；没有名额写 0
      13:27 category[speech].round[zonal].advance.per_zone.静安: 没有“静安”这个赛区 → 赛区有：浦东、黄浦
    按赛区而没有
      10:11 category[speech].round[zonal].by_zone: 按赛区排名，却没有赛区 → 在文件顶层写 [zones] list = ["…"]，或把 by_zone 改为 false
      11:18 category[speech].round[zonal].minimum_judges: 数值超出范围：应在 1 到 1000 之间
    "#);
}

#[test]
fn awards() {
    let award = |rest: &str| format!("{ROUND}[[category.award]]\n{rest}\n");
    let cases = [
        ("轮次不存在", award("id = \"first\"\nround = \"finale\"\nquota = { count = 3 }")),
        ("没有轮次", "[[category.award]]\nid = \"first\"\nquota = { count = 3 }\n".to_owned()),
        ("名额", award("id = \"first\"\nquota = { count = 3, share = \"10%\" }")),
        ("名额没写", award("id = \"first\"\nties = \"include\"")),
        ("比例", award("id = \"first\"\nquota = { share = \"0%\", of = \"entries\" }")),
        ("其余", award("id = \"rest\"\nrest = true\nquota = { count = 3 }\n[[category.award]]\nid = \"late\"\nquota = { count = 1 }")),
        ("两次", award("id = \"first\"\nquota = { count = 3 }\n[[category.award]]\nid = \"first\"\nquota = { count = 3 }")),
        ("专项奖", format!("{ROUND}[[special_award]]\nid = \"presence\"\ncategory = \"speeches\"\nby = \"criterion:风采\"\n")),
        (
            "专项奖依据",
            format!("{ROUND}[[special_award]]\nid = \"presence\"\ncategory = \"speech\"\nby = \"criterion:风采\"\nround = \"semi\"\n"),
        ),
        ("专项奖写法", format!("{ROUND}[[special_award]]\nid = \"presence\"\ncategory = \"speech\"\nby = \"jury\"\nalongside = \"yes\"\n")),
    ];
    let text: String = cases.iter().map(|(name, case)| all(&[(name, LEAST, case)])).collect();
    insta::assert_snapshot!(text, @r#"
    轮次不存在
      14:9 category[speech].award[first].round: 没有“finale”这个轮次 → 是不是想写 final？轮次有：final
    没有轮次
      8:1 category[speech].award[first]: 奖项依据的轮次不存在：本参赛类型没有轮次 → 先写 [[category.round]]，或写 rest = true
    名额
      14:9 category[speech].award[first].quota: count 和 share 只能写一种
    名额没写
      12:1 category[speech].award[first]: category[speech].award[first] 缺少 quota → 请补上：quota = …
      14:8 category[speech].award[first].ties: 不认识“include” → 可以写："ask"、"expand"、"shrink"
    比例
      14:19 category[speech].award[first].quota.share: 百分数应大于 0%，不超过 100%
      14:30 category[speech].award[first].quota.of: 不认识“entries” → 可以写："works"、"round"
    其余
      15:9 category[speech].award[rest].quota: rest = true 的奖项不写 quota → 它归没有其他奖项的全部已受理作品
      16:1 category[speech].award[late]: rest = true 的奖项应写在最后 → 它归其余全部作品，后面不会再有作品
    两次
      16:6 category[speech].award[2].id: 奖项 first 写了两次 → 同一参赛类型里奖项的 id 各不相同
    专项奖
      14:12 special_award[presence].category: 没有“speeches”这个参赛类型 → 是不是想写 speech？参赛类型有：speech
    专项奖依据
      16:9 special_award[presence].round: 没有“semi”这个轮次 → 轮次有：final
    专项奖写法
      15:6 special_award[presence].by: 不认识“jury” → 可以写："criterion:评分项名称"、"votes:渠道"、"part:部分名称"、"hand"（人工评定）
      16:13 special_award[presence].alongside: 这里应是true（是）或 false（否），写的却是文字 → 不加引号
    "#);
}

#[test]
fn faults_are_shown_with_their_line() {
    let text = format!("{LEAST}duration = {{ min = \"八分\" }}\nperorganization = {{ max = 5 }}\n");
    let faults = parse(&text).expect_err("two faults");
    insta::assert_snapshot!(render_faults("规则.toml", &text, &faults), @r#"
    错误: “八分”不是时长
     --> 规则.toml:8:20
      |
    8 | duration = { min = "八分" }
      |                    ^^^^^^ category[speech].duration.min
      |
      = 建议: 写成 "5:00"（分:秒），或整数秒，例如 300

    错误: category 里没有“perorganization”这个键
     --> 规则.toml:9:1
      |
    9 | perorganization = { max = 5 }
      | ^^^^^^^^^^^^^^^ category[speech].perorganization
      |
      = 建议: 是不是想写 per_organization？
    "#);
}
