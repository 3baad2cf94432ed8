//! The one integration binary: a plain list of rooms.

mod console;
mod docs;
mod fill;
mod gallery;
mod intake;
mod layers;
mod store;
mod undo;
mod world;
