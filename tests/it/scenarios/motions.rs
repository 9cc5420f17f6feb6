//! Who leaves and who reads while resources are on their way, and boards that several own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Client, Cloud};

/// How long a read may let a test wait that never comes.
const PATIENCE: Duration = Duration::from_secs(30);

async fn board(admin: &Client, id: &str, owner: &Client, co_owners: &[&str]) {
    let body = json!({ "name": id, "owner_id": owner.id(), "co_owner_ids": co_owners, "visibility": "private" });
    admin.put(&format!("/v1/resources/board/{id}"), body).await.expect(200);
}

async fn count(admin: &Client, query: &str) -> usize {
    admin.resources(query).await.len()
}

async fn in_motion(admin: &Client, user: &Client) -> Value {
    admin.get(&format!("/v1/users/{}", user.id())).await.expect(200)["resources_in_motion"].clone()
}

/// The worker, until nothing is on its way.
async fn carried_out(cloud: &Arc<Cloud>) {
    for _ in 0..8 {
        cloud.advance(61).await;
        assert_eq!(cloud.worker().await["failures"], 0);
    }
}

#[tokio::test]
async fn access_ends_though_resources_are_on_their_way_to_the_leaver() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let carla = admin.welcome("carla@example.com", "member").await;
    admin.register(ben.id(), "automation", 0..100).await;
    for number in 0..10 {
        board(&admin, &format!("b{number}"), &ben, &[]).await;
    }
    let to_carla = json!({ "strategy": "reassign", "to": carla.id() });
    admin.leave(ben.id(), to_carla).await.expect(200);
    let left = admin.deactivate(carla.id()).await.expect(200);
    assert_eq!(left["status"], "deactivated");
    carla.get("/v1/me").await.refused(401, "unauthenticated");
    let closed = async || {
        assert_eq!(admin.resource("automation/automation-0007").await, (json!(carla.id()), "disabled".to_owned()));
        assert_eq!(admin.resource("board/b3").await, (json!(carla.id()), "inaccessible".to_owned()));
        let counts = [count(&admin, "state=disabled").await, count(&admin, "state=inaccessible").await];
        assert_eq!((counts, count(&admin, "state=active").await), ([100, 10], 0));
        assert_eq!(count(&admin, &format!("owner={}", carla.id())).await, 110);
    };
    closed().await;
    cloud.advance(1).await;
    cloud.worker().await;
    closed().await;
    // Back before everything has come: boards open, what acts for her stays stopped.
    admin.reactivate(carla.id()).await.expect(200);
    let open = async || {
        assert_eq!(count(&admin, "state=active").await, 10);
        assert_eq!(count(&admin, &format!("state=disabled&owner={}", carla.id())).await, 100);
    };
    open().await;
    carried_out(&cloud).await;
    open().await;
    assert_eq!((in_motion(&admin, &ben).await, in_motion(&admin, &carla).await), (Value::Null, Value::Null));
    let impact = admin.get(&format!("/v1/users/{}/impact", carla.id())).await.expect(200);
    assert_eq!((impact["resources"]["board"]["count"].clone(), count(&admin, "").await), (json!(10), 110));
}

