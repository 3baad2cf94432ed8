//! dasai（大赛）: one program that runs an association's story contest, from the first e-mailed form to the printed award list.
//!
//! This file is the map: five layers, imports only go down, and `domain`'s three users (`formats`, `store`, `output`) do not know
//! each other. `tests/it/layers.rs` keeps it so.

pub mod error;

/// What staff type: arguments, the plan, one write.
pub mod commands {
    pub mod award;
    pub mod check;
    pub mod cli;
    pub mod contest;
    pub mod context;
    pub mod demo;
    pub mod entry;
    pub mod export;
    pub mod help;
    pub mod history;
    mod history_words;
    pub mod import;
    pub mod judge;
    pub mod organization;
    pub mod quarantine;
    pub mod rank;
    pub mod rules;
    pub mod rules_change;
    pub mod rules_show;
    pub mod score;
    pub mod status;
    pub mod usage;
}

/// The rules of the field: pure, no SQL, no files, no terminal, no clock.
pub mod domain {
    pub mod award;
    pub mod category;
    pub mod eligibility;
    pub mod entry;
    pub mod field;
    pub mod folding;
    pub mod intake;
    pub mod judging;
    pub mod listing;
    pub mod organization;
    pub mod plain;
    pub mod privacy;
    pub mod problem;
    pub mod ranking;
    pub mod rules;
    pub mod rules_change;
    pub mod scoring;
    pub mod similarity;
    pub mod values;
}

/// Bytes ↔ domain: readers and writers of files.
pub mod formats {
    pub mod delimited;
    pub mod fields;
    pub mod headers;
    pub mod registration;
    /// TOML → rules, all faults with their line.
    pub mod rules_file {
        mod awards;
        mod categories;
        mod difference;
        mod faults;
        mod paths;
        mod presets;
        mod reader;
        mod references;
        mod rounds;
        mod scalars;
        mod score;
        mod shapes;
        mod syntax;
        #[cfg(test)]
        mod tests;
        mod tree;

        pub use difference::{RuleChange, diff};
        pub use faults::{RulesFault, render_faults};
        pub use paths::{RuleValue, is_within, values};
        pub use presets::{PRESETS, Preset, preset};
        pub use reader::{decode, parse};
    }
    pub mod score_sheet;
    pub mod sheet;
    pub mod workbook;
}

/// SQLite ↔ domain. SQL is written here only.
pub mod store {
    pub mod backup;
    pub mod chain;
    pub mod contest;
    pub mod db;
    pub mod entries;
    pub mod judging;
    pub mod oplog;
    pub mod organizations;
    pub mod results;
    pub mod schema;
    pub mod sources;
    pub mod undo;
}

/// Domain → terminal and JSON.
pub mod output {
    pub mod progress;
    pub mod render;
    pub mod table;
    pub mod ui;
}

pub use commands::cli::run;
