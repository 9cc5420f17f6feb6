//! What a run of the worker came to.

use serde::Serialize;

/// How much of each a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Invitations that nobody accepted in time.
    pub expired_invitations: u32,
    /// Changes of address that nobody confirmed in time.
    pub expired_email_changes: u32,
    /// Periods that were renewed.
    pub renewals: u32,
    /// Reminders of renewals.
    pub reminders: u32,
    /// Invoices that those concerned were told of.
    pub invoices_announced: u32,
    /// Invoices that were collected.
    pub payments: u32,
    /// Resources that were looked at on their way to where they are shown already.
    pub resources_moved: u32,
    /// What was left of deleted users and is gone.
    pub traces_erased: u32,
    /// Files that nobody needs any more.
    pub files_removed: u32,
    /// Rows of files that were invited or refused.
    pub rows_imported: u32,
    /// Mails that left.
    pub mails_sent: u32,
    /// What did not work and is left for a next run.
    pub failures: u32,
}

impl Report {
    /// Adds another run's.
    pub fn add(&mut self, other: Self) {
        self.expired_invitations += other.expired_invitations;
        self.expired_email_changes += other.expired_email_changes;
        self.renewals += other.renewals;
        self.reminders += other.reminders;
        self.invoices_announced += other.invoices_announced;
        self.payments += other.payments;
        self.resources_moved += other.resources_moved;
        self.traces_erased += other.traces_erased;
        self.files_removed += other.files_removed;
        self.rows_imported += other.rows_imported;
        self.mails_sent += other.mails_sent;
        self.failures += other.failures;
    }

    /// A run that failed once.
    pub fn failure() -> Self {
        Self { failures: 1, ..Self::default() }
    }
}
