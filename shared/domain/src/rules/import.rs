//! Inviting the rows of a file: looked at first, then carried out as they were shown.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::Instant;
use crate::account::Account;
use crate::audit::AuditEntry;
use crate::avatar::Discard;
use crate::change::{Change, Record};
use crate::counts::Counts;
use crate::id::{ImportId, InvitationId, UserId};
use crate::import::{Import, ImportPart, ImportRow, ImportStatus, MAX_ROWS, ROWS_PER_PART, RowOutcome};
use crate::refusal::Refusal;
use crate::role::{BuiltIn, Permission};
use crate::rules::confer::{Named, role_for};
use crate::rules::invite::{ACTIONS_PER_ROW, Held, Invite, Inviting, Route, Row};
use crate::stamp::Stamp;
use crate::text::Email;
use crate::user::{User, UserStatus};

/// Writes of one step beside those of its rows: the import, its part, the counts, the posting, an invoice where users are
/// counted, and an entry at the end.
const ACTIONS_BESIDE: usize = 6;

/// For how long what was shown can be begun: the rows are forgotten after thirty days, and have to be there to the end.
pub const BEGUN_WITHIN: TimeDelta = TimeDelta::days(25);

/// A row that is looked at.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The row, as it was typed; with a wish, if its cells mean one.
    pub row: ImportRow,
    /// Why its cells mean nothing.
    pub fault: Option<Refusal>,
    /// The role that it names.
    pub role: Named,
    /// Who holds the address.
    pub held: Held,
}

/// An import that was looked at.
#[derive(Debug)]
pub struct Checked {
    /// The import.
    pub import: Import,
    /// Its rows, each with its outcome.
    pub parts: Vec<ImportPart>,
    /// What inviting all of them at once would change. It is never committed.
    pub would: Change,
}

/// Says of each row what would become of it, and of all of them what they would take (B9, B11). Only whoever invites
/// without asking first may import.
pub fn check(
    account: &Account,
    counts: &Counts,
    inviter: &User,
    (message, asked): (Option<String>, Vec<Asked>),
    stamp: &mut Stamp,
) -> Result<Checked, Refusal> {
    let mut inviting = begin(account, counts, inviter)?;
    if asked.is_empty() || asked.len() > MAX_ROWS {
        return Err(Refusal::field("file", "out_of_range", format!("There must be 1 to {MAX_ROWS} rows.")));
    }
    let rows: Vec<ImportRow> = asked
        .into_iter()
        .map(|asked| match one(&mut inviting, account, inviter, message.as_deref(), &asked, stamp) {
            Ok(_) => ImportRow { outcome: RowOutcome::Ready, ..asked.row },
            Err(refusal) => ImportRow { outcome: RowOutcome::refused(&refusal), ..asked.row },
        })
        .collect();
    let id: ImportId = stamp.id();
    let ready = rows.iter().filter(|row| row.outcome == RowOutcome::Ready).count();
    let part = |(number, rows): (usize, &[ImportRow])| ImportPart {
        account_id: account.id,
        import_id: id,
        number: number_of(number),
        rows: rows.to_vec(),
        version: 1,
    };
    let parts: Vec<ImportPart> = rows.chunks(ROWS_PER_PART).enumerate().map(part).collect();
    let import = Import {
        id,
        account_id: account.id,
        created_by: inviter.id,
        message,
        status: ImportStatus::Checked,
        rows: number_of(rows.len()),
        ready: number_of(ready),
        invited: 0,
        refused: number_of(rows.len() - ready),
        licenses: inviting.change.counts.delta.reserved,
        mails: number_of(inviting.change.mails.len()),
        parts: number_of(parts.len()),
        part: 0,
        row: 0,
        reason: None,
        due_at: None,
        created_at: stamp.now,
        started_at: None,
        finished_at: None,
        version: 1,
    };
    Ok(Checked { import, parts, would: inviting.change })
}

