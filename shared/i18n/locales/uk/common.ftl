-product = Roster

language-name = Українська

as-type =
    { $type ->
        [admin] в ролі адміністратора
        [member] в ролі учасника
        [viewer] в ролі спостерігача
       *[guest] в ролі гостя
    }

date =
    { $day } { $month ->
       *[jan] січня
        [feb] лютого
        [mar] березня
        [apr] квітня
        [may] травня
        [jun] червня
        [jul] липня
        [aug] серпня
        [sep] вересня
        [oct] жовтня
        [nov] листопада
        [dec] грудня
    } { $year } р.

moment = { $date }, { $time } UTC

invoice-reason =
    { $reason ->
        [purchase] придбання ліцензій
        [activation] активація користувачів
        [renewal] поновлення
       *[plan_change] зміна тарифного плану
    }
