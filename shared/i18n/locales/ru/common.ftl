-product = Roster

language-name = Русский

as-type =
    { $type ->
        [admin] в качестве администратора
        [member] в качестве участника
        [viewer] в качестве наблюдателя
       *[guest] в качестве гостя
    }

date =
    { $day } { $month ->
       *[jan] января
        [feb] февраля
        [mar] марта
        [apr] апреля
        [may] мая
        [jun] июня
        [jul] июля
        [aug] августа
        [sep] сентября
        [oct] октября
        [nov] ноября
        [dec] декабря
    } { $year } г.

moment = { $date }, { $time } UTC

invoice-reason =
    { $reason ->
        [purchase] покупка лицензий
        [activation] активация пользователей
        [renewal] продление
       *[plan_change] смена тарифного плана
    }
