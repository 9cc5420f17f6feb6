//! What the rows of a file say.

use csv::{ReaderBuilder, StringRecord, Trim};
use domain::Refusal;
use domain::import::{ImportRow, MAX_ROWS, Wish};
use domain::locale::Locale;
use domain::role::{BuiltIn, CustomRole};
use domain::rules::confer::Named;
use domain::text::{self, fold};
use domain::user::UserType;

use crate::sheet;

/// Most characters of the cells that are kept, column by column: more of them than means anything. So the rows of a part
/// fit an item, whatever they are.
const MOST_KEPT: [usize; 5] = [255, 201, 50, 120, 50];
/// Most characters of a name.
const MAX_NAME: usize = 200;

/// A column, by each of its names.
const COLUMNS: [&[&str]; 5] =
    [&["email", "e-mail", "mail"], &["name"], &["type"], &["role"], &["language", "locale", "lang"]];

/// What a report has on top: whoever mends its rows imports it as it is.
const OF_REPORTS: [&str; 4] = ["line", "outcome", "code", "detail"];

/// The rows of a file. Its first line names the columns: `email`, and if wanted `name`, `type`, `role`, `language`.
pub(crate) fn rows(field: &str, bytes: &[u8]) -> Result<Vec<ImportRow>, Refusal> {
    let fault = |code, detail: &str| Refusal::field(field, code, detail);
    let text =
        sheet::text(bytes).ok_or_else(|| fault("not_utf8", "The file is not UTF-8. Save it as \"CSV UTF-8\"."))?;
    let mut reader = ReaderBuilder::new()
        .delimiter(sheet::delimiter(text))
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    if text.matches('"').count() % 2 == 1 {
        return Err(fault("not_csv", "A quotation mark is opened and never closed."));
    }
    let broken = |error: csv::Error| fault("not_csv", &format!("The file is not CSV: {error}."));
    let header = records.next().ok_or_else(|| fault("out_of_range", "The file is empty."))?.map_err(broken)?;
    let columns = columns(&header).map_err(|(code, detail)| fault(code, &detail))?;
    let (mut rows, mut line) = (Vec::new(), Line { number: 1, byte: 0 });
    for record in records {
        let record = record.map_err(broken)?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if rows.len() == MAX_ROWS {
            return Err(fault("out_of_range", &format!("There are more than {MAX_ROWS} rows. Part the file.")));
        }
        // A comma in a name that stands without quotation marks, most likely.
        if record.iter().skip(header.len()).any(|cell| !cell.is_empty()) {
            let detail = format!("Row {} has more cells than the first line has columns.", rows.len() + 1);
            return Err(fault("too_many_cells", &detail));
        }
        line.advance(text, record.position().map_or(0, csv::Position::byte));
        rows.push(ImportRow { line: line.number, ..row(&record, &columns) });
    }
    if rows.is_empty() { Err(fault("out_of_range", "There are no rows below the first line.")) } else { Ok(rows) }
}

/// A line of a text, and where it begins.
struct Line {
    number: u64,
    byte: usize,
}

impl Line {
    /// Goes on to the first line behind a place that is not blank. The reader's own count is one less where lines end as
    /// spreadsheets end them.
    fn advance(&mut self, text: &str, byte: u64) {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX).min(text.len());
        let bytes = text.as_bytes();
        let end = byte + bytes[byte..].iter().take_while(|byte| b"\r\n".contains(byte)).count();
        let passed = bytes.get(self.byte..end).unwrap_or_default();
        self.number += passed.iter().filter(|byte| **byte == b'\n').map(|_| 1).sum::<u64>();
        self.byte = end;
    }
}

/// Where each of [`COLUMNS`] is.
fn columns(header: &StringRecord) -> Result<[Option<usize>; 5], (&'static str, String)> {
    let mut found = [None; 5];
    for (place, name) in header.iter().enumerate() {
        let folded = fold(name);
        let column = COLUMNS.iter().position(|names| names.contains(&folded.as_str()));
        let shown: String = name.chars().filter(|it| !it.is_control()).take(50).collect();
        match column.map(|column| &mut found[column]) {
            None if folded.is_empty() || OF_REPORTS.contains(&folded.as_str()) => {}
            None => {
                let detail = format!("There is no column \"{shown}\". There are email, name, type, role and language.");
                return Err(("unknown_column", detail));
            }
            Some(Some(_)) => return Err(("repeated_column", format!("The column \"{shown}\" is there twice."))),
            Some(empty) => *empty = Some(place),
        }
    }
    match found {
        [Some(_), ..] => Ok(found),
        _ => Err((
            "missing_column",
            "The first line must name the columns: email, name, type, role, language.".to_owned(),
        )),
    }
}

fn row(record: &StringRecord, columns: &[Option<usize>; 5]) -> ImportRow {
    let cell = |column: usize| -> String {
        let cell = columns[column].and_then(|place| record.get(place)).unwrap_or_default();
        sheet::unguarded(cell).chars().take(MOST_KEPT[column]).collect()
    };
    ImportRow {
        email: cell(0),
        name: cell(1),
        user_type: cell(2),
        role: cell(3),
        language: cell(4),
        ..ImportRow::default()
    }
}

