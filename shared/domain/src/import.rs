//! Imports of invitations: the rows of a file, looked at first, and then carried out as they were shown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::id::{AccountId, ImportId, InvitationId, RoleId, UserId};
use crate::locale::Locale;
use crate::refusal::Refusal;
use crate::search::count_words;
use crate::user::UserType;

/// Most bytes of a file.
pub const MAX_FILE: u64 = 2 << 20;
/// Most rows of a file.
pub const MAX_ROWS: usize = 10_000;
/// Rows that are kept together: so many that those of the largest file fit one transaction.
pub const ROWS_PER_PART: usize = 128;

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    /// Looked at: nobody is invited yet.
    Checked,
    /// The worker is inviting.
    Running,
    /// Every row has its outcome.
    Done,
    /// Somebody stopped it, or whoever began it may invite no more.
    Stopped,
}

/// An import of invitations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// The account that invites.
    pub account_id: AccountId,
    /// Who imports, and invites.
    pub created_by: UserId,
    /// The inviter's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Where it stands.
    pub status: ImportStatus,
    /// Rows of the file.
    pub rows: u32,
    /// Rows that are to be invited still.
    pub ready: u32,
    /// Rows that were invited.
    pub invited: u32,
    /// Rows that were refused.
    pub refused: u32,
    /// Licenses that the rows that were ready at first take with the invitation.
    pub licenses: i64,
    /// Mails that go to the rows that were ready at first.
    pub mails: u32,
    /// How many parts the rows are kept in.
    pub parts: u32,
    /// The part to go on with.
    pub part: u32,
    /// The row of that part to go on with.
    pub row: u32,
    /// Why it was stopped: the code of a refusal; none where somebody stopped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When to go on, while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Instant>,
    /// When it was looked at.
    pub created_at: Instant,
    /// When it was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Instant>,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Instant>,
    /// Counts the changes, from 1.
    pub version: u64,
}

/// Some rows of an import, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportPart {
    /// The account.
    pub account_id: AccountId,
    /// The import.
    pub import_id: ImportId,
    /// Which part, from 0.
    pub number: u32,
    /// The rows.
    pub rows: Vec<ImportRow>,
    /// Counts the changes, from 1.
    pub version: u64,
}

/// A row, as it was typed, and what becomes of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// The line of the file that it begins on, from 1.
    pub line: u64,
    /// The address.
    pub email: String,
    /// The name; may be empty.
    pub name: String,
    /// The type; may be empty.
    pub user_type: String,
    /// The role, by its name or id; may be empty.
    pub role: String,
    /// The language; may be empty.
    pub language: String,
    /// What the cells mean; none where they mean nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wish: Option<Wish>,
    /// What becomes of it.
    pub outcome: RowOutcome,
}

/// As what a row asks to be invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// As what.
    pub user_type: UserType,
    /// With which role; the type's own unless given.
    pub role_id: Option<RoleId>,
    /// In which language.
    pub locale: Locale,
}

/// What becomes of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum RowOutcome {
    /// It is going to be invited.
    #[default]
    Ready,
    /// It was invited.
    Invited {
        /// The invitation.
        invitation_id: InvitationId,
        /// The user to be.
        user_id: UserId,
    },
    /// It was not.
    Refused {
        /// Why not.
        code: String,
        /// Why not, as a sentence.
        detail: String,
    },
}

impl RowOutcome {
    /// The name on the wire.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Invited { .. } => "invited",
            Self::Refused { .. } => "refused",
        }
    }

    /// A row that a rule says no to.
    pub fn refused(refusal: &Refusal) -> Self {
        let (code, detail) = refusal.told();
        Self::Refused { code: code.to_owned(), detail }
    }
}

impl ImportRow {
    /// How many words find the user that it makes.
    pub fn words(&self) -> usize {
        count_words(&[&self.name, &self.email])
    }

    /// The same row without whom it is about.
    pub(crate) fn erased(&self) -> Self {
        let outcome = match &self.outcome {
            RowOutcome::Ready => RowOutcome::refused(&Refusal::NotFound),
            outcome => outcome.clone(),
        };
        Self { line: self.line, outcome, ..Self::default() }
    }
}

impl Import {
    /// Whether the worker has something to do for it.
    pub fn is_due(&self, now: Instant) -> bool {
        self.status == ImportStatus::Running && self.due_at.is_some_and(|due_at| due_at <= now)
    }
}
