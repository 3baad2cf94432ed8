//! The one integration binary: a plain list of rooms.
