use futures::future::BoxFuture;
use lambda_http::Body;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;
use crate::clock::MovableClock;
use crate::front::{Backend, Route};
use crate::s3::LocalS3;
use crate::ses::Inbox;

struct Slow;

impl Backend for Slow {
    fn routes(&self) -> Vec<Route> {
        vec![Route::new(http::Method::POST, "/v1/echo", "echo")]
    }

    fn invoke(
        &self,
        name: &str,
        request: lambda_http::Request,
    ) -> BoxFuture<'static, Result<Response<Body>, lambda_http::Error>> {
        let name = name.to_owned();
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            Ok(Response::new(Body::from(format!("{name} {}", request.body().len()))))
        })
    }
}

struct Running {
    address: SocketAddr,
    end: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

async fn run() -> Running {
    let (clock, inbox) = (Arc::new(MovableClock::default()), Arc::new(Inbox::in_memory()));
    let idp = LocalIdp::new("http://localhost", platform::World::default()).unwrap();
    let front = Front::new(Arc::new(Slow), Arc::clone(&clock)).unwrap();
    let ses = LocalSes::new(Arc::clone(&inbox), Arc::clone(&clock));
    let s3 = LocalS3::new("http://localhost", None, platform::World::default());
    let controls =
        Controls::new(clock, inbox, Arc::new(|| Box::pin(async { Ok(json!({})) })), Arc::new(|| Box::pin(async {})));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = oneshot::channel::<()>();
    let app = Arc::new(App::new(front, ses, Some(idp), s3, controls));
    let task = tokio::spawn(serve(listener, app, async { ended.await.unwrap_or_default() }));
    Running { address, end, task }
}

async fn exchange_text(address: SocketAddr, request: Vec<u8>) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

fn post(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn each_part_answers_under_its_paths() {
    let running = run().await;
    let mail = json!({
        "FromEmailAddress": "no-reply@example.com",
        "Destination": { "ToAddresses": ["a@example.com"] },
        "Content": { "Simple": { "Subject": { "Data": "Hi" }, "Body": { "Text": { "Data": "hi" } } } },
    });
    let sent = exchange_text(running.address, post(SEND_PATH, mail.to_string().as_bytes())).await;
    assert!(sent.starts_with("HTTP/1.1 200") && sent.contains(r#""MessageId":"msg_"#), "{sent}");

    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").into_bytes();
    let mails = exchange_text(running.address, get("/_local/mails")).await;
    assert!(mails.contains(r#""to":"a@example.com""#), "{mails}");
    let document = exchange_text(running.address, get("/_local/idp/google/.well-known/openid-configuration")).await;
    assert!(document.contains(r#""issuer":"http://localhost/_local/idp/google""#), "{document}");
    let echo = exchange_text(running.address, post("/v1/echo", b"four")).await;
    assert!(echo.ends_with("echo 4"), "{echo}");
    let other = exchange_text(running.address, get("/_localhost")).await;
    assert!(other.ends_with("$default 0"), "{other}");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_answered_and_not_kept() {
    let running = run().await;
    let answer = exchange_text(running.address, post("/v1/echo", &vec![b'x'; MAX_BODY + 1])).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.ends_with(r#"{"message":"Request Entity Too Large"}"#), "{answer}");
    let fits = exchange_text(running.address, post("/v1/echo", &vec![b'x'; MAX_BODY])).await;
    assert!(fits.starts_with("HTTP/1.1 200"), "{}", &fits[..80]);
}

#[tokio::test]
async fn requests_in_flight_finish_when_it_ends() {
    let Running { address, end, task } = run().await;
    let flight = tokio::spawn(exchange_text(address, post("/v1/echo", b"four")));
    let idle = TcpStream::connect(address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    end.send(()).unwrap();
    assert!(flight.await.unwrap().ends_with("echo 4"));
    tokio::time::timeout(Duration::from_secs(5), task).await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
    drop(idle);
}
