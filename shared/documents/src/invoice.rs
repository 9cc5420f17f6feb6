//! What an invoice says.

use chrono::{Datelike as _, TimeDelta, Timelike as _};
use domain::Instant;
use domain::invoice::{Invoice, InvoiceLine, InvoiceReason, InvoiceStatus, LineItem};
use domain::locale::Locale;
use domain::plan::Money;
use krilla::metadata::{DateTime, Metadata};

use crate::Error;
use crate::sheet::{About, Cell, Role, Row, WIDTH, file};

/// An invoice as a file shows it.
#[derive(Clone, Copy, Debug)]
pub struct InvoiceDocument<'a> {
    /// Who issues it.
    pub vendor: &'a str,
    /// Who pays: the account's name.
    pub account_name: &'a str,
    /// The invoice, as it stands.
    pub invoice: &'a Invoice,
    /// The account's language.
    pub locale: Locale,
}

/// The columns of the table: the left end, the width, whether they are flush right.
pub(crate) const COLUMNS: [(&str, f32, f32, bool); 5] = [
    ("item", 0.0, 168.0, false),
    ("quantity", 174.0, 56.0, true),
    ("price", 236.0, 84.0, true),
    ("days", 326.0, 66.0, true),
    ("amount", 398.0, WIDTH - 398.0, true),
];
const TEXT: f32 = 9.5;
/// How wide the names of facts are.
const NAMES: f32 = 110.0;

/// An invoice as a PDF: A4, as many sheets as it takes.
///
/// Errors: [`Error`], which no retry mends.
pub fn pdf(document: &InvoiceDocument<'_>) -> Result<Vec<u8>, Error> {
    let number = document.invoice.number.to_string();
    let title = document.say("title", &[("number", &number)]);
    let foot = |sheet: usize, of: usize| {
        let page = document.say("page", &[("page", &sheet.to_string()), ("pages", &of.to_string())]);
        format!("{} · {title} · {page}", document.vendor)
    };
    let metadata = Metadata::new()
        .title(format!("{title} – {}", document.account_name))
        .language(document.locale.tag().to_owned())
        .authors(vec![document.vendor.to_owned()])
        .document_id(document.invoice.id.to_string())
        .creation_date(date_time(document.invoice.issued_at));
    let about = About { title: title.clone(), language: document.locale.tag(), metadata, foot: &foot };
    file(about, &document.rows(&title))
}

impl InvoiceDocument<'_> {
    /// What the file is called in the account's language, in ASCII: `invoice-17.pdf`.
    pub fn file_name(&self) -> String {
        self.say("file-name", &[("number", &self.invoice.number.to_string())])
    }

    /// A text of the message `invoice-document`.
    fn say(&self, part: &str, args: &[(&str, &str)]) -> String {
        i18n::text(self.locale, &format!("invoice-document.{part}"), args)
    }

    fn rows(&self, title: &str) -> Vec<Row> {
        let invoice = self.invoice;
        let row = |role, size, space, cells| Row { role, size, space, ruled: false, cells };
        let wide = |text: &str, bold| Cell { text: text.to_owned(), left: 0.0, width: WIDTH, flush_right: false, bold };
        let mut rows = vec![
            row(Role::Paragraph, 11.0, 0.0, vec![wide(self.vendor, true)]),
            row(Role::Heading, 22.0, 24.0, vec![wide(title, true)]),
        ];
        let last_day = (invoice.period_end - TimeDelta::days(1)).max(invoice.period_start);
        let period = [("from", self.day(invoice.period_start)), ("to", self.day(last_day))];
        let facts = [
            ("account", self.account_name.to_owned()),
            ("issued", self.day(invoice.issued_at)),
            ("reason", i18n::text(self.locale, "invoice-reason", &[("reason", reason(invoice.reason))])),
            ("period", self.say("from-to", &period.each_ref().map(|(name, day)| (*name, day.as_str())))),
            ("status", self.say("standing", &[("status", status(invoice.status))])),
        ];
        rows.extend(facts.into_iter().enumerate().map(|(place, (name, text))| {
            let name = Cell { width: NAMES, ..wide(&self.say(name, &[]), false) };
            let value = Cell { text, left: NAMES + 10.0, width: WIDTH - NAMES - 10.0, ..wide("", false) };
            row(Role::Paragraph, TEXT, if place == 0 { 12.0 } else { 2.0 }, vec![name, value])
        }));
        let heads = COLUMNS.map(|(name, ..)| self.say(name, &[]));
        rows.push(Row { ruled: true, ..row(Role::Columns, TEXT, 24.0, cells(heads, true)) });
        rows.extend(invoice.lines.iter().map(|line| row(Role::Entry, TEXT, 6.0, cells(self.line(line), false))));
        if let Some(last) = rows.last_mut() {
            last.ruled = true;
        }
        let [_, .., (_, left, width, flush_right)] = COLUMNS;
        let name = Cell { width: left - 6.0, ..wide(&self.say("total", &[]), true) };
        let sum = Cell { text: self.money(invoice.total), left, width, flush_right, bold: true };
        rows.push(row(Role::Sum, 11.0, 8.0, vec![name, sum]));
        rows
    }

    fn line(&self, line: &InvoiceLine) -> [String; 5] {
        let days = line.proration.map_or_else(
            || "–".to_owned(),
            |part| {
                let (days, all) = (part.numerator_days.to_string(), part.denominator_days.to_string());
                self.say("days-of", &[("days", &days), ("all", &all)])
            },
        );
        [
            self.say("what", &[("item", item(line.item))]),
            i18n::integer(self.locale, line.quantity),
            self.money(line.unit_price),
            days,
            self.money(line.amount),
        ]
    }

    fn day(&self, at: Instant) -> String {
        i18n::date(self.locale, at.date_naive())
    }

    fn money(&self, money: Money) -> String {
        i18n::money(self.locale, money.amount, money.currency.code())
    }
}

fn cells(texts: [String; 5], bold: bool) -> Vec<Cell> {
    let cell = |(text, (_, left, width, flush_right))| Cell { text, left, width, flush_right, bold };
    texts.into_iter().zip(COLUMNS).map(cell).collect()
}

const fn reason(reason: InvoiceReason) -> &'static str {
    match reason {
        InvoiceReason::Purchase => "purchase",
        InvoiceReason::Activation => "activation",
        InvoiceReason::Renewal => "renewal",
        InvoiceReason::PlanChange => "plan_change",
    }
}

const fn status(status: InvoiceStatus) -> &'static str {
    match status {
        InvoiceStatus::Open => "open",
        InvoiceStatus::Paid => "paid",
        InvoiceStatus::Void => "void",
    }
}

const fn item(item: LineItem) -> &'static str {
    match item {
        LineItem::Licenses => "licenses",
        LineItem::Users => "users",
        LineItem::UnusedTime => "unused_time",
        LineItem::CreditUsed => "credit_used",
        LineItem::CreditKept => "credit_kept",
    }
}

/// A moment of the file's own, to the second.
fn date_time(at: Instant) -> DateTime {
    let small = |number: u32| u8::try_from(number).unwrap_or_default();
    DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}
