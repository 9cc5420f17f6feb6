//! A function's process, and Lambda's runtime API as that process sees it.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::{Asked, listen, read, write};
use crate::table::CERTIFICATE;

/// How long a function is left alone before it gets a request, so that one is measured that waits and has nothing to do.
const PAUSE: Duration = Duration::from_millis(2);
/// When a function counts as stuck.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request of the function's runtime that waits for its answer.
struct Call {
    /// When all of it had come.
    at: Instant,
    asked: Asked,
    stream: TcpStream,
}

/// The runtime API. It serves one process at a time.
pub(crate) struct Lambda {
    address: SocketAddr,
    calls: Receiver<Call>,
}

impl Lambda {
    pub(crate) fn new() -> io::Result<Self> {
        let (sender, calls) = channel();
        let address = listen(move |stream| {
            let mut reader = BufReader::new(&stream);
            while let Some(asked) = read(&mut reader)? {
                let call = Call { at: Instant::now(), asked, stream: stream.try_clone()? };
                sender.send(call).map_err(io::Error::other)?;
            }
            Ok(())
        })?;
        Ok(Self { address, calls })
    }

    /// Starts a function and waits until it asks for its first request.
    pub(crate) fn start(
        &self,
        binary: &Path,
        handler: &str,
        table: Option<SocketAddr>,
    ) -> Result<Function<'_>, Box<dyn Error>> {
        let mut command = Command::new(binary);
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::null());
        command.env("AWS_LAMBDA_RUNTIME_API", self.address.to_string());
        command.envs([
            ("_HANDLER", handler),
            ("AWS_LAMBDA_FUNCTION_NAME", handler),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "bench"),
            ("AWS_SECRET_ACCESS_KEY", "bench"),
            ("AWS_SESSION_TOKEN", "bench"),
            ("TABLE_NAME", "bench"),
            ("APP_URL", "https://roster.example.com"),
            ("MAIL_FROM", "roster@example.com"),
            ("SEALING_KEY", "nothing that is worth sealing ever gets here"),
        ]);
        if let Some(table) = table {
            // The table's certificate is not Amazon's.
            let url = format!("https://{table}");
            command.envs([("AWS_ENDPOINT_URL_DYNAMODB", &*url), ("NATIVE_ROOTS", "1"), ("SSL_CERT_FILE", CERTIFICATE)]);
        }
        let began = Instant::now();
        let process = command.spawn().map_err(|error| format!("{} does not start: {error}", binary.display()))?;
        let mut function = Function { lambda: self, process, init: Duration::ZERO, next: None };
        let call = function.call("/next")?;
        function.init = call.at - began;
        function.next = Some(call);
        Ok(function)
    }
}

/// A function that waits for a request. It ends with this value.
pub(crate) struct Function<'a> {
    lambda: &'a Lambda,
    process: Child,
    /// From the start of the process until it asked for its first request.
    pub(crate) init: Duration,
    next: Option<Call>,
}

impl Function<'_> {
    /// Has the function answer a request; says how long that took, and the body.
    pub(crate) fn invoke(&mut self, request: &Value, expected: u16) -> Result<(Duration, Value), Box<dyn Error>> {
        thread::sleep(PAUSE);
        let headers = "Content-Type: application/json\r\n\
            Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n\
            Lambda-Runtime-Deadline-Ms: 4102444800000\r\n\
            Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-central-1:000000000000:function:bench\r\n\
            Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700\r\n";
        let mut next = self.next.take().ok_or("the function does not wait for a request")?;
        let request = request.to_string();
        let began = Instant::now();
        write(&mut next.stream, "200 OK", headers, request.as_bytes())?;
        let mut call = self.call("/response")?;
        let took = call.at - began;
        let answer: Value = serde_json::from_slice(&call.asked.body)?;
        write(&mut call.stream, "202 Accepted", "", b"")?;
        self.next = Some(self.call("/next")?);
        let body = answer["body"].as_str().unwrap_or_default();
        if answer["statusCode"] != expected {
            return Err(format!("the function answered {answer}, not {expected}").into());
        }
        Ok((took, serde_json::from_str(body).unwrap_or_default()))
    }

    /// The CPU time of all its threads so far, where the system tells.
    pub(crate) fn cpu(&self) -> Option<Duration> {
        let mut nanoseconds = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.process.id())).ok()? {
            let told = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            nanoseconds += told.split(' ').next()?.parse::<u64>().ok()?;
        }
        Some(Duration::from_nanos(nanoseconds))
    }

    /// The most memory that it ever had resident, in KiB, where the system tells.
    pub(crate) fn peak_kib(&self) -> Option<u32> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok())
    }

    fn call(&mut self, expected: &str) -> Result<Call, Box<dyn Error>> {
        let call = self.lambda.calls.recv_timeout(PATIENCE).map_err(|_| {
            let mut cause = format!("the function never asked for {expected}");
            if let Ok(Some(status)) = self.process.try_wait() {
                let _ = write!(cause, "; it ended with {status}");
            }
            cause
        })?;
        let Asked { path, body, .. } = &call.asked;
        if path.ends_with(expected) {
            return Ok(call);
        }
        Err(format!("the function asked for {path}: {}", String::from_utf8_lossy(body)).into())
    }
}

impl Drop for Function<'_> {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A request as an HTTP API sends it.
pub(crate) fn request(method: &str, path: &str, token: &str, body: &Value) -> Value {
    let authorization = format!("Bearer {token}");
    json!({
        "version": "2.0",
        "routeKey": format!("{method} {path}"),
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "authorization": authorization,
            "content-type": "application/json",
            "host": "roster.example.com",
            "user-agent": "bench",
        },
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "bench",
            "domainName": "roster.example.com",
            "domainPrefix": "roster",
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "bench" },
            "requestId": "bench",
            "routeKey": format!("{method} {path}"),
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1_767_225_600_000_u64,
        },
        "body": if body.is_null() { Value::Null } else { body.to_string().into() },
        "isBase64Encoded": false,
    })
}
