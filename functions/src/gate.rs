//! What stands before everything that can be guessed: who failed too often waits.
//!
//! A user is tallied with the source where he got in before; everybody else is tallied by user for all strangers together,
//! and apart from that by source. So a stranger who fails on somebody's login slows down other strangers, and never whoever
//! comes from where he always comes. What counts is whose password is tried, never how the login is spelled: the failures on
//! one user are not forgotten because another one got in.

use std::net::IpAddr;

use domain::change::{Change, Record};
use domain::password::Password;
use domain::text::fold;
use domain::throttle::{LOGIN, Limit, MAILS, SOURCE, TOKENS, Tally};
use domain::user::{Credential, User};
use domain::{Instant, Refusal};
use edge::{Context, Problem};

use crate::holders::{Holder, NOBODY};
use crate::load;

/// Why somebody is watched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// This user, from a source where he got in before.
    Known(Holder),
    /// This user, from all other sources; or a login that nobody has.
    Strangers(Holder),
    /// Whatever comes from a source.
    Source,
}

/// Somebody who is watched: the keyed hash of who, what is allowed, and what was seen.
struct Watched {
    role: Role,
    digest: String,
    limit: &'static Limit,
    seen: Option<Tally>,
}

/// The tallies that one request is measured by.
pub(crate) struct Gate<'a> {
    context: &'a Context,
    now: Instant,
    watched: Vec<Watched>,
    /// Where a success is remembered: each user from this source.
    pairs: Vec<(Holder, String, Option<Tally>)>,
}

impl<'a> Gate<'a> {
    fn new(context: &'a Context, now: Instant) -> Self {
        Self { context, now, watched: Vec::new(), pairs: Vec::new() }
    }

    /// Before a password: measured by everybody whose password it could be, and by the source unless all of them are known
    /// to come from there. A login that nobody has ([`NOBODY`]) is measured like one user's, by how it is typed.
    pub(crate) async fn of_login(
        context: &'a Context,
        holders: &[Holder],
        typed: &str,
        now: Instant,
    ) -> Result<Self, Problem> {
        let mut gate = Self::new(context, now);
        let mut strangers = false;
        for holder in holders {
            let pair = pair(context, *holder);
            let known = context.store.tally(&pair).await?;
            if known.as_ref().is_some_and(|tally| tally.trusts(now)) {
                let (digest, seen) = (pair.clone(), known.clone());
                gate.watched.push(Watched { role: Role::Known(*holder), digest, limit: &LOGIN, seen });
            } else {
                strangers = true;
                let digest = if *holder == NOBODY {
                    digest(context, "login of nobody", &[&fold(typed)])
                } else {
                    digest(context, "user", &[&holder.0.to_string(), &holder.1.to_string()])
                };
                gate.watch(Role::Strangers(*holder), digest, &LOGIN).await?;
            }
            gate.pairs.push((*holder, pair, known));
        }
        if strangers {
            gate.watch(Role::Source, digest(context, "source", &[&source(context)]), &SOURCE).await?;
        }
        gate.open()
    }

    /// Before a secret that nobody guesses, such as a mailed token: measured by the source alone.
    pub(crate) async fn of_source(context: &'a Context, now: Instant) -> Result<Self, Problem> {
        let mut gate = Self::new(context, now);
        gate.watch(Role::Source, digest(context, "token from a source", &[&source(context)]), &TOKENS).await?;
        gate.open()
    }

    /// Asks somebody who is signed in for the password once more: what is kept of it, and the gate to guard the change by.
    pub(crate) async fn of_password(
        context: &'a Context,
        user: &User,
        password: &str,
        now: Instant,
    ) -> Result<(Self, Credential), Problem> {
        let gate = Self::of_user(context, user, now).await?;
        let credential = load::credential(context, user).await?;
        if !Password::presented(password).matches(credential.password.as_ref()) {
            return Err(gate.failed(Refusal::WrongPassword).await);
        }
        Ok((gate, credential))
    }

    /// Before a password or a code that somebody who is signed in has to give once more.
    pub(crate) async fn of_user(context: &'a Context, user: &User, now: Instant) -> Result<Self, Problem> {
        let mut gate = Self::new(context, now);
        let role = Role::Strangers((user.account_id, user.id));
        gate.watch(role, digest(context, "signed in", &[&user.id.to_string()]), &LOGIN).await?;
        gate.open()
    }

