//! Accounts in numbers, made by the rule without a request for each.

use domain::Stamp;
use domain::account::{AccountKind, Region};
use domain::id::AccountId;
use domain::locale::Locale;
use domain::password::Password;
use domain::rules::sign_up::{SignUp, sign_up};
use domain::stamp::Origin;
use domain::text::Email;
use futures::StreamExt as _;

use super::cloud::Cloud;

/// Signs so many accounts up with three licenses each, of which one is in use.
pub async fn accounts(cloud: &Cloud, plan_id: &str, number: usize) -> Vec<AccountId> {
    let password = Password::presented("not to be used").hash([1; 16]);
    let worker = cloud.local.worker();
    let plan = worker.config.plans.plan(plan_id).expect("a plan");
    let one = |number: usize| {
        let command = SignUp {
            name: format!("Account {number}"),
            plan: plan.clone(),
            licenses: 3,
            region: Region::Us,
            kind: AccountKind::Standard,
            locale: Locale::En,
            owner_name: "Olga Owner".to_owned(),
            owner_email: Email::parse(&format!("olga{number}@example.com")).expect("an address"),
            owner_password: password.clone(),
            owner_locale: Locale::En,
            user_agent: None,
        };
        async move {
            let mut stamp: Stamp = worker.world.stamp(Origin::default());
            let (up, mut change) = sign_up(command, &mut stamp).expect("an account");
            change.mails.clear();
            worker.store.settle(&mut change, &mut stamp).await.expect("a posting");
            worker.store.commit(&change, None).await.expect("room");
            up.account.id
        }
    };
    futures::stream::iter((0..number).map(one)).buffer_unordered(8).collect().await
}
