//! Paid periods: whole UTC days, calendar months.

use chrono::{Datelike as _, Days, Months, NaiveDate, NaiveTime};

use crate::Instant;

/// Midnight UTC at the beginning of the day.
pub fn day_start(at: Instant) -> Instant {
    at.date_naive().and_time(NaiveTime::MIN).and_utc()
}

/// Whole days from one moment's day to another's; zero when the second is not later.
pub fn days_between(from: Instant, to: Instant) -> u32 {
    u32::try_from((to.date_naive() - from.date_naive()).num_days()).unwrap_or(0)
}

/// `months` later, on the anchor day of the month; a shorter month's last day stands in for a day that it lacks, and
/// the anchor comes back afterwards.
pub fn months_later(from: Instant, months: u32, anchor_day: u32) -> Instant {
    let date = from.date_naive();
    let first = date.with_day(1).unwrap_or(date);
    let month = first.checked_add_months(Months::new(months)).unwrap_or(first);
    (day_start(from) + (clamped(month, anchor_day) - date)).max(from)
}

fn clamped(first_of_month: NaiveDate, day: u32) -> NaiveDate {
    (1..=day).rev().find_map(|day| first_of_month.with_day(day)).unwrap_or(first_of_month)
}

/// The part `numerator / denominator` of an amount, rounded half away from zero: the one rounding rule of invoices.
pub fn prorate(amount: i64, numerator: u32, denominator: u32) -> i64 {
    if denominator == 0 {
        return 0;
    }
    let (wide, denominator) = (i128::from(amount) * i128::from(numerator), i128::from(denominator));
    let half = if wide < 0 { -denominator } else { denominator };
    i64::try_from((wide * 2 + half) / (denominator * 2)).unwrap_or(if wide < 0 { i64::MIN } else { i64::MAX })
}

/// `days` after a moment.
pub fn days_later(from: Instant, days: u64) -> Instant {
    from.checked_add_days(Days::new(days)).unwrap_or(from)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn the_thirty_first_clamps_and_comes_back() {
        let mut period = at("2026-01-31T00:00:00Z");
        let expected = ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"];
        for day in expected {
            period = months_later(period, 1, 31);
            assert_eq!(period.date_naive().to_string(), day);
        }
        assert_eq!(months_later(at("2024-02-29T00:00:00Z"), 12, 29).date_naive().to_string(), "2025-02-28");
        assert_eq!(months_later(at("2027-02-28T00:00:00Z"), 12, 29).date_naive().to_string(), "2028-02-29");
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        for (amount, numerator, denominator, expected) in [
            (1_200, 31, 31, 1_200),
            (1_200, 10, 31, 387),
            (1, 1, 2, 1),
            (-1, 1, 2, -1),
            (3, 1, 2, 2),
            (100, 0, 30, 0),
            (5, 1, 0, 0),
        ] {
            assert_eq!(prorate(amount, numerator, denominator), expected, "{amount} × {numerator}/{denominator}");
        }
    }

    #[test]
    fn days_are_utc_days() {
        assert_eq!(days_between(at("2026-03-01T23:59:59Z"), at("2026-03-02T00:00:00Z")), 1);
        assert_eq!(days_between(at("2026-03-02T00:00:00Z"), at("2026-03-01T00:00:00Z")), 0);
        assert_eq!(days_between(at("2026-01-01T12:00:00Z"), at("2026-02-01T00:00:00Z")), 31);
    }
}
