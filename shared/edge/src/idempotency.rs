//! The header `Idempotency-Key`: whose, what, and the sealed answer.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::Instant;
use domain::id::AccountId;
use platform::Sealer;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::idempotency::{KEEP, Progress, about};
use store::packed::{Effort, pack, unpack};

use crate::answer::{Content, Reply, Then};
use crate::caller::Caller;
use crate::catalogue::Action;
use crate::endpoint::RawInput;
use crate::problem::Problem;

/// A request that may come twice.
#[derive(Debug)]
pub(crate) struct Keyed {
    digest: String,
    body: String,
    secret: Vec<u8>,
    account: Option<AccountId>,
}

/// What is sealed of a request's progress.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Kept {
    /// The answer.
    Reply(Reply),
    /// What the next step goes on from.
    Carried(Value),
}

impl Keyed {
    /// A request with a key; the key is of 1 to 255 printable ASCII characters.
    pub(crate) fn new(
        key: &str,
        action: &Action,
        caller: Option<&Caller>,
        raw: &RawInput,
        sealer: &Sealer,
    ) -> Result<Self, Problem> {
        if key.is_empty() || key.len() > 255 || !key.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            let detail = "must have 1 to 255 printable ASCII characters";
            return Err(Problem::field("Idempotency-Key", "invalid_value", detail));
        }
        let whose =
            caller.map_or_else(|| "public".to_owned(), |caller| format!("{} {}", caller.account.id, caller.user.id));
        let request = [raw.path.as_bytes(), b"\n", raw.query.as_bytes(), b"\n", &raw.body].concat();
        let secret = [key.as_bytes(), b"\n", &request].concat();
        Ok(Self {
            // A request may hold a password: what stands for it must not let anybody guess.
            digest: sealer.fingerprint(&format!("idempotency key of {whose} for {}", action.name), key.as_bytes()),
            body: sealer.fingerprint("idempotent request", &secret),
            secret,
            account: caller.map(|caller| caller.account.id),
        })
    }

    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// What an earlier request of this key came to.
    pub(crate) fn open(&self, progress: &Progress, sealer: &Sealer) -> Result<Kept, Problem> {
        if progress.body != self.body {
            return Err(Problem::new(
                "idempotency_key_reused",
                "This Idempotency-Key came with another request before.",
            ));
        }
        sealer
            .with_secret(&self.secret)
            .open_bytes(&self.digest, &progress.sealed)
            .and_then(|packed| serde_json::from_slice(&unpack(&packed)?).ok())
            .ok_or_else(|| Problem::internal("an idempotency record cannot be opened"))
    }

    /// The progress to note with the step that leads to `then`.
    pub(crate) fn progress(
        &self,
        before: Option<&Progress>,
        then: &Then,
        sealer: &Sealer,
        nonce: [u8; 12],
        now: Instant,
    ) -> Result<Progress, Problem> {
        let (kept, done) = match then {
            Then::Reply(reply) => (Kept::Reply(reply.clone()), true),
            Then::Continue(carried) => (Kept::Carried(carried.clone()), false),
            Then::Refuse(_) => return Err(Problem::internal("a refusal is not kept")),
        };
        let mut named = BTreeSet::new();
        match &kept {
            Kept::Reply(Reply { content: Content::Json(body), .. }) | Kept::Carried(body) => {
                people(body, self.account, &mut named);
            }
            Kept::Reply(_) => {}
        }
        let plain = serde_json::to_vec(&kept).map_err(|error| Problem::internal(error.to_string()))?;
        let keep: TimeDelta = KEEP;
        Ok(Progress {
            digest: self.digest.clone(),
            body: self.body.clone(),
            step: before.map_or(1, |before| before.step + 1),
            done,
            about: named,
            sealed: sealer.with_secret(&self.secret).seal_bytes(&self.digest, &pack(&plain, Effort::Most)?, nonce),
            expires_at: before.map_or(now + keep, |before| before.expires_at),
        })
    }
}

/// The users whose address a JSON value tells: each object with one names its user, and perhaps the account.
fn people(value: &Value, account: Option<AccountId>, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(rows) => rows.iter().for_each(|row| people(row, account, found)),
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            let account = text("account_id").and_then(|id| id.parse().ok()).or(account);
            let user = ["id", "user_id"].into_iter().find_map(|name| text(name)?.parse().ok());
            if let (true, Some(account), Some(user)) = (fields.contains_key("email"), account, user) {
                found.insert(about(account, user));
            }
            fields.values().for_each(|value| people(value, account, found));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use domain::id::{Id, UserId};
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_packed_and_unpacked() {
        let answer = "{\"permissions\":[\"users.read\",\"users.write\"],\"name\":\"Öl\"}".repeat(40);
        for plain in [answer.as_bytes(), b"", b"x"] {
            assert_eq!(unpack(&pack(plain, Effort::Most).unwrap()).unwrap(), plain);
        }
        assert!(pack(answer.as_bytes(), Effort::Most).unwrap().len() < answer.len() / 10);
        assert_eq!(unpack(b"\xff\xff nothing"), None);
    }

    #[test]
    fn an_answer_is_about_everybody_whose_address_it_tells() {
        let [own, other]: [AccountId; 2] = [Id::from_bits(1), Id::from_bits(2)];
        let [one, two, three]: [UserId; 3] = [3, 4, 5].map(Id::from_bits);
        for (body, expected) in [
            (json!({ "id": one, "email": null }), vec![about(own, one)]),
            (json!({ "user": { "id": one, "account_id": other, "email": "a" } }), vec![about(other, one)]),
            (
                json!({ "results": [{ "email": "a", "invitation": { "id": "inv_x", "user_id": two, "email": "a" } }] }),
                vec![about(own, two)],
            ),
            (json!({ "results": [{ "user_id": three, "outcome": "changed" }], "owner_id": one }), vec![]),
            (json!([1, "usr", null]), vec![]),
        ] {
            let mut found = BTreeSet::new();
            people(&body, Some(own), &mut found);
            assert_eq!(found.into_iter().collect::<Vec<_>>(), expected, "{body}");
        }
        let mut found = BTreeSet::new();
        people(&json!({ "id": one, "email": "a" }), None, &mut found);
        assert!(found.is_empty(), "nobody knows of which account");
    }
}
