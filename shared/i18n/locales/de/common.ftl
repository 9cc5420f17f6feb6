-product = Roster

language-name = Deutsch

as-type =
    { $type ->
        [admin] als Administrator
        [member] als Mitglied
        [viewer] als Betrachter
       *[guest] als Gast
    }

date =
    { $day }. { $month ->
       *[jan] Januar
        [feb] Februar
        [mar] März
        [apr] April
        [may] Mai
        [jun] Juni
        [jul] Juli
        [aug] August
        [sep] September
        [oct] Oktober
        [nov] November
        [dec] Dezember
    } { $year }

moment = { $date } um { $time } Uhr UTC

invoice-reason =
    { $reason ->
        [purchase] Kauf von Lizenzen
        [activation] Aktivierung von Benutzern
        [renewal] Verlängerung
       *[plan_change] Wechsel des Tarifs
    }
