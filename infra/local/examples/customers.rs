//! What a partner's people pay for listing, searching and entering customers, where the partner has 10, 1,000 and 10,000, in
//! DynamoDB's own units; `README.md` has the command and the bar.
#![allow(clippy::print_stdout, reason = "a table on standard output is what this is for")]

use std::error::Error;
use std::process::ExitCode;

use bytes::Bytes;
use domain::account::Account;
use domain::customers::Reach;
use domain::id::{AccountId, Id};
use domain::plan::Catalogue;
use domain::rules::create_customer::{NewCustomer, create_customer};
use domain::stamp::{Origin, Stamp};
use domain::text::Email;
use domain::user::User;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use store::meter::Units;

type Failure = Box<dyn Error + Send + Sync>;

/// How many customers the partners have, unless arguments say otherwise.
const SIZES: [usize; 3] = [10, 1_000, 10_000];
/// How much more anything may cost with the most customers than with the fewest.
const BAR: f64 = 1.1;
/// What rounding may make of it.
const ROUNDING: f64 = 2.0;
/// Rows of a page: every partner has as many.
const PAGE: usize = 10;
/// So many customers of every partner have a name of their own.
const RARE: usize = 5;

const TOWNS: [&str; 8] = ["Altona", "Berlin", "Charkiw", "Dnipro", "Essen", "Fulda", "Graz", "Halle"];
const TRADES: [&str; 6] = ["Bakery", "Cinema", "Dairy", "Florist", "Garage", "Hotel"];