#[tokio::test]
async fn access_ends_though_resources_are_on_their_way_from_the_leaver() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let carla = admin.welcome("carla@example.com", "member").await;
    admin.register(ben.id(), "lead", 0..100).await;
    let all = json!({ "from": ben.id(), "to": carla.id() });
    admin.post("/v1/resources/transfer", all.clone()).await.expect(200);
    assert_eq!(admin.post("/v1/resources/transfer", all.clone()).await.expect(200)["transferred"], 0);
    admin.register(ben.id(), "lead", 130..134).await;
    assert_eq!(admin.post("/v1/resources/transfer", all).await.expect(200)["transferred"], 4);
    admin.register(ben.id(), "lead", 140..145).await;
    admin.leave(ben.id(), json!({ "strategy": "unassign" })).await.expect(200);
    // She goes too, at once, in a batch, and what she was given goes with the plan that keeps it.
    let body = json!({ "user_ids": [carla.id()], "set": { "status": "deactivated" } });
    let results = admin.post("/v1/users/batch", body).await.expect(200);
    assert_eq!(results["results"][0]["outcome"], "changed");
    admin.reactivate(ben.id()).await.expect(200);
    let right = async || {
        assert_eq!(count(&admin, "state=unassigned").await, 5);
        assert_eq!(count(&admin, &format!("owner={}", ben.id())).await, 0);
        assert_eq!(count(&admin, &format!("owner={}", carla.id())).await, 104);
        assert_eq!(count(&admin, "").await, 109);
    };
    right().await;
    carried_out(&cloud).await;
    right().await;
    // To each other and back: nobody waits for himself.
    admin.reactivate(carla.id()).await.expect(200);
    admin.leave(carla.id(), json!({ "strategy": "reassign", "to": ben.id() })).await.expect(200);
    admin.reactivate(carla.id()).await.expect(200);
    admin.leave(ben.id(), json!({ "strategy": "reassign", "to": carla.id() })).await.expect(200);
    admin.deactivate(carla.id()).await.expect(200);
    assert_eq!(count(&admin, &format!("owner={}", carla.id())).await, 104);
    carried_out(&cloud).await;
    assert_eq!(count(&admin, &format!("owner={}", carla.id())).await, 104);
    assert_eq!((in_motion(&admin, &ben).await, in_motion(&admin, &carla).await), (Value::Null, Value::Null));
}

#[tokio::test]
async fn w4_a_board_is_open_while_any_of_its_owners_is_active() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let carla = admin.welcome("carla@example.com", "member").await;
    for number in 0..5 {
        board(&admin, &format!("b{number}"), &ben, &[carla.id()]).await;
    }
    let is = async |state: &str| {
        for round in 0..2 {
            assert_eq!(admin.resource("board/b2").await, (json!(ben.id()), state.to_owned()), "{round}");
            for other in ["active", "inaccessible"] {
                let expected = if other == state { 5 } else { 0 };
                assert_eq!(count(&admin, &format!("state={other}")).await, expected, "{round} {other}");
                assert_eq!(count(&admin, &format!("owner={}&state={other}", ben.id())).await, expected);
            }
            cloud.advance(61).await;
            cloud.worker().await;
        }
    };
    is("active").await;
    for (first, second) in [(&carla, &ben), (&ben, &carla)] {
        for back in [first, second] {
            admin.deactivate(first.id()).await.expect(200);
            is("active").await;
            admin.deactivate(second.id()).await.expect(200);
            is("inaccessible").await;
            admin.reactivate(back.id()).await.expect(200);
            is("active").await;
            let other = if back.id() == first.id() { second } else { first };
            admin.reactivate(other.id()).await.expect(200);
            is("active").await;
        }
    }
}

#[tokio::test]
async fn a_list_reads_no_more_when_many_leave_at_once() {
    let cloud = Cloud::start().await;
    let Some(engine) = cloud.local.embedded() else { return };
    let admin = cloud.sign_up("unlimited", 1).await;
    let mut users = Vec::new();
    for number in 0..12 {
        let user = admin.welcome(&format!("u{number}@example.com"), "member").await;
        let body = json!({ "name": "Robot", "owner_id": user.id() });
        admin.put(&format!("/v1/resources/automation/a{number:02}"), body).await.expect(200);
        users.push(user.id().to_owned());
    }
    let body = json!({ "user_ids": users, "set": { "status": "deactivated" } });
    admin.post("/v1/users/batch", body).await.expect(200);
    let queries = Arc::new(AtomicUsize::new(0));
    let counted = queries.clone();
    engine.inject(Some(Arc::new(move |operation, _| {
        counted.fetch_add(usize::from(operation == "Query"), Ordering::SeqCst);
        None
    })));
    for (query, most, expected) in [
        ("state=disabled", 6, 12),
        // Nothing of all this leads there.
        ("state=unassigned", 2, 0),
        ("state=inaccessible&kind=lead", 3, 0),
    ] {
        queries.store(0, Ordering::SeqCst);
        assert_eq!(count(&admin, query).await, expected, "{query}");
        assert!(queries.load(Ordering::SeqCst) <= most, "{query}: {}", queries.load(Ordering::SeqCst));
    }
    engine.inject(None);
}

