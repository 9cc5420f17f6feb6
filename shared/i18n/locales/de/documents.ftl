invoice-document =
    .file-name = rechnung-{ $number }.pdf
    .title = Rechnung Nr. { $number }
    .account = Konto
    .issued = Ausgestellt am
    .reason = Grund
    .period = Zeitraum
    .from-to = { $from } – { $to }
    .status = Status
    .standing =
        { $status ->
           *[open] offen
            [paid] bezahlt
            [void] storniert – nicht zu bezahlen
        }
    .item = Posten
    .quantity = Anzahl
    .price = Einzelpreis
    .days = Tage
    .days-of = { $days } von { $all }
    .amount = Betrag
    .what =
        { $item ->
           *[licenses] Lizenzen
            [users] Benutzer
            [unused_time] Nicht genutzte Zeit des früheren Tarifs
            [credit_used] Verrechnetes Guthaben
            [credit_kept] Guthaben für spätere Rechnungen
        }
    .total = Gesamtbetrag
    .page = Seite { $page } von { $pages }