/// What the cells of a row mean, and the role that they name; or why they mean nothing. A member who speaks the account's
/// language, unless they say otherwise.
pub(crate) fn meaning(row: &ImportRow, roles: &[CustomRole], locale: Locale) -> Result<(Wish, Named), Refusal> {
    if !row.name.is_empty() {
        let line = text::line(&row.name, MAX_NAME);
        line.map_err(|error| Refusal::field("name", "invalid_name", format!("The name {error}.")))?;
    }
    let typed = fold(&row.user_type);
    let user_type = match UserType::ALL.into_iter().find(|it| it.name() == typed) {
        Some(user_type) => user_type,
        None if typed.is_empty() => UserType::Member,
        None => {
            let detail = "The type is none of admin, member, viewer and guest.";
            return Err(Refusal::field("type", "unknown_type", detail));
        }
    };
    let locale = match Locale::accepted(&row.language) {
        Some(locale) => locale,
        None if row.language.is_empty() => locale,
        None => {
            return Err(Refusal::field("language", "unknown_language", "The language is none of en, de, uk and ru."));
        }
    };
    let named = role(&row.role, roles);
    let role_id = match &named {
        Named::Role(role) => Some(role.id),
        Named::Own | Named::Unknown => None,
    };
    Ok((Wish { user_type, role_id, locale }, named))
}

/// A role by its name or id.
fn role(text: &str, roles: &[CustomRole]) -> Named {
    let typed = fold(text);
    if typed.is_empty() {
        return Named::Own;
    }
    let built_in = BuiltIn::ALL.into_iter().find(|role| fold(role.name()) == typed || role.id().to_string() == typed);
    let own = || roles.iter().find(|role| fold(&role.name) == typed || role.id.to_string() == typed);
    match built_in {
        Some(role) => Named::Role(role.role()),
        None => own().map_or(Named::Unknown, |role| Named::Role(role.role())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn code(text: &str) -> &'static str {
        rows("csv", text.as_bytes()).unwrap_err().told().0
    }

    #[test]
    fn files_of_many_kinds_say_the_same() {
        let expected = [("a@x.example", "Anna, A.", "guest"), ("b@x.example", "", "")];
        for text in [
            "email,name,type\na@x.example,\"Anna, A.\",guest\nb@x.example\n",
            "\u{feff}E-Mail;Name;Type\r\na@x.example;Anna, A.;guest\r\n;;\r\nb@x.example;;\r\n",
            "type\tNAME\temail\nguest\tAnna, A.\ta@x.example\n\n\t\tb@x.example",
            "name , email,type,,\n\"Anna, A.\", a@x.example ,guest\n,b@x.example",
        ] {
            let rows = rows("csv", text.as_bytes()).unwrap();
            let found: Vec<_> =
                rows.iter().map(|row| (row.email.as_str(), row.name.as_str(), row.user_type.as_str())).collect();
            assert_eq!(found, expected, "{text}");
        }
        for end in ["\n", "\r\n"] {
            let text = "email,name|a,\"x|y\"||b|c".replace('|', end);
            let lines: Vec<u64> = rows("csv", text.as_bytes()).unwrap().iter().map(|row| row.line).collect();
            assert_eq!(lines, [2, 5, 6], "{end:?}");
        }
    }

    #[test]
    fn files_that_mean_nothing_say_why() {
        for (text, expected) in [
            ("", "out_of_range"),
            ("email", "out_of_range"),
            ("email;name\n\n;\n", "out_of_range"),
            ("name\nAnna", "missing_column"),
            ("a@x.example\nb@x.example", "unknown_column"),
            ("email,langauge\na,b", "unknown_column"),
            ("email,mail\na,b", "repeated_column"),
            ("email,name\na@x.example,Doe, John", "too_many_cells"),
            ("email\n\"a@x.example\n", "not_csv"),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
        assert_eq!(rows("csv", b"email\n\xff").unwrap_err().told().0, "not_utf8");
        let many = |count: usize| format!("email\n{}", "a@x.example\n".repeat(count));
        assert_eq!(rows("csv", many(MAX_ROWS).as_bytes()).unwrap().len(), MAX_ROWS);
        assert_eq!(code(&many(MAX_ROWS + 1)), "out_of_range");
    }

    #[test]
    fn cells_mean_types_roles_and_languages() {
        let meaning = |user_type: &str, role: &str, language: &str| {
            let row = ImportRow {
                user_type: user_type.into(),
                role: role.into(),
                language: language.into(),
                ..ImportRow::default()
            };
            meaning(&row, &[], Locale::Uk).map_err(|refusal| refusal.told().0)
        };
        let viewer = BuiltIn::Viewer.id();
        for (cells, expected) in [
            (("", "", ""), Ok((UserType::Member, Named::Own, Locale::Uk))),
            (("Admin", "", "DE"), Ok((UserType::Admin, Named::Own, Locale::De))),
            (("viewer", "Viewer", "de-AT"), Ok((UserType::Viewer, Named::Role(BuiltIn::Viewer.role()), Locale::De))),
            (
                ("", viewer.to_string().as_str(), ""),
                Ok((UserType::Member, Named::Role(BuiltIn::Viewer.role()), Locale::Uk)),
            ),
            (("", "nobody's", ""), Ok((UserType::Member, Named::Unknown, Locale::Uk))),
            (("boss", "", ""), Err("unknown_type")),
            (("", "", "fr"), Err("unknown_language")),
        ] {
            let found = meaning(cells.0, cells.1, cells.2);
            assert_eq!(found.map(|(wish, named)| (wish.user_type, named, wish.locale)), expected, "{cells:?}");
        }
        let named =
            |name: &str| super::meaning(&ImportRow { name: name.into(), ..ImportRow::default() }, &[], Locale::En);
        assert!(named("Анна").is_ok());
        assert!(named("a\u{0}b").is_err() && named(&"x".repeat(201)).is_err());
    }
}
