//! Invoices that are due: the account's card is charged, each attempt once.

use domain::account::Account;
use domain::change::Change;
use domain::id::AccountId;
use domain::invoice::Invoice;
use domain::payment::{Attempt, Payer};
use domain::rules::collect_payment::{Next, collect, collected, declined, due_again};
use domain::rules::give_card::looked_through;
use domain::stamp::Origin;
use payments::{Charge, KEY_LIFE_HOURS, Outcome, Payment, Stripe, StripeError};
use store::listing::Place;
use store::{CommitError, StoreError};

use crate::Worker;
use crate::jobs::each_due;
use crate::report::Report;

/// How often one invoice is tried in a run, when others write to the same.
const ATTEMPTS: u32 = 5;
/// Invoices of an account in a page.
const PAGE: usize = 100;
/// By how much Stripe's clock may be behind, in seconds.
const CLOCKS_DIFFER: i64 = 300;

/// Looks through the invoices of accounts with a new card; then goes on with every collection that is due. Without a key for
/// Stripe there is nothing to do, and what is due stays due.
pub async fn run(worker: &Worker) -> Report {
    let Some(access) = &worker.config.stripe.access else { return Report::default() };
    let stripe = Stripe::new(&worker.web, access);
    let (now, store) = (worker.world.now(), &worker.store);
    let mut report = each_due(now, |asked| store.due_payers(asked), |account| look_through(worker, account)).await;
    let go_on = |(account, number)| go_on(worker, stripe, account, number);
    let now = worker.world.now();
    report.add(each_due(now, |asked| store.due_new_payments(asked), go_on).await);
    report.add(each_due(now, |asked| store.due_payments(asked), go_on).await);
    report
}

/// Makes every open invoice of an account with a new card due. One that changes meanwhile is looked at again in the next run.
async fn look_through(worker: &Worker, id: AccountId) -> Result<Report, StoreError> {
    let store = &worker.store;
    let (Some(account), Some(payer)) = tokio::try_join!(store.account(id), store.payer(id))? else {
        return Ok(Report::default());
    };
    let now = worker.world.now();
    let Some(done) = looked_through(&account, &payer, now) else { return Ok(Report::default()) };
    let mut from = Some(Place::START);
    while let Some(place) = from {
        let (invoices, next) = store.invoices(id, &place, PAGE).await?;
        for change in invoices.iter().filter_map(|(invoice, _)| due_again(&account, invoice, now)) {
            if !commit(worker, change).await? {
                return Ok(Report::failure());
            }
        }
        from = next;
    }
    // Another card that has come meanwhile is looked at in the next run.
    commit(worker, done).await?;
    Ok(Report::default())
}

/// Goes on with an invoice. Who holds it and what is asked of Stripe is written first: whoever dies behind that leaves
/// an attempt that is made again under the same key, and so charges nobody twice.
async fn go_on(worker: &Worker, stripe: Stripe<'_>, id: AccountId, number: i64) -> Result<Report, StoreError> {
    for _ in 0..ATTEMPTS {
        let Some(state) = State::load(worker, id, number).await? else { return Ok(Report::default()) };
        match collect(&state.account, &state.invoice, state.payer.as_ref(), worker.world.now()) {
            Next::Nothing => return Ok(Report::default()),
            Next::Write(change) => {
                if commit(worker, *change).await? {
                    return Ok(Report::default());
                }
            }
            Next::Charge(change, attempt) => {
                if commit(worker, *change).await? {
                    return Box::pin(charge(worker, stripe, &state.invoice, &attempt)).await;
                }
            }
        }
    }
    Ok(Report::failure())
}

