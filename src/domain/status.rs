//! Owns where a work stands, the one machine that moves it (its steps are `Step`), and which works compete. Refuses to know why a step is taken, whether
//! a deadline allows it, and what is stored with it.
//!
//! Decision worth knowing: a recommendation is a fact of its own (`Entry::recommended_at`). It moves a declared work, and leaves the
//! status of one that formal review has begun with as it is.

/// Where a work stands. Which of them compete is [`Competition`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// 已申报: received, nothing decided yet.
    Declared,
    /// 已推荐: its recommender has put it forward.
    Recommended,
    /// 已受理: passed formal review.
    Accepted,
    /// 退回修改: sent back with a correction notice.
    Returned,
    /// 已重新提交: came back corrected.
    Resubmitted,
    /// 已淘汰: eliminated by formal review.
    Rejected,
    /// 已撤回: withdrawn by its unit.
    Withdrawn,
    /// 取消资格: disqualified.
    Disqualified,
}

impl Status {
    /// Every status, in the order of a work's life.
    pub const ALL: [Self; 8] = [
        Self::Declared,
        Self::Recommended,
        Self::Accepted,
        Self::Returned,
        Self::Resubmitted,
        Self::Rejected,
        Self::Withdrawn,
        Self::Disqualified,
    ];

    /// The key in JSON and in the database.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Recommended => "recommended",
            Self::Accepted => "accepted",
            Self::Returned => "returned",
            Self::Resubmitted => "resubmitted",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Disqualified => "disqualified",
        }
    }

    /// The printed name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Declared => "已申报",
            Self::Recommended => "已推荐",
            Self::Accepted => "已受理",
            Self::Returned => "退回修改",
            Self::Resubmitted => "已重新提交",
            Self::Rejected => "已淘汰",
            Self::Withdrawn => "已撤回",
            Self::Disqualified => "取消资格",
        }
    }

    /// The status with this key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.key() == key)
    }

    /// Whether the work is still in the contest: not eliminated, withdrawn or disqualified.
    #[must_use]
    pub fn is_active(self) -> bool {
        !matches!(self, Self::Rejected | Self::Withdrawn | Self::Disqualified)
    }
}

/// Who counts in judging, ranking and awards: the one place that decides it.
///
/// As long as formal review (形式审查) has accepted nothing in this program, nobody has had the occasion to be accepted, and every work
/// competes that is still in the contest. With the first acceptance on record only accepted works do: the notice lets a work
/// take part once it is 正式受理, and one that waits or was sent back must not slip through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Competition {
    /// Whether any work was ever accepted.
    pub accepted_only: bool,
}

impl Competition {
    /// Whether a work with this status competes.
    #[must_use]
    pub fn admits(self, status: Status) -> bool {
        if self.accepted_only { status == Status::Accepted } else { status.is_active() }
    }

    /// Whether a work with this status would compete, were it accepted.
    #[must_use]
    pub fn waits(self, status: Status) -> bool {
        status.is_active() && !self.admits(status)
    }
}

/// What can happen to a work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// 推荐: its recommender puts it forward.
    Recommend,
    /// 撤回推荐: its recommender takes that back.
    Unrecommend,
    /// 受理: formal review is passed.
    Accept,
    /// 退回修改.
    Return,
    /// 重新提交: a corrected version came.
    Resubmit,
    /// 淘汰.
    Reject,
    /// 撤回 by its unit.
    Withdraw,
    /// 取消资格.
    Disqualify,
    /// 恢复, to where it was before it left the contest.
    Restore(Status),
}

impl Step {
    /// The steps that need no more to be said, in the order of a work's life.
    pub const PLAIN: [Self; 8] =
        [Self::Recommend, Self::Unrecommend, Self::Accept, Self::Return, Self::Resubmit, Self::Reject, Self::Withdraw, Self::Disqualify];

    /// The printed name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Recommend => "推荐",
            Self::Unrecommend => "撤回推荐",
            Self::Accept => "受理",
            Self::Return => "退回修改",
            Self::Resubmit => "重新提交",
            Self::Reject => "淘汰",
            Self::Withdraw => "撤回",
            Self::Disqualify => "取消资格",
            Self::Restore(_) => "恢复",
        }
    }
}

impl Status {
    /// Where `step` leads from here; `None`: it cannot be taken. The only way to a new status.
    #[must_use]
    pub fn after(self, step: Step) -> Option<Self> {
        let left = !self.is_active();
        match step {
            Step::Restore(before) => (left && before.is_active()).then_some(before),
            _ if left => None,
            Step::Recommend => Some(if self == Self::Declared { Self::Recommended } else { self }),
            // What was accepted on a recommendation has to be returned first.
            Step::Unrecommend if self == Self::Accepted => None,
            Step::Unrecommend => Some(if self == Self::Recommended { Self::Declared } else { self }),
            // A returned work may be mended by staff without coming again.
            Step::Accept => (self != Self::Accepted).then_some(Self::Accepted),
            Step::Return => (self != Self::Returned).then_some(Self::Returned),
            Step::Resubmit => matches!(self, Self::Returned | Self::Resubmitted).then_some(Self::Resubmitted),
            Step::Reject => Some(Self::Rejected),
            Step::Withdraw => Some(Self::Withdrawn),
            Step::Disqualify => Some(Self::Disqualified),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_left_the_contest_comes_back_only_by_restore() {
        for status in Status::ALL {
            let moves = Step::PLAIN.iter().filter(|step| status.after(**step).is_some()).count();
            assert_eq!(moves > 0, status.is_active(), "{status:?}");
            for before in Status::ALL {
                assert_eq!(status.after(Step::Restore(before)).is_some(), !status.is_active() && before.is_active());
            }
        }
    }

    #[test]
    fn every_status_is_reached_and_only_returned_works_are_resubmitted() {
        let mut reached = vec![Status::Declared];
        let mut next = 0;
        while let Some(&status) = reached.get(next) {
            for step in Step::PLAIN {
                if let Some(after) = status.after(step)
                    && !reached.contains(&after)
                {
                    reached.push(after);
                }
                if step == Step::Resubmit && status.after(step).is_some() {
                    assert!(matches!(status, Status::Returned | Status::Resubmitted));
                }
            }
            next += 1;
        }
        reached.sort_unstable();
        assert_eq!(reached, Status::ALL);
    }

    #[test]
    fn the_first_acceptance_leaves_out_what_was_not_accepted() {
        for status in Status::ALL {
            let before = Competition { accepted_only: false };
            let after = Competition { accepted_only: true };
            assert_eq!(before.admits(status), status.is_active());
            assert_eq!(after.admits(status), status == Status::Accepted);
            assert!(!before.waits(status) && after.waits(status) == (status.is_active() && status != Status::Accepted));
        }
    }

    #[test]
    fn a_recommendation_moves_no_work_that_formal_review_has() {
        for status in [Status::Accepted, Status::Returned, Status::Resubmitted] {
            assert_eq!(status.after(Step::Recommend), Some(status));
        }
        assert_eq!(Status::Declared.after(Step::Recommend), Some(Status::Recommended));
        assert_eq!(Status::Recommended.after(Step::Unrecommend), Some(Status::Declared));
        assert_eq!(Status::Accepted.after(Step::Unrecommend), None);
    }
}
