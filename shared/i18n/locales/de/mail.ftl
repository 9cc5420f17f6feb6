button-hint = Falls die Schaltfläche nicht funktioniert, öffnen Sie diese Adresse in Ihrem Browser:
forgot-password = Passwort vergessen?

verify_email =
    .subject = Bitte bestätigen Sie Ihre E-Mail-Adresse für „{ $account_name }“
    .heading = Bestätigen Sie Ihre E-Mail-Adresse
    .greeting = Guten Tag { $name },
    .lead = im Konto „{ $account_name }“ in { -product } wurde diese E-Mail-Adresse für Sie angegeben.
    .action = Um zu bestätigen, dass die Adresse Ihnen gehört, öffnen Sie die folgende Seite und wählen Sie dort „{ verify-button }“.
    .button = { verify-button }
    .expires = Der Link gilt bis zum { $expires_at }.
    .why = Sie erhalten diese E-Mail, weil diese Adresse für jemanden in diesem Konto angegeben wurde.
    .ignore = Falls Sie das nicht waren, ignorieren Sie diese E-Mail einfach: Die Adresse bleibt unbestätigt, und weiter geschieht nichts.

invitation =
    .subject = { $inviter_name } lädt Sie zu „{ $account_name }“ ein
    .heading = Sie sind zu „{ $account_name }“ eingeladen
    .greeting = Guten Tag,
    .lead = { $inviter_name } lädt Sie ein, dem Konto „{ $account_name }“ in { -product } { as-type } beizutreten.
    .quotation = { $inviter_name } schreibt:
    .action = Um beizutreten, öffnen Sie die folgende Seite und nehmen Sie die Einladung dort an.
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

user_created =
    .subject = Sie haben jetzt Zugang zu „{ $account_name }“
    .heading = Willkommen bei „{ $account_name }“
    .greeting = Guten Tag { $name },
    .lead = { $creator_name } hat Sie zum Konto „{ $account_name }“ in { -product } hinzugefügt. Ihr Anmeldename: { $login }
    .action = Ihr Passwort erhalten Sie von { $creator_name } auf anderem Weg, denn Passwörter werden nie per E-Mail verschickt. Um zu bestätigen, dass diese Adresse Ihnen gehört, öffnen Sie die folgende Seite und wählen Sie dort „{ verify-button }“.
    .button = { verify-button }
    .expires = Der Link gilt bis zum { $expires_at }. Anmelden können Sie sich auch, ohne die Adresse zu bestätigen.
    .why = Sie erhalten diese E-Mail, weil ein Administrator des Kontos Sie mit dieser Adresse hinzugefügt hat.
    .ignore = Falls Sie diese E-Mail nicht erwartet haben, ignorieren Sie sie einfach: Die Adresse bleibt unbestätigt, und weiter geschieht nichts.

sso_confirmation =
    .subject = Bitte bestätigen Sie Ihre Anmeldung bei „{ $account_name }“ mit { $provider }
    .heading = Bestätigen Sie Ihre Anmeldung mit { $provider }
    .greeting = Guten Tag { $name },
    .lead = beim Konto „{ $account_name }“ in { -product } melden Sie sich mit { $provider } an und brauchen deshalb kein Passwort.
    .action = Um Ihr { $provider }-Konto zu verbinden, öffnen Sie die folgende Seite und bestätigen Sie dort Ihre Anmeldung.
    .button = Anmeldung bestätigen
    .expires = Der Link gilt bis zum { $expires_at }. Er ist nur für Sie bestimmt; bitte leiten Sie diese E-Mail nicht weiter.
    .why = Sie erhalten diese E-Mail, weil es in diesem Konto einen Benutzer mit dieser Adresse gibt, der sich mit { $provider } anmeldet.
    .ignore = Falls Sie diese E-Mail nicht erwartet haben, ignorieren Sie sie einfach: Es wird nichts verbunden.

