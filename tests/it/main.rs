//! The one integration binary: a plain list of rooms.

mod fill;
mod gallery;
mod layers;
mod intake;
mod store;
mod undo;
mod world;
