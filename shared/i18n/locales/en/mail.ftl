# Each mail is one message, named as its template; its parts are attributes:
#   subject, heading, greeting, lead (who did what), action (what to do), why (the reader gets it),
#   ignore (what happens if nothing is done), and as needed
#   quotation (introduces the parameter `message`), button (where there is a link), expires.

button-hint = If the button does not work, open this address in your browser:
forgot-password = Forgot password?

verify_email =
    .subject = Please confirm your email address for “{ $account_name }”
    .heading = Confirm your email address
    .greeting = Hello { $name },
    .lead = This email address was given for you in the account “{ $account_name }” in { -product }.
    .action = To confirm that the address is yours, open the following page and choose “{ verify-button }” there.
    .button = { verify-button }
    .expires = The link works until { $expires_at }.
    .why = You are receiving this mail because this address was given for a user of the account.
    .ignore = If that was not you, simply ignore this mail: the address stays unconfirmed, and nothing else happens.

invitation =
    .subject = { $inviter_name } invites you to “{ $account_name }”
    .heading = You are invited to “{ $account_name }”
    .greeting = Hello,
    .lead = { $inviter_name } invites you to join the account “{ $account_name }” in { -product } { as-type }.
    .quotation = { $inviter_name } writes:
    .action = To join, open the following page and accept the invitation there.
    .button = View invitation
    .expires = The invitation is open until { $expires_at }. It is meant for you alone, so please do not forward this mail.
    .why = You are receiving this mail because { $inviter_name } invites you at exactly this address; the invitation cannot be accepted with another one.
    .ignore = If you do not want to join, simply ignore this mail: you get no access, and the invitation expires by itself.

invitation_approval_requested =
    .subject = { $requester_name } asks to invite someone to “{ $account_name }”
    .heading = An invitation needs your approval
    .greeting = Hello,
    .lead = { $requester_name } would like to invite { $email } to the account “{ $account_name }” { as-type }.
    .action = To approve or reject the request, open the list of invitations of this account in { -product }.
    .why = You are receiving this mail because you are an admin of this account, where invitations by members need an admin’s approval.
    .ignore = As long as no admin approves, the invitation is not sent, and { $email } gets no mail.

invitation_rejected =
    .subject = Your invitation for { $email } was not approved
    .heading = Your invitation was not approved
    .greeting = Hello,
    .lead = { $approver_name } has rejected your request to invite { $email } to the account “{ $account_name }”.
    .action = No invitation was sent to { $email }. If you have questions about this decision, please ask { $approver_name }.
    .why = You are receiving this mail because you asked for this invitation.
    .ignore = There is nothing that you need to do.

user_created =
    .subject = You now have access to “{ $account_name }”
    .heading = Welcome to “{ $account_name }”
    .greeting = Hello { $name },
    .lead = { $creator_name } has added you to the account “{ $account_name }” in { -product }. Your login: { $login }
    .action = You will get your password from { $creator_name } in another way, because passwords are never sent by mail. To confirm that this address is yours, open the following page and choose “{ verify-button }” there.
    .button = { verify-button }
    .expires = The link works until { $expires_at }. You can also sign in without confirming the address.
    .why = You are receiving this mail because an admin of the account added you with this address.
    .ignore = If you were not expecting this mail, simply ignore it: the address stays unconfirmed, and nothing else happens.

sso_confirmation =
    .subject = Please confirm your sign-in to “{ $account_name }” with { $provider }
    .heading = Confirm your sign-in with { $provider }
    .greeting = Hello { $name },
    .lead = You sign in to the account “{ $account_name }” in { -product } with { $provider }, so you need no password.
    .action = To connect your { $provider } account, open the following page and confirm your sign-in there.
    .button = Confirm sign-in
    .expires = The link works until { $expires_at }. It is meant for you alone, so please do not forward this mail.
    .why = You are receiving this mail because this account has a user with this address who signs in with { $provider }.
    .ignore = If you were not expecting this mail, simply ignore it: nothing is connected.

