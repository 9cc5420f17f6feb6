//! The typeface, and text measured with it. It has Latin, Greek and Cyrillic; other scripts show as a sign for what is missing.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};

use crate::Error;

/// Stands for a character that the typeface lacks.
const MISSING: char = '\u{fffd}';
const ELLIPSIS: char = '…';

/// A weight of the typeface.
pub(crate) struct Face {
    metrics: FontRef<'static>,
    font: Font,
}

impl Face {
    pub(crate) fn regular() -> Result<Self, Error> {
        Self::new(ttf_noto_sans::REGULAR)
    }

    pub(crate) fn bold() -> Result<Self, Error> {
        Self::new(ttf_noto_sans::BOLD)
    }

    fn new(data: &'static [u8]) -> Result<Self, Error> {
        let metrics = FontRef::new(data).map_err(|_| Error::Font)?;
        Ok(Self { metrics, font: Font::new(data.into(), 0).ok_or(Error::Font)? })
    }

    /// What it is drawn with.
    pub(crate) fn font(&self) -> Font {
        self.font.clone()
    }

    /// A text in which every character can be drawn, without control and direction marks.
    fn drawable(&self, text: &str) -> String {
        let characters = self.metrics.charmap();
        let turns = |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        let shown = |c: char| match characters.map(c) {
            _ if c.is_control() => ' ',
            Some(_) => c,
            None => MISSING,
        };
        text.chars().filter(|c| !turns(c)).map(shown).collect()
    }

    /// The glyphs of a text, each as wide as the typeface has it.
    pub(crate) fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let characters = self.metrics.charmap();
        let glyph = |(at, c): (usize, char)| {
            let id = characters.map(c).unwrap_or_default();
            KrillaGlyph::new(GlyphId::new(id.to_u32()), self.advance(c), 0.0, 0.0, 0.0, at..at + c.len_utf8(), None)
        };
        text.char_indices().map(glyph).collect()
    }

    /// How wide a text is at a size, in points.
    pub(crate) fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.advance(c)).sum::<f32>() * size
    }

    /// In parts of the size.
    fn advance(&self, c: char) -> f32 {
        let id = self.metrics.charmap().map(c).unwrap_or_default();
        let metrics = self.metrics.glyph_metrics(Size::new(1.0), LocationRef::default());
        metrics.advance_width(id).unwrap_or_default()
    }

    /// A text as lines of at most some width: broken between words, a longer word inside; at most so many, the last one then cut
    /// with an ellipsis. A no-break space holds words together.
    pub(crate) fn lines(&self, text: &str, size: f32, width: f32, most: usize) -> Vec<String> {
        let fits = |line: &str| self.width(line, size) <= width;
        let text = self.drawable(text);
        let mut lines = vec![String::new()];
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let line = lines.last().map(String::as_str).unwrap_or_default();
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if fits(&longer) {
                lines.pop();
                lines.push(longer);
                continue;
            }
            if line.is_empty() {
                lines.pop();
            }
            lines.extend(self.broken(word, size, width));
        }
        if lines.len() > most {
            lines.truncate(most);
            if let Some(last) = lines.last_mut() {
                *last = self.cut(last, size, width);
            }
        }
        lines
    }

    /// A word in pieces that fit.
    fn broken(&self, word: &str, size: f32, width: f32) -> Vec<String> {
        let mut pieces = vec![String::new()];
        for c in word.chars() {
            if let Some(piece) = pieces.last_mut() {
                piece.push(c);
                if piece.chars().count() > 1 && self.width(piece, size) > width {
                    piece.pop();
                    pieces.push(c.to_string());
                }
            }
        }
        pieces
    }

    /// A line that ends with an ellipsis and fits.
    fn cut(&self, line: &str, size: f32, width: f32) -> String {
        let mut kept = line.trim_end().to_owned();
        while !kept.is_empty() && self.width(&format!("{kept}{ELLIPSIS}"), size) > width {
            kept.pop();
        }
        format!("{}{ELLIPSIS}", kept.trim_end())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lines_fit_and_lose_nothing() {
        let face = Face::regular().unwrap();
        for text in ["", "a", "one two three four five", &"x".repeat(200), "Ґудзь і партнери, товариство з обмеженою"]
        {
            let lines = face.lines(text, 10.0, 60.0, 99);
            assert!(lines.iter().all(|line| face.width(line, 10.0) <= 60.0), "{lines:?}");
            let letters = |text: &str| text.replace(' ', "");
            assert_eq!(letters(&lines.concat()), letters(text));
        }
        assert_eq!(face.lines("for 1\u{a0}234,50\u{a0}€", 10.0, 60.0, 9), ["for", "1\u{a0}234,50\u{a0}€"]);
    }

    #[test]
    fn too_many_lines_end_with_an_ellipsis() {
        let face = Face::bold().unwrap();
        let lines = face.lines(&"many words ".repeat(20), 10.0, 60.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…') && face.width(&lines[1], 10.0) <= 60.0, "{lines:?}");
    }

    #[test]
    fn what_the_typeface_lacks_is_shown_as_missing() {
        let face = Face::regular().unwrap();
        assert_eq!(face.drawable("Åsa ґ € № – „Ж“ 東"), "Åsa ґ € № – „Ж“ \u{fffd}");
        assert!(face.metrics.charmap().map(MISSING).is_some(), "the sign itself can be drawn");
    }
}
