//! What a request costs, in DynamoDB's own units.

use std::sync::Mutex;

use aws_sdk_dynamodb::types::ConsumedCapacity;

/// Read and write units, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Units {
    /// Read units.
    pub read: f64,
    /// Write units.
    pub write: f64,
    /// Transactions that wrote.
    pub transactions: u32,
}

/// Adds up what calls say they consumed.
#[derive(Debug, Default)]
pub struct Meter(Mutex<Units>);

impl Meter {
    /// The sum so far.
    pub fn units(&self) -> Units {
        self.0.lock().map_or_else(|poisoned| *poisoned.into_inner(), |units| *units)
    }

    pub(crate) fn read(&self, consumed: Option<&ConsumedCapacity>) {
        self.add(|units| units.read += consumed.and_then(ConsumedCapacity::capacity_units).unwrap_or(0.0));
    }

    pub(crate) fn write(&self, consumed: Option<&ConsumedCapacity>) {
        self.add(|units| units.write += consumed.and_then(ConsumedCapacity::capacity_units).unwrap_or(0.0));
    }

    pub(crate) fn transaction(&self, consumed: &[ConsumedCapacity]) {
        self.add(|units| {
            units.transactions += 1;
            units.write += consumed.iter().filter_map(ConsumedCapacity::capacity_units).sum::<f64>();
        });
    }

    fn add(&self, add: impl FnOnce(&mut Units)) {
        match self.0.lock() {
            Ok(mut units) => add(&mut units),
            Err(poisoned) => add(&mut poisoned.into_inner()),
        }
    }
}
