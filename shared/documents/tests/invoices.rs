//! Invoices as files, read with another's eyes.

#![allow(clippy::unwrap_used, missing_docs)]

use documents::{InvoiceDocument, pdf};
use domain::id::{AccountId, InvoiceId};
use domain::invoice::{Invoice, InvoiceLine, InvoiceReason, InvoiceStatus, LineItem, Proration};
use domain::locale::Locale;
use domain::plan::{Currency, Money};

const fn eur(amount: i64) -> Money {
    Money { amount, currency: Currency::Eur }
}

fn line(item: LineItem, quantity: i64, price: i64, days: Option<u32>, amount: i64) -> InvoiceLine {
    InvoiceLine {
        item,
        description: item.describe(),
        quantity,
        unit_price: eur(price),
        proration: days.map(|numerator_days| Proration { numerator_days, denominator_days: 28 }),
        amount: eur(amount),
    }
}

fn invoice(lines: Vec<InvoiceLine>) -> Invoice {
    Invoice {
        id: InvoiceId::from_bits(7),
        account_id: AccountId::from_bits(1),
        number: 17,
        reason: InvoiceReason::PlanChange,
        period: 3,
        period_start: "2026-02-14T00:00:00Z".parse().unwrap(),
        period_end: "2026-03-01T00:00:00Z".parse().unwrap(),
        total: eur(lines.iter().map(|line| line.amount.amount).sum()),
        lines,
        status: InvoiceStatus::Open,
        issued_at: "2026-02-14T09:30:00Z".parse().unwrap(),
        announced: true,
        collection: None,
        version: 1,
    }
}

fn sample() -> Invoice {
    invoice(vec![
        line(LineItem::Licenses, 1_200, 1_200, Some(14), 720_000),
        line(LineItem::UnusedTime, 1, 900, Some(14), -450),
        line(LineItem::CreditUsed, 1, -1_050, None, -1_050),
    ])
}

fn file(invoice: &Invoice, account_name: &str, locale: Locale) -> Vec<u8> {
    pdf(&InvoiceDocument { vendor: "Roster GmbH", account_name, invoice, locale }).unwrap()
}