    /// Before a mail that anybody can cause: measured by what is asked for and by the source. Each one counts, once.
    pub(crate) async fn of_mail(context: &'a Context, asked: &[&str], now: Instant) -> Result<(), Problem> {
        if context.scratch.has("mail counted") {
            return Ok(());
        }
        let mut gate = Self::new(context, now);
        let asked: Vec<String> = asked.iter().map(|text| fold(text)).collect();
        let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
        gate.watch(Role::Strangers(NOBODY), digest(context, "mail", &asked), &MAILS).await?;
        gate.watch(Role::Source, digest(context, "mails from a source", &[&source(context)]), &SOURCE).await?;
        let gate = gate.open()?;
        let slipped = gate.count(|_| true).await?;
        context.scratch.once("mail counted", || ());
        slipped.map_or(Ok(()), Err)
    }

    async fn watch(&mut self, role: Role, digest: String, limit: &'static Limit) -> Result<(), Problem> {
        let seen = self.context.store.tally(&digest).await?;
        self.watched.push(Watched { role, digest, limit, seen });
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
        match self.count(|_| true).await {
            Ok(None) => problem.into(),
            Ok(Some(slipped)) | Err(slipped) => slipped,
        }
    }

    /// Counts, for the others whose password it could have been, that it was not theirs: whoever gets in under a login that
    /// he shares with somebody has tried that one's password too. Where they are known to come from here too, it is one
    /// person with several accounts.
    pub(crate) async fn not_of_others(&self, one: Holder) -> Result<(), Problem> {
        if !self.context.scratch.has("others counted") {
            let others = |role: Role| matches!(role, Role::Strangers(holder) if holder != one);
            self.count(others).await?;
            self.context.scratch.once("others counted", || ());
        }
        Ok(())
    }

    async fn count(&self, which: impl Fn(Role) -> bool) -> Result<Option<Problem>, Problem> {
        let mut slipped = None;
        for one in self.watched.iter().filter(|one| which(one.role)) {
            let tally = self.context.store.note_failure(&one.digest, one.limit, self.now).await?;
            let alone = one.seen.as_ref().map_or(0, |seen| seen.version) + 1 == tally.version;
            let wait = tally.wait(one.limit, self.now).filter(|_| !alone);
            slipped = slipped.or(wait.filter(|wait| *wait > one.limit.first).map(Problem::too_many_attempts));
        }
        Ok(slipped)
    }

    /// Adds to a change that nobody failed on this user meanwhile. However many guess at the same moment, no more are
    /// answered than one after the other.
    pub(crate) fn guard(&self, user: &User, change: &mut Change) {
        let own = (user.account_id, user.id);
        for one in &self.watched {
            if one.role == Role::Strangers(own) || one.role == Role::Known(own) {
                let tally = one.seen.clone().unwrap_or_else(|| Tally::trusted(&one.digest, None, self.now));
                change.guard(Record::Tally(tally), one.seen.is_some());
            }
        }
    }

    /// As [`Gate::guard`]; and the user got in from this source, which is remembered, and his failures here are forgotten.
    pub(crate) fn passed(&self, user: &User, change: &mut Change) {
        let own = (user.account_id, user.id);
        if self.watched.iter().any(|one| one.role == Role::Strangers(own)) {
            self.guard(user, change);
        }
        if let Some((_, pair, known)) = self.pairs.iter().find(|(holder, ..)| *holder == own) {
            trust(change, pair, known.as_ref(), self.now);
        }
    }
}

/// Remembers that a user got in from the source of this request.
pub(crate) async fn remember(context: &Context, user: &User, change: &mut Change, now: Instant) -> Result<(), Problem> {
    let pair = pair(context, (user.account_id, user.id));
    let known = context.store.tally(&pair).await?;
    trust(change, &pair, known.as_ref(), now);
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

fn pair(context: &Context, (account, user): Holder) -> String {
    digest(context, "user from a source", &[&account.to_string(), &user.to_string(), &source(context)])
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
