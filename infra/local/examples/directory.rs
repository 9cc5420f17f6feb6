//! What a page of the directory costs in accounts of 100, 10,000 and 100,000 users, in DynamoDB's own units; `README.md`
//! has the command and the bar.
#![allow(clippy::print_stdout, reason = "a table on standard output is what this is for")]

use std::error::Error;
use std::process::ExitCode;

use bytes::Bytes;
use chrono::TimeDelta;
use domain::change::{Change, Record};
use domain::id::AccountId;
use domain::locale::Locale;
use domain::plan::Model;
use domain::role::BuiltIn;
use domain::stamp::{Origin, Stamp};
use domain::text::Email;
use domain::user::{NewUser, User, UserStatus, UserType};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use store::meter::Units;

type Failure = Box<dyn Error + Send + Sync>;

/// How many users the accounts have, unless arguments say otherwise.
const SIZES: [usize; 3] = [100, 10_000, 100_000];
/// How much more a page may cost in the largest account than in the smallest.
const BAR: f64 = 1.1;
/// What rounding may make of it: each of a dozen partitions is read in steps of half a unit.
const ROUNDING: f64 = 2.0;
/// So many users of every account have a name of their own.
const RARE: usize = 40;
/// Users of one transaction: each is an item and a handful of words.
const AT_ONCE: usize = 10;

const FIRST: [&str; 12] =
    ["Anna", "Boris", "Chidi", "Daria", "Emeka", "Fatima", "Georg", "Hanna", "Ivan", "Jun", "Olena", "Zoe"];
const LAST: [&str; 9] = ["Abbas", "Bauer", "Costa", "Dubois", "Eze", "Ferrari", "Kovalenko", "Müller", "Novak"];

/// What is asked of each account, and what it is.
const PAGES: [(&str, &str); 14] = [
    ("", "as it opens"),
    ("sort=name", "by name"),
    ("sort=-name", "by name, backwards"),
    ("sort=last_active", "by last activity"),
    ("sort=-last_active", "by last activity, newest first"),
    ("sort=-created", "by age, newest first"),
    ("status=active&type=member", "active members"),
    ("status=active&status=pending&type=guest&type=viewer&sort=-created", "two states, two types, by age"),
    ("q=unique", "a search that finds one"),
    ("q=quistgaard", "a search that finds 40"),
    ("q=quistgaard&status=active&sort=-last_active", "the same, filtered and sorted"),
    ("q=anna", "a search that finds one in twelve"),
    ("q=firm", "a search that finds everybody"),
    ("q=firm&type=member&sort=-name", "the same, filtered and sorted"),
];

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("directory: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures, prints, and says whether the bar was kept.
async fn run() -> Result<bool, Failure> {
    let asked: Result<Vec<usize>, _> = std::env::args().skip(1).map(|size| size.parse()).collect();
    let sizes = Some(asked?).filter(|sizes| !sizes.is_empty()).unwrap_or_else(|| SIZES.to_vec());
    let cloud = local::Cloud::open(local::Options::for_tests()).await?;
    let mut columns = Vec::new();
    for size in &sizes {
        let (account, token) = account(&cloud, *size).await?;
        fill(&cloud, account, *size).await?;
        let mut column = Vec::new();
        for (query, _) in PAGES {
            column.push(page(&cloud, &token, query).await?);
        }
        columns.push(column);
    }
    println!("read units of a page of 50, in an account of");
    let heads: Vec<String> = sizes.iter().map(|size| format!("{size:<12}")).collect();
    println!("{:<34}{}", "", heads.join("   "));
    let mut kept = true;
    for (row, (_, what)) in PAGES.iter().enumerate() {
        let cells = columns.iter().map(|column| column.get(row).copied().unwrap_or_default());
        let cells: Vec<(f64, usize)> = cells.collect();
        let told: Vec<String> = cells.iter().map(|(units, rows)| format!("{units:>6} for {rows:>2}")).collect();
        let told = told.join("   ");
        // Compared with the smallest account that has as many to show.
        let (most, shown) = cells.last().copied().unwrap_or_default();
        let least = cells.iter().find(|(_, rows)| *rows == shown).map_or(most, |(units, _)| *units);
        let fits = most <= least * BAR || most - least <= ROUNDING;
        kept &= fits;
        println!("{what:<34}{told}  {:.2} ×{}", most / least, if fits { "" } else { "  BEYOND THE BAR" });
    }
    Ok(kept)
}

async fn call(cloud: &local::Cloud, request: Request<Bytes>, status: StatusCode) -> Result<(Value, Units), Failure> {
    let answer = cloud.call(request).await;
    if answer.status() != status {
        return Err(format!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body())).into());
    }
    let units = answer.extensions().get().copied().unwrap_or_default();
    Ok((serde_json::from_slice(answer.body())?, units))
}

