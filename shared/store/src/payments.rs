//! Who pays for accounts, and what is to be collected.

use domain::id::AccountId;
use domain::payment::Payer;
use domain::user::User;

use crate::due::{Asked, Due};
use crate::error::StoreError;
use crate::keys::{self, DueKind};
use crate::store::{Item, Store};

/// Most admins who are told of a payment: their mails are written in the transaction that they tell of.
const MOST_TOLD: usize = 6;

impl Store {
    /// Who pays for an account, as it is now; none where no card was ever given.
    pub async fn payer(&self, account: AccountId) -> Result<Option<Payer>, StoreError> {
        self.get(&keys::payer(account)).await
    }

    /// The admins who are told about payments: the first few of those who have an address and want to be.
    pub async fn admins_to_tell(&self, account: AccountId) -> Result<Vec<User>, StoreError> {
        Ok(self.billing_admins(account).await?.into_iter().take(MOST_TOLD).collect())
    }

    /// Invoices of which nobody was told yet, by their numbers: their collection may be due as well.
    pub async fn due_new_payments(&self, asked: Asked) -> Result<Due<(AccountId, i64)>, StoreError> {
        self.due(DueKind::Invoice, asked, numbered).await
    }

    /// Invoices whose collection is to go on, by their numbers.
    pub async fn due_payments(&self, asked: Asked) -> Result<Due<(AccountId, i64)>, StoreError> {
        self.due(DueKind::Payment, asked, numbered).await
    }

    /// Accounts with a new card.
    pub async fn due_payers(&self, asked: Asked) -> Result<Due<AccountId>, StoreError> {
        let account = |item: &Item| item.get("pk")?.as_s().ok()?.strip_prefix("A#")?.parse().ok();
        self.due(DueKind::Payer, asked, account).await
    }
}

/// The account and the number of an invoice, by its key.
fn numbered(item: &Item) -> Option<(AccountId, i64)> {
    let account = item.get("pk")?.as_s().ok()?.strip_prefix("A#")?.strip_suffix(keys::BILL_ENDING)?;
    Some((account.parse().ok()?, item.get("sk")?.as_s().ok()?.parse().ok()?))
}
