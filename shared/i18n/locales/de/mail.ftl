button-hint = Falls die Schaltfläche nicht funktioniert, öffnen Sie diese Adresse in Ihrem Browser:

verify_email =
    .subject = Bitte bestätigen Sie Ihre E-Mail-Adresse für „{ $account_name }“
    .heading = Bestätigen Sie Ihre E-Mail-Adresse
    .greeting = Guten Tag { $name },
    .lead = in { -product } wurde mit dieser E-Mail-Adresse das Konto „{ $account_name }“ angelegt.
    .action = Um zu bestätigen, dass die Adresse Ihnen gehört, öffnen Sie die folgende Seite und wählen Sie dort „{ verify-button }“.
    .button = { verify-button }
    .expires = Der Link gilt bis zum { $expires_at }.
    .why = Sie erhalten diese E-Mail, weil beim Anlegen des Kontos diese Adresse angegeben wurde.
    .ignore = Falls Sie das nicht waren, ignorieren Sie diese E-Mail einfach: Die Adresse bleibt unbestätigt, und weiter geschieht nichts.

invitation =
    .subject = { $inviter_name } lädt Sie zu „{ $account_name }“ ein
    .heading = Sie sind zu „{ $account_name }“ eingeladen
    .greeting = Guten Tag,
    .lead = { $inviter_name } lädt Sie ein, dem Konto „{ $account_name }“ in { -product } { as-type } beizutreten.
    .quotation = { $inviter_name } schreibt:
    .action = Um beizutreten, öffnen Sie die folgende Seite, wählen Sie ein Passwort und nehmen Sie die Einladung dort an.
    .button = Einladung ansehen
    .expires = Die Einladung gilt bis zum { $expires_at }. Sie ist nur für Sie bestimmt; bitte leiten Sie diese E-Mail nicht weiter.
    .why = Sie erhalten diese E-Mail, weil { $inviter_name } Sie unter genau dieser Adresse einlädt; mit einer anderen lässt sich die Einladung nicht annehmen.
    .ignore = Wenn Sie nicht beitreten möchten, ignorieren Sie diese E-Mail einfach: Sie erhalten keinen Zugang, und die Einladung verfällt von selbst.

invitation_approval_requested =
    .subject = { $requester_name } bittet um eine Einladung zu „{ $account_name }“
    .heading = Eine Einladung wartet auf Ihre Genehmigung
    .greeting = Guten Tag,
    .lead = { $requester_name } möchte { $email } in das Konto „{ $account_name }“ einladen, und zwar { as-type }.
    .action = Um die Einladung zu genehmigen oder abzulehnen, öffnen Sie in { -product } die Liste der Einladungen dieses Kontos.
    .why = Sie erhalten diese E-Mail, weil Sie Administrator dieses Kontos sind und dort ein Administrator die Einladungen von Mitgliedern genehmigen muss.
    .ignore = Solange kein Administrator die Einladung genehmigt, wird sie nicht verschickt, und { $email } erhält keine E-Mail.

invitation_rejected =
    .subject = Ihre Einladung an { $email } wurde nicht genehmigt
    .heading = Ihre Einladung wurde nicht genehmigt
    .greeting = Guten Tag,
    .lead = { $approver_name } hat Ihre Bitte abgelehnt, { $email } in das Konto „{ $account_name }“ einzuladen.
    .action = An { $email } wurde keine Einladung verschickt. Bei Fragen zu dieser Entscheidung wenden Sie sich bitte an { $approver_name }.
    .why = Sie erhalten diese E-Mail, weil Sie um diese Einladung gebeten haben.
    .ignore = Sie müssen nichts weiter tun.
