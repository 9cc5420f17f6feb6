//! What one request has worked out, for when it is decided anew: hashing a password costs more than all else.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Results of one request, by name. Clones share them; they end with the request.
#[derive(Clone, Default)]
pub struct Scratch(Arc<Mutex<HashMap<String, Box<dyn Any + Send>>>>);

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scratch(…)")
    }
}

impl Scratch {
    /// Whether there is a result of that name.
    pub fn has(&self, name: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(name)
    }

    /// The result of that name, if there is one.
    pub fn get<T: Any + Clone>(&self, name: &str) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name)?.downcast_ref::<T>().cloned()
    }

    /// Keeps a result, for work that waits.
    pub fn set<T: Any + Send>(&self, name: &str, result: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), Box::new(result));
    }

    /// What `work` makes, the first time; later what it made then. The name must say all that the result depends on.
    pub fn once<T: Any + Clone + Send>(&self, name: &str, work: impl FnOnce() -> T) -> T {
        let known = |scratch: &HashMap<String, Box<dyn Any + Send>>| scratch.get(name)?.downcast_ref::<T>().cloned();
        if let Some(known) = known(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return known;
        }
        let made = work();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), Box::new(made.clone()));
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_once() {
        let (scratch, mut times) = (Scratch::default(), 0);
        for _ in 0..3 {
            assert_eq!(
                scratch.clone().once("a", || {
                    times += 1;
                    7
                }),
                7
            );
        }
        assert_eq!((times, scratch.once("b", || 8)), (1, 8));
    }
}
