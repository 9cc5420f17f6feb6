//! What it takes to renew ten thousand accounts whose periods end with the same day: a run of the worker's, and the same again
//! for the reminders; `README.md` has the command.
#![allow(clippy::print_stdout, reason = "a table on standard output is what this is for")]

use std::error::Error;
use std::time::Instant;

use chrono::TimeDelta;
use domain::account::{AccountKind, Region};
use domain::locale::Locale;
use domain::password::{Password, PasswordHash};
use domain::plan::Plan;
use domain::rules::sign_up::{SignUp, sign_up};
use domain::stamp::Origin;
use domain::text::Email;
use futures::StreamExt as _;
use worker::{Report, Worker};

type Failure = Box<dyn Error + Send + Sync>;

/// How many accounts, unless an argument says otherwise.
const ACCOUNTS: usize = 10_000;
/// How many are made at the same time.
const AT_ONCE: usize = 8;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let number = std::env::args().nth(1).map_or(Ok(ACCOUNTS), |number| number.parse())?;
    let cloud = local::Cloud::open(local::Options::for_tests()).await?;
    let worker = cloud.worker();
    let password = Password::presented("not to be used").hash([1; 16]);
    // Whoever pays by the year is not due, and must cost nothing.
    for (plan_id, number) in [("licensed-monthly", number), ("licensed-yearly", number / 10)] {
        let plan = worker.config.plans.plan(plan_id).ok_or("no plan")?.clone();
        let made = futures::stream::iter((0..number).map(|number| sign(worker, &plan, (number, &password))))
            .buffer_unordered(AT_ONCE);
        let made: Vec<Result<(), Failure>> = made.collect().await;
        made.into_iter().collect::<Result<(), Failure>>()?;
    }
    // However long the month is, both fall into it.
    for (what, days) in [("reminders", 27), ("renewals", 5)] {
        let days = TimeDelta::days(days).num_milliseconds();
        worker.world.set_offset_ms(worker.world.offset_ms() + days);
        let metered = Worker { store: worker.store.metered(), ..worker.clone() };
        let began = Instant::now();
        let report = worker::jobs::renew_licenses::run(&metered).await;
        let took = began.elapsed().as_secs_f64();
        let units = metered.store.units();
        let done = count(what, &report);
        if usize::try_from(done)? != number || report.failures > 0 {
            return Err(format!("{what}: {report:?}").into());
        }
        let each = |units: f64| units / f64::from(done);
        println!(
            "{done} {what} in {took:.1} s: {:.2} read and {:.2} write units for each",
            each(units.read),
            each(units.write)
        );
    }
    Ok(())
}

fn count(what: &str, report: &Report) -> u32 {
    if what == "reminders" { report.reminders } else { report.renewals }
}

/// Makes an account with three licenses, of which one is in use, by the rule and without a request.
async fn sign(worker: &Worker, plan: &Plan, (number, password): (usize, &PasswordHash)) -> Result<(), Failure> {
    let command = SignUp {
        name: format!("Account {number}"),
        plan: plan.clone(),
        licenses: 3,
        region: Region::Us,
        kind: AccountKind::Standard,
        locale: Locale::En,
        owner_name: "Olga Owner".to_owned(),
        owner_email: Email::parse(&format!("olga{number}@{}.example", plan.id)).ok_or("no address")?,
        owner_password: password.clone(),
        owner_locale: Locale::En,
        user_agent: None,
    };
    let mut stamp = worker.world.stamp(Origin::default());
    let (_, mut change) = sign_up(command, &mut stamp)?;
    change.mails.clear();
    worker.store.settle(&mut change, &mut stamp).await?;
    worker.store.commit(&change, None).await?;
    Ok(())
}
