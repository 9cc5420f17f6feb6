//! The table, and the few calls that everything else is made of.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use aws_types::SdkConfig;
use platform::{Config, Sealer};
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::keys::Key;
use crate::meter::{Meter, Units};

/// An item as DynamoDB has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The table. Clones share the connection.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) table: String,
    pub(crate) sealer: Sealer,
    pub(crate) meter: Arc<Meter>,
}

impl Store {
    /// The configured table.
    pub fn new(sdk: &SdkConfig, config: &Config) -> Self {
        Self {
            client: Client::new(sdk),
            table: config.table.clone(),
            sealer: Sealer::new(&config.sealing_key),
            meter: Arc::default(),
        }
    }

    /// The same table with a meter that begins at zero.
    pub fn metered(&self) -> Self {
        Self { meter: Arc::default(), ..self.clone() }
    }

    /// What was consumed through this store since [`Store::metered`].
    pub fn units(&self) -> Units {
        self.meter.units()
    }

    /// What secrets at rest are sealed with.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Opens connections before the first request needs them: two, since whoever is signed in is read in pairs. Answers
    /// of any kind will do.
    pub async fn prime(&self) {
        let key = Key::new("PRIME", "PRIME");
        let _ = tokio::join!(self.get_item(&key, false), self.get_item(&key, false));
    }

    /// An item, as it is now (`consistent`), or as it was a moment ago for half the price.
    pub(crate) async fn get_item(&self, key: &Key, consistent: bool) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk.clone()))
            .key("sk", AttributeValue::S(key.sk.clone()))
            .consistent_read(consistent)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::of(&error))?;
        self.meter.read(answer.consumed_capacity());
        Ok(answer.item)
    }

    /// A record, as it is now.
    pub(crate) async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, StoreError> {
        Ok(self.get_item(key, true).await?.map(serde_dynamo::from_item).transpose()?)
    }

    /// A record, as it was a moment ago.
    pub(crate) async fn peek<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, StoreError> {
        Ok(self.get_item(key, false).await?.map(serde_dynamo::from_item).transpose()?)
    }
}
