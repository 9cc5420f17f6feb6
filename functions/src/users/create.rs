//! `POST /v1/users`

use domain::customers::Selection;
use domain::id::{RoleId, UploadId};
use domain::locale::Locale;
use domain::policy::SignIn;
use domain::rules::choose_customers::choose_for_new;
use domain::rules::confer::Named;
use domain::rules::create_user::{CreateUser, create_user};
use domain::user::UserType;
use domain::{Refusal, Stamp};
use edge::input::Checks;
use edge::views::UserView;
use edge::{Caller, Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::avatars::place::{self, Placed};
use crate::customers::AccessBody;
use crate::load::{self, NoQuery};
use crate::proof::proof;

/// Makes a user at once (R3): pending until the first sign-in.
#[derive(Debug)]
pub struct Create;

/// Whom to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// 1 to 200 characters.
    name: String,
    /// 1 to 200 characters; the address unless given.
    login: Option<String>,
    /// Needed for Google and Microsoft.
    email: Option<String>,
    r#type: UserType,
    role_id: Option<RoleId>,
    phone: Option<String>,
    /// A picture that the caller has uploaded (`POST /v1/avatars`).
    avatar: Option<UploadId>,
    sign_in: SignIn,
    /// For `password` alone: 10 to 256 characters, not easy to guess. It is never mailed.
    password: Option<String>,
    locale: Option<Locale>,
    /// In a partner's account: the customers that the user may enter; all unless given.
    accessible_accounts: Option<AccessBody>,
}

impl Endpoint for Create {
    const NAME: &'static str = "users_create";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = UserView;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let role = load::named_role(context, caller, input.body.role_id).await?;
        let mut command = command(context, caller, (&input.body, role), stamp)?;
        for (text, taken) in [(&input.body.login, Refusal::LoginTaken), (&input.body.email, Refusal::EmailTaken)] {
            if let Some(text) = text {
                load::free(context, caller, (text, taken), None).await?;
            }
        }
        if let Some(id) = input.body.avatar {
            command.avatar = match place::place(context, input.carried.as_ref(), id, stamp).await? {
                Placed::First(decision) => return Ok(*decision),
                Placed::Edit(avatar) => Some(avatar),
            };
        }
        let counts = context.store.counts(caller.account.id).await?;
        let (mut user, mut change) = create_user(&caller.account, &counts, &caller.user, command, stamp)?;
        let mut view = UserView::of(&user, &context.config.app_url, stamp.now);
        if let Some(body) = &input.body.accessible_accounts {
            let chosen = body.chosen("accessible_accounts")?;
            let reach = context.store.reach(&caller.user).await?;
            body.known(context, (caller, &reach), &Selection::none(user.account_id, user.id), "accessible_accounts")
                .await?;
            let giver = (&caller.user, &reach);
            let reach = choose_for_new(&caller.account, giver, &mut user, chosen, &mut change)?;
            view = UserView::of(&user, &context.config.app_url, stamp.now).with_reach(&reach);
        }
        Ok(Decision::write(change, Reply::object(&view, user.version)?))
    }
}

fn command(
    context: &Context,
    caller: &Caller,
    (body, role): (&Body, Named),
    stamp: &mut Stamp,
) -> Result<CreateUser, Problem> {
    let mut checks = Checks::default();
    let name = checks.line("name", &body.name, 200);
    let email = body.email.as_deref().and_then(|email| checks.email("email", email));
    let login = match (&body.login, &body.email) {
        (Some(login), _) => checks.login("login", login),
        (None, Some(email)) => email.trim().to_owned(),
        (None, None) => {
            checks.fault("login", "missing_field", "A user without an address needs a login.");
            String::new()
        }
    };
    let phone = checks.optional_line("phone", body.phone.as_deref(), 50);
    let (own_login, address) = (body.login.as_deref().unwrap_or_default(), body.email.as_deref().unwrap_or_default());
    let hints = [body.name.as_str(), own_login, address, &caller.account.name];
    let proof = proof(context, &mut checks, body.sign_in, body.password.as_deref(), &hints, stamp);
    if body.sign_in != SignIn::Password && body.email.is_none() {
        checks.fault("email", "missing_field", "Whoever signs in with Google or Microsoft needs an address.");
    }
    checks.done()?;
    let Some(proof) = proof else { return Err(Problem::invalid(Vec::new())) };
    Ok(CreateUser {
        name,
        login,
        email,
        user_type: body.r#type,
        role,
        phone,
        avatar: None,
        proof,
        locale: body.locale.unwrap_or(caller.account.locale),
    })
}
