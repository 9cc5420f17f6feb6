//! Every action with its handler.

use edge::endpoint::{Entry, entry};

use crate::{
    accounts, audit, avatars, billing, contacts, credentials, customers, email, imports, invitations, invoices,
    licenses, meta, operator, pages, payment_method, resources, roles, sessions, sso, stripe, users,
};

/// All entries; a test compares them with the catalogue.
#[allow(clippy::too_many_lines, reason = "it is a table")]
pub fn entries() -> Vec<Entry> {
    [
        entry::<accounts::plans::Plans>(),
        entry::<accounts::create::Create>(),
        entry::<accounts::get::Get>(),
        entry::<accounts::update::Update>(),
        entry::<sessions::create::Create>(),
        entry::<sessions::list::ListSessions>(),
        entry::<sessions::delete::Delete>(),
        entry::<sessions::delete_all::DeleteAll>(),
        entry::<customers::switch::Switch>(),
        entry::<credentials::forgot_password::Forgot>(),
        entry::<credentials::reset_password::Reset>(),
        entry::<credentials::change_password::Change>(),
        entry::<credentials::start_totp::Start>(),
        entry::<credentials::confirm_totp::Confirm>(),
        entry::<credentials::disable_totp::Disable>(),
        entry::<sso::start::Start>(),
        entry::<sso::callback::Callback>(),
        entry::<credentials::send_verification::Send>(),
        entry::<credentials::verify_email::VerifyEmail>(),
        entry::<email::get::Get>(),
        entry::<email::change::Change>(),
        entry::<email::accept::Accept>(),
        entry::<email::cancel::Cancel>(),
        entry::<email::confirm::Confirm>(),
        entry::<email::revert::Revert>(),
        entry::<users::me::Get>(),
        entry::<users::update_me::Update>(),
        entry::<avatars::upload::UploadAvatar>(),
        entry::<users::list::ListUsers>(),
        entry::<users::create::Create>(),
        entry::<users::export::Export>(),
        entry::<users::assignable::Assignable>(),
        entry::<users::get::Get>(),
        entry::<users::batch::Batch>(),
        entry::<users::update::Update>(),
        entry::<users::set_type::SetType>(),
        entry::<users::set_role::SetRole>(),
        entry::<users::deactivate::Deactivate>(),
        entry::<users::reactivate::Reactivate>(),
        entry::<users::withdraw::Withdraw>(),
        entry::<users::delete::Delete>(),
        entry::<users::reset_password::Reset>(),
        entry::<users::set_password::Set>(),
        entry::<users::change_email::Change>(),
        entry::<users::cancel_email::Cancel>(),
        entry::<users::disable_two_factor::Disable>(),
        entry::<customers::choose::Choose>(),
        entry::<users::team::Team>(),
        entry::<contacts::list::ListContacts>(),
        entry::<contacts::add::Add>(),
        entry::<contacts::remove::Remove>(),
        entry::<roles::list::ListRoles>(),
        entry::<roles::create::Create>(),
        entry::<roles::update::Update>(),
        entry::<roles::delete::Delete>(),
        entry::<roles::permissions::Permissions>(),
        entry::<users::impact::ShowImpact>(),
        entry::<resources::list::ListResources>(),
        entry::<resources::put::PutResource>(),
        entry::<resources::get::Get>(),
        entry::<resources::delete::Delete>(),
        entry::<resources::transfer::Transfer>(),
        entry::<resources::claim::Claim>(),
        entry::<resources::bring_in::BringIn>(),
        entry::<resources::let_go::LetGo>(),
        entry::<resources::mentionable::Mentionable>(),
        entry::<resources::mention::Mention>(),
        entry::<invitations::create::Create>(),
        entry::<invitations::list::ListInvitations>(),
        entry::<invitations::resend::Resend>(),
        entry::<invitations::revoke::Revoke>(),
        entry::<invitations::approve::Approve>(),
        entry::<invitations::reject::Reject>(),
        entry::<invitations::lookup::Lookup>(),
        entry::<invitations::accept::Accept>(),
        entry::<imports::upload::UploadRows>(),
        entry::<imports::create::CreateImport>(),
        entry::<imports::list::ListImports>(),
        entry::<imports::get::GetImport>(),
        entry::<imports::rows::ListRows>(),
        entry::<imports::report::Report>(),
        entry::<imports::commit::CommitImport>(),
        entry::<imports::stop::StopImport>(),
        entry::<licenses::get::Get>(),
        entry::<licenses::purchase::Purchase>(),
        entry::<licenses::ledger::Ledger>(),
        entry::<licenses::verify::Verify>(),
        entry::<billing::preview::Preview>(),
        entry::<billing::switch_plan::SwitchPlan>(),
        entry::<invoices::list::ListInvoices>(),
        entry::<invoices::get::Get>(),
        entry::<invoices::pdf::Pdf>(),
        entry::<operator::invoices::Invoices>(),
        entry::<operator::paid::Paid>(),
        entry::<operator::void::Void>(),
        entry::<payment_method::get::Get>(),
        entry::<payment_method::set::Set>(),
        entry::<payment_method::remove::Remove>(),
        entry::<stripe::webhook::Webhook>(),
        entry::<customers::list::ListCustomers>(),
        entry::<customers::create::Create>(),
        entry::<audit::list::ListAudit>(),
        entry::<meta::openapi::OpenApi>(),
        entry::<pages::accept_invitation::Page>(),
        entry::<pages::verify_email::Page>(),
        entry::<pages::forgot_password::Page>(),
        entry::<pages::reset_password::Page>(),
        entry::<pages::confirm_sign_in::Page>(),
        entry::<pages::confirm_email::Page>(),
        entry::<pages::revert_email::Page>(),
        entry::<pages::email::Page>(),
        entry::<avatars::get::Get>(),
        entry::<pages::problem::Page>(),
        entry::<meta::fallback::Fallback>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The entry of that name.
pub fn find(name: &str) -> Option<Entry> {
    entries().into_iter().find(|entry| entry.action.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_the_catalogue() {
        let registered: Vec<_> = entries().iter().map(|entry| entry.action.name).collect();
        let listed: Vec<_> = edge::catalogue::CATALOGUE.iter().map(|action| action.name).collect();
        assert_eq!(registered, listed);
    }
}
