//! The one integration binary: a plain list of rooms.

mod fill;
mod store;
mod undo;
mod world;
