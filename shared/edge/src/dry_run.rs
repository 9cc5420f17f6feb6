//! Dry runs: what a change would do, told instead of done.

use domain::change::Change;
use domain::import::{ImportRow, RowOutcome};
use domain::invoice::InvoiceLine;
use domain::mail::Template;
use domain::plan::Money;
use schemars::JsonSchema;
use serde::Serialize;

use crate::problem::Problem;
use crate::resource_views::ResourceEffect;

/// The answer of a dry run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DryRun {
    /// Always true.
    pub dry_run: bool,
    /// What would happen.
    pub effects: Effects,
}

/// What a change would do.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Effects {
    /// What would be added to each figure of the licenses; null when none would move.
    pub licenses: Option<LicenseEffects>,
    /// Resources that would change hands or state: of very many, those that would be written at once.
    pub resources: Vec<ResourceEffect>,
    /// Mails that would go out.
    pub mails: Vec<MailEffect>,
    /// Invoices that would be issued.
    pub charges: Vec<ChargeEffect>,
    /// What would be refused.
    pub refusals: Vec<RefusalNote>,
}

/// Differences of the figures of the licenses.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct LicenseEffects {
    /// Bought.
    pub purchased: i64,
    /// Of active users.
    pub in_use: i64,
    /// Kept for invited users.
    pub reserved: i64,
    /// Free.
    pub available: i64,
}

/// A mail that would go out.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MailEffect {
    /// Which.
    pub template: Template,
    /// To whom.
    pub to: String,
}

/// An invoice that would be issued.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ChargeEffect {
    /// Its lines.
    pub lines: Vec<InvoiceLine>,
    /// Its total.
    pub total: Money,
}

impl RefusalNote {
    /// A row of a file that is refused; none for another.
    pub fn of_row(row: &ImportRow) -> Option<Self> {
        let RowOutcome::Refused { code, detail } = &row.outcome else { return None };
        Some(Self { subject: Some(row.email.clone()), code: code.clone(), detail: detail.clone() })
    }
}

/// Something that would be refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RefusalNote {
    /// Which of several, such as an address; null for the request as a whole.
    pub subject: Option<String>,
    /// The code.
    pub code: String,
    /// A sentence.
    pub detail: String,
}

impl DryRun {
    /// What a change would do.
    pub fn of(change: Option<&Change>, refusals: Vec<RefusalNote>) -> Self {
        let mut effects = Effects { refusals, ..Effects::default() };
        if let Some(change) = change {
            let delta = change.counts.delta;
            let (purchased, in_use, reserved, available) =
                (delta.purchased, delta.in_use, delta.reserved, delta.available);
            if (purchased, in_use, reserved, available) != (0, 0, 0, 0) {
                effects.licenses = Some(LicenseEffects { purchased, in_use, reserved, available });
            }
            effects.resources = change.resources().filter_map(ResourceEffect::of).collect();
            effects.mails =
                change.mails.iter().map(|mail| MailEffect { template: mail.template, to: mail.to.clone() }).collect();
            effects.charges = change
                .invoices()
                .map(|invoice| ChargeEffect { lines: invoice.lines.clone(), total: invoice.total })
                .collect();
        }
        Self { dry_run: true, effects }
    }

    /// A rule's no.
    pub fn refused(problem: &Problem) -> Self {
        let note = RefusalNote { subject: None, code: problem.code.code.to_owned(), detail: problem.detail.clone() };
        Self::of(None, vec![note])
    }
}