password_reset_requested =
    .subject = Choose a new password for “{ $account_name }”
    .heading = Choose a new password
    .greeting = Hello { $name },
    .lead = Somebody asked for a new password for the login “{ $login }” in the account “{ $account_name }” in { -product }.
    .action = If that was you, open the following page and choose a new password there.
    .button = Choose a new password
    .expires = The link works once, and only until { $expires_at }. It is meant for you alone, so please do not forward this mail.
    .why = You are receiving this mail because this address belongs to the login “{ $login }”.
    .ignore = If you did not ask for a new password, simply ignore this mail: your present password stays as it is.

password_reset_by_admin =
    .subject = Your password for “{ $account_name }” was reset
    .heading = Your password was reset
    .greeting = Hello { $name },
    .lead = { $admin_name }, an admin of the account “{ $account_name }” in { -product }, has reset your password: the old one no longer works, and you were signed out on every device.
    .action = Open the following page and choose a new password there. Then sign in with the new password and your login: { $login }
    .button = Choose a new password
    .expires = The link works once, and only until { $expires_at }. It is meant for you alone, so please do not forward this mail. If the link has expired, choose “{ forgot-password }” when signing in, and you will get a new one by mail.
    .why = You are receiving this mail because an admin of the account reset your password.
    .ignore = Until you choose a new password, you cannot sign in. If you have questions, please ask { $admin_name }.

password_changed =
    .subject = Your password for “{ $account_name }” was changed
    .heading = Your password was changed
    .greeting = Hello { $name },
    .lead = Your password for the account “{ $account_name }” in { -product } was changed on { $changed_at }. You were signed out on all other devices.
    .action = If that was not you, reset your password at once: choose “{ forgot-password }” when signing in. Then please tell an admin of the account.
    .why = You are receiving this mail because this address is in your profile in this account.
    .ignore = If you changed the password yourself, there is nothing that you need to do.

email_change_confirm =
    .subject = Please confirm your new email address for “{ $account_name }”
    .heading = Confirm your new email address
    .greeting = Hello { $name },
    .lead = { $actor_name } asked that your user in the account “{ $account_name }” in { -product } gets this address: { $email }
    .action = To confirm that the address is yours, open the following page and choose “{ change-button }” there. Until then, nothing changes.
    .button = { change-button }
    .expires = The link works until { $expires_at }. It is meant for you alone, so please do not forward this mail.
    .why = You are receiving this mail because this address was given as the new one of a user of the account.
    .ignore = If you were not expecting this mail, simply ignore it: nothing changes.

email_change_requested =
    .subject = A new email address was requested for you in “{ $account_name }”
    .heading = A new email address was requested for you
    .greeting = Hello { $name },
    .lead = { $actor_name } asked that your user in the account “{ $account_name }” in { -product } gets another address: { $email }
    .action = Your present address stays in effect unless the new one is confirmed by { $expires_at }. If you were not expecting this, sign in, cancel the change and choose a new password, or tell an admin of the account at once.
    .why = You are receiving this mail because this address is in your profile in this account.
    .ignore = If you were expecting this change, there is nothing that you need to do.

email_changed =
    .subject = Your email address for “{ $account_name }” was changed
    .heading = Your email address was changed
    .greeting = Hello { $name },
    .lead = On { $changed_at }, another address took the place of this one for your user in the account “{ $account_name }” in { -product }: { $email }
    .action = If that is not what you wanted, open the following page and choose “{ revert-button }” there: this address is then yours again, and you are signed out on every device.
    .button = { revert-button }
    .expires = The link works until { $expires_at }. It is meant for you alone, so please do not forward this mail.
    .why = You are receiving this mail because this address was in your profile in this account.
    .ignore = If you were expecting this change, there is nothing that you need to do.