/// What is asked, and what it is.
const ASKED: [(&str, &str); 4] = [
    ("", "a page as it opens"),
    ("q=unique", "a search that finds one"),
    ("q=quistgaard", "a search that finds five"),
    ("q=ltd", "a search that finds everybody"),
];

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("customers: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures, prints, and says whether the bar was kept.
async fn run() -> Result<bool, Failure> {
    let asked: Result<Vec<usize>, _> = std::env::args().skip(1).map(|size| size.parse()).collect();
    let sizes = Some(asked?).filter(|sizes| !sizes.is_empty()).unwrap_or_else(|| SIZES.to_vec());
    let cloud = local::Cloud::open(local::Options::for_tests()).await?;
    let mut columns: Vec<Vec<(String, f64)>> = Vec::new();
    for size in &sizes {
        columns.push(column(&cloud, *size).await?);
    }
    println!("units of what somebody does who may enter all, then of somebody who may enter {RARE}, with customers of");
    let heads: Vec<String> = sizes.iter().map(|size| format!("{size:>9}")).collect();
    println!("{:<52}{}", "", heads.concat());
    let mut kept = true;
    for (row, (what, _)) in columns.first().into_iter().flatten().enumerate() {
        let cells: Vec<f64> = columns.iter().filter_map(|column| column.get(row)).map(|(_, units)| *units).collect();
        let (least, most) = (cells[0], cells[cells.len() - 1]);
        let fits = most <= least * BAR || most - least <= ROUNDING;
        kept &= fits;
        let told: Vec<String> = cells.iter().map(|units| format!("{units:>9}")).collect();
        let told = told.concat();
        println!("{what:<52}{told}  {:.2} ×{}", most / least, if fits { "" } else { "  BEYOND THE BAR" });
    }
    Ok(kept)
}

/// What everything costs with so many customers.
async fn column(cloud: &local::Cloud, size: usize) -> Result<Vec<(String, f64)>, Failure> {
    let (partner, owner, all) = partner(cloud, size).await?;
    let ids = fill(cloud, partner, &owner, size).await?;
    let some = colleague(cloud, &all, size, &ids[..RARE.min(ids.len())]).await?;
    let mut told = Vec::new();
    for (who, token) in [("all", &all), ("some", &some)] {
        for (query, what) in ASKED {
            let path = format!("/v1/customers?limit={PAGE}&{query}");
            let (_, units) = call(cloud, ("GET", &path, token), None, StatusCode::OK).await?;
            told.push((format!("{who}: {what}"), units.read));
        }
        let body = json!({ "account_id": ids[0] });
        let (switched, units) =
            call(cloud, ("POST", "/v1/sessions/switch", token), Some(body), StatusCode::CREATED).await?;
        told.push((format!("{who}: to enter an account, read and written"), units.read + units.write));
        let acting = switched["token"].as_str().ok_or("no token")?;
        let (_, units) = call(cloud, ("GET", "/v1/me", acting), None, StatusCode::OK).await?;
        told.push((format!("{who}: a request from there"), units.read));
    }
    Ok(told)
}

async fn call(
    cloud: &local::Cloud,
    (method, path, token): (&str, &str, &str),
    body: Option<Value>,
    status: StatusCode,
) -> Result<(Value, Units), Failure> {
    let body = Bytes::from(body.map(|body| body.to_string()).unwrap_or_default());
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let request = request.header("authorization", format!("Bearer {token}"));
    let answer = cloud.call(request.body(body)?).await;
    if answer.status() != status {
        return Err(format!("{path}: {}: {}", answer.status(), String::from_utf8_lossy(answer.body())).into());
    }
    let units = answer.extensions().get().copied().unwrap_or_default();
    Ok((serde_json::from_slice(answer.body())?, units))
}

/// A new partner, its owner, and the owner's token.
async fn partner(cloud: &local::Cloud, number: usize) -> Result<(Account, User, String), Failure> {
    let owner = json!({ "name": "Olga Owner", "email": format!("owner{number}@example.com"),
        "password": "correct horse battery staple" });
    let body = json!({ "name": "Portal", "plan_id": "unlimited", "kind": "partner", "owner": owner });
    let (body, _) = call(cloud, ("POST", "/v1/accounts", ""), Some(body), StatusCode::CREATED).await?;
    let id = |object: &Value| object["id"].as_str().map(str::to_owned).ok_or("no id");
    let account: AccountId = id(&body["account"])?.parse()?;
    let store = &cloud.worker().store;
    let user = store.user(account, id(&body["user"])?.parse()?).await?.ok_or("no owner")?;
    let account = store.account(account).await?.ok_or("no account")?;
    Ok((account, user, body["session"]["token"].as_str().ok_or("no token")?.to_owned()))
}

/// An admin for whom some customers were chosen; the token.
async fn colleague(cloud: &local::Cloud, admin: &str, number: usize, ids: &[String]) -> Result<String, Failure> {
    let login = format!("petra{number}");
    let password = "correct horse battery staple";
    let body = json!({ "name": "Petra", "login": login, "type": "admin", "sign_in": "password", "password": password,
        "accessible_accounts": { "mode": "selected", "account_ids": ids } });
    call(cloud, ("POST", "/v1/users", admin), Some(body), StatusCode::CREATED).await?;
    let body = json!({ "login": login, "password": password });
    let (body, _) = call(cloud, ("POST", "/v1/sessions", ""), Some(body), StatusCode::CREATED).await?;
    Ok(body["token"].as_str().ok_or("no token")?.to_owned())
}

/// Makes customers by the rule, without a request for each, and without their mails; their ids.
async fn fill(cloud: &local::Cloud, partner: Account, owner: &User, size: usize) -> Result<Vec<String>, Failure> {
    let worker = cloud.worker();
    let mut stamp = Stamp::new(worker.world.now(), [u8::try_from(size % 251)?; 32], Origin::default());
    let mut ids = Vec::new();
    for number in 0..size {
        let (town, trade) = (TOWNS[number % TOWNS.len()], TRADES[number % TRADES.len()]);
        let name = match number {
            0 => "Unique Quistgaard Ltd".to_owned(),
            1..RARE => format!("Quistgaard {town} Ltd"),
            _ => format!("{trade} {town} {number} Ltd"),
        };
        let command = NewCustomer {
            name,
            plan: Catalogue::shipped()?.plan("unlimited").ok_or("no plan")?.clone(),
            licenses: 1,
            region: None,
            locale: None,
            owner_name: "Otto Owner".to_owned(),
            owner_email: Email::parse(&format!("otto{number}@example.com")).ok_or("no address")?,
        };
        let (customer, _, mut change) = create_customer(&partner, (owner, &Reach::All), command, &mut stamp)?;
        change.mails.clear();
        worker.store.settle(&mut change, &mut stamp).await?;
        worker.store.commit(&change, None).await?;
        let id: Id<_> = customer.id;
        ids.push(id.to_string());
    }
    Ok(ids)
}
