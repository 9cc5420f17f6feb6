-product = Roster

language-name = Deutsch

as-type =
    { $type ->
        [admin] als Administrator
        [member] als Mitglied
        [viewer] als Betrachter
       *[guest] als Gast
    }

moment =
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
    } { $year } um { $time } Uhr UTC
