//! The states of a work under random sequences of the commands that move it: no command reaches a state that the machine does not, and
//! none takes a step that the machine refuses.

use dasai::domain::status::{Status, Step};
use proptest::prelude::*;

use super::screening::row;
use super::world::World;

#[derive(Debug, Clone, Copy)]
enum Act {
    Accept,
    Return,
    Reject,
    Withdraw,
    Disqualify,
    Restore,
    Resubmit,
    Undo,
}

fn act() -> impl Strategy<Value = Act> {
    prop::sample::select(vec![
        Act::Accept,
        Act::Return,
        Act::Return,
        Act::Reject,
        Act::Withdraw,
        Act::Disqualify,
        Act::Restore,
        Act::Restore,
        Act::Resubmit,
        Act::Resubmit,
        Act::Undo,
    ])
}

fn status(world: &World) -> Status {
    let sql = rusqlite::Connection::open(world.contest()).unwrap();
    let key: String = sql.query_row("SELECT status FROM entry", [], |row| row.get(0)).unwrap();
    Status::from_key(&key).unwrap_or_else(|| panic!("a status that nobody knows: {key}"))
}

const HEAD: &str = "单位名称,参赛类型,作品名称,作品类别,作品时长,主创者姓名,联系人,联系手机,推荐单位,内容简介,提交时间,重点领域,重点产业";

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_command_takes_the_step_of_the_machine_or_none(acts in prop::collection::vec(act(), 4..14)) {
        let world = World::init();
        let write = |version: usize| {
            let mut work = row(1);
            work[5] = format!("赵示{version}");
            world.write("申报.csv", format!("{HEAD}\n{}", work.join(",")));
        };
        write(0);
        world.run(["import", "申报.csv"]).done();
        // Where the work was before each operation that moved it, newest last; and where it was before it left.
        let mut states = vec![status(&world)];
        let mut left_from = Vec::new();
        for (version, act) in (1..).zip(acts) {
            let now = status(&world);
            prop_assert_eq!(Some(&now), states.last());
            let step = match act {
                Act::Accept => Step::Accept,
                Act::Return => Step::Return,
                Act::Reject => Step::Reject,
                Act::Withdraw => Step::Withdraw,
                Act::Disqualify => Step::Disqualify,
                Act::Restore => Step::Restore(left_from.last().copied().unwrap_or(Status::Declared)),
                Act::Resubmit => Step::Resubmit,
                Act::Undo => {
                    let undone = world.run(["undo"]);
                    if states.len() > 1 {
                        prop_assert_eq!(undone.code, 0, "{}", undone.text());
                        states.pop();
                        let back = status(&world);
                        prop_assert_eq!(Some(&back), states.last());
                        left_from.clear();
                        // Where it came from is in the log; the model remembers it only forwards.
                        if !back.is_active() {
                            left_from.extend(states.iter().rev().find(|before| before.is_active()));
                        }
                        continue;
                    }
                    // The import itself would go.
                    world.run(["redo"]);
                    continue;
                }
            };
            let output = match act {
                Act::Accept => world.run(["screen", "accept", "Y001"]),
                Act::Return => world.run(["screen", "return", "Y001", "--reason", "缺章"]),
                Act::Reject => world.run(["screen", "reject", "Y001", "--reason", "重复"]),
                Act::Withdraw => world.run(["entry", "withdraw", "Y001", "--reason", "来函"]),
                Act::Disqualify => world.run(["entry", "disqualify", "Y001", "--reason", "剽窃"]),
                Act::Restore => world.run(["entry", "restore", "Y001", "--reason", "复核"]),
                Act::Resubmit => {
                    write(version);
                    world.run(["import", "申报.csv"])
                }
                Act::Undo => unreachable!(),
            };
            let after = status(&world);
            // A later version of a work that waits again is news for staff, no step.
            let expected = if matches!(act, Act::Resubmit) && now != Status::Returned { None } else { now.after(step) };
            if let Some(expected) = expected {
                prop_assert_eq!(output.code, 0, "{}", output.text());
                prop_assert_eq!(after, expected, "{:?} from {:?}", act, now);
                if !after.is_active() {
                    left_from.push(now);
                }
                states.push(after);
            } else {
                prop_assert_eq!(after, now, "{:?} from {:?}: {}", act, now, output.text());
                prop_assert!(matches!(act, Act::Resubmit) || output.code == 1, "{}", output.text());
            }
        }
    }
}
