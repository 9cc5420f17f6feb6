//! The client tokens that make a repeated transaction the same transaction.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::call::Reply;

/// How many bytes of requests and answers are remembered. Between client and engine there is no network that loses
/// answers; a retry comes from a client that stopped waiting or from an injected fault, within seconds.
const REMEMBERED_BYTES: usize = 16 << 20;

/// The last transactions by their tokens, oldest forgotten first.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    slots: HashMap<String, Slot>,
    order: VecDeque<(String, usize)>,
    bytes: usize,
}

/// Locked for as long as the transaction runs, so that a retry waits for the answer of the first.
type Slot = Arc<Mutex<Option<Done>>>;

#[derive(Debug)]
struct Done {
    body: Box<[u8]>,
    reply: Reply,
}

impl Tokens {
    /// Runs the transaction of this token and body, unless it succeeded before: then answers what was answered then.
    pub(super) fn once(&self, token: String, body: &[u8], run: impl FnOnce() -> Reply) -> Reply {
        let slot = Arc::clone(self.remembered().slots.entry(token.clone()).or_default());
        let mut done = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(done) = done.as_ref() {
            return if same_actions(&done.body, body) { done.reply.clone() } else { mismatch() };
        }
        let reply = run();
        let mut remembered = self.remembered();
        if reply.is_success() {
            let bytes = body.len() + reply.body.len();
            *done = Some(Done { body: body.into(), reply: reply.clone() });
            remembered.slots.insert(token.clone(), Arc::clone(&slot));
            remembered.order.push_back((token, bytes));
            remembered.bytes += bytes;
            remembered.forget_the_oldest();
        } else {
            remembered.slots.remove(&token);
        }
        reply
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remembered {
    fn forget_the_oldest(&mut self) {
        while self.bytes > REMEMBERED_BYTES {
            let Some((token, bytes)) = self.order.pop_front() else { return };
            self.slots.remove(&token);
            self.bytes -= bytes;
        }
    }
}

/// Whether two requests ask for the same actions; members of objects may stand in any order.
fn same_actions(one: &[u8], other: &[u8]) -> bool {
    let actions = |body: &[u8]| serde_json::from_slice::<Value>(body).map(|mut body| body["TransactItems"].take());
    one == other || matches!((actions(one), actions(other)), (Ok(one), Ok(other)) if one == other)
}

fn mismatch() -> Reply {
    Reply::error(
        400,
        "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException",
        "The client token was used before with other actions",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok() -> Reply {
        Reply { status: 200, body: "{}".to_owned() }
    }

    #[test]
    fn a_success_is_remembered_and_a_failure_is_not() {
        let tokens = Tokens::default();
        let failed = tokens.once("t".to_owned(), b"{}", || Reply::error(400, "x", "no"));
        assert_eq!(failed.status, 400);
        assert_eq!(tokens.once("t".to_owned(), b"{}", ok).status, 200);
        assert_eq!(tokens.once("t".to_owned(), b"{}", || panic!("ran twice")).status, 200);
    }

    #[test]
    fn the_same_token_with_other_actions_is_refused() {
        let tokens = Tokens::default();
        let one = br#"{"TransactItems":[{"a":1,"b":2}],"ReturnConsumedCapacity":"TOTAL"}"#;
        let reordered = br#"{"TransactItems":[{"b":2,"a":1}]}"#;
        let other = br#"{"TransactItems":[{"a":2}]}"#;
        tokens.once("t".to_owned(), one, ok);
        assert_eq!(tokens.once("t".to_owned(), reordered, || panic!("ran twice")).status, 200);
        assert!(tokens.once("t".to_owned(), other, ok).body.contains("IdempotentParameterMismatch"));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let tokens = Tokens::default();
        let body = vec![b' '; REMEMBERED_BYTES / 4];
        for n in 0..10 {
            tokens.once(n.to_string(), &body, ok);
        }
        let remembered = tokens.remembered();
        assert_eq!((remembered.slots.len(), remembered.order.len()), (3, 3));
        assert!(remembered.bytes <= REMEMBERED_BYTES);
    }
}
