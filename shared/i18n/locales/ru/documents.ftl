invoice-document =
    .file-name = schet-{ $number }.pdf
    .title = Счёт № { $number }
    .account = Аккаунт
    .issued = Дата счёта
    .reason = Основание
    .period = Период
    .from-to = { $from } – { $to }
    .status = Состояние
    .standing =
        { $status ->
           *[open] открыт
            [paid] оплачен
            [void] аннулирован – не подлежит оплате
        }
    .item = Позиция
    .quantity = Количество
    .price = Цена за единицу
    .days = Дни
    .days-of = { $days } из { $all }
    .amount = Сумма
    .what =
        { $item ->
           *[licenses] Лицензии
            [users] Пользователи
            [unused_time] Неиспользованное время прежнего тарифного плана
            [credit_used] Зачтённые средства
            [credit_kept] Средства для следующих счетов
        }
    .total = Итого
    .page = Страница { $page } из { $pages }
