//! The engine and, on the same database, a second connection that does what the engine leaves undone: without an index
//! every write reads all stream records, and nothing ever deletes one.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::Duration;

use dynoxide::Database;
use rusqlite::Connection;

use super::OpenError;
use super::call::{self, Reply};
use super::token::Tokens;

/// Stream records kept, consumed or not. AWS keeps a day of them; whoever falls behind so far finds what is due by its
/// index, as after a day there.
const RECORDS_KEPT: u64 = 10_000;
/// How many calls that write pass between two trims.
const WRITES_A_TRIM: u64 = 1_000;

/// By table and number, newest last, is how the engine asks for records.
const INDEX: &str = "CREATE INDEX IF NOT EXISTS _stream_records_by_number \
                     ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";
/// The newest record stays: numbers go on from it, and never below the system's clock.
const TRIM: &str = "DELETE FROM _stream_records WHERE id <= (SELECT MAX(id) FROM _stream_records) - ?1";

pub(super) struct Storage {
    database: Database,
    side: Mutex<Connection>,
    /// Held for reading by calls and for writing by a trim: in memory, SQLite refuses two connections at once
    /// instead of letting one wait.
    gate: RwLock<()>,
    writes: AtomicU64,
}

impl Storage {
    pub(super) fn open(path: Option<&Path>) -> Result<Self, OpenError> {
        static IN_MEMORY: AtomicU64 = AtomicU64::new(0);
        let name = match path {
            Some(path) => path.to_str().ok_or_else(|| OpenError::Path(path.to_owned()))?.to_owned(),
            // A plain in-memory database can be reached by one connection only; a named one with a shared cache by all
            // of this process, and by none of another.
            None => format!("file:local-{}?mode=memory&cache=shared", IN_MEMORY.fetch_add(1, Ordering::Relaxed)),
        };
        let database = Database::new(&name)?;
        // Sets `synchronous = NORMAL`, besides the usual sizes of caches.
        database.disable_bulk_loading()?;
        let side = Connection::open(&name)?;
        side.busy_timeout(Duration::from_secs(5))?;
        side.execute_batch(&format!("PRAGMA synchronous = NORMAL; {INDEX};"))?;
        side.execute(TRIM, [RECORDS_KEPT])?;
        Ok(Self { database, side: Mutex::new(side), gate: RwLock::new(()), writes: AtomicU64::new(0) })
    }

    pub(super) fn call(&self, operation: &str, body: &[u8], tokens: &Tokens) -> Reply {
        let reply = {
            let _calls = self.gate.read().unwrap_or_else(PoisonError::into_inner);
            call::dispatch(&self.database, operation, body, tokens)
        };
        if call::writes(operation) && self.writes.fetch_add(1, Ordering::Relaxed) % WRITES_A_TRIM == WRITES_A_TRIM - 1 {
            self.trim();
        }
        reply
    }

    fn trim(&self) {
        let _alone = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        let side = self.side.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = side.execute(TRIM, [RECORDS_KEPT]) {
            // The next trim deletes what this one left.
            tracing::warn!(%error, "the stream was not trimmed");
        }
    }

    #[cfg(test)]
    pub(super) fn stream_records(&self) -> u64 {
        let _alone = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        let side = self.side.lock().unwrap_or_else(PoisonError::into_inner);
        side.query_row("SELECT COUNT(*) FROM _stream_records", [], |row| row.get(0)).unwrap_or_default()
    }
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Storage").field("path", &self.database.db_path().ok().flatten()).finish_non_exhaustive()
    }
}
