//! What it takes to let somebody go who owns fifty thousand resources: the request, what readers see meanwhile, and the
//! worker's part; `README.md` has the command.
#![allow(clippy::print_stdout, reason = "a table on standard output is what this is for")]

mod support;

use std::time::Instant;

use futures::future::try_join_all;
use http::Method;
use serde_json::{Value, json};

use support::{Client, Failure, PASSWORD};

/// How many resources, unless an argument says otherwise.
const RESOURCES: usize = 50_000;
/// Most runs of the worker that it may take.
const MOST_RUNS: usize = 100;
/// Registrations at a time.
const AT_ONCE: usize = 16;
/// How many leads somebody has, as the report before a deactivation says.
async fn leads(admin: &Client<'_>, user: &Value) -> Result<i64, Failure> {
    let path = format!("/v1/users/{}/impact", user.as_str().unwrap_or_default());
    let (impact, _) = admin.call(Method::GET, &path, &Value::Null).await?;
    Ok(impact["resources"]["lead"]["count"].as_i64().unwrap_or_default())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let number = std::env::args().nth(1).map_or(Ok(RESOURCES), |number| number.parse())?;
    let cloud = local::Cloud::open(local::Options::for_tests()).await?;
    let admin = Client::sign_up(&cloud, "unlimited").await?;
    let body = json!({ "name": "Ben", "login": "ben", "type": "member", "sign_in": "password", "password": PASSWORD });
    let (ben, _) = admin.call(Method::POST, "/v1/users", &body).await?;
    admin.call(Method::POST, "/v1/sessions", &json!({ "login": "ben", "password": PASSWORD })).await?;

    let began = Instant::now();
    let body = json!({ "name": "Lead", "owner_id": ben["id"] });
    for first in (0..number).step_by(AT_ONCE) {
        let paths: Vec<String> =
            (first..number.min(first + AT_ONCE)).map(|n| format!("/v1/resources/lead/{n}")).collect();
        try_join_all(paths.iter().map(|path| admin.call(Method::PUT, path, &body))).await?;
    }
    println!("{number} leads registered in {:.1} s", began.elapsed().as_secs_f64());

    let path = format!("/v1/users/{}/deactivate", ben["id"].as_str().unwrap_or_default());
    let began = Instant::now();
    let strategy = json!({ "resources": { "strategy": "reassign", "to": admin.user["id"] } });
    let (gone, units) = admin.call(Method::POST, &path, &strategy).await?;
    let took = began.elapsed().as_secs_f64() * 1_000.0;
    println!("deactivated in {took:.0} ms, {} read and {} write units: {}", units.read, units.write, gone["status"]);
    let both = (leads(&admin, &ben["id"]).await?, leads(&admin, &admin.user["id"]).await?);
    println!("at once readers see {} of the leaver and {} of the successor", both.0, both.1);

    let began = Instant::now();
    let user = format!("/v1/users/{}", ben["id"].as_str().unwrap_or_default());
    for run in 1..=MOST_RUNS {
        let report = cloud.worker().run_all().await;
        let (shown, _) = admin.call(Method::GET, &user, &Value::Null).await?;
        println!("run {run}: {} moved, on their way: {}", report.resources_moved, shown["resources_in_motion"]);
        if shown["resources_in_motion"].is_null() {
            println!("through after {:.1} s of the worker", began.elapsed().as_secs_f64());
            return Ok(());
        }
        admin.call(Method::POST, "/_local/clock", &json!({ "advance_seconds": 61 })).await?;
    }
    Err("the worker is not through".into())
}