/// A new account, and its owner's token.
async fn account(cloud: &local::Cloud, number: usize) -> Result<(AccountId, String), Failure> {
    let owner = json!({ "name": "Unique Owner", "email": format!("owner{number}@example.com"),
        "password": "correct horse battery staple" });
    let body = json!({ "name": "Bench", "plan_id": "unlimited", "owner": owner }).to_string();
    let request = Request::post("/v1/accounts").header("content-type", "application/json").body(body.into())?;
    let (body, _) = call(cloud, request, StatusCode::CREATED).await?;
    let token = body["session"]["token"].as_str().ok_or("no token")?.to_owned();
    Ok((body["account"]["id"].as_str().ok_or("no account")?.parse()?, token))
}

/// Fills the directory as rules would, without a request for each user.
async fn fill(cloud: &local::Cloud, account: AccountId, size: usize) -> Result<(), Failure> {
    let store = &cloud.worker().store;
    let now = cloud.worker().world.now();
    let mut stamp = Stamp::new(now, [u8::try_from(size % 251)?; 32], Origin::default());
    let mut change = Change::new(account, Model::Unlimited);
    for number in 1..size {
        let user = user(account, number, &mut stamp);
        change.counts = change.counts.moved(None, Some(&user));
        change.create(Record::User(user));
        if number % AT_ONCE == 0 || number + 1 == size {
            store.commit(&change, None).await?;
            change = Change::new(account, Model::Unlimited);
        }
    }
    Ok(())
}

fn user(account: AccountId, number: usize, stamp: &mut Stamp) -> User {
    let user_type = match number % 20 {
        0 => UserType::Admin,
        1..=12 => UserType::Member,
        13..=16 => UserType::Viewer,
        _ => UserType::Guest,
    };
    let status = match number % 23 {
        0 | 1 => UserStatus::Pending,
        2..=4 => UserStatus::Deactivated,
        _ => UserStatus::Active,
    };
    let last = if number <= RARE { "Quistgaard" } else { LAST[number % LAST.len()] };
    let first = FIRST[number / 7 % FIRST.len()];
    let email = format!("{}{number}@firm.example", first.to_lowercase());
    let new = NewUser {
        id: stamp.id(),
        user_type,
        role: BuiltIn::for_type(user_type).role(),
        name: format!("{first} {last}"),
        login: email.clone(),
        email: Email::parse(&email),
        locale: Locale::En,
    };
    let ago = TimeDelta::seconds(i64::try_from(number * 7_919 % 1_000_000).unwrap_or_default());
    let seen = (status != UserStatus::Pending).then(|| stamp.now - ago);
    User { status, last_active_at: seen, ..User::pending(account, new, stamp.now - ago) }
}

/// What a page costs, and how many it shows.
async fn page(cloud: &local::Cloud, token: &str, query: &str) -> Result<(f64, usize), Failure> {
    let request = Request::get(format!("/v1/users?limit=50&{query}"))
        .header("authorization", format!("Bearer {token}"))
        .body(Bytes::new())?;
    let (body, units) = call(cloud, request, StatusCode::OK).await?;
    Ok((units.read, body["items"].as_array().map_or(0, Vec::len)))
}
