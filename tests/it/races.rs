//! Many at once: nothing is given twice, nothing is lost.

use futures::future::join_all;
use serde_json::json;

use crate::support::{self, Cloud, PASSWORD};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_requests_for_twenty_seats_give_exactly_twenty() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 21).await;
    let answers = join_all((0..60).map(|number| {
        let admin = admin.clone();
        async move {
            let body = json!({ "emails": [format!("p{number}@example.com")], "type": "member" });
            // On a slow engine so many at once keep the account busy, and the answer says to try again.
            let admin = admin.with("idempotency-key", format!("seat {number}"));
            loop {
                let answer = admin.post("/v1/invitations", body.clone()).await;
                if answer.status != 503 {
                    return answer.expect(201)["results"][0].clone();
                }
            }
        }
    }))
    .await;
    let invited = answers.iter().filter(|row| row["outcome"] == "invited").count();
    assert_eq!(invited, 20);
    assert!(answers.iter().all(|row| row["outcome"] == "invited" || row["code"] == "no_license_available"));
    assert_eq!(admin.licenses().await, (21, 1, 20, 0));
    assert_eq!(admin.get("/v1/account").await.expect(200)["counts"]["pending"], 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_address_is_invited_once() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 10).await;
    let answers = join_all((0..10).map(|_| {
        let admin = admin.clone();
        async move {
            let body = json!({ "emails": ["same@example.com"], "type": "member" });
            admin.post("/v1/invitations", body).await
        }
    }))
    .await;
    let outcome = |answer: &crate::support::Answer| answer.body["results"][0]["outcome"] == "invited";
    assert_eq!(answers.iter().filter(|answer| outcome(answer)).count(), 1);
    assert_eq!(admin.licenses().await, (10, 1, 1, 8));
    assert_eq!(cloud.mails("same@example.com").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_invitation_is_accepted_once() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 5).await;
    admin.invite("ben@example.com", "member").await;
    let token = cloud.link("ben@example.com").await;
    let body = json!({ "token": token, "name": "Ben", "password": PASSWORD });
    let answers = join_all((0..6).map(|_| {
        let (public, body) = (cloud.public(), body.clone());
        async move { public.post("/v1/invitations/accept", body).await }
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "invitation_used");
    }
    assert_eq!(admin.licenses().await, (5, 2, 0, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_admins_who_deactivate_each_other_leave_one() {
    for _ in 0..5 {
        let cloud = Cloud::start().await;
        let one = cloud.sign_up("unlimited", 1).await;
        let other = one.welcome("other@example.com", "admin").await;
        let (first, second) = tokio::join!(one.deactivate(other.id()), other.deactivate(one.id()));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses[0], 200, "{statuses:?}");
        assert!(matches!(statuses[1], 401 | 409), "{statuses:?}");
        let winner = if first.status == 200 { &one } else { &other };
        assert_eq!(winner.get("/v1/account").await.expect(200)["counts"]["admins"], 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_purchase_among_purchases_gets_a_number_of_its_own() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    let answers =
        join_all((0..8).map(|_| {
            let admin = admin.clone();
            async move {
                admin.post("/v1/licenses", json!({ "quantity": 2 })).await.expect(201)["invoice"]["number"].as_i64()
            }
        }))
        .await;
    let mut numbers: Vec<i64> = answers.into_iter().flatten().collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (2..=9).collect::<Vec<_>>());
    assert_eq!(admin.licenses().await, (17, 1, 0, 16));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_expiry_and_an_acceptance_do_not_both_happen() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 6).await;
    for number in 0..5 {
        admin.invite(&format!("p{number}@example.com"), "member").await;
    }
    cloud.advance(168 * 3_600 + 1).await;
    let (one, two) = tokio::join!(cloud.worker(), cloud.worker());
    let expired = |report: &serde_json::Value| report["expired_invitations"].as_i64().unwrap();
    assert_eq!(expired(&one) + expired(&two), 5);
    assert_eq!(admin.licenses().await, (6, 1, 0, 5));
    assert_eq!(admin.get("/v1/account").await.expect(200)["counts"]["pending"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_sent_many_times_at_once_does_the_work_once() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 1).await.with("idempotency-key", "buy-1");
    let answers = join_all((0..8).map(|_| {
        let admin = admin.clone();
        async move { admin.post("/v1/licenses", json!({ "quantity": 3 })).await }
    }))
    .await;
    let bodies: Vec<_> = answers.into_iter().map(|answer| answer.expect(201)).collect();
    assert!(bodies.iter().all(|body| body == &bodies[0]));
    assert_eq!(admin.licenses().await, (4, 1, 0, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_acceptance_sent_many_times_at_once_has_one_answer() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    admin.invite("ben@example.com", "member").await;
    let token = cloud.link("ben@example.com").await;
    let body = json!({ "token": token, "name": "Ben", "password": PASSWORD });
    let answers = join_all((0..6).map(|_| {
        let (public, body) = (cloud.public().with("idempotency-key", "accept-1"), body.clone());
        async move { public.post("/v1/invitations/accept", body).await.expect(201) }
    }))
    .await;
    assert!(answers.iter().all(|answer| answer["token"] == answers[0]["token"]));
    assert_eq!(admin.licenses().await, (2, 2, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_link_to_choose_a_password_is_used_once() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    cloud.forgot(olga.email()).await.expect(202);
    let token = cloud.link(olga.email()).await;
    let answers = join_all((0..6).map(|number| {
        let body = json!({ "token": token, "password": format!("{number} neue Wolken über Kyjiw") });
        let public = cloud.public();
        async move { public.post("/v1/password/reset", body).await.status }
    }))
    .await;
    assert_eq!(answers.iter().filter(|status| **status == 204).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|status| matches!(status, 204 | 404 | 410)), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_lets_in_one() {
    let cloud = Cloud::start().await;
    cloud.set_clock("2031-01-01T09:00:10Z").await;
    let olga = cloud.sign_up("unlimited", 1).await;
    let (secret, recovery) = olga.set_up_totp().await;
    cloud.advance(30).await;
    for code in [secret.code_at(cloud.now().await), recovery[0].clone()] {
        let answers = join_all((0..5).map(|_| {
            let (cloud, email, code) = (cloud.clone(), olga.email().to_owned(), code.clone());
            async move { cloud.try_code(&email, &code).await.status }
        }))
        .await;
        assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
        assert!(answers.iter().all(|status| matches!(status, 201 | 401)), "{answers:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_first_sign_ins_take_one_license() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    admin.policy(json!({ "invitations": { "license_reserved_on": "acceptance" } })).await;
    admin.create("dora", None).await;
    admin.create("eva", None).await;
    let answers = join_all((0..20).map(|number| {
        let cloud = cloud.clone();
        async move { cloud.try_sign_in(if number % 2 == 0 { "dora" } else { "eva" }, PASSWORD).await.status }
    }))
    .await;
    assert!(answers.iter().all(|status| matches!(status, 201 | 409)), "{answers:?}");
    assert!(answers.contains(&201), "{answers:?}");
    assert_eq!(admin.licenses().await, (2, 2, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_access_that_is_withdrawn_while_somebody_enters_is_over() {
    let cloud = Cloud::start().await;
    let partner = cloud.partner().await;
    let customer = partner.customer("Bakery", "otto@example.com").await;
    let petra = partner.welcome("petra@example.com", "admin").await;
    for _ in 0..5 {
        partner.choose_all(petra.id()).await.expect(200);
        let entering = join_all((0..6).map(|_| petra.switch(&customer)));
        let (answers, withdrawn) = tokio::join!(entering, partner.choose(petra.id(), &[]));
        withdrawn.expect(200);
        for answer in answers {
            if answer.status == 201 {
                let acting = cloud.signed_in(&answer.body);
                acting.get("/v1/account").await.refused(401, "unauthenticated");
            } else {
                answer.refused(404, "not_found");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn customers_made_at_once_by_somebody_with_a_selection_are_all_in_it() {
    let cloud = Cloud::start().await;
    let partner = cloud.partner().await;
    let petra = partner.welcome("petra@example.com", "admin").await;
    partner.choose(petra.id(), &[]).await.expect(200);
    let names: Vec<String> = (0..8).map(|number| format!("Shop {number}")).collect();
    let made = names.iter().map(|name| {
        let (petra, owner) = (petra.clone(), format!("{}@example.com", name.replace(' ', "-")));
        async move { petra.customer(name, &owner).await }
    });
    join_all(made).await;
    assert_eq!(petra.customers("limit=3").await, names);
}

/// What happens at the moment of a renewal is before it or after it: no license is sold twice, none is renewed that nobody has,
/// and whoever takes one is on one invoice. The ledgers are reckoned up when the cloud goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_renewal_meets_invitations_deactivations_and_purchases() {
    for plan in ["licensed-monthly", "metered-monthly"] {
        let cloud = Cloud::start().await;
        cloud.set_clock("2027-01-31T09:00:00Z").await;
        let admin = cloud.sign_up(plan, 12).await;
        let mut leavers = Vec::new();
        for number in 0..3 {
            leavers.push(admin.welcome(&format!("l{number}@example.com"), "member").await);
        }
        for (period, moment) in ["2027-02-28", "2027-03-31", "2027-04-30"].into_iter().enumerate() {
            cloud.set_clock(&format!("{moment}T00:00:00Z")).await;
            let admin = cloud.sign_in(admin.email()).await;
            let invitations = join_all((0..4).map(|number| {
                let admin = admin.clone();
                let body = json!({ "emails": [format!("p{period}-{number}@example.com")], "type": "member" });
                async move { admin.post("/v1/invitations", body).await.status }
            }));
            let purchases = join_all((0..3).map(|_| {
                let admin = admin.clone();
                async move { admin.post("/v1/licenses", json!({ "quantity": 2 })).await.status }
            }));
            let leaving = admin.deactivate(leavers[period].id());
            let workers = join_all((0..3).map(|_| cloud.worker()));
            let (invited, bought, left, reports) = tokio::join!(invitations, purchases, leaving, workers);
            assert!(invited.iter().all(|status| *status == 201), "{invited:?}");
            let expected = if plan == "licensed-monthly" { 201 } else { 409 };
            assert!(bought.iter().all(|status| *status == expected), "{bought:?}");
            left.expect(200);
            let renewals: i64 = reports.iter().filter_map(|report| report["renewals"].as_i64()).sum();
            assert_eq!(renewals, 1, "{reports:?}");
            let verified = admin.get("/v1/licenses/ledger/verify").await.expect(200);
            assert_eq!(verified["differences"], json!([]), "{plan} {moment}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_workers_renew_a_thousand_accounts_once_each() {
    let cloud = Cloud::start().await;
    cloud.set_clock("2027-01-31T09:00:00Z").await;
    // An engine in another process is some thirty times slower.
    let number = if cloud.local.embedded().is_some() { 1_000 } else { 50 };
    let accounts = support::accounts(&cloud, "licensed-monthly", number).await;
    cloud.set_clock("2027-02-28T00:00:01Z").await;
    let workers = (0..10).map(|_| {
        let worker = cloud.local.worker().clone();
        tokio::spawn(async move { worker::jobs::renew_licenses::run(&worker).await })
    });
    let reports: Vec<_> = join_all(workers).await.into_iter().map(|report| report.expect("a report")).collect();
    assert_eq!(reports.iter().map(|report| report.renewals as usize).sum::<usize>(), number, "{reports:?}");
    assert_eq!(reports.iter().map(|report| report.failures).sum::<u32>(), 0, "{reports:?}");
    let store = &cloud.local.worker().store;
    for account in accounts {
        let counts = store.counts(account).await.expect("counts");
        assert_eq!((counts.invoices, counts.period, counts.purchased), (2, 1, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn purchases_beside_a_switch_are_charged_by_the_plan_that_they_come_under() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    let buy = |number: usize| {
        let admin = admin.with("idempotency-key", format!("order {number}"));
        async move {
            loop {
                let answer = admin.post("/v1/licenses", json!({ "quantity": 1 })).await;
                if answer.status != 503 {
                    return answer.expect(201)["invoice"].clone();
                }
            }
        }
    };
    let switch = async || {
        // Some are before it, some after.
        buy(100).await;
        loop {
            let body = json!({ "plan_id": "licensed-yearly", "licenses": 20 });
            let answer = admin.put("/v1/billing/plan", body).await;
            if answer.status != 503 {
                return answer.expect(200);
            }
        }
    };
    let (invoices, switched) = futures::join!(join_all((0..8).map(buy)), switch());
    let number = |invoice: &serde_json::Value| invoice["number"].as_i64().expect("a number");
    let switched = number(&switched["invoice"]);
    for invoice in &invoices {
        let price = if number(invoice) < switched { 1_200 } else { 12_000 };
        assert_eq!(invoice["lines"][0]["unit_price"]["amount"], price, "{invoice}");
    }
    let later = invoices.iter().filter(|invoice| number(invoice) > switched).count();
    assert_eq!(admin.licenses().await.0, 20 + i64::try_from(later).expect("few"));
    assert_eq!(admin.get("/v1/licenses/ledger/verify").await.expect(200)["consistent"], true);
}