two_factor_enabled =
    .subject = Two-factor sign-in to “{ $account_name }” is now on
    .heading = Two-factor sign-in is on
    .greeting = Hello { $name },
    .lead = Two-factor sign-in to the account “{ $account_name }” in { -product } was turned on for you on { $changed_at }. From now on, you need your password and a code from an app to sign in.
    .action = Keep your recovery codes in a safe place: if you lose the device with the app, you can sign in with one of them. If it was not you who turned this on, please tell an admin of the account at once.
    .why = You are receiving this mail because this address is in your profile in this account.
    .ignore = If you turned on two-factor sign-in yourself and have put your recovery codes in a safe place, there is nothing that you need to do.

two_factor_disabled =
    .subject = Two-factor sign-in to “{ $account_name }” is now off
    .heading = Two-factor sign-in is off
    .greeting = Hello { $name },
    .lead = { $actor_name } turned off your two-factor sign-in to the account “{ $account_name }” in { -product } on { $changed_at }. From now on, your password alone is enough to sign in.
    .action = If you were not expecting this, please contact an admin of the account.
    .why = You are receiving this mail because this address is in your profile in this account.
    .ignore = If you were expecting this change, there is nothing that you need to do.

invoice_issued =
    .subject = Invoice { $number } for “{ $account_name }”: { $total }
    .heading = Invoice { $number }
    .greeting = Hello { $name },
    .lead = On { $issued_on }, invoice { $number } was issued for the account “{ $account_name }” in { -product }. It comes to { $total }. What it is for: { invoice-reason }; from { $from_on } to { $to_on }.
    .action = The invoice is attached to this mail as a PDF file. It is also in the list of invoices of the account, which shows whether it is paid.
    .why = You are receiving this mail because you may see the billing of this account.
    .ignore = If you do not want mails about billing, an admin of the account can turn them off for you. The invoice stands either way.

renewal_reminder =
    .subject = “{ $account_name }” renews on { $renews_on }: { $total }
    .heading = Your account renews on { $renews_on }
    .greeting = Hello { $name },
    .lead = On { $renews_on }, a new period begins for the account “{ $account_name }” in { -product }. As things stand, { NUMBER($quantity) ->
        [one] { $quantity } license is
       *[other] { $quantity } licenses are
    } invoiced for it, { $total } in all.
    .action = { NUMBER($dropped) ->
        [0] Nothing is dropped: every license is in use or kept for somebody who is invited.
        [one] { $dropped } license that nobody uses is dropped then, and not invoiced. To keep it, give it to somebody before that day.
       *[other] { $dropped } licenses that nobody uses are dropped then, and not invoiced. To keep them, give them to somebody before that day.
    }
    .why = You are receiving this mail because you are an admin of this account.
    .ignore = If that is how it shall be, there is nothing that you need to do.

payment_failed =
    .subject = The payment of invoice { $number } for “{ $account_name }” has failed
    .heading = The payment of invoice { $number } has failed
    .greeting = Hello { $name },
    .lead = Invoice { $number } of { $issued_on } for the account “{ $account_name }” in { -product } comes to { $total }. That could not be charged.
    .action = Please check the means of payment. The charge is tried again on { $retry_at }.
    .why = You are receiving this mail because you are an admin of this account.
    .ignore = If the charge goes through then, there is nothing more that you need to do. Until then, the invoice stays open.

account_past_due =
    .subject = “{ $account_name }” is past due: invoice { $number } is not paid
    .heading = Invoice { $number } is not paid
    .greeting = Hello { $name },
    .lead = Invoice { $number } of { $issued_on } for the account “{ $account_name }” in { -product } comes to { $total }. It could not be charged however often it was tried, so the account is now past due.
    .action = Please pay the invoice in another way, or check the means of payment. The charge is not tried again by itself.
    .why = You are receiving this mail because you are an admin of this account.
    .ignore = As long as the invoice is not paid, the account stays past due.
