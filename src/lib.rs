//! dasai（大赛）: one program that runs an association's story contest, from the first e-mailed form to the printed award list.
//!
//! This file is the map: five layers, imports only go down, and `domain`'s three users (`formats`, `store`, `output`) do not know
//! each other. `tests/it/layers.rs` keeps it so.

pub mod error;

/// What staff type: arguments, the plan, one write.
pub mod commands {
    pub mod advance;
    pub mod attachment;
    mod attachment_files;
    mod attachment_report;
    mod attachment_scan;
    pub mod award;
    mod award_changes;
    pub mod award_proposal;
    pub mod award_results;
    pub mod check;
    pub mod cli;
    pub mod commendation;
    pub mod contest;
    pub mod context;
    pub mod deadline;
    pub mod demo;
    mod demo_marks;
    pub mod duplicates;
    mod duplicates_view;
    mod earlier_contests;
    pub mod entry;
    mod entry_view;
    mod exceptions;
    pub mod export;
    pub mod export_awards;
    pub mod export_lists;
    mod files;
    pub mod findings;
    pub mod help;
    pub mod history;
    mod history_gates;
    mod history_words;
    pub mod huge_pages;
    pub mod import;
    mod import_changes;
    mod import_mappings;
    mod import_questions;
    mod import_report;
    pub mod judge;
    pub mod judge_import;
    mod mail_attachments;
    mod moments;
    pub mod organization;
    pub mod organization_merge;
    mod papers;
    mod parcels;
    pub mod problems;
    mod progress;
    pub mod quarantine;
    pub mod rank;
    pub mod ranking;
    mod reading;
    mod receipt_faults;
    mod receipt_reply;
    mod receipt_words;
    mod receipts;
    mod receiving;
    pub mod recommend;
    mod recommend_confirm;
    mod recommend_sheet;
    mod recommendation_import;
    pub mod recommender;
    mod recommender_import;
    mod recommending;
    pub mod refusals;
    pub mod results;
    pub mod rules;
    pub mod rules_change;
    pub mod rules_show;
    pub mod score;
    pub mod score_import;
    pub mod score_views;
    pub mod score_write;
    pub mod screen;
    mod screen_decide;
    mod screen_desk;
    mod screen_notice;
    mod screen_review;
    mod screen_view;
    pub mod selection;
    mod settling;
    pub mod status;
    pub mod usage;
    mod waivers;
}

/// The rules of the field: pure, no SQL, no files, no terminal, no clock.
pub mod domain {
    pub mod advancement;
    /// Received files: what they are, whose they are, what is wrong with them, and what they should be called.
    pub mod attachment {
        mod check;
        mod file;
        mod file_type;
        mod index;
        mod kind;
        mod likely;
        mod matcher;
        mod name;
        mod naming;

        pub use check::file_findings;
        pub use file::{Attachment, FileRecord, Link, MatchedBy, split_ending};
        pub use file_type::{Condition, FileType};
        pub use kind::{RECOMMENDATION, kind_name};
        pub use matcher::{How, Match, Matcher, Query};
        pub use naming::{Obstacle, Rename, doubled, harmless, is_named_as_asked, renames};
    }
    pub mod award;
    pub mod award_decision;
    pub mod beside;
    pub mod category;
    pub mod check_catalogue;
    pub mod combining;
    pub mod command_word;
    pub mod correction_notice;
    pub mod credit_code;
    mod digits;
    pub mod eligibility;
    pub mod entry;
    pub mod exact;
    pub mod extension;
    pub mod field;
    pub mod finding;
    pub mod folding;
    pub mod intake;
    pub mod judging;
    pub mod later_stage;
    pub mod likeness;
    pub mod listing;
    pub mod mark_intake;
    pub mod mark_plan;
    pub mod mark_text;
    pub mod normalization;
    pub mod organization;
    pub mod overtime;
    pub mod paper;
    pub mod plain;
    pub mod privacy;
    pub mod problem;
    pub mod ranking;
    pub mod received;
    pub mod recommendation;
    pub mod recommendation_check;
    pub mod recommendation_intake;
    pub mod recommendation_sheet;
    pub mod recommended_works;
    pub mod refusal;
    pub mod renaming;
    pub mod rules;
    pub mod rules_change;
    pub mod scoring;
    pub mod screening;
    /// Which texts are alike, exactly: the measure, the join, and the parts two texts share.
    pub mod similarity {
        pub mod arranged;
        pub mod common;
        mod few;
        mod grams;
        pub mod join;
        pub mod measure;
        pub mod numbers;
        mod probe;
        pub mod ratio;
        #[cfg(test)]
        mod tests;
    }
    pub mod special_award;
    pub mod status;
    pub mod threads;
    pub mod values;
    pub mod verdict;
    pub mod vote_scale;
    pub mod waiver;
}

