//! The table's definition, for places where no template makes it: the local cloud and the tests. A test compares it with
//! `template.yaml`.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, StreamSpecification, StreamViewType,
};

use crate::error::StoreError;
use crate::keys::{INDEXES, Index};
use crate::store::Store;

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
        for name in attributes() {
            call = call.attribute_definitions(
                AttributeDefinition::builder()
                    .attribute_name(name)
                    .attribute_type(ScalarAttributeType::S)
                    .build()
                    .map_err(broken)?,
            );
        }
        for Index { name, partition, place, whole } in INDEXES {
            let projection = if whole { ProjectionType::All } else { ProjectionType::KeysOnly };
            call = call.global_secondary_indexes(
                GlobalSecondaryIndex::builder()
                    .index_name(name)
                    .key_schema(element(partition, KeyType::Hash).map_err(broken)?)
                    .key_schema(element(place, KeyType::Range).map_err(broken)?)
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

/// The attributes that keys are made of, the table's own and those of the indexes.
pub fn attributes() -> BTreeSet<&'static str> {
    let of_indexes = INDEXES.iter().flat_map(|index| [index.partition, index.place]);
    ["pk", "sk"].into_iter().chain(of_indexes).collect()
}

fn element(name: &str, kind: KeyType) -> Result<KeySchemaElement, aws_sdk_dynamodb::error::BuildError> {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build()
}
