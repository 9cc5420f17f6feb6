//! What stands before everything that can be guessed: who failed too often waits.
//!
//! Whoever got in from a source before is tallied by login and source; everybody else by login and, apart, by source. So a
//! stranger who fails on somebody's login slows down other strangers, and never whoever comes from where he always comes.

use std::net::IpAddr;

use domain::change::{Change, Record};
use domain::text::fold;
use domain::throttle::{LOGIN, Limit, MAILS, SOURCE, Tally};
use domain::user::User;
use domain::{Instant, Refusal};
use edge::{Context, Problem};

/// Somebody who is watched: the keyed hash of who, what is allowed, and what was seen.
struct Watched {
    digest: String,
    limit: &'static Limit,
    seen: Option<Tally>,
}

/// The tallies that one request is measured by.
pub(crate) struct Gate<'a> {
    context: &'a Context,
    now: Instant,
    watched: Vec<Watched>,
    /// Where a success is remembered: the login from this source.
    pair: Option<(String, Option<Tally>)>,
}

impl<'a> Gate<'a> {
    /// Before a password: measured by the login, in the account that is named, and by the source.
    pub(crate) async fn of_login(
        context: &'a Context,
        account: Option<&str>,
        login: &str,
        now: Instant,
    ) -> Result<Self, Problem> {
        let pair = digest(context, "login from a source", &[&fold(login), &source(context)]);
        let known = context.store.tally(&pair).await?;
        let strangers = [
            (digest(context, "login", &[&fold(account.unwrap_or_default()), &fold(login)]), &LOGIN),
            (digest(context, "source", &[&source(context)]), &SOURCE),
        ];
        let mut gate = Self { context, now, watched: Vec::new(), pair: None };
        if known.as_ref().is_some_and(|tally| tally.trusts(now)) {
            gate.watched.push(Watched { digest: pair.clone(), limit: &LOGIN, seen: known.clone() });
        } else {
            gate.watch(strangers).await?;
        }
        gate.pair = Some((pair, known));
        gate.open()
    }

    /// Before a secret that nobody guesses, such as a mailed token: measured by the source alone.
    pub(crate) async fn of_source(context: &'a Context, now: Instant) -> Result<Self, Problem> {
        let mut gate = Self { context, now, watched: Vec::new(), pair: None };
        gate.watch([(digest(context, "token from a source", &[&source(context)]), &SOURCE)]).await?;
        gate.open()
    }

    /// Before a password or a code that somebody who is signed in has to give once more.
    pub(crate) async fn of_user(context: &'a Context, user: &User, now: Instant) -> Result<Self, Problem> {
        let mut gate = Self { context, now, watched: Vec::new(), pair: None };
        gate.watch([(digest(context, "signed in", &[&user.id.to_string()]), &LOGIN)]).await?;
        gate.open()
    }

    /// Before a mail that anybody can cause: measured by the address and by the source. Each one counts.
    pub(crate) async fn of_mail(context: &'a Context, to: &str, now: Instant) -> Result<(), Problem> {
        let mut gate = Self { context, now, watched: Vec::new(), pair: None };
        gate.watch([
            (digest(context, "mail", &[&fold(to)]), &MAILS),
            (digest(context, "mails from a source", &[&source(context)]), &SOURCE),
        ])
        .await?;
        let gate = gate.open()?;
        match gate.count().await? {
            Some(slipped) => Err(slipped),
            None => Ok(()),
        }
    }

    async fn watch<const N: usize>(&mut self, whom: [(String, &'static Limit); N]) -> Result<(), Problem> {
        for (digest, limit) in whom {
            let seen = self.context.store.tally(&digest).await?;
            self.watched.push(Watched { digest, limit, seen });
        }
        Ok(())
    }

    fn open(self) -> Result<Self, Problem> {
        let waits = self.watched.iter().filter_map(|one| one.seen.as_ref()?.wait(one.limit, self.now));
        match waits.max() {
            Some(wait) => Err(Problem::too_many_attempts(wait)),
            None => Ok(self),
        }
    }

    /// Counts a failure, and answers the problem of it: the one that is given, unless so many failed at the same moment
    /// that this one should have waited.
    pub(crate) async fn failed(&self, problem: impl Into<Problem>) -> Problem {
        match self.count().await {
            Ok(None) => problem.into(),
            Ok(Some(slipped)) | Err(slipped) => slipped,
        }
    }

    async fn count(&self) -> Result<Option<Problem>, Problem> {
        let mut slipped = None;
        for one in &self.watched {
            let tally = self.context.store.note_failure(&one.digest, one.limit, self.now).await?;
            let alone = one.seen.as_ref().map_or(0, |seen| seen.version) + 1 == tally.version;
            let wait = tally.wait(one.limit, self.now).filter(|_| !alone);
            slipped = slipped.or(wait.filter(|wait| *wait > one.limit.first).map(Problem::too_many_attempts));
        }
        Ok(slipped)
    }

    /// Adds to the change of a success that nobody failed meanwhile, and that the login got in from this source. However
    /// many guess at the same moment, no more are answered than one after the other.
    pub(crate) fn passed(&self, change: &mut Change) {
        for one in &self.watched {
            let own = self.pair.as_ref().is_some_and(|(pair, _)| *pair == one.digest);
            if !own && one.limit == &LOGIN {
                let tally = one.seen.clone().unwrap_or_else(|| Tally::trusted(&one.digest, None, self.now));
                change.guard(Record::Tally(tally), one.seen.is_some());
            }
        }
        if let Some((pair, known)) = &self.pair {
            trust(change, pair, known.as_ref(), self.now);
        }
    }
}

/// Remembers that whoever holds these logins got in from the source of this request.
pub(crate) async fn remember(
    context: &Context,
    handles: &[String],
    change: &mut Change,
    now: Instant,
) -> Result<(), Problem> {
    for handle in handles {
        let pair = digest(context, "login from a source", &[handle, &source(context)]);
        let known = context.store.tally(&pair).await?;
        trust(change, &pair, known.as_ref(), now);
    }
    Ok(())
}

fn trust(change: &mut Change, pair: &str, known: Option<&Tally>, now: Instant) {
    let tally = Tally::trusted(pair, known, now);
    match known {
        Some(known) if known.is_worth_renewing(now) => {
            change.replace(Record::Tally(known.clone()), Record::Tally(tally));
        }
        Some(known) => change.guard(Record::Tally(known.clone()), true),
        None => change.create(Record::Tally(tally)),
    }
}

/// What stands for somebody in the table.
fn digest(context: &Context, what: &str, parts: &[&str]) -> String {
    context.store.sealer().fingerprint(&format!("tally of a {what}"), parts.join("\n").as_bytes())
}

/// The source of a request: an address, of IPv6 the network that one subscriber has.
fn source(context: &Context) -> String {
    match context.source.as_deref().and_then(|text| text.parse::<IpAddr>().ok()).map(|address| address.to_canonical()) {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The problem of a wrong token, counted against the source; any other problem as it is.
pub(crate) async fn counted<T>(gate: &Gate<'_>, result: Result<T, Problem>) -> Result<T, Problem> {
    match result {
        Err(problem) if problem.code.code == Refusal::NotFound.code() => Err(gate.failed(problem).await),
        result => result,
    }
}
