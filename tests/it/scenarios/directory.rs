//! The directory: found by filter and search, sorted, page by page.

use serde_json::{Value, json};

use crate::support::{Client, Cloud, PASSWORD};

/// The names of the users of a list, page by page.
async fn names(reader: &Client, path: &str, query: &str, limit: usize) -> Vec<String> {
    let rows = reader.rows(&format!("{path}?limit={limit}&{query}")).await;
    rows.iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect()
}

async fn found(admin: &Client, typed: &str) -> Vec<String> {
    let typed: String = form_urlencoded::byte_serialize(typed.as_bytes()).collect();
    names(admin, "/v1/users", &format!("q={typed}"), 50).await
}

async fn make(admin: &Client, name: &str, login: &str, user_type: &str) -> Value {
    let body = json!({ "name": name, "login": login, "email": format!("{login}@firm.example"), "type": user_type,
        "sign_in": "google" });
    admin.post("/v1/users", body).await.expect(201)
}

#[tokio::test]
async fn r5_any_word_of_name_login_or_address_is_found_by_its_beginning() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let anna = make(&admin, "Anna-Maria Müller", "am.mueller", "member").await;
    make(&admin, "Олена Коваленко", "olena", "member").await;
    make(&admin, "山田 太郎", "taro", "viewer").await;
    for (typed, expected) in [
        ("anna", &["Anna-Maria Müller"][..]),
        ("MULL", &["Anna-Maria Müller"]),
        ("müller mar", &["Anna-Maria Müller"]),
        ("am.mue", &["Anna-Maria Müller"]),
        ("am.mueller@firm.example", &["Anna-Maria Müller"]),
        ("firm.ex", &["Anna-Maria Müller", "Олена Коваленко", "山田 太郎"]),
        ("коваль", &[]),
        ("КОВА", &["Олена Коваленко"]),
        ("太", &["山田 太郎"]),
        ("uller", &[]),
        ("@", &[]),
        ("%", &[]),
    ] {
        assert_eq!(found(&admin, typed).await, expected, "{typed}");
    }
    // Whatever the name becomes, the old one finds nobody.
    let path = format!("/v1/users/{}", anna["id"].as_str().unwrap());
    admin.patch(&path, json!({ "name": "Annegret Schulz", "login": "as" })).await.expect(200);
    assert_eq!(found(&admin, "mull").await, Vec::<String>::new());
    assert_eq!(found(&admin, "schu").await, ["Annegret Schulz"]);
    assert_eq!(found(&admin, "am").await, ["Annegret Schulz"], "by the address still");
    // Invitations are found by address, until they are taken back.
    let invited = admin.invite("zoe@elsewhere.example", "member").await;
    assert_eq!(found(&admin, "elsew").await, ["zoe@elsewhere.example"]);
    admin.delete(&format!("/v1/invitations/{}", invited["id"].as_str().unwrap())).await.expect(204);
    assert_eq!(found(&admin, "elsew").await, Vec::<String>::new());
    // However long a name, the login and the address find its holder.
    let long: Vec<String> = (10..45).map(|number| format!("a{number}")).collect();
    admin.patch(&path, json!({ "name": long.join(" "), "login": "zacharias" })).await.expect(200);
    assert_eq!(found(&admin, "zachar").await.len(), 1);
    assert_eq!(found(&admin, "am.mueller").await.len(), 1);
    // Nothing asked is everything.
    assert_eq!(found(&admin, "  ").await.len(), 4);
    admin.get(&format!("/v1/users?q={}", "x".repeat(201))).await.refused(400, "invalid_request");
    // Another account's users are nobody's.
    let other = cloud.sign_up("unlimited", 1).await;
    assert_eq!(found(&other, "zachar").await, Vec::<String>::new());
}