/// The text of each sheet, with single spaces.
fn sheets(file: &[u8]) -> Vec<String> {
    let sheets = pdf_extract::extract_text_from_mem_by_pages(file).unwrap();
    sheets.iter().map(|sheet| sheet.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn an_invoice_in_four_languages() {
    let invoice = sample();
    for (locale, expected) in [
        (
            Locale::En,
            [
                "Invoice 17",
                "February 14, 2026 – February 28, 2026",
                "change of plan",
                "open",
                "Licenses 1,200 €12.00 14 of 28 €7,200.00",
                "Unused time",
                "-€4.50",
                "Credit used",
                "Total €7,185.00",
                "Page 1 of 1",
            ],
        ),
        (
            Locale::De,
            [
                "Rechnung Nr. 17",
                "14. Februar 2026 – 28. Februar 2026",
                "Wechsel des Tarifs",
                "offen",
                "Lizenzen 1.200 12,00 € 14 von 28 7.200,00 €",
                "Nicht genutzte Zeit",
                "-4,50 €",
                "Verrechnetes Guthaben",
                "Gesamtbetrag 7.185,00 €",
                "Seite 1 von 1",
            ],
        ),
        (
            Locale::Uk,
            [
                "Рахунок № 17",
                "14 лютого 2026 р. – 28 лютого 2026 р.",
                "зміна тарифного плану",
                "відкритий",
                "Ліцензії 1 200 12,00 € 14 з 28 7 200,00 €",
                "Невикористаний час",
                "-4,50 €",
                "Зараховані кошти",
                "Разом 7 185,00 €",
                "Сторінка 1 з 1",
            ],
        ),
        (
            Locale::Ru,
            [
                "Счёт № 17",
                "14 февраля 2026 г. – 28 февраля 2026 г.",
                "смена тарифного плана",
                "открыт",
                "Лицензии 1 200 12,00 € 14 из 28 7 200,00 €",
                "Неиспользованное время",
                "-4,50 €",
                "Зачтённые средства",
                "Итого 7 185,00 €",
                "Страница 1 из 1",
            ],
        ),
    ] {
        let sheets = sheets(&file(&invoice, "Ґудзь & Söhne", locale));
        assert_eq!(sheets.len(), 1);
        for said in expected.iter().chain(&["Roster GmbH", "Ґудзь & Söhne"]) {
            assert!(sheets[0].contains(said), "{locale:?} lacks {said:?}: {}", sheets[0]);
        }
    }
}

#[test]
fn the_name_of_the_file_is_plain() {
    let invoice = sample();
    let name = |locale| InvoiceDocument { vendor: "", account_name: "", invoice: &invoice, locale }.file_name();
    assert_eq!(Locale::ALL.map(name), ["invoice-17.pdf", "rechnung-17.pdf", "rakhunok-17.pdf", "schet-17.pdf"]);
}

#[test]
fn the_same_invoice_is_the_same_file() {
    let one = file(&sample(), "Nordlicht", Locale::De);
    assert!(one == file(&sample(), "Nordlicht", Locale::De), "the same bytes");
    assert!(one.len() < 60_000, "{} octets: the typeface is embedded in part", one.len());
    let paid = Invoice { status: InvoiceStatus::Paid, ..sample() };
    assert!(sheets(&file(&paid, "Nordlicht", Locale::De))[0].contains("bezahlt"));
}

#[test]
fn many_lines_take_many_sheets() {
    let lines = (1..=150).map(|n| line(LineItem::Users, n, 900, Some(14), n * 450)).collect();
    let invoice = invoice(lines);
    let sheets = sheets(&file(&invoice, "Nordlicht", Locale::En));
    assert!(sheets.len() >= 3, "{}", sheets.len());
    for (place, sheet) in sheets.iter().enumerate() {
        assert!(sheet.contains(&format!("Page {} of {}", place + 1, sheets.len())), "{sheet}");
        assert!(sheet.contains("Unit price"), "the columns are named on each sheet: {sheet}");
    }
    let all = sheets.join(" ");
    for n in 1..=150 {
        let amount = n * 450;
        assert!(all.contains(&format!("Users {n} €9.00 14 of 28 €")), "line {n} of {amount}");
    }
    assert_eq!(all.matches("Total €50,962.50").count(), 1);
}

#[test]
fn hostile_names_harm_nothing() {
    for name in [
        "",
        "\u{202e}evil\u{0}\n\r\t)",
        "(\\) Tj ET /JavaScript",
        "東京株式会社",
        &"W".repeat(5_000),
        &"long words ".repeat(500),
    ] {
        let sheets = sheets(&file(&sample(), name, Locale::En));
        assert_eq!(sheets.len(), 1, "{name:.20}");
        assert!(sheets[0].contains("Total €7,185.00"), "{name:.20}");
        assert!(name.len() < 1_000 || sheets[0].contains('…'), "{name:.20} is cut");
    }
}

#[test]
fn the_file_says_what_it_is() {
    let file = file(&sample(), "Nordlicht", Locale::Uk);
    let document = pdf_extract::Document::load_mem(&file).unwrap();
    let catalog = document.catalog().unwrap();
    let text = |object: &pdf_extract::Object| String::from_utf8_lossy(object.as_str().unwrap()).into_owned();
    assert_eq!(text(catalog.get(b"Lang").unwrap()), "uk");
    assert!(catalog.get(b"StructTreeRoot").is_ok(), "it is tagged");
    let info = document.trailer.get(b"Info").and_then(pdf_extract::Object::as_reference).unwrap();
    let info = document.get_dictionary(info).unwrap();
    let title = info.get(b"Title").unwrap().as_str().unwrap();
    let units: Vec<_> = title[2..].chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    assert_eq!(String::from_utf16(&units).unwrap(), "Рахунок № 17 – Nordlicht");
}