/// Keeps what was looked at, and lets go of the file that it was read from.
pub fn keep(account: &Account, checked: &Checked, file: Option<String>, stamp: &mut Stamp) -> Change {
    let mut change = Change::new(account.id, account.subscription.model);
    change.create(Record::Import(checked.import.clone()));
    for part in &checked.parts {
        change.create(Record::ImportPart(part.clone()));
    }
    if let Some(path) = file {
        change.create(Record::Discard(Discard::now(account.id, vec![path], stamp)));
    }
    change
}

/// Begins to invite exactly those rows that were shown as ready. What is begun already goes on.
pub fn commit(
    account: &Account,
    inviter: &User,
    import: &Import,
    stamp: &mut Stamp,
) -> Result<(Import, Change), Refusal> {
    let mut change = Change::new(account.id, account.subscription.model);
    match import.status {
        ImportStatus::Running | ImportStatus::Done => return Ok((import.clone(), change)),
        ImportStatus::Stopped => return Err(Refusal::ImportStopped),
        ImportStatus::Checked => {}
    }
    begin(account, &Counts::default(), inviter)?;
    if stamp.now - import.created_at > BEGUN_WITHIN {
        return Err(Refusal::NotFound);
    }
    if import.created_by != inviter.id {
        return Err(Refusal::ImportOfAnother);
    }
    let now = Import {
        status: ImportStatus::Running,
        started_at: Some(stamp.now),
        due_at: Some(stamp.now),
        version: import.version + 1,
        ..import.clone()
    };
    entry(&mut change, "import.started", &now, stamp);
    change.replace(Record::Import(import.clone()), Record::Import(now.clone()));
    Ok((now, change))
}

/// Stops an import: whoever was not invited yet is not. What has ended stays as it is.
pub fn stop(account: &Account, import: &Import, reason: Option<&Refusal>, stamp: &mut Stamp) -> (Import, Change) {
    let mut change = Change::new(account.id, account.subscription.model);
    if matches!(import.status, ImportStatus::Done | ImportStatus::Stopped) {
        return (import.clone(), change);
    }
    let now = Import {
        reason: reason.map(|refusal| refusal.code().to_owned()),
        version: import.version + 1,
        ..ended(import, ImportStatus::Stopped, stamp.now)
    };
    entry(&mut change, "import.stopped", &now, stamp);
    change.replace(Record::Import(import.clone()), Record::Import(now.clone()));
    (now, change)
}

/// The rows of a part that go on in one transaction of at most `most` writes: from where to where, and those of them that
/// are to be invited.
pub fn upcoming(import: &Import, part: &ImportPart, most: usize) -> (usize, Vec<usize>) {
    let mut room = most - ACTIONS_BESIDE;
    let (mut ready, mut roles) = (Vec::new(), BTreeSet::new());
    let mut end = import.row as usize;
    while let Some(row) = part.rows.get(end) {
        if row.outcome == RowOutcome::Ready {
            // Who has a role of the account's own is counted there.
            let own = row.wish.as_ref().and_then(|wish| wish.role_id).filter(|id| BuiltIn::of_id(*id).is_none());
            let counts = own.is_some_and(|id| !roles.contains(&id));
            let actions = ACTIONS_PER_ROW + row.words() + usize::from(counts);
            if actions > room {
                break;
            }
            room -= actions;
            roles.extend(own);
            ready.push(end);
        }
        end += 1;
    }
    (end, ready)
}

