//! Owns likeness of works that have several texts, each as good as the other: a title, and the same with its halves swapped. Refuses to
//! know how the texts are made, and what follows from a pair.
//!
//! Decision worth knowing: works that share any of their texts are one class, and so are works joined by such a chain; two classes are
//! as alike as the two most alike of their texts. Where no work has a second text (all summaries, most titles), a class is a group of
//! equal texts and this is [`join`] itself.

use super::join::{Join, Options, join, join_between, sorted_by_group};
use super::ratio::Ratio;

/// The texts of works: one each, and further ones of some.
#[derive(Debug, Clone, Default)]
pub struct Arranged {
    texts: Vec<String>,
    /// The work of each further text.
    owners: Vec<usize>,
    works: usize,
}

impl Arranged {
    /// Texts by work, and further texts with their work, in any order. A work without a text has no further ones.
    #[must_use]
    pub fn new(mut texts: Vec<String>, further: Vec<(usize, String)>) -> Self {
        let works = texts.len();
        let further = further.into_iter().filter(|(work, _)| texts.get(*work).is_some_and(|text| !text.is_empty()));
        let (owners, more): (Vec<usize>, Vec<String>) = further.collect::<Vec<_>>().into_iter().unzip();
        texts.extend(more);
        Self { texts, owners, works }
    }

    fn owner(owners: &[usize], works: usize, text: usize) -> usize {
        text.checked_sub(works).and_then(|further| owners.get(further)).copied().unwrap_or(text)
    }
}

/// Which works of one contest are equal or similar.
#[derive(Debug)]
pub struct Alike {
    members: Vec<usize>,
    starts: Vec<usize>,
    class_of: Vec<Option<u32>>,
    links: Vec<(u32, u32, Ratio)>,
    complete: bool,
}

impl Alike {
    /// Finds them.
    #[must_use]
    pub fn find(texts: Arranged, options: Options) -> Self {
        let Arranged { texts, owners, works } = texts;
        Self::of(&join(texts, options), &owners, works)
    }

    fn of(join: &Join, owners: &[usize], works: usize) -> Self {
        let groups = &join.groups;
        let count = groups.group_of.iter().flatten().max().map_or(0, |most| *most as usize + 1);
        let mut classes = Classes((0..count).collect());
        for (further, &work) in owners.iter().enumerate() {
            if let (Some(own), Some(other)) = (groups.group_of[work], groups.group_of[works + further]) {
                classes.unite(own as usize, other as usize);
            }
        }
        // Classes are numbered by their first work.
        let mut number: Vec<Option<u32>> = vec![None; count];
        let mut next = 0_u32;
        let mut class_of = Vec::with_capacity(works);
        for group in groups.group_of.iter().take(works) {
            class_of.push(group.map(|group| {
                *number[classes.root(group as usize)].get_or_insert_with(|| {
                    next += 1;
                    next - 1
                })
            }));
        }
        let placed = (0..).zip(&class_of).filter_map(|(work, class)| class.map(|class| (class, work)));
        let (starts, members) = sorted_by_group(next as usize, placed);
        let mut links = Vec::new();
        for group in 0..count {
            for &(other, similarity) in groups.linked(group).iter().filter(|(other, _)| *other as usize > group) {
                let (left, right) = (number[classes.root(group)], number[classes.root(other as usize)]);
                if let (Some(left), Some(right)) = (left, right)
                    && left != right
                {
                    links.push((left.min(right), left.max(right), similarity));
                }
            }
        }
        // Of several links between two classes the closest stays.
        links.sort_unstable_by(|one, two| (one.0, one.1).cmp(&(two.0, two.1)).then(two.2.cmp(&one.2)));
        links.dedup_by_key(|link| (link.0, link.1));
        Self { members, starts, class_of, links, complete: join.is_complete() }
    }

    /// Whether all were found.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    fn members(&self, class: u32) -> &[usize] {
        &self.members[self.starts[class as usize]..self.starts[class as usize + 1]]
    }

    /// The works that are equal, two or more a class, each class and all of them in order.
    pub fn equal_groups(&self) -> impl Iterator<Item = &[usize]> {
        self.starts.windows(2).map(|bounds| &self.members[bounds[0]..bounds[1]]).filter(|members| members.len() > 1)
    }

    /// The pairs of classes that are similar, not equal: the works of one, the works of the other, the similarity.
    pub fn similar_groups(&self) -> impl Iterator<Item = (&[usize], &[usize], Ratio)> {
        self.links.iter().map(|&(left, right, similarity)| (self.members(left), self.members(right), similarity))
    }

    /// How alike two works are, if they are found at all; one for equal ones.
    #[must_use]
    pub fn between(&self, left: usize, right: usize) -> Option<Ratio> {
        let class = |work: usize| self.class_of.get(work).copied().flatten();
        let (left, right) = (class(left)?, class(right)?);
        if left == right {
            return Some(Ratio::ONE);
        }
        let key = (left.min(right), left.max(right));
        let found = self.links.binary_search_by_key(&key, |link| (link.0, link.1)).ok()?;
        self.links.get(found).map(|link| link.2)
    }
}

/// Sets of groups that grow together.
struct Classes(Vec<usize>);

impl Classes {
    fn root(&mut self, group: usize) -> usize {
        let mut root = group;
        while self.0[root] != root {
            self.0[root] = self.0[self.0[root]];
            root = self.0[root];
        }
        root
    }

    fn unite(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one.max(other)] = one.min(other);
    }
}

/// An old work, and how alike a new one is to it.
pub type Earlier = (usize, Ratio);

/// By new work: the old works that are equal or similar to it by any of their texts, at most `most` a text, most alike first; and
/// whether these are all.
#[must_use]
pub fn alike_between(new: Arranged, old: Arranged, options: Options, most: usize) -> (Vec<Vec<Earlier>>, bool) {
    let (new_owners, new_works) = (new.owners, new.works);
    let (old_owners, old_works) = (old.owners, old.works);
    let join = join_between(new.texts, old.texts, options);
    let mut found: Vec<Vec<Earlier>> = vec![Vec::new(); new_works];
    let mut complete = join.is_complete();
    for text in 0..new_works + new_owners.len() {
        let (partners, all) = join.most_alike(text, most);
        complete &= all;
        if let Some(slot) = found.get_mut(Arranged::owner(&new_owners, new_works, text)) {
            slot.extend(partners.into_iter().map(|(old, similarity)| (Arranged::owner(&old_owners, old_works, old), similarity)));
        }
    }
    for partners in &mut found {
        closest_first(partners);
    }
    (found, complete)
}

/// Each old work once, with its highest similarity; the most alike first, then by their order.
pub fn closest_first(partners: &mut Vec<Earlier>) {
    partners.sort_unstable_by(|one, two| one.0.cmp(&two.0).then(two.1.cmp(&one.1)));
    partners.dedup_by_key(|partner| partner.0);
    partners.sort_by(|one, two| two.1.cmp(&one.1).then(one.0.cmp(&two.0)));
}
