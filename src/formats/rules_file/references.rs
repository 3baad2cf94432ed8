//! Owns what only the rounds of a category together show: that each round leads to a later one.

use super::score::resolve;
use super::tree::Node;

/// Says where `advance.to` names no round, or one that is not later: then works would go round in circles. `list` is the value of
/// `round`; rounds that are faulty themselves count by their ids all the same.
pub(super) fn check_advances(list: &Node<'_>) {
    let rounds = list.quiet_elements();
    let ids: Vec<String> = rounds.iter().filter_map(|round| round.child("id")?.quiet_text()).collect();
    for round in &rounds {
        let Some(own) = round.child("id").and_then(|id| id.quiet_text()) else { continue };
        let Some(to) = round.child("advance").and_then(|advance| advance.child("to")) else { continue };
        let Some(target) = to.quiet_text().and_then(|text| resolve(&to, "轮次", &text, &ids)) else { continue };
        let place = |id: &str| ids.iter().position(|known| known == id);
        if place(&target) <= place(&own) {
            to.fault(format!("{own} 不能晋级到 {target}：它不在后面"), "晋级只能去往写在后面的轮次；按比赛的先后排列 [[category.round]]");
        }
    }
}
