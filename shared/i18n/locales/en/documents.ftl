invoice-document =
    .file-name = invoice-{ $number }.pdf
    .title = Invoice { $number }
    .account = Account
    .issued = Issued on
    .reason = Reason
    .period = Period
    .from-to = { $from } – { $to }
    .status = Status
    .standing =
        { $status ->
           *[open] open
            [paid] paid
            [void] void – not to be paid
        }
    .item = Item
    .quantity = Quantity
    .price = Unit price
    .days = Days
    .days-of = { $days } of { $all }
    .amount = Amount
    .what =
        { $item ->
           *[licenses] Licenses
            [users] Users
            [unused_time] Unused time on the earlier plan
            [credit_used] Credit used
            [credit_kept] Credit kept for later invoices
        }
    .total = Total
    .page = Page { $page } of { $pages }
