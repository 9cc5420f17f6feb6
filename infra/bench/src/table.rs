//! As much of DynamoDB as the measured actions need: what was put is there, and no condition ever fails.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, BufReader};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use crate::http::{Asked, listen, read, write};

/// What the table shows that it is 127.0.0.1. Only a function that this benchmark starts believes it.
pub(crate) const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tls/certificate.pem");
const KEY: &[u8] = include_bytes!("../tls/key.der");

/// The items, by partition and place, and how many transactions there were.
#[derive(Default)]
pub(crate) struct Table {
    items: Mutex<BTreeMap<(String, String), Value>>,
    transactions: AtomicUsize,
}

impl Table {
    /// Serves the table over TLS, on a port of its own.
    pub(crate) fn serve(self: Arc<Self>) -> Result<SocketAddr, Box<dyn Error>> {
        let shown = vec![CertificateDer::from_pem_file(CERTIFICATE)?];
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(shown, PrivatePkcs8KeyDer::from(KEY).into())?;
        let config = Arc::new(config);
        Ok(listen(move |stream| {
            let tls = ServerConnection::new(config.clone()).map_err(io::Error::other)?;
            let mut connection = BufReader::new(StreamOwned::new(tls, stream));
            while let Some(asked) = read(&mut connection)? {
                let answer = self.answer(&asked).to_string();
                let headers = "Content-Type: application/x-amz-json-1.0\r\n";
                write(connection.get_mut(), "200 OK", headers, answer.as_bytes())?;
            }
            Ok(())
        })?)
    }

    fn answer(&self, asked: &Asked) -> Value {
        let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
        match asked.target.rsplit('.').next() {
            Some("GetItem") => self.get(&body["Key"]),
            Some("Query") => self.query(&body),
            Some("TransactWriteItems") => self.write(&body),
            _ => json!({}),
        }
    }

    /// A text somewhere in the table that begins so.
    pub(crate) fn text(&self, beginning: &str) -> Option<String> {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        let mut texts = items.values().flat_map(|item| item.as_object().into_iter().flatten());
        texts.find_map(|(_, value)| Some(value["S"].as_str().filter(|text| text.starts_with(beginning))?.to_owned()))
    }

    /// How many transactions there were.
    pub(crate) fn transactions(&self) -> usize {
        self.transactions.load(Ordering::Relaxed)
    }

    fn get(&self, key: &Value) -> Value {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.get(&(text(&key["pk"]), text(&key["sk"]))).map_or(json!({}), |item| json!({ "Item": item }))
    }

    /// The whole of a partition, which is the one value that every measured query names.
    fn query(&self, asked: &Value) -> Value {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        let values = asked["ExpressionAttributeValues"].as_object();
        let partition = values.and_then(|values| values.values().next()).map(text).unwrap_or_default();
        let found: Vec<_> = items.iter().filter(|((pk, _), _)| *pk == partition).map(|(_, item)| item).collect();
        json!({ "Items": found, "Count": found.len(), "ScannedCount": found.len() })
    }

    fn write(&self, asked: &Value) -> Value {
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        self.transactions.fetch_add(1, Ordering::Relaxed);
        let actions = asked["TransactItems"].as_array().into_iter().flatten();
        for item in actions.filter_map(|action| action.pointer("/Put/Item")) {
            items.insert((text(&item["pk"]), text(&item["sk"])), item.clone());
        }
        json!({})
    }
}

fn text(value: &Value) -> String {
    value["S"].as_str().unwrap_or_default().to_owned()
}
