//! Tables as CSV (RFC 4180), for spreadsheets: written so that no cell is taken for a formula, and read back.

use edge::Problem;
use schemars::JsonSchema;

/// A file of CSV.
#[derive(Debug, JsonSchema)]
#[schemars(transparent)]
pub struct Csv(#[allow(dead_code, reason = "it is described, never made")] String);

/// What tells spreadsheets that a file is UTF-8.
const MARK: &str = "\u{feff}";
/// What a cell begins with that a spreadsheet would reckon with.
const FORMULAS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
/// What parts cells and rows in one spreadsheet or another.
const PARTS: [char; 5] = [',', ';', '\t', '\n', '\r'];

/// A table: what its columns are called, and its rows.
pub(crate) fn table<const N: usize>(
    columns: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<String, Problem> {
    let broken = |error: &dyn std::fmt::Display| Problem::internal(error.to_string());
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(MARK.as_bytes().to_vec());
    writer.write_record(columns).map_err(|error| broken(&error))?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| guarded(cell))).map_err(|error| broken(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| broken(&error))?;
    String::from_utf8(bytes).map_err(|error| broken(&error))
}

/// A cell that is text wherever it is opened: an apostrophe stands before whatever would be a formula, at the beginning and
/// behind all that parts cells in some spreadsheet, whatever parts them here.
fn guarded(cell: &str) -> String {
    let mut out = String::with_capacity(cell.len() + 1);
    for (begins, rest, next) in places(cell) {
        if begins && is_formula(rest) {
            out.push('\'');
        }
        out.push(next);
    }
    out
}

/// What a cell said before it was guarded.
pub(crate) fn unguarded(cell: &str) -> String {
    places(cell)
        .filter(|(begins, rest, next)| !(*begins && *next == '\'' && is_formula(rest)))
        .map(|(_, _, it)| it)
        .collect()
}

/// Each character, with whether a cell could begin there, and what is there from it on.
fn places(cell: &str) -> impl Iterator<Item = (bool, &str, char)> {
    let before = std::iter::once(None).chain(cell.chars().map(Some));
    let begins = before.map(|before| before.is_none_or(|it| PARTS.contains(&it)));
    cell.char_indices().zip(begins).map(|((at, next), begins)| (begins, &cell[at..], next))
}

/// Whether this would be a formula, or is one that is guarded already: then it gets one apostrophe more, so that taking one
/// away brings back what was typed.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULAS)
}

/// The text of a file; none where it is not UTF-8.
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    Some(text.strip_prefix(MARK).unwrap_or(text))
}

/// What parts the cells: what the first line has most of. Spreadsheets write semicolons where the comma is a decimal one.
pub(crate) fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
    // The last of the most: a comma, where there is nothing to tell by.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_every_cell_comes_back() {
        let cells = [
            "=HYPERLINK(\"http://evil\")",
            "+49 30 123",
            "-1",
            "@SUM(A1)",
            "\tx",
            "\rx",
            "plain",
            "",
            "a, \"b\"; c",
            "two\r\nlines",
            "'quoted'",
            "'=x",
            "''=x",
            "A;=cmd|' /C calc'!A0;B",
            "a\n=1,+2\t@3",
            "a-b = c",
            "Ольга",
        ];
        let table = table(["cell", "other"], cells.map(|cell| [cell.to_owned(), "x".to_owned()])).unwrap();
        let mut reader = csv::ReaderBuilder::new().from_reader(text(table.as_bytes()).unwrap().as_bytes());
        let found: Vec<String> = reader.records().map(|record| record.unwrap()[0].to_owned()).collect();
        assert_eq!(found.len(), cells.len());
        for (found, cell) in found.iter().zip(cells) {
            let beginnings = found.split(PARTS).filter(|piece| piece.starts_with(FORMULAS));
            assert_eq!(beginnings.count(), 0, "{found}");
            assert_eq!(unguarded(found), cell);
        }
    }

    #[test]
    fn the_first_line_tells_what_parts_cells() {
        for (text, expected) in
            [("email", b','), ("email,name", b','), ("email;name", b';'), ("email\tname\n,,,,", b'\t'), ("", b',')]
        {
            assert_eq!(delimiter(text), expected, "{text}");
        }
        assert_eq!(text(b"\xef\xbb\xbfemail"), Some("email"));
        assert_eq!(text(b"\xff\xfee\x00"), None);
    }
}
