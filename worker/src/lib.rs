//! What happens without a request: invitations and changes of address expire, periods are renewed, resources change hands, deleted users are erased, files are removed,
//! invoices are collected, mails are delivered. Each job reads what is due and nothing else, may be run at any time and by many at once, and goes on
//! where another stopped.

pub mod jobs;
pub mod report;

use std::sync::Arc;

use mail::SesSender;
use platform::web::Web;
use platform::{Config, Files, World};
use store::Store;

pub use report::Report;

/// What the jobs share.
#[derive(Clone, Debug)]
pub struct Worker {
    /// The configuration.
    pub config: Arc<Config>,
    /// Time and entropy.
    pub world: World,
    /// The table.
    pub store: Store,
    /// The way out for mails.
    pub sender: Arc<SesSender>,
    /// The store of files.
    pub files: Files,
    /// The public web: who takes payments.
    pub web: Web,
}

impl Worker {
    /// Runs every scheduled job once.
    pub async fn run_all(&self) -> Report {
        let mut report = Report::default();
        report.add(jobs::expire_invitations::run(self).await);
        report.add(jobs::expire_email_changes::run(self).await);
        report.add(jobs::renew_licenses::run(self).await);
        report.add(jobs::announce_invoices::run(self).await);
        report.add(jobs::import_invitations::run(self).await);
        report.add(jobs::move_resources::run(self).await);
        report.add(jobs::erase_users::run(self).await);
        report.add(jobs::remove_files::run(self).await);
        report.add(jobs::collect_payments::run(self).await);
        report.add(jobs::deliver_mail::sweep(self).await);
        report
    }
}
