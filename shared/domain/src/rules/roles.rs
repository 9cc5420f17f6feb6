//! Roles of an account's own (R2, P5).

use serde_json::{Value, json};

use crate::account::Account;
use crate::audit::{AuditEntry, difference};
use crate::change::{Change, Record};
use crate::id::RoleId;
use crate::refusal::Refusal;
use crate::role::{BuiltIn, CustomRole, Permissions};
use crate::stamp::Stamp;
use crate::text::fold;
use crate::user::User;

fn facts(role: &CustomRole) -> Value {
    json!({ "name": role.name, "permissions": role.permissions })
}

/// Whether somebody may make a role what it is to be: he holds every right of it.
fn may_confer(actor: &User, permissions: &Permissions) -> Result<(), Refusal> {
    if permissions.is_subset(&actor.conferrable()) { Ok(()) } else { Err(Refusal::CannotGrant) }
}

/// Whether a name tells a role from the built-in ones and from the account's others.
fn is_free(name: &str, own: Option<RoleId>, others: &[CustomRole]) -> Result<(), Refusal> {
    let name = fold(name);
    let built_in = BuiltIn::ALL.iter().any(|role| fold(&role.role().name) == name);
    if built_in || others.iter().any(|role| Some(role.id) != own && fold(&role.name) == name) {
        return Err(Refusal::field("name", "role_name_taken", "There is a role of this name."));
    }
    Ok(())
}

/// Makes a role of rights that the maker holds himself. `others` are the account's roles so far.
///
/// Refuses a name that another role has.
pub fn create_role(
    account: &Account,
    actor: &User,
    others: &[CustomRole],
    (name, permissions): (String, Permissions),
    stamp: &mut Stamp,
) -> Result<(CustomRole, Change), Refusal> {
    may_confer(actor, &permissions)?;
    is_free(&name, None, others)?;
    let role = CustomRole {
        id: stamp.id(),
        account_id: account.id,
        name,
        permissions,
        users: 0,
        created_at: stamp.now,
        edition: 1,
        version: 1,
    };
    let mut change = Change::new(account.id, account.subscription.model);
    change.create(Record::Role(role.clone()));
    let values = (Value::Null, facts(&role));
    change.audit.push(AuditEntry::of(account.id, "role.created", role.id, values, stamp));
    Ok((role, change))
}

/// Changes a role, for everybody who has it and at once. Nobody touches a role that holds a right which he lacks, before or
/// after. An edit that changes nothing writes nothing.
pub fn edit_role(
    account: &Account,
    actor: &User,
    (role, others): (&CustomRole, &[CustomRole]),
    (name, permissions): (Option<String>, Option<Permissions>),
    stamp: &mut Stamp,
) -> Result<(CustomRole, Change), Refusal> {
    let mut now = role.clone();
    now.name = name.unwrap_or(now.name);
    now.permissions = permissions.unwrap_or(now.permissions);
    may_confer(actor, &role.permissions)?;
    may_confer(actor, &now.permissions)?;
    if now.name != role.name {
        is_free(&now.name, Some(role.id), others)?;
    }
    let mut change = Change::new(account.id, account.subscription.model);
    if now != *role {
        now.edition += 1;
        now.version += 1;
        let values = difference(&facts(role), &facts(&now));
        change.audit.push(AuditEntry::of(account.id, "role.updated", role.id, values, stamp));
        change.replace(Record::Role(role.clone()), Record::Role(now.clone()));
    }
    Ok((now, change))
}

/// Removes a role that nobody has. Its users are counted in the transactions that give and take it.
pub fn delete_role(account: &Account, actor: &User, role: &CustomRole, stamp: &mut Stamp) -> Result<Change, Refusal> {
    may_confer(actor, &role.permissions)?;
    if role.users > 0 {
        return Err(Refusal::RoleInUse);
    }
    let mut change = Change::new(account.id, account.subscription.model);
    change.remove(Record::Role(role.clone()));
    let values = (facts(role), Value::Null);
    change.audit.push(AuditEntry::of(account.id, "role.deleted", role.id, values, stamp));
    Ok(change)
}

/// The rights of an administrator less some: how most roles are made (P5).
pub fn administrator_without(without: &Permissions) -> Permissions {
    BuiltIn::Administrator.permissions().difference(without).copied().collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::role::Permission;
    use crate::rules::fixtures::{account, stamp, user};
    use crate::user::UserType;

    #[test]
    fn nobody_makes_or_touches_a_role_beyond_his_own_rights() {
        let account = account("basic");
        let administrator = user(&account, UserType::Admin, 1);
        let mut clerk = user(&account, UserType::Member, 2);
        clerk.permissions.insert(Permission::RolesWrite);
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let most = administrator_without(&[Permission::BillingWrite].into());
        let little: Permissions = [Permission::UsersRead].into();
        let (big, _) = create_role(&account, &administrator, &[], ("Big".into(), most.clone()), &mut stamp).unwrap();
        let (small, _) = create_role(&account, &clerk, &[], ("Small".into(), little.clone()), &mut stamp).unwrap();
        let refused = create_role(&account, &clerk, &[], ("Big".into(), most.clone()), &mut stamp);
        assert_eq!(refused.err(), Some(Refusal::CannotGrant));
        for (role, permissions, allowed) in
            [(&small, None, true), (&small, Some(most), false), (&big, None, false), (&big, Some(little), false)]
        {
            let edit = (Some("New".to_owned()), permissions);
            let got = edit_role(&account, &clerk, (role, &[]), edit, &mut stamp);
            assert_eq!(got.is_ok(), allowed, "{}", role.name);
        }
        assert!(delete_role(&account, &clerk, &small, &mut stamp).is_ok());
        assert_eq!(delete_role(&account, &clerk, &big, &mut stamp).err(), Some(Refusal::CannotGrant));
        assert_eq!(big.permissions.len(), Permission::ALL.len() - 1);
    }

    #[test]
    fn a_name_is_one_roles() {
        let account = account("basic");
        let admin = user(&account, UserType::Admin, 1);
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let (sales, _) = create_role(&account, &admin, &[], ("Sales".into(), Permissions::new()), &mut stamp).unwrap();
        let others = [sales.clone()];
        for (name, free) in
            [("Sale", true), ("SALES", false), ("Ｓales", false), ("Administrator", false), ("guest", false)]
        {
            let made = create_role(&account, &admin, &others, (name.into(), Permissions::new()), &mut stamp);
            assert_eq!(made.is_ok(), free, "{name}");
        }
        for (name, free) in [("Sales", true), ("SALES", true), ("member", false)] {
            let edited = edit_role(&account, &admin, (&sales, &others), (Some(name.into()), None), &mut stamp);
            assert_eq!(edited.is_ok(), free, "{name}");
        }
    }

    #[test]
    fn an_edit_of_nothing_writes_nothing() {
        let account = account("basic");
        let admin = user(&account, UserType::Admin, 1);
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let (role, _) = create_role(&account, &admin, &[], ("R".into(), Permissions::new()), &mut stamp).unwrap();
        let (_, change) = edit_role(&account, &admin, (&role, &[]), (None, None), &mut stamp).unwrap();
        assert!(change.is_nothing());
    }
}
