//! The inbox: the mails that arrived, newest first, in memory and, when given a file, also there.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// How many mails an inbox holds before it forgets the oldest.
const MAX_MAILS: usize = 10_000;

/// A mail that arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Its id in this inbox, `msg_…`.
    pub id: String,
    /// The outbox's id of it, from its header `X-Mail-Id`: a mail that was sent twice arrives twice.
    #[serde(default)]
    pub mail_id: Option<String>,
    /// The recipient's bare address.
    pub to: String,
    /// The template that its header `X-Template` names.
    pub template: Option<String>,
    /// The subject.
    pub subject: String,
    /// The text, if it has one.
    pub text: Option<String>,
    /// The HTML, if it has some.
    pub html: Option<String>,
    /// The language that its header `Content-Language` names.
    pub locale: Option<String>,
    /// The files that came with it.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// When it arrived, by the local cloud's clock, in RFC 3339.
    pub sent_at: String,
}

/// A file that came with a mail: what it is called, not what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name.
    pub file_name: String,
    /// Its media type.
    pub content_type: Option<String>,
    /// Octets.
    pub size: usize,
}

#[derive(Clone, Debug)]
pub(super) struct NewMail {
    pub(super) mail_id: Option<String>,
    pub(super) to: String,
    pub(super) template: Option<String>,
    pub(super) subject: String,
    pub(super) text: Option<String>,
    pub(super) html: Option<String>,
    pub(super) locale: Option<String>,
    pub(super) attachments: Vec<Attachment>,
}

/// Which mails are asked for; what is not set matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailFilter {
    /// The recipient, in any case.
    pub to: Option<String>,
    /// The template.
    pub template: Option<String>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// The mails that arrived, the last 10,000 of them.
#[derive(Debug, Default)]
pub struct Inbox(Mutex<Mails>);

#[derive(Debug, Default)]
struct Mails {
    newest_first: VecDeque<Mail>,
    file: Option<File>,
    arrived: u64,
}

impl Inbox {
    /// An empty inbox, forgotten with the process.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// The inbox kept in `file`, one JSON object a line. A line cut short by a killed process is passed over: its mail
    /// was never acknowledged.
    pub fn open(file: &Path) -> io::Result<Self> {
        let mut mails = Mails::default();
        let mut lines: u64 = 0;
        match File::open(file) {
            Ok(kept) => {
                for line in BufReader::new(kept).split(b'\n') {
                    lines += 1;
                    if let Ok(mail) = serde_json::from_slice(&line?) {
                        mails.add(mail);
                    }
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        if lines > mails.arrived || mails.arrived > MAX_MAILS as u64 {
            crate::data::replace(file, &mails.lines()?)?;
        }
        mails.file = Some(OpenOptions::new().create(true).append(true).open(file)?);
        Ok(Self(Mutex::new(mails)))
    }

    /// The mails that match, newest first.
    pub fn list(&self, filter: &MailFilter) -> Vec<Mail> {
        let mails = self.mails();
        let matching = mails.newest_first.iter().filter(|mail| filter.matches(mail));
        matching.take(filter.limit.unwrap_or(usize::MAX)).cloned().collect()
    }

    /// The mail of this id.
    pub fn get(&self, id: &str) -> Option<Mail> {
        self.mails().newest_first.iter().find(|mail| mail.id == id).cloned()
    }

    /// Takes the mails in, on disk before in memory, and answers their ids.
    pub(super) fn deliver(&self, mails: Vec<NewMail>, now: DateTime<Utc>) -> io::Result<Vec<String>> {
        let mut held = self.mails();
        let arrived = held.arrived;
        let mails: Vec<Mail> = (arrived..).zip(mails).map(|(number, mail)| mail.arrive(now, number)).collect();
        if let Some(file) = &mut held.file {
            file.write_all(&lines(&mails)?)?;
        }
        let ids = mails.iter().map(|mail| mail.id.clone()).collect();
        for mail in mails {
            held.add(mail);
        }
        Ok(ids)
    }

    fn mails(&self) -> MutexGuard<'_, Mails> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mails {
    fn add(&mut self, mail: Mail) {
        self.arrived += 1;
        self.newest_first.push_front(mail);
        self.newest_first.truncate(MAX_MAILS);
    }

    fn lines(&self) -> io::Result<Vec<u8>> {
        lines(self.newest_first.iter().rev())
    }
}

impl MailFilter {
    fn matches(&self, mail: &Mail) -> bool {
        self.to.as_ref().is_none_or(|to| mail.to.to_lowercase() == to.trim().to_lowercase())
            && self.template.as_ref().is_none_or(|template| mail.template.as_ref() == Some(template))
    }
}

impl NewMail {
    fn arrive(self, now: DateTime<Utc>, number: u64) -> Mail {
        let Self { mail_id, to, template, subject, text, html, locale, attachments } = self;
        let sent_at = now.to_rfc3339_opts(SecondsFormat::Millis, true);
        Mail { id: id(now, number), mail_id, to, template, subject, text, html, locale, attachments, sent_at }
    }
}

fn lines<'a>(mails: impl IntoIterator<Item = &'a Mail>) -> io::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for mail in mails {
        serde_json::to_writer(&mut lines, mail)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// A TypeID whose UUIDv7 has a number in the place of the random bits: one inbox needs no more to tell mails apart.
fn id(now: DateTime<Utc>, number: u64) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let millis = u128::try_from(now.timestamp_millis()).unwrap_or_default() & 0xffff_ffff_ffff;
    let uuid = millis << 80 | 0x7 << 76 | 0b10 << 62 | u128::from(number);
    let digit = |place: u32| DIGITS.get(usize::try_from(uuid >> (5 * place) & 31).unwrap_or_default());
    let digits = (0..26).rev().filter_map(digit).map(|&digit| char::from(digit));
    "msg_".chars().chain(digits).collect()
}