/// Invites the next rows, each with its outcome; `people` are the role and the holder of each that is to be invited. Who
/// began it must still be there, and still be allowed to: else it stops.
pub fn step(
    account: &Account,
    counts: &Counts,
    inviter: Option<&User>,
    (import, part): (&Import, &ImportPart),
    (end, people): (usize, Vec<(usize, Named, Held)>),
    stamp: &mut Stamp,
) -> Change {
    let inviter = inviter.filter(|user| user.status == UserStatus::Active).ok_or(Refusal::UserDeactivated);
    let inviting = inviter.and_then(|inviter| Ok((inviter, begin(account, counts, inviter)?)));
    let (inviter, mut inviting) = match inviting {
        Ok(inviting) => inviting,
        Err(refusal) => return stop(account, import, Some(&refusal), stamp).1,
    };
    let mut rows = part.rows.clone();
    let (mut invited, mut refused) = (0, 0);
    for (index, role, held) in people {
        let asked = Asked { row: rows[index].clone(), fault: None, role, held };
        rows[index].outcome = match one(&mut inviting, account, inviter, import.message.as_deref(), &asked, stamp) {
            Ok((invitation_id, user_id)) => {
                invited += 1;
                RowOutcome::Invited { invitation_id, user_id }
            }
            Err(refusal) => {
                refused += 1;
                RowOutcome::refused(&refusal)
            }
        };
    }
    let mut change = inviting.change;
    let is_part_done = end >= rows.len();
    let mut now = Import {
        ready: import.ready.saturating_sub(invited + refused),
        invited: import.invited + invited,
        refused: import.refused + refused,
        // Behind others that are due.
        due_at: Some(stamp.now),
        part: import.part + u32::from(is_part_done),
        row: if is_part_done { 0 } else { number_of(end) },
        version: import.version + 1,
        ..import.clone()
    };
    if invited + refused > 0 {
        let rows = ImportPart { rows, version: part.version + 1, ..part.clone() };
        change.replace(Record::ImportPart(part.clone()), Record::ImportPart(rows));
    }
    if now.part >= now.parts {
        now = Import { ready: 0, refused: now.rows - now.invited, ..ended(&now, ImportStatus::Done, stamp.now) };
        entry(&mut change, "import.finished", &now, stamp);
    }
    change.replace(Record::Import(import.clone()), Record::Import(now));
    change
}

/// Whether somebody sees an import: whoever made it, and whoever invites by right.
pub fn is_seen(viewer: &User, import: &Import) -> bool {
    import.created_by == viewer.id || viewer.permissions.contains(&Permission::UsersInvite)
}

fn begin<'a>(account: &'a Account, counts: &'a Counts, inviter: &'a User) -> Result<Inviting<'a>, Refusal> {
    let inviting = Inviting::new(account, counts, inviter)?;
    match inviting.route {
        Route::Direct => Ok(inviting),
        // An admin would be asked ten thousand times.
        Route::WithApproval => Err(Refusal::Forbidden(Permission::UsersInvite)),
    }
}

/// One row; the invitation and the user to be.
fn one(
    inviting: &mut Inviting<'_>,
    account: &Account,
    inviter: &User,
    message: Option<&str>,
    asked: &Asked,
    stamp: &mut Stamp,
) -> Result<(InvitationId, UserId), Refusal> {
    if let Some(fault) = &asked.fault {
        return Err(fault.clone());
    }
    let row = &asked.row;
    let wish = row.wish.as_ref().ok_or(Refusal::NotFound)?;
    let role = role_for(inviter, account, wish.user_type, &asked.role)?;
    let command = Invite {
        user_type: wish.user_type,
        role: asked.role.clone(),
        name: Some(row.name.clone()).filter(|name| !name.is_empty()),
        message: message.map(str::to_owned),
        locale: wish.locale,
    };
    let address = Row { text: row.email.clone(), email: Email::parse(&row.email), held: asked.held };
    let invitation = inviting.add((&command, &role), &address, &[], stamp)?;
    Ok((invitation.id, invitation.user_id))
}

fn ended(import: &Import, status: ImportStatus, now: Instant) -> Import {
    Import { status, due_at: None, finished_at: Some(now), ..import.clone() }
}

fn entry(change: &mut Change, action: &str, import: &Import, stamp: &mut Stamp) {
    let facts =
        json!({ "rows": import.rows, "ready": import.ready, "invited": import.invited, "refused": import.refused });
    change.audit.push(AuditEntry::of(import.account_id, action, import.id, (Value::Null, facts), stamp));
}

/// A number of rows, of which there are never many.
fn number_of(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
