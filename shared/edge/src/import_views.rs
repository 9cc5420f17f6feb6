//! What clients see of imports.

use domain::Instant;
use domain::id::{ImportId, InvitationId, UserId};
use domain::import::{Import, ImportRow, ImportStatus, RowOutcome};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An import of invitations, kept for thirty days.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Import")]
pub struct ImportView {
    /// Its id.
    pub id: ImportId,
    /// Where it stands.
    pub status: ImportStatus,
    /// Rows of the file: those that are ready, invited and refused together.
    pub rows: u32,
    /// Rows that are going to be invited; of an import that was stopped, those that were not.
    pub ready: u32,
    /// Rows that were invited.
    pub invited: u32,
    /// Rows that were not, or are not going to be.
    pub refused: u32,
    /// What it costs.
    pub cost: ImportCost,
    /// Why it was stopped: the code of a refusal; null where somebody stopped it.
    pub reason: Option<String>,
    /// The inviter's own words.
    pub message: Option<String>,
    /// Who imports, and invites.
    pub created_by: UserId,
    /// When it was looked at.
    pub created_at: Instant,
    /// When it was begun.
    pub started_at: Option<Instant>,
    /// When it was over.
    pub finished_at: Option<Instant>,
    /// Counts the changes.
    pub version: u64,
}

/// What the rows take that were ready when the file was looked at.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct ImportCost {
    /// Licenses that are reserved with the invitations; others only where the policy changes meanwhile. None is taken that is
    /// not free.
    pub licenses: i64,
    /// Mails that go out.
    pub mails: u32,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is going to be invited; of an import that was stopped, it was not.
    Ready,
    /// It was invited.
    Invited,
    /// It was not, or is not going to be.
    Refused,
}

/// A row of an import, as it was typed, and what becomes of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ImportRow")]
pub struct RowView {
    /// The line of the file that it begins on, from 1.
    pub line: u64,
    /// The address; empty where the person was deleted for good.
    pub email: String,
    /// The name; may be empty.
    pub name: String,
    /// The type; may be empty.
    pub r#type: String,
    /// The role, by its name or id; may be empty.
    pub role: String,
    /// The language; may be empty.
    pub language: String,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Why not, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The invitation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation_id: Option<InvitationId>,
}

impl ImportView {
    /// What is seen of an import.
    pub fn of(import: &Import) -> Self {
        let import = import.clone();
        Self {
            id: import.id,
            status: import.status,
            rows: import.rows,
            ready: import.ready,
            invited: import.invited,
            refused: import.refused,
            cost: ImportCost { licenses: import.licenses, mails: import.mails },
            reason: import.reason,
            message: import.message,
            created_by: import.created_by,
            created_at: import.created_at,
            started_at: import.started_at,
            finished_at: import.finished_at,
            version: import.version,
        }
    }
}

impl RowView {
    /// What is seen of a row.
    pub fn of(row: &ImportRow) -> Self {
        let row = row.clone();
        let (outcome, code, detail, invitation_id) = match row.outcome {
            RowOutcome::Ready => (Outcome::Ready, None, None, None),
            RowOutcome::Invited { invitation_id, .. } => (Outcome::Invited, None, None, Some(invitation_id)),
            RowOutcome::Refused { code, detail } => (Outcome::Refused, Some(code), Some(detail), None),
        };
        Self {
            line: row.line,
            email: row.email,
            name: row.name,
            r#type: row.user_type,
            role: row.role,
            language: row.language,
            outcome,
            code,
            detail,
            invitation_id,
        }
    }
}
