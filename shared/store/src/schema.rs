//! The table's definition, for places where no template makes it: the local cloud and the tests. A test compares it with
//! `template.yaml`.

use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, StreamSpecification, StreamViewType,
};

use crate::error::StoreError;
use crate::keys;
use crate::store::Store;

/// The indexes: name, partition key, sort key, and whether they carry whole items.
pub const INDEXES: [(&str, &str, &str, bool); 2] =
    [(keys::LISTING, "gpk", "gsk", true), (keys::DUE, "dpk", "dsk", false)];

impl Store {
    /// Makes the table, unless it is there.
    pub async fn create_table(&self) -> Result<(), StoreError> {
        let broken = |error: aws_sdk_dynamodb::error::BuildError| StoreError::Broken(error.to_string());
        let mut call = self
            .client
            .create_table()
            .table_name(&self.table)
            .billing_mode(BillingMode::PayPerRequest)
            .key_schema(element("pk", KeyType::Hash).map_err(broken)?)
            .key_schema(element("sk", KeyType::Range).map_err(broken)?)
            .stream_specification(
                StreamSpecification::builder()
                    .stream_enabled(true)
                    .stream_view_type(StreamViewType::KeysOnly)
                    .build()
                    .map_err(broken)?,
            );
        for name in ["pk", "sk"].into_iter().chain(INDEXES.iter().flat_map(|(_, hash, range, _)| [*hash, *range])) {
            call = call.attribute_definitions(
                AttributeDefinition::builder()
                    .attribute_name(name)
                    .attribute_type(ScalarAttributeType::S)
                    .build()
                    .map_err(broken)?,
            );
        }
        for (name, hash, range, whole) in INDEXES {
            let projection = if whole { ProjectionType::All } else { ProjectionType::KeysOnly };
            call = call.global_secondary_indexes(
                GlobalSecondaryIndex::builder()
                    .index_name(name)
                    .key_schema(element(hash, KeyType::Hash).map_err(broken)?)
                    .key_schema(element(range, KeyType::Range).map_err(broken)?)
                    .projection(Projection::builder().projection_type(projection).build())
                    .build()
                    .map_err(broken)?,
            );
        }
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(CreateTableError::is_resource_in_use_exception) => {
                Ok(())
            }
            Err(error) => Err(StoreError::of(&error)),
        }
    }
}

fn element(name: &str, kind: KeyType) -> Result<KeySchemaElement, aws_sdk_dynamodb::error::BuildError> {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build()
}
