//! Tests of the rules file.

use super::{PRESETS, parse, render_faults};

#[test]
fn presets_have_no_fault() {
    for preset in PRESETS {
        if let Err(faults) = parse(preset.text) {
            panic!("{}", render_faults(preset.name, preset.text, &faults));
        }
    }
}