password_reset_requested =
    .subject = Wählen Sie ein neues Passwort für „{ $account_name }“
    .heading = Wählen Sie ein neues Passwort
    .greeting = Guten Tag { $name },
    .lead = jemand hat für den Anmeldenamen „{ $login }“ im Konto „{ $account_name }“ in { -product } ein neues Passwort angefordert.
    .action = Wenn Sie das waren, öffnen Sie die folgende Seite und wählen Sie dort ein neues Passwort.
    .button = Neues Passwort wählen
    .expires = Der Link funktioniert nur einmal und gilt bis zum { $expires_at }. Er ist nur für Sie bestimmt; bitte leiten Sie diese E-Mail nicht weiter.
    .why = Sie erhalten diese E-Mail, weil diese Adresse zum Anmeldenamen „{ $login }“ gehört.
    .ignore = Falls Sie kein neues Passwort angefordert haben, ignorieren Sie diese E-Mail einfach: Ihr bisheriges Passwort gilt unverändert weiter.

password_reset_by_admin =
    .subject = Ihr Passwort für „{ $account_name }“ wurde zurückgesetzt
    .heading = Ihr Passwort wurde zurückgesetzt
    .greeting = Guten Tag { $name },
    .lead = { $admin_name } hat als Administrator des Kontos „{ $account_name }“ in { -product } Ihr Passwort zurückgesetzt: Das alte gilt nicht mehr, und Sie wurden auf allen Geräten abgemeldet.
    .action = Öffnen Sie die folgende Seite und wählen Sie dort ein neues Passwort. Melden Sie sich danach mit dem neuen Passwort und Ihrem Anmeldenamen an: { $login }
    .button = Neues Passwort wählen
    .expires = Der Link funktioniert nur einmal und gilt bis zum { $expires_at }. Er ist nur für Sie bestimmt; bitte leiten Sie diese E-Mail nicht weiter. Falls der Link abgelaufen ist, wählen Sie beim Anmelden „{ forgot-password }“; dann erhalten Sie per E-Mail einen neuen.
    .why = Sie erhalten diese E-Mail, weil ein Administrator des Kontos Ihr Passwort zurückgesetzt hat.
    .ignore = Solange Sie kein neues Passwort wählen, können Sie sich nicht anmelden. Bei Fragen wenden Sie sich bitte an { $admin_name }.

password_changed =
    .subject = Ihr Passwort für „{ $account_name }“ wurde geändert
    .heading = Ihr Passwort wurde geändert
    .greeting = Guten Tag { $name },
    .lead = Ihr Passwort für das Konto „{ $account_name }“ in { -product } wurde am { $changed_at } geändert. Auf allen anderen Geräten wurden Sie abgemeldet.
    .action = Falls Sie das nicht waren, setzen Sie Ihr Passwort sofort zurück: Wählen Sie dazu beim Anmelden „{ forgot-password }“. Sagen Sie danach bitte einem Administrator des Kontos Bescheid.
    .why = Sie erhalten diese E-Mail, weil diese Adresse in Ihrem Profil in diesem Konto steht.
    .ignore = Wenn Sie das Passwort selbst geändert haben, müssen Sie nichts weiter tun.

email_change_confirm =
    .subject = Bitte bestätigen Sie Ihre neue E-Mail-Adresse für „{ $account_name }“
    .heading = Bestätigen Sie Ihre neue E-Mail-Adresse
    .greeting = Guten Tag { $name },
    .lead = { $actor_name } möchte, dass Ihr Benutzer im Konto „{ $account_name }“ in { -product } diese Adresse erhält: { $email }
    .action = Um zu bestätigen, dass die Adresse Ihnen gehört, öffnen Sie die folgende Seite und wählen Sie dort „{ change-button }“. Bis dahin ändert sich nichts.
    .button = { change-button }
    .expires = Der Link gilt bis zum { $expires_at }. Er ist nur für Sie bestimmt; bitte leiten Sie diese E-Mail nicht weiter.
    .why = Sie erhalten diese E-Mail, weil diese Adresse als neue Adresse eines Benutzers des Kontos angegeben wurde.
    .ignore = Falls Sie diese E-Mail nicht erwartet haben, ignorieren Sie sie einfach: Es ändert sich nichts.

