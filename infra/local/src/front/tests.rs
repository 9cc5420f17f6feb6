#![allow(clippy::unnecessary_wraps)]

use std::sync::Mutex;

use lambda_http::RequestExt as _;
use lambda_http::request::RequestContext;

use super::*;

type Answer = fn() -> Result<Response<Body>, lambda_http::Error>;
type Seen = Arc<Mutex<Vec<(String, lambda_http::Request)>>>;

struct Recorder {
    seen: Seen,
    answer: Answer,
}

impl Backend for Recorder {
    fn routes(&self) -> Vec<Route> {
        vec![
            Route::new(Method::GET, "/v1/users/{id}", "get_user"),
            Route::new(Method::GET, "/v1/users/assignable", "list_assignable"),
            Route::new(Method::POST, "/v1/users/{user_id}/email", "change_email"),
            Route::new(Method::POST, "/v1/users/{id}/deactivate", "deactivate"),
            Route::new(Method::GET, "/scim/v2/{rest+}", "scim"),
        ]
    }

    fn invoke(
        &self,
        name: &str,
        request: lambda_http::Request,
    ) -> BoxFuture<'static, Result<Response<Body>, lambda_http::Error>> {
        self.seen.lock().unwrap().push((name.to_owned(), request));
        let answer = self.answer;
        Box::pin(async move { answer() })
    }
}

fn front(answer: Answer) -> (Front, Seen) {
    let seen = Seen::default();
    let backend = Recorder { seen: Arc::clone(&seen), answer };
    (Front::new(Arc::new(backend), Arc::new(MovableClock::default())).unwrap(), seen)
}

fn ok() -> Result<Response<Body>, lambda_http::Error> {
    Ok(Response::builder().status(201).header("x-made", "yes").body(Body::from("made")).unwrap())
}

fn request(method: &str, path: &str, body: &'static str) -> Request<Bytes> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost:3000")
        .header("content-type", "application/json")
        .body(Bytes::from_static(body.as_bytes()))
        .unwrap()
}

async fn seen_for(request: Request<Bytes>) -> (String, lambda_http::Request) {
    let (front, seen) = front(ok);
    assert_eq!(front.call(request).await.status(), 201);
    seen.lock().unwrap().pop().unwrap()
}