/// Lists while the worker moves what is on its way, at the moment when a partition is read for the first time.
async fn listed_while_moved(cloud: &Arc<Cloud>, client: &Client, query: String, partition: String) -> Vec<String> {
    let Some(engine) = cloud.local.embedded() else { return Vec::new() };
    let (held, mut reached) = tokio::sync::mpsc::unbounded_channel();
    let (moved, wait) = mpsc::channel::<()>();
    let (wait, first) = (Mutex::new(wait), AtomicBool::new(true));
    engine.inject(Some(Arc::new(move |operation, body| {
        let hit = operation == "Query" && String::from_utf8_lossy(body).contains(&partition);
        if hit && first.swap(false, Ordering::SeqCst) {
            let _ = held.send(());
            let _ = wait.lock().unwrap().recv();
        }
        None
    })));
    let client = client.clone();
    let listing = tokio::spawn(async move { client.resources(&query).await });
    tokio::time::timeout(PATIENCE, reached.recv()).await.expect("the partition is read");
    assert_eq!(cloud.worker().await["failures"], 0);
    moved.send(()).unwrap();
    let listed = listing.await.unwrap();
    engine.inject(None);
    listed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_misses_nothing_that_is_moved_between_its_reads() {
    let cloud = Cloud::start().await;
    if cloud.local.embedded().is_none() {
        return;
    }
    let admin = cloud.sign_up("unlimited", 1).await;
    for case in 0..4 {
        let ben = admin.welcome(&format!("ben{case}@example.com"), "member").await;
        let carla = admin.welcome(&format!("carla{case}@example.com"), "member").await;
        admin.register(ben.id(), "lead", case * 10..case * 10 + 10).await;
        admin.leave(ben.id(), json!({ "strategy": "reassign", "to": carla.id() })).await.expect(200);
        cloud.advance(1).await;
        let (query, held) = match case {
            0 => (format!("owner={}", carla.id()), format!("#O#{}#active", ben.id())),
            1 => (format!("owner={}", carla.id()), format!("#O#{}#active", carla.id())),
            2 => (format!("owner={}", ben.id()), format!("#O#{}#active", ben.id())),
            _ => (format!("owner={}", ben.id()), format!("#O#{}#inaccessible", ben.id())),
        };
        let expected = if case < 2 { 10 } else { 0 };
        assert_eq!(listed_while_moved(&cloud, &admin, query, held).await.len(), expected, "{case}");
    }
    // From state to state.
    let dora = admin.welcome("dora@example.com", "member").await;
    admin.register(dora.id(), "automation", 0..10).await;
    for (number, partition) in ["#R#active", "#R#disabled"].into_iter().enumerate() {
        admin.deactivate(dora.id()).await.expect(200);
        cloud.advance(1).await;
        let listed = listed_while_moved(&cloud, &admin, "kind=automation".to_owned(), partition.to_owned()).await;
        assert_eq!(listed.len(), 10, "{partition}");
        carried_out(&cloud).await;
        admin.reactivate(dora.id()).await.expect(200);
        carried_out(&cloud).await;
        if number == 0 {
            let named: Vec<Value> = (0..10)
                .map(|number| json!({ "kind": "automation", "id": format!("automation-{number:04}") }))
                .collect();
            let body = json!({ "resources": named, "to": dora.id() });
            admin.post("/v1/resources/transfer", body).await.expect(200);
        }
    }
}