/// Users of several types, states, names and ages: an admin, and what a list of them knows of each.
async fn crowd(cloud: &std::sync::Arc<Cloud>) -> (Client, Vec<Value>) {
    let admin = cloud.sign_up("unlimited", 1).await;
    let (first, last) = (["Anna", "Anton", "Berta"], ["Schmidt", "Antonow", "Öz"]);
    for number in 0..27 {
        let name = format!("{} {}", first[number % 3], last[number / 3 % 3]);
        let user_type = ["member", "viewer", "guest"][number / 9];
        make(&admin, &name, &format!("u{number}"), user_type).await;
        cloud.advance(7).await;
    }
    for number in 0..6 {
        let login = format!("seen{number}");
        let name = format!("{} Visitor", first[number % 3]);
        let body =
            json!({ "name": name, "login": login, "type": "member", "sign_in": "password", "password": PASSWORD });
        let user = admin.post("/v1/users", body).await.expect(201);
        cloud.sign_in(&login).await.get("/v1/me").await.expect(200);
        cloud.advance(86_400).await;
        if number % 3 == 1 {
            admin.deactivate(user["id"].as_str().unwrap()).await.expect(200);
        }
    }
    let admin = cloud.sign_in(admin.email()).await;
    // The first request of a session is what notes the admin as active.
    admin.get("/v1/me").await.expect(200);
    let everybody = admin.get("/v1/users?limit=200").await.expect(200)["items"].as_array().unwrap().clone();
    (admin, everybody)
}