#[tokio::test]
async fn requests_find_their_function() {
    for (method, path, name, parameter) in [
        ("GET", "/v1/users/usr_1", "get_user", Some(("id", "usr_1"))),
        ("GET", "/v1/users/a%20b", "get_user", Some(("id", "a b"))),
        ("GET", "/v1/users/%+5%zz%", "get_user", Some(("id", "%+5%zz%"))),
        ("GET", "/v1/users/assignable", "list_assignable", None),
        ("POST", "/v1/users/usr_1/email", "change_email", Some(("user_id", "usr_1"))),
        ("POST", "/v1/users/usr_1/deactivate", "deactivate", Some(("id", "usr_1"))),
        ("GET", "/scim/v2/Users/1", "scim", Some(("rest", "Users/1"))),
        ("DELETE", "/v1/users/usr_1", DEFAULT_ROUTE, None),
        ("GET", "/v1/users/usr_1/", DEFAULT_ROUTE, None),
        ("GET", "/nowhere", DEFAULT_ROUTE, None),
    ] {
        let (called, seen) = seen_for(request(method, path, "")).await;
        assert_eq!(called, name, "{method} {path}");
        if let Some((key, value)) = parameter {
            assert_eq!(seen.path_parameters().first(key), Some(value), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_function_gets_the_whole_request() {
    let mut sent = request("POST", "/v1/users/usr_1/email?a=1&b=x%26y&a=2", r#"{"email":"ä@example.com"}"#);
    sent.extensions_mut().insert(SocketAddr::from(([127, 0, 0, 9], 4000)));
    for (name, value) in [("x-many", "1"), ("x-many", "2"), ("x-forwarded-for", "6.6.6.6"), ("cookie", "a=1; b=2")] {
        sent.headers_mut().append(name, HeaderValue::from_static(value));
    }
    sent.headers_mut().insert("connection", HeaderValue::from_static("keep-alive"));
    let (_, seen) = seen_for(sent).await;

    assert_eq!(seen.method(), "POST");
    assert_eq!(seen.uri().path(), "/v1/users/usr_1/email");
    assert_eq!(seen.query_string_parameters().all("a"), Some(vec!["1", "2"]));
    assert_eq!(seen.query_string_parameters().first("b"), Some("x&y"));
    assert_eq!(seen.headers()["x-many"], "1,2");
    assert_eq!(seen.headers()["cookie"], "a=1; b=2");
    assert_eq!(seen.headers()["x-forwarded-for"], "6.6.6.6, 127.0.0.9");
    assert!(!seen.headers().contains_key("connection"));
    assert_eq!(seen.body(), &Body::from(r#"{"email":"ä@example.com"}"#));
    let RequestContext::ApiGatewayV2(context) = seen.request_context() else { panic!("not payload 2.0") };
    assert_eq!(context.http.source_ip.as_deref(), Some("127.0.0.9"));
    assert_eq!(context.route_key.as_deref(), Some("POST /v1/users/{user_id}/email"));
    assert_eq!(context.stage.as_deref(), Some("$default"));
}

#[tokio::test]
async fn bytes_that_are_no_text_arrive_unharmed() {
    for (kind, body) in
        [("application/octet-stream", &b"\x00\xff"[..]), ("application/json", b"\xff"), ("image/png", b"x")]
    {
        let mut sent = request("POST", "/v1/users/1/email", "");
        sent.headers_mut().insert("content-type", HeaderValue::from_static(kind));
        *sent.body_mut() = Bytes::from_static(body);
        let (_, seen) = seen_for(sent).await;
        assert_eq!(seen.body(), &Body::Binary(body.to_vec()), "{kind}");
    }
}

#[tokio::test]
async fn the_answer_is_the_functions() {
    let (front, _) = front(ok);
    let response = front.call(request("GET", "/v1/users/1", "")).await;
    assert_eq!((response.status().as_u16(), &response.headers()["x-made"]), (201, &HeaderValue::from_static("yes")));
    assert_eq!(response.body(), "made");
    assert!(response.headers().contains_key("apigw-requestid"));
}

#[tokio::test]
async fn the_gateway_answers_for_functions_that_fail() {
    let huge = || Ok(Response::new(Body::from("x".repeat(MAX_ANSWER + 1))));
    let failing: [Answer; 3] = [|| Err("no".into()), || panic!("the function panics"), huge];
    for answer in failing {
        let (front, _) = front(answer);
        let response = front.call(request("GET", "/v1/users/1", "")).await;
        assert_eq!(response.status(), 500);
        assert_eq!(response.body(), r#"{"message":"Internal Server Error"}"#);
    }
}

#[tokio::test]
async fn what_is_too_large_or_malformed_reaches_no_function() {
    let (front, seen) = front(ok);
    let mut large = request("POST", "/v1/users/1/email", "");
    *large.body_mut() = Bytes::from(vec![b'x'; MAX_BODY + 1]);
    let response = front.call(large).await;
    assert_eq!(
        (response.status().as_u16(), &response.body()[..]),
        (413, &br#"{"message":"Request Entity Too Large"}"#[..])
    );

    let mut headers = request("GET", "/v1/users/1", "");
    headers.headers_mut().insert("x-long", HeaderValue::try_from("x".repeat(MAX_HEAD)).unwrap());
    assert_eq!(front.call(headers).await.status(), 431);

    let mut pathless = request("OPTIONS", "*", "");
    pathless.headers_mut().remove("host");
    assert_eq!(front.call(pathless).await.status(), 400);
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_function_knows_one_host() {
    for (host, expected) in [("127.0.0.1:3000", "127.0.0.1:3000"), ("a b", "localhost"), ("x.256", "localhost")] {
        let mut sent = request("GET", "/v1/users/1", "");
        sent.headers_mut().insert("host", HeaderValue::from_static(host));
        let (_, seen) = seen_for(sent).await;
        assert_eq!(seen.headers()["host"], expected);
        assert_eq!(seen.uri().authority().unwrap().as_str(), expected);
    }
}

#[tokio::test]
async fn a_route_stands_once() {
    struct Twice;
    impl Backend for Twice {
        fn routes(&self) -> Vec<Route> {
            vec![Route::new(Method::GET, "/a/{id}", "one"), Route::new(Method::GET, "/a/{other}", "two")]
        }
        fn invoke(
            &self,
            _: &str,
            _: lambda_http::Request,
        ) -> BoxFuture<'static, Result<Response<Body>, lambda_http::Error>> {
            Box::pin(async { ok() })
        }
    }
    let error = Front::new(Arc::new(Twice), Arc::new(MovableClock::default())).unwrap_err();
    assert!(error.to_string().starts_with("GET /a/{other}: "), "{error}");
}