email_change_requested =
    .subject = Für Sie wurde bei „{ $account_name }“ eine neue E-Mail-Adresse angefordert
    .heading = Für Sie wurde eine neue E-Mail-Adresse angefordert
    .greeting = Guten Tag { $name },
    .lead = { $actor_name } möchte, dass Ihr Benutzer im Konto „{ $account_name }“ in { -product } eine andere Adresse erhält: { $email }
    .action = Ihre bisherige Adresse gilt weiter, sofern die neue nicht bis zum { $expires_at } bestätigt wird. Falls Sie das nicht erwartet haben, melden Sie sich an, brechen Sie die Änderung ab und wählen Sie ein neues Passwort, oder wenden Sie sich sofort an einen Administrator des Kontos.
    .why = Sie erhalten diese E-Mail, weil diese Adresse in Ihrem Profil in diesem Konto steht.
    .ignore = Wenn Sie mit dieser Änderung gerechnet haben, müssen Sie nichts weiter tun.

email_changed =
    .subject = Ihre E-Mail-Adresse für „{ $account_name }“ wurde geändert
    .heading = Ihre E-Mail-Adresse wurde geändert
    .greeting = Guten Tag { $name },
    .lead = am { $changed_at } ist bei Ihrem Benutzer im Konto „{ $account_name }“ in { -product } eine andere Adresse an die Stelle dieser Adresse getreten: { $email }
    .action = Falls Sie das nicht wollten, öffnen Sie die folgende Seite und wählen Sie dort „{ revert-button }“: Dann gehört diese Adresse wieder zu Ihrem Benutzer, und Sie werden auf allen Geräten abgemeldet.
    .button = { revert-button }
    .expires = Der Link gilt bis zum { $expires_at }. Er ist nur für Sie bestimmt; bitte leiten Sie diese E-Mail nicht weiter.
    .why = Sie erhalten diese E-Mail, weil diese Adresse in Ihrem Profil in diesem Konto stand.
    .ignore = Wenn Sie mit dieser Änderung gerechnet haben, müssen Sie nichts weiter tun.

two_factor_enabled =
    .subject = Die Zwei-Faktor-Anmeldung bei „{ $account_name }“ ist jetzt eingeschaltet
    .heading = Die Zwei-Faktor-Anmeldung ist eingeschaltet
    .greeting = Guten Tag { $name },
    .lead = die Zwei-Faktor-Anmeldung beim Konto „{ $account_name }“ in { -product } wurde für Sie am { $changed_at } eingeschaltet. Von nun an brauchen Sie zum Anmelden Ihr Passwort und einen Code aus einer App.
    .action = Bewahren Sie Ihre Wiederherstellungscodes sicher auf: Falls Sie das Gerät mit der App verlieren, können Sie sich mit einem davon anmelden. Falls nicht Sie die Zwei-Faktor-Anmeldung eingeschaltet haben, sagen Sie bitte sofort einem Administrator des Kontos Bescheid.
    .why = Sie erhalten diese E-Mail, weil diese Adresse in Ihrem Profil in diesem Konto steht.
    .ignore = Wenn Sie die Zwei-Faktor-Anmeldung selbst eingeschaltet haben und Ihre Wiederherstellungscodes sicher aufbewahren, müssen Sie nichts weiter tun.

two_factor_disabled =
    .subject = Die Zwei-Faktor-Anmeldung bei „{ $account_name }“ ist jetzt ausgeschaltet
    .heading = Die Zwei-Faktor-Anmeldung ist ausgeschaltet
    .greeting = Guten Tag { $name },
    .lead = { $actor_name } hat am { $changed_at } Ihre Zwei-Faktor-Anmeldung beim Konto „{ $account_name }“ in { -product } ausgeschaltet. Von nun an genügt zum Anmelden allein Ihr Passwort.
    .action = Falls Sie das nicht erwartet haben, wenden Sie sich bitte an einen Administrator des Kontos.
    .why = Sie erhalten diese E-Mail, weil diese Adresse in Ihrem Profil in diesem Konto steht.
    .ignore = Wenn Sie damit gerechnet haben, müssen Sie nichts weiter tun.

