//! Owns what the characters of symbol fonts look like: check boxes and ticks that are ordinary letters to everything but the font.

use super::{EMPTY, TICKED};

/// A symbol font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SymbolFont {
    /// Wingdings.
    Wingdings,
    /// Wingdings 2.
    Wingdings2,
    /// Webdings.
    Webdings,
}

impl SymbolFont {
    /// The font with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "wingdings" => Some(Self::Wingdings),
            "wingdings 2" | "wingdings2" => Some(Self::Wingdings2),
            "webdings" => Some(Self::Webdings),
            _ => None,
        }
    }
}

/// How a character of a symbol font looks: a box, a bare tick, or itself where it is no mark. Characters come plain (`þ`) or moved into
/// the private area (U+F0FE).
pub(super) fn shown(font: Option<SymbolFont>, character: char) -> char {
    let code = u32::from(character);
    let code = match (code, font) {
        (0xF020..=0xF0FF, _) => code - 0xF000,
        (0x20..=0xFF, Some(_)) => code,
        _ => return character,
    };
    match (font.unwrap_or(SymbolFont::Wingdings), code) {
        (SymbolFont::Wingdings, 0xFE | 0xFD | 0x78 | 0x6E)
        | (SymbolFont::Wingdings2, 0x51..=0x56 | 0xA2 | 0xA4)
        | (SymbolFont::Webdings, 0x67) => TICKED,
        (SymbolFont::Wingdings, 0xA8 | 0x6F | 0x70 | 0x71 | 0x72 | 0xA1 | 0x6D)
        | (SymbolFont::Wingdings2, 0x2A | 0x2B | 0x2C | 0x2D | 0x35 | 0x99 | 0x9A | 0xA3)
        | (SymbolFont::Webdings, 0x63) => EMPTY,
        (SymbolFont::Wingdings, 0xFC) | (SymbolFont::Wingdings2, 0x50) | (SymbolFont::Webdings, 0x61) => '√',
        (SymbolFont::Wingdings, 0xFB) | (SymbolFont::Wingdings2, 0x4F) | (SymbolFont::Webdings, 0x72) => '×',
        (SymbolFont::Wingdings, 0x6C) | (SymbolFont::Wingdings2, 0x97 | 0x98) => '●',
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_boxes_in_every_font() {
        let wingdings = SymbolFont::named("Wingdings");
        let second = SymbolFont::named("Wingdings 2");
        assert_eq!(shown(wingdings, '\u{F0FE}'), TICKED);
        assert_eq!(shown(wingdings, 'þ'), TICKED);
        assert_eq!(shown(wingdings, '\u{F0FD}'), TICKED);
        assert_eq!(shown(wingdings, '\u{F0A8}'), EMPTY);
        assert_eq!(shown(wingdings, '\u{F06F}'), EMPTY);
        assert_eq!(shown(wingdings, '\u{F0FC}'), '√');
        assert_eq!(shown(second, 'R'), TICKED);
        assert_eq!(shown(second, '\u{F052}'), TICKED);
        assert_eq!(shown(second, '£'), EMPTY);
        assert_eq!(shown(None, '\u{F0FE}'), TICKED);
        assert_eq!(shown(None, 'R'), 'R');
        assert_eq!(shown(wingdings, '质'), '质');
    }
}
