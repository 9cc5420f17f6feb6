//! What people typed, made harmless for subjects and plain text.

/// A text as one line: no control or direction marks, every run of white space one space.
///
/// A name that is an address of the web would be made a link by mail programs, and would pass for ours; so its `://` is
/// broken up.
pub(crate) fn line(text: &str) -> String {
    let printable = printable(text);
    let words: Vec<_> = printable.split_whitespace().collect();
    words.join(" ").replace("://", ": //")
}

/// A text as its lines, without control and direction marks and without empty lines at its ends.
///
/// Whatever some mail program takes for the end of a line ends one here, so that each can be marked as quoted.
pub(crate) fn lines(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n");
    let ends = ['\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];
    let lines: Vec<_> = text.split(ends).map(|line| printable(line).trim_end().to_owned()).collect();
    let filled = |line: &String| !line.is_empty();
    match (lines.iter().position(filled), lines.iter().rposition(filled)) {
        (Some(first), Some(last)) => lines.get(first..=last).unwrap_or_default().to_vec(),
        _ => Vec::new(),
    }
}

fn printable(text: &str) -> String {
    let reverses_or_hides = |c: &char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
    text.chars().filter(|c| !reverses_or_hides(c)).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line() {
        for (text, expected) in [
            ("Anna", "Anna"),
            ("  Anna \t Lind\r\nBcc: all@example.com ", "Anna Lind Bcc: all@example.com"),
            ("a\u{2028}b\u{2029}c\u{85}d\u{b}e\0f\u{7f}g", "a b c d e f g"),
            ("\u{202e}moc\u{2066}", "moc"),
            ("https://example.com://", "https: //example.com: //"),
            ("نسرین \u{200c}ها", "نسرین \u{200c}ها"),
            ("\r\n", ""),
        ] {
            assert_eq!(line(text), expected, "{text:?}");
        }
    }

    #[test]
    fn many_lines() {
        assert_eq!(lines("\n \na\r\n\r\n  b\rc\u{2028}d\u{202e}\u{7}e\n\n"), ["a", "", "  b", "c", "d e"]);
        assert_eq!(lines(" \r\n "), [""; 0]);
    }
}
