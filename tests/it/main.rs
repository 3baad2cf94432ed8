//! The one integration binary: a plain list of rooms.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod fill;
mod gallery;
mod intake;
mod layers;
mod results;
mod store;
mod undo;
mod world;
