//! Owns the embedded fonts: Noto Sans CJK SC (SIL OFL 1.1, `src/formats/fonts/OFL.txt`), all its hanzi in regular weight, the everyday
//! ones in bold. Refuses to know lines and pages.
//!
//! Decision worth knowing: fonts of the system are not asked. The same paper would be another file on another machine, and the embedded
//! font has every hanzi of the standard tables; what it lacks is reported instead.

use krilla::text::Font as KrillaFont;
use skrifa::charmap::Charmap;
use skrifa::raw::TableProvider as _;
use skrifa::raw::tables::hmtx::Hmtx;
use skrifa::{FontRef, MetadataProvider as _};

use super::Grain;

static REGULAR: &[u8] = include_bytes!("../fonts/NotoSansCJKsc-Regular-subset.otf");
static BOLD: &[u8] = include_bytes!("../fonts/NotoSansCJKsc-Bold-subset.otf");

/// Which of the embedded fonts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Font {
    /// Every hanzi.
    Regular,
    /// The hanzi of level 1 of GB 2312.
    Bold,
}

/// The glyph of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Its font.
    pub(super) font: Font,
    /// Its number in the font.
    pub(super) glyph: u32,
    /// Its width in thousandths of the size.
    pub(super) advance: Grain,
}

struct Face {
    font: KrillaFont,
    characters: Charmap<'static>,
    widths: Hmtx<'static>,
    units: Grain,
}

impl Face {
    fn load(data: &'static [u8]) -> Option<Self> {
        let font = FontRef::new(data).ok()?;
        let units = Grain::from(font.head().ok()?.units_per_em());
        Some(Self { font: KrillaFont::new(data.into(), 0)?, characters: font.charmap(), widths: font.hmtx().ok()?, units })
    }

    fn shape(&self, name: Font, character: char) -> Option<Shape> {
        let glyph = self.characters.map(character)?;
        let advance = Grain::from(self.widths.advance(glyph)?) * 1000 / self.units.max(1);
        Some(Shape { font: name, glyph: glyph.to_u32(), advance })
    }
}

/// The embedded fonts, ready for use.
pub(super) struct Faces {
    regular: Face,
    bold: Face,
}

impl Faces {
    /// Reads the fonts; `None`: they are damaged.
    pub(super) fn load() -> Option<Self> {
        Some(Self { regular: Face::load(REGULAR)?, bold: Face::load(BOLD)? })
    }

    /// The glyph of a character, bold where the bold font has it.
    pub(super) fn shape(&self, character: char, is_bold: bool) -> Option<Shape> {
        let bold = if is_bold { self.bold.shape(Font::Bold, character) } else { None };
        bold.or_else(|| self.regular.shape(Font::Regular, character))
    }

    /// The font as krilla takes it.
    pub(super) fn font(&self, name: Font) -> &KrillaFont {
        match name {
            Font::Regular => &self.regular.font,
            Font::Bold => &self.bold.font,
        }
    }
}