invoice_issued =
    .subject = Rechnung Nr. { $number } für „{ $account_name }“: { $total }
    .heading = Rechnung Nr. { $number }
    .greeting = Guten Tag { $name },
    .lead = Am { $issued_on } wurde für das Konto „{ $account_name }“ in { -product } die Rechnung Nr. { $number } über { $total } ausgestellt. Grund: { invoice-reason }; Zeitraum: { $from_on } bis { $to_on }.
    .action = Die Rechnung liegt dieser E-Mail als PDF-Datei bei. Sie steht auch in der Rechnungsliste des Kontos; dort sehen Sie, ob sie bezahlt ist.
    .why = Sie erhalten diese E-Mail, weil Sie die Abrechnung dieses Kontos einsehen dürfen.
    .ignore = Wenn Sie keine E-Mails zur Abrechnung möchten, kann ein Administrator des Kontos sie für Sie abstellen. Die Rechnung gilt unabhängig davon.

renewal_reminder =
    .subject = „{ $account_name }“ verlängert sich am { $renews_on }: { $total }
    .heading = Ihr Konto verlängert sich am { $renews_on }
    .greeting = Guten Tag { $name },
    .lead = Am { $renews_on } beginnt für das Konto „{ $account_name }“ in { -product } ein neuer Zeitraum. Nach heutigem Stand { NUMBER($quantity) ->
        [one] wird dafür { $quantity } Lizenz
       *[other] werden dafür { $quantity } Lizenzen
    } berechnet, insgesamt { $total }.
    .action = { NUMBER($dropped) ->
        [0] Es entfällt nichts: Jede Lizenz wird genutzt oder ist für eine eingeladene Person vorgemerkt.
        [one] { $dropped } Lizenz, die niemand nutzt, entfällt dann und wird nicht berechnet. Wenn Sie sie behalten möchten, vergeben Sie sie vor diesem Tag.
       *[other] { $dropped } Lizenzen, die niemand nutzt, entfallen dann und werden nicht berechnet. Wenn Sie sie behalten möchten, vergeben Sie sie vor diesem Tag.
    }
    .why = Sie erhalten diese E-Mail, weil Sie Administrator dieses Kontos sind.
    .ignore = Wenn Sie damit einverstanden sind, müssen Sie nichts weiter tun.

payment_failed =
    .subject = Die Rechnung Nr. { $number } für „{ $account_name }“ konnte nicht abgebucht werden
    .heading = Die Rechnung Nr. { $number } konnte nicht abgebucht werden
    .greeting = Guten Tag { $name },
    .lead = Die Rechnung Nr. { $number } vom { $issued_on } für das Konto „{ $account_name }“ in { -product } beläuft sich auf { $total }. Dieser Betrag konnte nicht abgebucht werden.
    .action = Bitte prüfen Sie das Zahlungsmittel. Der nächste Versuch erfolgt am { $retry_at }.
    .why = Sie erhalten diese E-Mail, weil Sie Administrator dieses Kontos sind.
    .ignore = Gelingt die Abbuchung dann, müssen Sie nichts weiter tun. Bis dahin bleibt die Rechnung offen.

account_past_due =
    .subject = „{ $account_name }“ ist in Verzug: Die Rechnung Nr. { $number } ist nicht bezahlt
    .heading = Die Rechnung Nr. { $number } ist nicht bezahlt
    .greeting = Guten Tag { $name },
    .lead = Die Rechnung Nr. { $number } vom { $issued_on } für das Konto „{ $account_name }“ in { -product } beläuft sich auf { $total }. Sie konnte auch nach mehreren Versuchen nicht abgebucht werden; das Konto ist damit in Verzug.
    .action = Bitte bezahlen Sie die Rechnung auf anderem Weg, oder prüfen Sie das Zahlungsmittel. Ein weiterer Versuch erfolgt nicht von selbst.
    .why = Sie erhalten diese E-Mail, weil Sie Administrator dieses Kontos sind.
    .ignore = Solange die Rechnung nicht bezahlt ist, bleibt das Konto in Verzug.
