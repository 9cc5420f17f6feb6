//! What an account's admins decide about how their account works.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::refusal::FieldError;
use crate::user::UserType;

/// A policy: every field has a default, so an account without one behaves as the defaults say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Policy {
    /// Who invites, for how long, and when a license is taken.
    pub invitations: InvitationPolicy,
    /// Which addresses guests may have (W8).
    pub guests: GuestPolicy,
    /// Whether users can be deleted for good (W6, R10).
    pub deletion: Deletion,
    /// Windows and limits of e-mail changes (P2, P3, W9).
    pub email_change: EmailChangePolicy,
    /// The types of user that take a license (W7).
    pub licensed_types: LicensedTypes,
    /// The ways to sign in (P4).
    pub sign_in_methods: SignInMethods,
    /// Whether a second factor is a must.
    pub two_factor: TwoFactor,
    /// How long sessions live.
    pub sessions: SessionPolicy,
}

/// Of invitations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct InvitationPolicy {
    /// Who invites (B10).
    pub who: WhoInvites,
    /// How long an invitation can be accepted: 1 to 2160 hours.
    pub ttl_hours: u32,
    /// When the license is taken (B11).
    pub license_reserved_on: ReservedOn,
}

impl Default for InvitationPolicy {
    fn default() -> Self {
        Self { who: WhoInvites::default(), ttl_hours: 168, license_reserved_on: ReservedOn::default() }
    }
}

/// Who may invite (B10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhoInvites {
    /// Who holds `users.invite`.
    #[default]
    Admins,
    /// Members too; an admin approves each.
    MembersWithApproval,
    /// Members too.
    Members,
}

/// When an invited user's license is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReservedOn {
    /// With the invitation.
    #[default]
    Invitation,
    /// With the acceptance.
    Acceptance,
}

/// Of guests' addresses. Domains are kept folded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GuestPolicy {
    /// Only these domains; empty for any.
    pub allow_domains: Vec<String>,
    /// Never these domains.
    pub deny_domains: Vec<String>,
    /// The company's own domains: whoever has one of these is no guest.
    pub company_domains: Vec<String>,
}

impl GuestPolicy {
    /// Whether somebody at this (folded) domain may be a guest (W8).
    pub fn admits(&self, domain: &str) -> bool {
        let listed = |domains: &[String]| domains.iter().any(|listed| listed == domain);
        !listed(&self.company_domains)
            && !listed(&self.deny_domains)
            && (self.allow_domains.is_empty() || listed(&self.allow_domains))
    }
}

/// What deletion means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Deletion {
    /// The person goes, the contents stay under another name (W6).
    #[default]
    Anonymize,
    /// Nobody is deleted (R10).
    Forbidden,
}

/// Of e-mail changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EmailChangePolicy {
    /// To confirm one's own change: 1 to 720 hours (P2).
    pub self_window_hours: u32,
    /// Whether one's own change waits for the accept button (P3).
    pub self_requires_accept: bool,
    /// To confirm an admin's change: 1 to 720 hours (W9).
    pub admin_window_hours: u32,
    /// Where admins may change an address (W9).
    pub admin_allowed: AdminEmailChange,
}

impl Default for EmailChangePolicy {
    fn default() -> Self {
        Self {
            self_window_hours: 24,
            self_requires_accept: true,
            admin_window_hours: 72,
            admin_allowed: AdminEmailChange::default(),
        }
    }
}

/// Where an admin may change another's address (W9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdminEmailChange {
    /// In accounts outside the EU region.
    #[default]
    OutsideEu,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// The types that take a license: admins and members unless told otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct LicensedTypes(pub Vec<UserType>);

impl Default for LicensedTypes {
    fn default() -> Self {
        Self(vec![UserType::Admin, UserType::Member])
    }
}

impl LicensedTypes {
    /// Whether users of this type take a license.
    pub fn contains(&self, user_type: UserType) -> bool {
        self.0.contains(&user_type)
    }
}

/// A way to sign in (P4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignIn {
    /// Login or e-mail and a password.
    #[default]
    Password,
    /// Google, by `OpenID` Connect.
    Google,
    /// Microsoft, by `OpenID` Connect.
    Microsoft,
}

/// The ways to sign in that an account allows: all, unless told otherwise; never none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SignInMethods(pub Vec<SignIn>);

impl Default for SignInMethods {
    fn default() -> Self {
        Self(vec![SignIn::Password, SignIn::Google, SignIn::Microsoft])
    }
}

/// Whether a second factor is a must.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TwoFactor {
    /// Who wants one sets it up.
    #[default]
    Optional,
    /// Everybody needs one.
    Required,
}

/// Of sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SessionPolicy {
    /// Without use a session ends after so many hours: 1 to 8760.
    pub ttl_hours: u32,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self { ttl_hours: 720 }
    }
}

macro_rules! patch {
    ($(#[$doc:meta])* $patch:ident for $target:ident { $($field:ident: $type:ty $(=> $nested:ident)?),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct $patch {
            $(
                #[doc = concat!("Replaces `", stringify!($field), "`, when given.")]
                pub $field: Option<$type>,
            )*
        }

        impl $patch {
            fn apply(self, target: &mut $target) {
                $(patch!(@apply self target $field $($nested)?);)*
            }
        }
    };
    (@apply $self:ident $target:ident $field:ident) => {
        if let Some(value) = $self.$field {
            $target.$field = value;
        }
    };
    (@apply $self:ident $target:ident $field:ident nested) => {
        if let Some(patch) = $self.$field {
            patch.apply(&mut $target.$field);
        }
    };
}

