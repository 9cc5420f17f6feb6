-product = Roster

language-name = English

as-type =
    { $type ->
        [admin] as an admin
        [member] as a member
        [viewer] as a viewer
       *[guest] as a guest
    }

date =
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
    } { $day }, { $year }

moment = { $date } at { $time } UTC

invoice-reason =
    { $reason ->
        [purchase] licenses bought
        [activation] users activated
        [renewal] renewal
       *[plan_change] change of plan
    }
