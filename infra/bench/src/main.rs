//! How long the functions take to start, against a bare hello in the same run; `README.md` has the command and the bars.
#![allow(clippy::print_stdout, reason = "a table on standard output is what this is for")]

mod function;
mod http;
mod report;
mod table;

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use argon2::password_hash::PasswordVerifier as _;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, Params};
use serde_json::{Value, json};

use crate::function::{Function, Lambda, request};
use crate::report::{Case, Report, milliseconds};
use crate::table::Table;

/// How many times each function is started, unless an argument says otherwise.
const STARTS: usize = 40;
/// How many requests a process serves after its first.
const WARM: usize = 8;
/// How often is signed in.
const SIGN_INS: usize = 20;

const LOGIN: &str = "owner@example.com";
const PASSWORD: &str = "correct horse battery staple";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("cold-start: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures, prints, and says whether every bar was kept.
fn run() -> Result<bool, Box<dyn Error>> {
    let starts = env::args().nth(1).map_or(Ok(STARTS), |argument| argument.parse())?;
    if starts == 0 {
        return Err("nothing to do".into());
    }
    let itself = env::current_exe()?;
    let folder = itself.parent().ok_or("no folder to look for the other binaries in")?;
    let table = Arc::new(Table::default());
    let served = Some(table.clone().serve()?);
    let lambda = Lambda::new()?;
    let start = |binary: &str, handler: &str, table| lambda.start(&folder.join(binary), handler, table);

    // Whatever the table holds comes from the functions themselves.
    let owner = json!({ "name": "Olga Owner", "email": LOGIN, "password": PASSWORD });
    let body = json!({ "name": "Bench", "plan_id": "licensed-monthly", "owner": owner });
    let (_, answer) =
        start("functions", "accounts_create", served)?.invoke(&request("POST", "/v1/accounts", "", &body), 201)?;
    let token = answer["session"]["token"].as_str().ok_or("signing up gave no token")?;

    let none = Value::Null;
    let mut hello = Case::new("hello", "hello", None, 200, request("GET", "/", "", &none));
    let mut plain = Case::new("functions", "plans_list", None, 200, request("GET", "/v1/plans", "", &none));
    let mut read = Case::new("functions", "me_get", served, 200, request("GET", "/v1/me", token, &none));
    let buy = json!({ "quantity": 1 });
    let mut write =
        Case::new("functions", "licenses_purchase", served, 201, request("POST", "/v1/licenses", token, &buy));
    for _ in 0..starts {
        for case in [&mut hello, &mut plain, &mut read, &mut write] {
            sample(case, start(case.binary, case.handler, case.table)?)?;
        }
    }
    if table.transactions() != 1 + starts * (1 + WARM) {
        return Err("the functions have not written what they were measured for".into());
    }
    let (request, hash) = sign_ins(start("functions", "sessions_create", served)?, &table)?;

    println!("{starts} starts of each function, then {WARM} warm requests; first quartiles\n");
    let mut report = Report::new(hello.init());
    report.row(&hello, "the floor: no product, no SDK");
    report.row(&plain, "uses no table, so opens no connection");
    report.row(&read, "primed; signed in, three reads");
    report.row(&write, "primed; signed in, reads and a transaction");
    println!("\nsigning in: {request:.1} ms a request, of it {hash:.1} ms argon2id\n");
    report.bar("init, unprimed ÷ hello", plain.init() / hello.init(), 2.0);
    report.bar("first read ÷ warm", read.first() / read.warm(), 3.0);
    report.bar("first transaction ÷ warm", write.first() / write.warm(), 3.0);
    report.bar("signing in ÷ its hash", request / hash, 2.0);
    println!("\nNot in it: Lambda's own part of a start, any distance to DynamoDB, less than a whole processor.");
    Ok(report.kept)
}

/// One life of a function.
fn sample(case: &mut Case, mut function: Function<'_>) -> Result<(), Box<dyn Error>> {
    thread::sleep(Duration::from_millis(1));
    case.init.push(milliseconds(function.init));
    case.cpu.extend(function.cpu().map(milliseconds));
    case.first.push(milliseconds(function.invoke(&case.request, case.status)?.0));
    for _ in 0..WARM {
        case.warm.push(milliseconds(function.invoke(&case.request, case.status)?.0));
    }
    case.peak.extend(function.peak_kib().map(|kib| f64::from(kib) / 1024.0));
    Ok(())
}

/// Signing in, and the verification of the same password alone: the milliseconds of each.
fn sign_ins(mut function: Function<'_>, table: &Table) -> Result<(f64, f64), Box<dyn Error>> {
    let kept = table.text("$argon2id$").ok_or("no password was kept")?;
    let hash = PasswordHash::new(&kept).map_err(|error| error.to_string())?;
    let params = Params::try_from(&hash).map_err(|error| error.to_string())?;
    if (params.m_cost(), params.t_cost(), params.p_cost()) != (19_456, 2, 1) {
        return Err(format!("passwords are kept with {params:?}").into());
    }
    let request = request("POST", "/v1/sessions", "", &json!({ "login": LOGIN, "password": PASSWORD }));
    let (mut whole, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..SIGN_INS {
        whole.push(milliseconds(function.invoke(&request, 201)?.0));
        let began = Instant::now();
        Argon2::default().verify_password(PASSWORD.as_bytes(), &hash).map_err(|error| error.to_string())?;
        alone.push(milliseconds(began.elapsed()));
    }
    Ok((report::quartile(&whole), report::quartile(&alone)))
}
