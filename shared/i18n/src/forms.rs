//! Days, numbers and sums of money in the form of each language, as CLDR has them.

use chrono::{Datelike as _, NaiveDate};
use domain::locale::Locale;

use crate::text;

/// A space at which no line ends.
const NO_BREAK: &str = "\u{a0}";

/// A day as the language writes it: `November 3, 2025`.
pub fn date(locale: Locale, day: NaiveDate) -> String {
    // Fluent compares texts with names, not with numbers.
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let month = MONTHS.get(day.month0() as usize).copied().unwrap_or_default();
    let (number, year) = (day.day().to_string(), day.year().to_string());
    text(locale, "date", &[("day", &number), ("month", month), ("year", &year)])
}

/// A whole number with its thousands set apart: `1,234`.
pub fn integer(locale: Locale, number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let sign = if number < 0 { "-" } else { "" };
    let separator = match locale {
        Locale::En => ",",
        Locale::De => ".",
        Locale::Uk | Locale::Ru => NO_BREAK,
    };
    // The first group has what is left over.
    let (first, rest) = digits.split_at(digits.len() - (digits.len() - 1) / 3 * 3);
    let groups = rest.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group));
    groups.fold(format!("{sign}{first}"), |text, group| text + separator + &group)
}

/// A sum of money: `€1,234.50`. It is given in minor units and the code of its currency; one without a sign is named by its
/// code.
pub fn money(locale: Locale, amount: i64, currency: &str) -> String {
    let one = 10_u64.pow(minor_digits(currency));
    let size = amount.unsigned_abs();
    let whole = integer(locale, i64::try_from(size / one).unwrap_or(i64::MAX));
    let point = if locale == Locale::En { "." } else { "," };
    let number = match minor_digits(currency) as usize {
        0 => whole,
        width => format!("{whole}{point}{:0width$}", size % one),
    };
    let minus = if amount < 0 { "-" } else { "" };
    match (locale, sign(currency)) {
        (Locale::En, Some(sign)) => format!("{minus}{sign}{number}"),
        (Locale::En, None) => format!("{minus}{currency}{NO_BREAK}{number}"),
        (_, sign) => format!("{minus}{number}{NO_BREAK}{}", sign.unwrap_or(currency)),
    }
}

fn sign(currency: &str) -> Option<&'static str> {
    match currency {
        "EUR" => Some("€"),
        "GBP" => Some("£"),
        "UAH" => Some("₴"),
        "USD" => Some("$"),
        _ => None,
    }
}

/// How many digits ISO 4217 gives to the minor unit.
fn minor_digits(currency: &str) -> u32 {
    match currency {
        "CLP" | "ISK" | "JPY" | "KRW" | "VND" => 0,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_the_form_of_each_language() {
        for (number, en, de, uk) in [
            (0, "0", "0", "0"),
            (7, "7", "7", "7"),
            (999, "999", "999", "999"),
            (1_000, "1,000", "1.000", "1\u{a0}000"),
            (-12_345, "-12,345", "-12.345", "-12\u{a0}345"),
            (i64::MIN, "-9,223,372,036,854,775,808", "-9.223.372.036.854.775.808", "-9 223 372 036 854 775 808"),
        ] {
            assert_eq!(integer(Locale::En, number), en);
            assert_eq!(integer(Locale::De, number), de);
            assert_eq!(integer(Locale::Uk, number), uk.replace(' ', NO_BREAK));
            assert_eq!(integer(Locale::Ru, number), integer(Locale::Uk, number));
        }
    }

    #[test]
    fn money_in_the_form_of_each_language() {
        for (amount, currency, en, de, uk) in [
            (123_450, "EUR", "€1,234.50", "1.234,50 €", "1 234,50 €"),
            (0, "EUR", "€0.00", "0,00 €", "0,00 €"),
            (5, "USD", "$0.05", "0,05 $", "0,05 $"),
            (-1_200, "EUR", "-€12.00", "-12,00 €", "-12,00 €"),
            (-99, "CHF", "-CHF 0.99", "-0,99 CHF", "-0,99 CHF"),
            (1_234_567, "JPY", "JPY 1,234,567", "1.234.567 JPY", "1 234 567 JPY"),
            (1_005, "KWD", "KWD 1.005", "1,005 KWD", "1,005 KWD"),
        ] {
            assert_eq!(money(Locale::En, amount, currency), en.replace(' ', NO_BREAK));
            assert_eq!(money(Locale::De, amount, currency), de.replace(' ', NO_BREAK));
            assert_eq!(money(Locale::Uk, amount, currency), uk.replace(' ', NO_BREAK));
            assert_eq!(money(Locale::Ru, amount, currency), money(Locale::Uk, amount, currency));
        }
    }

    #[test]
    fn days_in_the_form_of_each_language() {
        let day = |text: &str| text.parse().unwrap_or_default();
        assert_eq!(date(Locale::En, day("2026-02-03")), "February 3, 2026");
        assert_eq!(date(Locale::De, day("2026-03-01")), "1. März 2026");
        assert_eq!(date(Locale::Uk, day("2026-02-03")), "3 лютого 2026 р.");
        assert_eq!(date(Locale::Ru, day("2026-05-31")), "31 мая 2026 г.");
    }
}
