//! `GET /v1/imports/{id}/report`

use domain::Stamp;
use domain::import::{ImportRow, RowOutcome};
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::imports::{ImportPath, parts, seen};
use crate::load::NoQuery;
use crate::sheet::{self, Csv};

/// The rows of an import with their outcomes as one file, also while it goes on.
#[derive(Debug)]
pub struct Report;

/// What the columns are called. What was typed stands as in the file, so that refused rows can be mended and imported.
const COLUMNS: [&str; 9] = ["line", "email", "name", "type", "role", "language", "outcome", "code", "detail"];

impl Endpoint for Report {
    const NAME: &'static str = "imports_report";
    const ANSWERS: &'static str = "text/csv";
    type Path = ImportPath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = Csv;

    async fn decide(
        context: &Context,
        input: &Input<ImportPath, NoQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let import = seen(context, context.caller()?, input.path.id).await?;
        let all = usize::try_from(import.parts).unwrap_or(usize::MAX);
        let parts = parts(context, &import, 0..all).await?;
        let rows = parts.into_iter().flat_map(|part| part.rows).map(cells);
        Ok(Decision::read(Reply::table(&format!("{}.csv", import.id), sheet::table(COLUMNS, rows)?, None)))
    }
}

fn cells(row: ImportRow) -> [String; 9] {
    let outcome = row.outcome.name().to_owned();
    let (code, detail) = match row.outcome {
        RowOutcome::Refused { code, detail } => (code, detail),
        RowOutcome::Ready | RowOutcome::Invited { .. } => (String::new(), String::new()),
    };
    [row.line.to_string(), row.email, row.name, row.user_type, row.role, row.language, outcome, code, detail]
}