/// Makes an attempt, and notes what has come of it. Where nothing is known, the invoice falls due again by itself.
async fn charge(
    worker: &Worker,
    stripe: Stripe<'_>,
    invoice: &Invoice,
    attempt: &Attempt,
) -> Result<Report, StoreError> {
    let outcome = match ask(worker, stripe, invoice, attempt).await {
        Ok(payment) if payment.outcome() == Outcome::Succeeded => Ok(payment.id),
        Ok(payment) => match payment.outcome() {
            Outcome::Declined(word) => Err(word),
            _ => return Ok(Report::default()),
        },
        Err(StripeError::Declined(word)) => Err(word),
        Err(StripeError::Refused(text)) => {
            tracing::error!(invoice = %invoice.id, attempt = attempt.number, cause = text, "a charge was refused");
            Err("refused".to_owned())
        }
        Err(StripeError::Later(text)) => {
            tracing::warn!(invoice = %invoice.id, attempt = attempt.number, cause = text, "a charge is not known");
            return Ok(Report::failure());
        }
    };
    for _ in 0..ATTEMPTS {
        let Some(state) = State::load(worker, invoice.account_id, invoice.number).await? else { break };
        let State { account, invoice, payer } = &state;
        let mut stamp = worker.world.stamp(Origin::default());
        let change = match &outcome {
            Ok(payment) => collected(account, invoice, payment, &mut stamp),
            Err(word) => {
                let admins = worker.store.admins_to_tell(account.id).await?;
                declined(account, invoice, payer.as_ref(), (attempt.number, word), &admins, &mut stamp)
            }
        };
        // Stripe's event may have been here first.
        let Some(change) = change else { break };
        if commit(worker, change).await? {
            return Ok(Report { payments: u32::from(outcome.is_ok()), ..Report::default() });
        }
    }
    Ok(Report::default())
}

/// Asks for the money, in the words of the attempt. One that was first asked for so long ago that its key may be forgotten
/// is looked for instead.
async fn ask(
    worker: &Worker,
    stripe: Stripe<'_>,
    invoice: &Invoice,
    attempt: &Attempt,
) -> Result<Payment, StripeError> {
    let (account, id, number) = (invoice.account_id.to_string(), invoice.id.to_string(), attempt.number.to_string());
    let tags = [("account", account.as_str()), ("invoice", id.as_str()), ("attempt", number.as_str())];
    if (worker.world.now() - attempt.begun_at).num_hours() >= KEY_LIFE_HOURS {
        let since = attempt.begun_at.timestamp() - CLOCKS_DIFFER;
        if let Some(found) = stripe.find_payment(&attempt.customer, &tags, since).await? {
            return Ok(found);
        }
    }
    let charge = Charge {
        customer: &attempt.customer,
        method: &attempt.method,
        amount: invoice.total.amount,
        currency: invoice.total.currency.code(),
        tags: &tags,
    };
    let payment = stripe.pay(&charge, &attempt.key(invoice.id)).await?;
    // A repeated key repeats its first answer: how far the payment is by now, the payment says.
    if payment.outcome() == Outcome::Processing { stripe.payment(&payment.id).await } else { Ok(payment) }
}

/// What a decision is taken on.
struct State {
    account: Account,
    invoice: Invoice,
    payer: Option<Payer>,
}

impl State {
    async fn load(worker: &Worker, id: AccountId, number: i64) -> Result<Option<Self>, StoreError> {
        let store = &worker.store;
        let found = tokio::try_join!(
            Box::pin(store.account(id)),
            Box::pin(store.invoice_numbered(id, number)),
            Box::pin(store.payer(id))
        )?;
        let (Some(account), Some(invoice), payer) = found else { return Ok(None) };
        Ok(Some(Self { account, invoice, payer }))
    }
}

/// Whether a change was made; if not, the state has moved on.
async fn commit(worker: &Worker, mut change: Change) -> Result<bool, StoreError> {
    let mut stamp = worker.world.stamp(Origin::default());
    worker.store.settle(&mut change, &mut stamp).await?;
    match worker.store.commit(&change, None).await {
        Ok(()) => Ok(true),
        Err(CommitError::Stale | CommitError::Refused(_)) => Ok(false),
        Err(CommitError::Store(error)) => Err(error),
    }
}