/// What a list ought to answer, told from everybody.
fn expected(everybody: &[Value], status: &[&str], types: &[&str], begins: &str, sort: &str) -> Vec<String> {
    let text = |user: &Value, field: &str| user[field].as_str().unwrap_or_default().to_lowercase();
    let word = |user: &Value| text(user, "name").split(' ').any(|word| word.starts_with(begins));
    let chosen = |user: &&Value| {
        (status.is_empty() || status.contains(&user["status"].as_str().unwrap()))
            && (types.is_empty() || types.contains(&user["type"].as_str().unwrap()))
            && (begins.is_empty() || word(user))
    };
    let mut users: Vec<&Value> = everybody.iter().filter(chosen).collect();
    let rank = |user: &Value| ["active", "pending", "deactivated"].iter().position(|it| user["status"] == *it);
    let field = match sort.trim_start_matches('-') {
        "last_active" => "last_active_at",
        "created" => "created_at",
        _ => "name",
    };
    users.sort_by_key(|user| {
        (if sort.is_empty() { rank(user) } else { None }, text(user, field), user["id"].as_str().unwrap().to_owned())
    });
    if sort.starts_with('-') {
        users.reverse();
    }
    users.into_iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn w2_any_filter_goes_with_any_search_and_any_order() {
    let cloud = Cloud::start().await;
    let (admin, everybody) = crowd(&cloud).await;
    // Other engines are asked what only they can tell: whether they read these indexes as the embedded one does.
    let (beginnings, sorts): (&[&str], &[&str]) = if cloud.local.embedded().is_some() {
        let sorts = &["", "name", "-name", "last_active", "-last_active", "created", "-created"];
        (&["", "an", "anton", "visitor"], sorts)
    } else {
        (&["an"], &["", "-last_active"])
    };
    let statuses: [&[&str]; 4] = [&[], &["pending"], &["active", "deactivated"], &["deactivated"]];
    let types: [&[&str]; 3] = [&[], &["member"], &["viewer", "guest"]];
    for (status, types) in statuses.iter().flat_map(|status| types.iter().map(move |types| (status, types))) {
        for begins in beginnings {
            for sort in sorts {
                let mut query = form_urlencoded::Serializer::new(String::new());
                query.extend_pairs(status.iter().map(|it| ("status", it))).append_pair("q", begins);
                query.extend_pairs(types.iter().map(|it| ("type", it)));
                query.extend_pairs(Some(sort).filter(|sort| !sort.is_empty()).map(|it| ("sort", it)));
                let query = query.finish();
                let (mut ids, mut cursor) = (Vec::new(), String::new());
                loop {
                    let page = admin.get(&format!("/v1/users?limit=7&{query}{cursor}")).await.expect(200);
                    let items = page["items"].as_array().unwrap();
                    ids.extend(items.iter().map(|user| user["id"].as_str().unwrap().to_owned()));
                    let Some(next) = page["next_cursor"].as_str() else { break };
                    cursor = format!("&cursor={next}");
                }
                assert_eq!(ids, expected(&everybody, status, types, begins, sort), "{query}");
            }
        }
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_search_only() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    for number in 0..3 {
        make(&admin, &format!("Anna {number}"), &format!("anna{number}"), "viewer").await;
    }
    let page = admin.get("/v1/users?limit=1&q=anna").await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    admin.get(&format!("/v1/users?limit=2&q=anna&cursor={cursor}")).await.expect(200);
    for query in ["", "&q=ann", "&q=anna&status=pending", "&q=anna&sort=name"] {
        admin.get(&format!("/v1/users?limit=1{query}&cursor={cursor}")).await.refused(400, "invalid_cursor");
    }
}

#[tokio::test]
async fn a_search_that_finds_hundreds_has_the_order_of_the_list() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    for batch in 0..5 {
        let emails: Vec<String> = (0..50).map(|number| format!("u{}@crowd.example", batch * 50 + number)).collect();
        admin.post("/v1/invitations", json!({ "emails": emails, "type": "viewer" })).await.expect(201);
    }
    make(&admin, "Una Crowd", "una", "member").await;
    for sort in ["", "&sort=-name", "&sort=created", "&sort=last_active"] {
        let all = names(&admin, "/v1/users", &format!("type=viewer{sort}"), 200).await;
        let found = names(&admin, "/v1/users", &format!("type=viewer&q=crowd{sort}"), 60).await;
        assert_eq!(found, all, "{sort}");
        assert_eq!(found.len(), 250);
    }
    // Rare among many: the rarer beginning decides.
    assert_eq!(names(&admin, "/v1/users", "q=crowd%20una", 50).await, ["Una Crowd"]);
    assert_eq!(names(&admin, "/v1/users", "q=crowd&type=member", 50).await, ["Una Crowd"]);
    assert_eq!(names(&admin, "/v1/users", "q=crowd%20nobody", 50).await, Vec::<String>::new());
    // The batch takes the first two hundred of them.
    let body = json!({ "select": { "q": "crowd", "type": "viewer" }, "set": { "type": "guest" } });
    let results = admin.post("/v1/users/batch", body).await.expect(200)["results"].as_array().unwrap().clone();
    assert_eq!(results.len(), 200);
    assert!(results.iter().all(|row| row["outcome"] == "changed"));
    assert_eq!(names(&admin, "/v1/users", "type=guest&q=crowd", 200).await.len(), 200);
}

#[tokio::test]
async fn r6_only_active_users_can_be_picked() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let member = admin.welcome("mia@example.com", "member").await;
    let viewer = admin.welcome("vera@example.com", "viewer").await;
    let guest = admin.welcome("gus@example.com", "guest").await;
    let leaver = admin.welcome("leo@example.com", "member").await;
    admin.deactivate(leaver.id()).await.expect(200);
    admin.create("pending", None).await;
    admin.invite("invited@example.com", "member").await;
    let ids = async |reader: &Client, query: &str| {
        let page = reader.get(&format!("/v1/users/assignable?{query}")).await.expect(200);
        let items = page["items"].as_array().unwrap().clone();
        assert!(items.iter().all(|user| user["status"] == "active"), "{items:?}");
        let mut ids: Vec<String> = items.iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let sorted = |of: &[&Client]| {
        let mut ids: Vec<String> = of.iter().map(|one| one.id().to_owned()).collect();
        ids.sort();
        ids
    };
    for reader in [&admin, &member, &viewer] {
        assert_eq!(ids(reader, "").await, sorted(&[&admin, &member, &viewer, &guest]));
        assert_eq!(ids(reader, "q=mia").await, sorted(&[&member]));
        assert_eq!(ids(reader, "q=leo").await, Vec::<String>::new());
        assert_eq!(ids(reader, "q=invited").await, Vec::<String>::new());
    }
    // Guests see admins and members (B2), not their addresses (B3), and cannot find those out either.
    assert_eq!(ids(&guest, "").await, sorted(&[&admin, &member]));
    let shown = guest.get("/v1/users/assignable").await.expect(200);
    assert!(shown["items"].as_array().unwrap().iter().all(|user| user["email"].is_null()), "{shown}");
    assert_eq!(shown.to_string().matches("@example.com").count(), 0, "{shown}");
    assert_eq!(ids(&guest, "q=example").await, Vec::<String>::new());
    assert_eq!(ids(&member, "q=example").await.len(), 4);
}
