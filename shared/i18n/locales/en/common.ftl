-product = Roster

language-name = English

as-type =
    { $type ->
        [admin] as an admin
        [member] as a member
        [viewer] as a viewer
       *[guest] as a guest
    }

moment =
    { $month ->
       *[jan] January
        [feb] February
        [mar] March
        [apr] April
        [may] May
        [jun] June
        [jul] July
        [aug] August
        [sep] September
        [oct] October
        [nov] November
        [dec] December
    } { $day }, { $year } at { $time } UTC