patch!(
    /// A change of [`Policy`]: what is given replaces, what is absent stays.
    PolicyPatch for Policy {
        invitations: InvitationPatch => nested,
        guests: GuestPatch => nested,
        deletion: Deletion,
        email_change: EmailChangePatch => nested,
        licensed_types: LicensedTypes,
        sign_in_methods: SignInMethods,
        two_factor: TwoFactor,
        sessions: SessionPatch => nested,
    }
);
patch!(
    /// A change of [`InvitationPolicy`].
    InvitationPatch for InvitationPolicy { who: WhoInvites, ttl_hours: u32, license_reserved_on: ReservedOn }
);
patch!(
    /// A change of [`GuestPolicy`].
    GuestPatch for GuestPolicy { allow_domains: Vec<String>, deny_domains: Vec<String>, company_domains: Vec<String> }
);
patch!(
    /// A change of [`EmailChangePolicy`].
    EmailChangePatch for EmailChangePolicy {
        self_window_hours: u32,
        self_requires_accept: bool,
        admin_window_hours: u32,
        admin_allowed: AdminEmailChange,
    }
);
patch!(
    /// A change of [`SessionPolicy`].
    SessionPatch for SessionPolicy { ttl_hours: u32 }
);

/// Most domains in one list.
const MAX_DOMAINS: usize = 200;

impl Policy {
    /// The policy with a patch merged in: bounds kept, domains folded, lists without repetition.
    pub fn merged(&self, patch: PolicyPatch) -> Result<Self, Vec<FieldError>> {
        let mut policy = self.clone();
        patch.apply(&mut policy);
        let mut errors = Vec::new();
        let mut within = |field: &str, value: u32, most: u32| {
            if !(1..=most).contains(&value) {
                errors.push(FieldError::new(field, "out_of_range", format!("must be 1 to {most}")));
            }
        };
        within("policy.invitations.ttl_hours", policy.invitations.ttl_hours, 2160);
        within("policy.email_change.self_window_hours", policy.email_change.self_window_hours, 720);
        within("policy.email_change.admin_window_hours", policy.email_change.admin_window_hours, 720);
        within("policy.sessions.ttl_hours", policy.sessions.ttl_hours, 8760);
        let guests = &mut policy.guests;
        for (field, domains) in [
            ("policy.guests.allow_domains", &mut guests.allow_domains),
            ("policy.guests.deny_domains", &mut guests.deny_domains),
            ("policy.guests.company_domains", &mut guests.company_domains),
        ] {
            if domains.len() > MAX_DOMAINS {
                errors.push(FieldError::new(field, "too_many", format!("at most {MAX_DOMAINS} domains")));
                continue;
            }
            for domain in domains.iter_mut() {
                *domain = crate::text::fold(domain.trim_start_matches('@'));
                if crate::text::Email::parse(&format!("a@{domain}")).is_none() {
                    errors.push(FieldError::new(field, "invalid_domain", "each must be a domain such as example.com"));
                }
            }
            domains.sort();
            domains.dedup();
        }
        dedup(&mut policy.licensed_types.0);
        dedup(&mut policy.sign_in_methods.0);
        if policy.sign_in_methods.0.is_empty() {
            errors.push(FieldError::new("policy.sign_in_methods", "too_few", "at least one way to sign in must stay"));
        }
        if errors.is_empty() { Ok(policy) } else { Err(errors) }
    }
}

fn dedup<T: Ord>(list: &mut Vec<T>) {
    list.sort();
    list.dedup();
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn merged(patch: serde_json::Value) -> Result<Policy, Vec<String>> {
        let patch: PolicyPatch = serde_json::from_value(patch).unwrap();
        Policy::default().merged(patch).map_err(|errors| errors.into_iter().map(|error| error.field).collect())
    }

    #[test]
    fn a_patch_replaces_only_what_it_names() {
        let policy = merged(json!({"invitations": {"who": "members"}, "sessions": {"ttl_hours": 1}})).unwrap();
        assert_eq!(policy.invitations.who, WhoInvites::Members);
        assert_eq!(policy.invitations.ttl_hours, 168);
        assert_eq!(policy.sessions.ttl_hours, 1);
        assert_eq!(policy.guests, GuestPolicy::default());
    }

    #[test]
    fn bounds_are_held() {
        for (hours, fine) in [(0, false), (1, true), (2160, true), (2161, false)] {
            assert_eq!(merged(json!({"invitations": {"ttl_hours": hours}})).is_ok(), fine, "{hours}");
        }
        assert_eq!(merged(json!({"sign_in_methods": []})), Err(vec!["policy.sign_in_methods".to_owned()]));
        assert_eq!(
            merged(json!({"guests": {"deny_domains": ["no domain"]}})),
            Err(vec!["policy.guests.deny_domains".to_owned()])
        );
    }

    #[test]
    fn guest_domains() {
        let policy = merged(json!({"guests": {"allow_domains": ["@Partner.example", "partner.example"],
            "deny_domains": ["rival.example"], "company_domains": ["us.example"]}}))
        .unwrap()
        .guests;
        assert_eq!(policy.allow_domains, ["partner.example"]);
        for (domain, admitted) in
            [("partner.example", true), ("rival.example", false), ("us.example", false), ("x.example", false)]
        {
            assert_eq!(policy.admits(domain), admitted, "{domain}");
        }
        let open = GuestPolicy { company_domains: vec!["us.example".into()], ..GuestPolicy::default() };
        assert!(open.admits("x.example") && !open.admits("us.example"));
    }
}
