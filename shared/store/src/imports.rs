//! Imports of invitations, their rows, and who holds the addresses of these.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::claim::ClaimKind;
use domain::erasure::Erasure;
use domain::id::{AccountId, ImportId, UserId};
use domain::import::{Import, ImportPart};
use domain::invitation::Invitation;
use domain::text::Email;
use domain::user::{User, UserStatus};
use serde_dynamo::from_item;

use crate::erasure::Rows;
use crate::error::StoreError;
use crate::items;
use crate::keys::{self, Key, LISTING};
use crate::listing::{Direction, Place};
use crate::packed::{Effort, pack, unpack};
use crate::store::{Item, Store};

/// The attribute that the rows of a part are packed in.
const ROWS: &str = "rows";

/// Who holds an address.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The user; none where an admin has not agreed to the invitation yet.
    pub user: Option<User>,
    /// The invitation that a pending user hangs on.
    pub invitation: Option<Invitation>,
}

/// What an import and its parts look like in the table, side by side.
#[derive(Clone, Debug)]
pub enum ImportItem {
    /// An import.
    Import(Import),
    /// Some rows of one.
    Part(ImportPart),
}

/// The fields of a part, its rows packed.
pub(crate) fn fields(part: &ImportPart) -> Result<Item, StoreError> {
    let mut item = items::fields(&ImportPart { rows: Vec::new(), ..part.clone() })?;
    let rows = serde_json::to_vec(&part.rows).map_err(|error| StoreError::Broken(error.to_string()))?;
    item.insert(ROWS.to_owned(), AttributeValue::B(pack(&rows, Effort::Some)?.into()));
    Ok(item)
}

fn part(mut item: Item) -> Result<ImportPart, StoreError> {
    let packed = item.insert(ROWS.to_owned(), AttributeValue::L(Vec::new()));
    let rows = packed.as_ref().and_then(|packed| packed.as_b().ok()).and_then(|packed| unpack(packed.as_ref()));
    let rows = rows.and_then(|rows| serde_json::from_slice(&rows).ok());
    let rows = rows.ok_or_else(|| StoreError::Broken("the rows of an import cannot be read".to_owned()))?;
    Ok(ImportPart { rows, ..from_item(item)? })
}

impl Store {
    /// An import.
    pub async fn import(&self, account: AccountId, id: ImportId) -> Result<Option<Import>, StoreError> {
        self.get(&keys::import(account, id)).await
    }

    /// Some rows of an import.
    pub async fn import_part(
        &self,
        account: AccountId,
        id: ImportId,
        number: u32,
    ) -> Result<Option<ImportPart>, StoreError> {
        self.get_item(&keys::import_part(account, id, number), true).await?.map(part).transpose()
    }

    /// Some parts of an import, in the order of the file.
    pub async fn import_parts(&self, import: &Import, numbers: Range<usize>) -> Result<Vec<ImportPart>, StoreError> {
        let numbers = numbers.filter_map(|number| u32::try_from(number).ok());
        let keys: Vec<Key> = numbers.map(|number| keys::import_part(import.account_id, import.id, number)).collect();
        let mut parts = self.items_of(&keys).await?.into_iter().map(part).collect::<Result<Vec<_>, _>>()?;
        parts.sort_by_key(|part| part.number);
        Ok(parts)
    }

    /// A page of an account's imports, newest first.
    pub async fn imports(
        &self,
        account: AccountId,
        from: &Place,
        limit: usize,
    ) -> Result<(Vec<Import>, Option<Place>), StoreError> {
        let groups = [vec![keys::imports(account)]];
        let page = self.page(&LISTING, &groups, from, Direction::Descending, limit).await?;
        let imports = page.rows.into_iter().map(|row| Ok(from_item(row.item)?)).collect::<Result<_, StoreError>>()?;
        Ok((imports, page.next))
    }

    /// The imports of an erased user's account and their rows, behind a place.
    pub async fn imports_of(&self, erasure: &Erasure) -> Result<Rows<ImportItem>, StoreError> {
        let partition = keys::import_rows(erasure.account_id);
        let found = self.stretch(&keys::TABLE, partition, erasure.after.as_deref()).await?;
        let read = |item: Item| -> Result<ImportItem, StoreError> {
            let is_part = item.contains_key(ROWS) && item.contains_key("import_id");
            Ok(if is_part { ImportItem::Part(part(item)?) } else { ImportItem::Import(from_item(item)?) })
        };
        Ok(Rows { rows: found.rows.into_iter().map(read).collect::<Result<_, _>>()?, after: found.after })
    }

    /// Who holds each of these addresses in an account, by the folded address, as it was a moment ago. Whose are nobody's
    /// are left out.
    pub async fn holders_of(
        &self,
        account: AccountId,
        emails: &[Email],
    ) -> Result<HashMap<String, Holder>, StoreError> {
        let folded: BTreeSet<String> = emails.iter().map(Email::folded).collect();
        let claims: Vec<Key> = folded.iter().map(|handle| keys::claim(ClaimKind::Handle, handle, account)).collect();
        let by_claim: HashMap<String, String> =
            folded.iter().map(|handle| (keys::claims(ClaimKind::Handle, handle), handle.clone())).collect();
        let text = |item: &Item, name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
        let holder = |item: &Item| {
            let handle = by_claim.get(&text(item, "pk")?)?.clone();
            Some((handle, text(item, "user_id")?.parse::<UserId>().ok()?))
        };
        let held: BTreeMap<String, UserId> = self.items_of(&claims).await?.iter().filter_map(holder).collect();
        let ids: BTreeSet<UserId> = held.values().copied().collect();
        let users: Vec<Key> = ids.iter().map(|id| keys::user(account, *id)).collect();
        let users: Vec<User> = serde_dynamo::from_items(self.items_of(&users).await?)?;
        let pending = users.iter().filter(|user| user.status == UserStatus::Pending);
        let invitations: Vec<Key> =
            pending.filter_map(|user| user.invitation_id).map(|id| keys::invitation(account, id)).collect();
        let invitations: Vec<Invitation> = serde_dynamo::from_items(self.items_of(&invitations).await?)?;
        let invitations: HashMap<_, _> =
            invitations.into_iter().map(|invitation| (invitation.id, invitation)).collect();
        let users: HashMap<UserId, User> = users.into_iter().map(|user| (user.id, user)).collect();
        let holder = |id: UserId| {
            let user = users.get(&id).cloned();
            let invitation = user.as_ref().and_then(|user| invitations.get(&user.invitation_id?).cloned());
            Holder { user, invitation }
        };
        Ok(held.into_iter().map(|(handle, id)| (handle, holder(id))).collect())
    }
}
