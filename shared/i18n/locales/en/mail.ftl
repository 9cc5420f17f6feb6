# Each mail is one message, named as its template; its parts are attributes:
#   subject, heading, greeting, lead (who did what), action (what to do), why (the reader gets it),
#   ignore (what happens if nothing is done), and as needed
#   quotation (introduces the parameter `message`), button (where there is a link), expires.

button-hint = If the button does not work, open this address in your browser:

verify_email =
    .subject = Please confirm your email address for “{ $account_name }”
    .heading = Confirm your email address
    .greeting = Hello { $name },
    .lead = The account “{ $account_name }” was created in { -product } with this email address.
    .action = To confirm that the address is yours, open the following page and choose “{ verify-button }” there.
    .button = { verify-button }
    .expires = The link works until { $expires_at }.
    .why = You are receiving this mail because this address was given when the account was created.
    .ignore = If that was not you, simply ignore this mail: the address stays unconfirmed, and nothing else happens.

invitation =
    .subject = { $inviter_name } invites you to “{ $account_name }”
    .heading = You are invited to “{ $account_name }”
    .greeting = Hello,
    .lead = { $inviter_name } invites you to join the account “{ $account_name }” in { -product } { as-type }.
    .quotation = { $inviter_name } writes:
    .action = To join, open the following page, choose a password and accept the invitation there.
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
