//! Owns how votes become points. Refuses to know where votes come from and which of them are valid.

use super::category::VoteScale;
use super::combining::percent;
use super::values::{Exact, Points};

/// Points of each work from the votes of one channel, in the given order. `None` stays `None`: not counted is not 0 votes, and such a
/// work is no part of the field. Equal votes share a competition place (1, 2, 2, 4), and with it its points.
#[must_use]
pub fn points(scale: &VoteScale, votes: &[Option<u64>]) -> Vec<Option<Exact>> {
    let counted: Vec<u64> = votes.iter().copied().flatten().collect();
    let share_of = |whole: i128, own: u64| if whole == 0 { Exact::zero() } else { Exact::fraction(i128::from(own) * 100, whole) };
    let each = |value: &dyn Fn(u64) -> Exact| votes.iter().map(|own| own.map(value)).collect();
    match scale {
        VoteScale::ShareOfTop => {
            let top = counted.iter().copied().max().unwrap_or(0);
            each(&|own| share_of(i128::from(top), own))
        }
        VoteScale::ShareOfTotal => {
            let total = counted.iter().map(|&own| i128::from(own)).sum();
            each(&|own| share_of(total, own))
        }
        VoteScale::RankPoints(by_place) => {
            let place = places(counted);
            each(&|own| by_place.get(place(own) - 1).map_or_else(Exact::zero, |&points| Exact::from(points)))
        }
        VoteScale::RankBands { bands, otherwise } => {
            let field = Exact::integer(i64::try_from(counted.len()).unwrap_or(i64::MAX));
            let mut bands: Vec<(Points, Points)> = bands.clone();
            bands.sort_unstable();
            let place = places(counted);
            each(&|own| {
                // A share is rounded up, as everywhere: the place lies in it if the places before it do not fill it.
                let before = Exact::integer(i64::try_from(place(own) - 1).unwrap_or(i64::MAX));
                let band = bands.iter().find(|(share, _)| before < &percent(*share) * &field);
                Exact::from(band.map_or(*otherwise, |&(_, points)| points))
            })
        }
        VoteScale::PerVote { points, cap } => each(&|own| {
            let sum = Exact::from_millionths(i128::from(own) * i128::from(points.millionths()));
            cap.map_or_else(|| sum.clone(), |cap| sum.clone().min(Exact::from(cap)))
        }),
    }
}

/// The competition place of a number of votes, from 1.
fn places(mut counted: Vec<u64>) -> impl Fn(u64) -> usize {
    counted.sort_unstable_by(|left, right| right.cmp(left));
    move |own| counted.partition_point(|&other| other > own) + 1
}
