//! Scenarios, races, faults and contracts: everything here is told through the HTTP contract. See `it/main.rs`.
