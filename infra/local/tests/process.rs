//! The local cloud as a process: how it starts and ends, and what survives when it is killed.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// A running local cloud; killed when dropped.
struct Running {
    child: Child,
    address: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(arguments: &[&str]) -> Running {
    let mut child = Command::new(env!("CARGO_BIN_EXE_local"))
        .args(["--port", "0"])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
    let address = first.trim().rsplit_once("http://").expect("the first line names the address").1.to_owned();
    Running { child, address }
}

impl Running {
    fn call(&self, method: &str, path: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
        self.try_call(method, path, token, body).expect("an answer")
    }

    fn try_call(&self, method: &str, path: &str, token: Option<&str>, body: &Value) -> Option<(u16, Value)> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        let mut stream = TcpStream::connect(&self.address).ok()?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{token}content-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let status = answer.split(' ').nth(1)?.parse().ok()?;
        let (_, body) = answer.split_once("\r\n\r\n")?;
        Some((status, serde_json::from_str(body).unwrap_or_default()))
    }

    fn sign_up(&self) -> String {
        let owner = json!({ "name": "Olga", "email": "olga@example.com", "password": "grüne Wolken über Odessa" });
        let body = json!({ "name": "Acme", "plan_id": "unlimited", "owner": owner });
        let (status, body) = self.call("POST", "/v1/accounts", None, &body);
        assert_eq!(status, 201, "{body}");
        body["session"]["token"].as_str().unwrap().to_owned()
    }

    fn signal(&self, name: &str) {
        Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
    }
}

#[test]
fn it_names_its_address_and_ends_cleanly() {
    let mut cloud = start(&["--memory"]);
    assert_eq!(cloud.call("GET", "/_local/health", None, &Value::Null).0, 200);
    cloud.sign_up();
    cloud.signal("-TERM");
    assert!(cloud.child.wait().unwrap().success());
}

#[test]
fn nothing_acknowledged_is_lost_by_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = Path::to_str(&data).unwrap();
    let token = start_and_sign_up(data);
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let mut cloud = start(&["--data", data]);
        let pid = cloud.child.id();
        // Once some are acknowledged the kill comes from outside, between any two calls or within one.
        let (some, enough) = std::sync::mpsc::channel::<()>();
        let killer = std::thread::spawn(move || {
            enough.recv().unwrap();
            Command::new("kill").args(["-KILL", &pid.to_string()]).status().unwrap();
        });
        for number in 0.. {
            let email = format!("p{round}-{number}@example.com");
            let body = json!({ "emails": [email], "type": "member" });
            match cloud.try_call("POST", "/v1/invitations", Some(&token), &body) {
                Some((201, body)) if body["results"][0]["outcome"] == "invited" => {
                    acknowledged.push(email);
                    if number == 5 {
                        some.send(()).unwrap();
                    }
                }
                Some((201, body)) => panic!("{body}"),
                _ => break,
            }
        }
        killer.join().unwrap();
        cloud.child.wait().unwrap();
    }
    assert!(acknowledged.len() >= 15);
    let cloud = start(&["--data", data]);
    let mut kept = Vec::new();
    let mut path = "/v1/users?status=pending&limit=200".to_owned();
    loop {
        let (status, body) = cloud.call("GET", &path, Some(&token), &Value::Null);
        assert_eq!(status, 200, "{body}");
        kept.extend(body["items"].as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap().to_owned()));
        let Some(cursor) = body["next_cursor"].as_str() else { break };
        path = format!("/v1/users?status=pending&limit=200&cursor={cursor}");
    }
    // A mail that was being handed over at the kill is tried again when its pause is over.
    assert_eq!(cloud.call("POST", "/_local/clock", None, &json!({ "advance_seconds": 600 })).0, 200);
    assert_eq!(cloud.call("POST", "/_local/worker", None, &json!({})).0, 200);
    for email in &acknowledged {
        assert!(kept.contains(email), "{email} was acknowledged and is lost");
        let (_, mails) = cloud.call("GET", &format!("/_local/mails?to={email}"), None, &Value::Null);
        assert!(!mails["items"].as_array().unwrap().is_empty(), "the mail to {email} is lost");
    }
    // What the counts say is what there is.
    let (_, account) = cloud.call("GET", "/v1/account", Some(&token), &Value::Null);
    assert_eq!(account["counts"]["pending"], kept.len());
}

fn start_and_sign_up(data: &str) -> String {
    let mut cloud = start(&["--data", data]);
    let token = cloud.sign_up();
    cloud.signal("-TERM");
    assert!(cloud.child.wait().unwrap().success());
    token
}

#[test]
fn a_folder_is_held_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let _first = start(&["--data", data]);
    let second = Command::new(env!("CARGO_BIN_EXE_local")).args(["--port", "0", "--data", data]).output().unwrap();
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("in use"));
}

#[test]
fn the_demo_tells_how_to_sign_in_and_can_be_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    for _ in 0..2 {
        let cloud = start(&["--data", data, "--demo"]);
        let body = json!({ "login": "admin@leads.example", "password": "five-systems-one-roster" });
        let (status, body) = cloud.call("POST", "/v1/sessions", None, &body);
        assert_eq!(status, 201, "{body}");
        let users = cloud.call("GET", "/v1/users", body["token"].as_str(), &Value::Null).1;
        assert_eq!(users["items"].as_array().unwrap().len(), 3);
    }
}

#[test]
fn it_offers_the_plans_of_a_file_and_does_not_start_with_one_that_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plans.json");
    let write = |term: &str| {
        let price = json!({ "amount": 700, "currency": "CHF" });
        let plan =
            json!({ "id": "gold", "model": "licensed", "term": term, "unit_price": price, "professional": true });
        std::fs::write(&file, json!({ "plans": [plan] }).to_string()).unwrap();
    };
    let path = file.to_str().unwrap();
    write("weekly");
    let local = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        let output = command.args(["--port", "0", "--memory"]).args(arguments).envs(variables.iter().copied()).output();
        let output = output.unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let told = format!("roster: the plans in {path} are wrong: plan 1 (gold): term: unknown variant `weekly`");
    for errors in [local(&["--plans", path], &[]), local(&[], &[("PLANS_FILE", path)])] {
        assert!(errors.starts_with(&told), "{errors}");
        assert_eq!(errors.trim().lines().count(), 1, "{errors}");
    }
    let absent = folder.path().join("absent.json");
    let errors = local(&["--plans", absent.to_str().unwrap()], &[]);
    assert!(errors.starts_with(&format!("roster: the plans in {} cannot be read: ", absent.display())), "{errors}");
    write("yearly");
    let cloud = start(&["--memory", "--plans", path]);
    let (_, plans) = cloud.call("GET", "/v1/plans", None, &Value::Null);
    assert_eq!((plans["items"][0]["id"].clone(), plans["items"].as_array().unwrap().len()), (json!("gold"), 1));
}