/// Bytes ↔ domain: readers and writers of files.
pub mod formats {
    pub mod amounts;
    pub mod archive;
    mod binary_workbook_reader;
    mod categories;
    mod cell_values;
    pub mod columns;
    pub mod comparison_workbook;
    mod compound;
    mod container;
    pub mod delimited;
    mod delimited_reader;
    #[cfg(test)]
    mod draft_tests;
    pub mod drafts;
    mod encoding;
    pub mod fields;
    pub mod file_type;
    mod form;
    mod grid;
    pub mod headers;
    pub mod judge_table;
    mod list_table;
    pub mod mail;
    mod mail_header;
    pub mod marks;
    mod measured_archive;
    mod old_records;
    mod old_workbook_reader;
    mod open_document_reader;
    mod page_reader;
    #[cfg(test)]
    mod paper_tests;
    pub mod paper_workbook;
    pub mod parcel_problems;
    #[cfg(test)]
    mod parcel_tests;
    mod part_limits;
    pub mod pdf;
    pub mod problems;
    #[cfg(test)]
    mod reading_tests;
    /// The marked copy of a received file.
    pub mod receipt;
    pub mod recommendation;
    pub mod recommender_table;
    pub mod registration;
    pub mod reread;
    mod row_stream;
    pub mod rows;
    /// TOML → rules, all faults with their line.
    pub mod rules_file {
        mod awards;
        mod categories;
        mod difference;
        #[cfg(test)]
        mod fault_tests;
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
        pub use paths::{RuleValue, is_within, unconfirmed, values};
        pub use presets::{PRESETS, Preset, preset};
        pub use reader::{decode, parse};
    }
    pub mod score_header;
    pub mod score_sheet;
    pub mod sheet;
    mod sheet_reader;
    mod sheet_scan;
    pub mod spool;
    pub mod surroundings;
    pub mod target;
    #[cfg(test)]
    mod values_tests;
    mod word;
    pub mod word_writer;
    pub mod workbook;
    mod workbook_reader;
    mod xml;
}

/// SQLite ↔ domain. SQL is written here only.
pub mod store {
    pub mod attachments;
    pub mod backup;
    pub mod chain;
    pub mod connection;
    pub mod contest;
    pub mod db;
    pub mod earlier;
    pub mod entries;
    pub mod extensions;
    pub mod ground;
    pub mod judging;
    pub mod later_stages;
    pub mod oplog;
    pub mod organizations;
    pub mod overview;
    pub mod past;
    pub mod recommendations;
    pub mod references;
    pub mod results;
    pub mod schema;
    pub mod screening;
    pub mod sources;
    mod triggers;
    pub mod undo;
    pub mod verdicts;
    pub mod waivers;
}

/// Domain → terminal and JSON.
pub mod output {
    mod beside;
    mod grid;
    mod lines;
    pub mod progress;
    pub mod render;
    pub mod table;
    pub mod ui;
}

pub use commands::cli::run;
