//! What it takes to invite ten thousand people out of a file: looking at it, and the worker's part; `README.md` has the
//! command.
#![allow(clippy::print_stdout, reason = "a table on standard output is what this is for")]

mod support;

use std::fmt::Write as _;
use std::time::Instant;

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};

use support::{Client, Failure};

/// How many rows, unless an argument says otherwise.
const ROWS: usize = 10_000;
/// Most runs of the worker that it may take.
const MOST_RUNS: usize = 50;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let number = std::env::args().nth(1).map_or(Ok(ROWS), |number| number.parse())?;
    let cloud = local::Cloud::open(local::Options::for_tests()).await?;
    let admin = Client::sign_up(&cloud, "unlimited").await?;
    let mut file = "email,name,type,language\n".to_owned();
    for row in 0..number {
        writeln!(file, "person{row}@firm{}.example,Anna Person{row},member,en", row % 97)?;
    }
    let (form, _) = admin.call(Method::POST, "/v1/imports/uploads", &json!({})).await?;
    upload(&cloud, &form, &file).await?;

    let began = Instant::now();
    let (import, units) = admin.call(Method::POST, "/v1/imports", &json!({ "upload": form["id"] })).await?;
    let took = began.elapsed().as_secs_f64();
    let (rows, ready) = (&import["rows"], &import["ready"]);
    println!(
        "{rows} rows looked at in {took:.1} s, {} read and {} write units: {ready} ready",
        units.read, units.write
    );
    let path = format!("/v1/imports/{}", import["id"].as_str().unwrap_or_default());
    let (_, units) = admin.call(Method::POST, &format!("{path}/commit"), &json!({})).await?;
    println!("begun with {} read and {} write units", units.read, units.write);

    let began = Instant::now();
    for run in 1..=MOST_RUNS {
        let report = worker::jobs::import_invitations::run(cloud.worker()).await;
        let (now, _) = admin.call(Method::GET, &path, &Value::Null).await?;
        println!("run {run}: {} rows, {} to go", report.rows_imported, now["ready"]);
        if now["status"] == "done" {
            println!("{} invited after {:.1} s of the worker", now["invited"], began.elapsed().as_secs_f64());
            return Ok(());
        }
    }
    Err("the worker is not through".into())
}

/// Posts a file with a form, as a browser does.
async fn upload(cloud: &local::Cloud, form: &Value, file: &str) -> Result<(), Failure> {
    let mut body = String::new();
    let fields = form["upload"]["fields"].as_object().into_iter().flatten();
    let fields = fields.map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()));
    for (name, value) in fields.chain([("Content-Type", "text/csv")]) {
        write!(body, "--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")?;
    }
    write!(
        body,
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.csv\"\r\n\r\n{file}\r\n--x--\r\n"
    )?;
    let place = form["upload"]["url"].as_str().and_then(|url| url.splitn(4, '/').nth(3)).unwrap_or_default();
    let request = Request::post(format!("/{place}"))
        .header("content-type", "multipart/form-data; boundary=x")
        .body(Bytes::from(body))?;
    let answer = cloud.call(request).await;
    if answer.status().is_success() { Ok(()) } else { Err(format!("the upload: {}", answer.status()).into()) }
}
