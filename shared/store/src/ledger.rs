//! Invoices, the ledger that explains them, and what every change goes through for their sake.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::Stamp;
use domain::change::Change;
use domain::counts::Counts;
use domain::id::{AccountId, InvoiceId};
use domain::invoice::Invoice;
use domain::ledger::{EntryKind, Posting};
use domain::reckoning::{Difference, Reckoning};
use domain::rules::settle::{is_to_charge, is_to_settle, settle};

use crate::error::StoreError;
use crate::keys::{self, TABLE};
use crate::listing::{Direction, Place};
use crate::store::Store;

/// How often a ledger is reckoned up that moves on meanwhile.
const RECKONINGS: usize = 4;

impl Store {
    /// Completes a change that moves licenses or money, before it is told or committed: reads the counts, unless the rule has
    /// seen them, and the account, where somebody may have to be charged for.
    pub async fn settle(&self, change: &mut Change, stamp: &mut Stamp) -> Result<(), StoreError> {
        if change.posting.is_some() || !is_to_settle(change) {
            return Ok(());
        }
        let counts = match change.counts.seen {
            Some(seen) => seen,
            None if change.opens_account() => Counts::default(),
            None => self.counts(change.account_id).await?,
        };
        let account = match change.new_account() {
            _ if !is_to_charge(change) => None,
            Some(account) => Some(account.clone()),
            None => self.account(change.account_id).await?,
        };
        settle(change, account.as_ref(), &counts, stamp);
        Ok(())
    }

    /// An invoice.
    pub async fn invoice(&self, account: AccountId, id: InvoiceId) -> Result<Option<Invoice>, StoreError> {
        let found: Option<Invoice> = self.get(&keys::invoice(account, id.number())).await?;
        Ok(found.filter(|invoice| invoice.id == id))
    }

    /// An invoice, by its number.
    pub async fn invoice_numbered(&self, account: AccountId, number: i64) -> Result<Option<Invoice>, StoreError> {
        self.get(&keys::invoice(account, number)).await
    }

    /// A page of an account's invoices, newest first, each with its place; and where the next page begins.
    pub async fn invoices(
        &self,
        account: AccountId,
        from: &Place,
        limit: usize,
    ) -> Result<(Vec<(Invoice, Place)>, Option<Place>), StoreError> {
        let page = self.page(&TABLE, &[vec![keys::invoices(account)]], from, Direction::Descending, limit).await?;
        let invoice = |row: crate::listing::Row| Ok((serde_dynamo::from_item(row.item)?, row.place));
        Ok((page.rows.into_iter().map(invoice).collect::<Result<_, StoreError>>()?, page.next))
    }

    /// A page of an account's postings, newest first, each with its place; of one period only, where one is given.
    pub async fn postings(
        &self,
        account: AccountId,
        period: Option<i64>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<(Posting, Place)>, bool), StoreError> {
        let groups = [vec![keys::ledger(account)]];
        let behind = period.map(|period| keys::period(period + 1));
        let from = Place { group: 0, after: after.map(str::to_owned).or(behind) };
        let page = self.page(&TABLE, &groups, &from, Direction::Descending, limit).await?;
        let mut postings: Vec<(Posting, Place)> = Vec::new();
        for row in page.rows {
            let posting: Posting = serde_dynamo::from_item(row.item)?;
            if period.is_some_and(|period| posting.period != period) {
                return Ok((postings, false));
            }
            postings.push((posting, row.place));
        }
        Ok((postings, page.next.is_some()))
    }

    /// The posting that issued an invoice.
    pub async fn posting_of(&self, invoice: &Invoice) -> Result<Option<Posting>, StoreError> {
        let (from, to) = keys::posting_of(invoice);
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :ledger AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":ledger", AttributeValue::S(keys::ledger(invoice.account_id)))
            .expression_attribute_values(":from", AttributeValue::S(from))
            .expression_attribute_values(":to", AttributeValue::S(to))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::of(&error))?;
        self.meter.read(answer.consumed_capacity());
        let postings: Vec<Posting> = serde_dynamo::from_items(answer.items.unwrap_or_default())?;
        let tells = |posting: &Posting| {
            posting.entries.iter().any(|it| it.charge.is_some() && it.invoice_id == Some(invoice.id))
        };
        Ok(postings.into_iter().find(tells))
    }

    /// Reckons an account's ledger up against its counts and invoices, as they are now: what it comes to, and in what they
    /// differ. None where the ledger moved on at every attempt.
    pub async fn reckon(&self, account: AccountId) -> Result<Option<(Counts, Vec<Difference>)>, StoreError> {
        for _ in 0..RECKONINGS {
            let before = self.counts(account).await?;
            let mut reckoning = Reckoning::default();
            self.each_posting(account, |posting| reckoning.posting(&posting)).await?;
            self.each_invoice(account, |invoice| reckoning.invoice(&invoice)).await?;
            // Whatever moves a license or an invoice leaves a posting.
            let after = self.counts(account).await?;
            if before.postings == after.postings {
                return Ok(Some(reckoning.finish(&after)));
            }
        }
        Ok(None)
    }

    /// Whether a change of plan ended the period that an invoice is of, and so set off what it charges for.
    pub async fn is_set_off(&self, invoice: &Invoice) -> Result<bool, StoreError> {
        let ended_by = self.opening_of(invoice.account_id, invoice.period + 1).await?;
        Ok(ended_by.is_some_and(|posting| posting.entries.iter().any(|entry| entry.kind == EntryKind::Switched)))
    }

    /// The posting with which a period begins.
    async fn opening_of(&self, account: AccountId, period: i64) -> Result<Option<Posting>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :ledger AND begins_with(sk, :opening)")
            .expression_attribute_values(":ledger", AttributeValue::S(keys::ledger(account)))
            .expression_attribute_values(":opening", AttributeValue::S(keys::opening(period)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::of(&error))?;
        self.meter.read(answer.consumed_capacity());
        Ok(serde_dynamo::from_items(answer.items.unwrap_or_default())?.pop())
    }

    /// Goes through every posting, as it is now, oldest first.
    async fn each_posting(&self, account: AccountId, mut each: impl FnMut(Posting) + Send) -> Result<(), StoreError> {
        self.each_of(keys::ledger(account), |item| {
            each(serde_dynamo::from_item(item)?);
            Ok(())
        })
        .await
    }

    /// Goes through every invoice, as it is now, by number.
    async fn each_invoice(&self, account: AccountId, mut each: impl FnMut(Invoice) + Send) -> Result<(), StoreError> {
        self.each_of(keys::invoices(account), |item| {
            each(serde_dynamo::from_item(item)?);
            Ok(())
        })
        .await
    }

    /// Goes through a whole partition, consistently.
    async fn each_of(
        &self,
        partition: String,
        mut each: impl FnMut(crate::store::Item) -> Result<(), StoreError> + Send,
    ) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :partition")
                .expression_attribute_values(":partition", AttributeValue::S(partition.clone()))
                .consistent_read(true)
                .set_exclusive_start_key(after.take())
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| StoreError::of(&error))?;
            self.meter.read(answer.consumed_capacity());
            for item in answer.items.unwrap_or_default() {
                each(item)?;
            }
            after = answer.last_evaluated_key;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}
