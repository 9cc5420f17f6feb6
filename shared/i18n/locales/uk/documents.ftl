invoice-document =
    .file-name = rakhunok-{ $number }.pdf
    .title = Рахунок № { $number }
    .account = Акаунт
    .issued = Дата рахунка
    .reason = Підстава
    .period = Період
    .from-to = { $from } – { $to }
    .status = Стан
    .standing =
        { $status ->
           *[open] відкритий
            [paid] сплачений
            [void] анульований – не підлягає оплаті
        }
    .item = Позиція
    .quantity = Кількість
    .price = Ціна за одиницю
    .days = Дні
    .days-of = { $days } з { $all }
    .amount = Сума
    .what =
        { $item ->
           *[licenses] Ліцензії
            [users] Користувачі
            [unused_time] Невикористаний час попереднього тарифного плану
            [credit_used] Зараховані кошти
            [credit_kept] Кошти для наступних рахунків
        }
    .total = Разом
    .page = Сторінка { $page } з { $pages }
