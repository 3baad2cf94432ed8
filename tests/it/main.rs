//! The one integration binary: a plain list of rooms.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]
#![expect(clippy::format_collect, clippy::format_push_string, reason = "the small tables that tests make")]

mod attachments;
mod bad_input;
mod bad_usage;
mod bombs;
mod console;
mod deadlines;
mod desk;
mod docs;
mod duplicates;
mod fill;
mod forms;
mod gallery;
mod gates;
mod hostile;
mod hostile_tables;
mod intake;
mod journey;
mod judging;
mod kill;
mod layers;
mod mail;
mod receipts;
mod received;
mod recommend;
mod records;
mod results;
mod screening;
mod screening_states;
mod status;
mod store;
mod tables;
mod together;
mod undo;
mod units;
mod words;
mod world;
