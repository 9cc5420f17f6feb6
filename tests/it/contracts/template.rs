//! The template deploys what the catalogue lists, with the rights that each action needs and no others.

use std::collections::{BTreeMap, BTreeSet};

use edge::catalogue::CATALOGUE;
use store::keys::{self, INDEXES, Index};
use store::schema::attributes;
use yaml_serde::Value;

use super::measured::measure;

const WORKER: [&str; 11] = [
    "announce_invoices",
    "collect_payments",
    "deliver_mail",
    "erase_users",
    "expire_email_changes",
    "expire_invitations",
    "import_invitations",
    "move_resources",
    "remove_files",
    "renew_licenses",
    "sweep_mail",
];

fn template() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");
    yaml_serde::from_str(&std::fs::read_to_string(path).expect("the template")).expect("YAML")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The functions by their handler.
fn functions(template: &Value) -> BTreeMap<String, Value> {
    let resources = template["Resources"].as_mapping().expect("resources");
    let functions = resources.values().filter(|it| text(&it["Type"]) == "AWS::Serverless::Function");
    functions.map(|it| (text(&it["Properties"]["Handler"]).to_owned(), it.clone())).collect()
}

/// What a function may do with the table: operations, and for queries of an index its name.
fn rights(function: &Value) -> BTreeSet<String> {
    let mut rights = BTreeSet::new();
    for policy in function["Properties"]["Policies"].as_sequence().into_iter().flatten() {
        for statement in policy["Statement"].as_sequence().into_iter().flatten() {
            let actions = statement["Action"].as_sequence().into_iter().flatten();
            for operation in actions.filter_map(|action| text(action).strip_prefix("dynamodb:")) {
                for resource in statement["Resource"].as_sequence().into_iter().flatten() {
                    let resource = format!("{resource:?}");
                    let right = resource.split_once("/index/").map_or_else(
                        || operation.to_owned(),
                        |(_, index)| {
                            let index: String = index.chars().take_while(char::is_ascii_alphabetic).collect();
                            format!("{operation} {index}")
                        },
                    );
                    rights.insert(right);
                }
            }
        }
    }
    rights
}

#[test]
fn every_action_has_its_function_and_every_function_its_action() {
    let functions = functions(&template());
    for action in CATALOGUE {
        let function = functions.get(action.name).unwrap_or_else(|| panic!("{} has no function", action.name));
        let events = function["Properties"]["Events"].as_mapping().expect("events");
        assert_eq!(events.len(), 1, "{}", action.name);
        let event = &events.values().next().expect("an event")["Properties"];
        if action.path == "$default" {
            // SAM's name for the default route is an event without a path.
            assert_eq!((text(&event["Path"]), text(&event["Method"])), ("", ""), "{}", action.name);
        } else {
            assert_eq!(text(&event["Path"]), action.path, "{}", action.name);
            assert_eq!(text(&event["Method"]), action.method, "{}", action.name);
        }
        assert_eq!(text(&function["Metadata"]["BuildProperties"]["Binary"]), "functions", "{}", action.name);
    }
    for (handler, function) in &functions {
        if WORKER.contains(&handler.as_str()) {
            assert_eq!(text(&function["Metadata"]["BuildProperties"]["Binary"]), "worker", "{handler}");
        } else {
            assert!(CATALOGUE.iter().any(|action| action.name == handler), "{handler} is no action");
        }
    }
    for job in WORKER {
        assert!(functions.contains_key(job), "{job} has no function");
    }
}

#[test]
fn the_table_is_the_one_that_the_code_expects() {
    let template = template();
    let resources = template["Resources"].as_mapping().expect("resources");
    let tables: Vec<_> = resources.values().filter(|it| text(&it["Type"]) == "AWS::DynamoDB::Table").collect();
    let [table] = tables.as_slice() else { panic!("one table") };
    let properties = &table["Properties"];
    let keys_of = |schema: &Value| -> Vec<(String, String)> {
        let rows = schema.as_sequence().into_iter().flatten();
        rows.map(|row| (text(&row["AttributeName"]).to_owned(), text(&row["KeyType"]).to_owned())).collect()
    };
    let pair =
        |hash: &str, range: &str| vec![(hash.to_owned(), "HASH".to_owned()), (range.to_owned(), "RANGE".to_owned())];
    assert_eq!(keys_of(&properties["KeySchema"]), pair("pk", "sk"));
    let indexes = properties["GlobalSecondaryIndexes"].as_sequence().expect("indexes");
    assert_eq!(indexes.len(), INDEXES.len());
    for Index { name, partition, place, whole } in INDEXES {
        let index = indexes.iter().find(|index| text(&index["IndexName"]) == name).expect("the index");
        assert_eq!(keys_of(&index["KeySchema"]), pair(partition, place), "{name}");
        let projection = if whole { "ALL" } else { "KEYS_ONLY" };
        assert_eq!(text(&index["Projection"]["ProjectionType"]), projection, "{name}");
    }
    let defined = properties["AttributeDefinitions"].as_sequence().expect("attributes").iter();
    let defined: Vec<_> = defined.map(|row| (text(&row["AttributeName"]), text(&row["AttributeType"]))).collect();
    let used: BTreeSet<_> = attributes().into_iter().map(|name| (name, "S")).collect();
    assert_eq!((defined.len(), defined.into_iter().collect()), (used.len(), used));
    assert_eq!(text(&properties["TimeToLiveSpecification"]["AttributeName"]), "ttl");
    assert_eq!(text(&properties["StreamSpecification"]["StreamViewType"]), "KEYS_ONLY");
    assert_eq!(properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"].as_bool(), Some(true));
    assert_eq!(text(&table["DeletionPolicy"]), "Retain");
    let mapping = resources
        .values()
        .find(|it| text(&it["Type"]) == "AWS::Lambda::EventSourceMapping")
        .expect("the stream's mapping");
    let pattern = text(&mapping["Properties"]["FilterCriteria"]["Filters"][0]["Pattern"]);
    assert!(pattern.contains(&format!("\"prefix\":\"{}\"", keys::MAIL_PREFIX)), "{pattern}");
}

#[test]
fn only_functions_that_use_the_table_may_touch_it() {
    let functions = functions(&template());
    for entry in functions::registry::entries() {
        let rights = rights(&functions[entry.action.name]);
        assert_eq!(rights.is_empty(), !entry.uses_table, "{} {rights:?}", entry.action.name);
    }
}

#[test]
fn no_function_has_a_right_to_everything() {
    for (handler, function) in functions(&template()) {
        for right in rights(&function) {
            assert!(!right.contains('*') && !right.starts_with("Scan"), "{handler} may {right}");
        }
    }
}

#[test]
fn only_functions_that_keep_secrets_may_use_their_key() {
    for (handler, function) in functions(&template()) {
        let expected: &[&str] = match handler.as_str() {
            "totp_start" => &["kms:GenerateDataKey"],
            "sessions_create" | "totp_confirm" => &["kms:Decrypt"],
            _ => &[],
        };
        let mut found = Vec::new();
        for policy in function["Properties"]["Policies"].as_sequence().into_iter().flatten() {
            for statement in policy["Statement"].as_sequence().into_iter().flatten() {
                let resource = format!("{:?}", statement["Resource"]);
                for action in statement["Action"].as_sequence().into_iter().flatten().map(text) {
                    if action.starts_with("kms:") {
                        assert!(resource.contains("VaultKey") && !resource.contains('*'), "{handler}: {resource}");
                        found.push(action.to_owned());
                    }
                }
            }
        }
        assert_eq!(found, expected, "{handler}");
    }
}

/// Who may do what with which files. A picture is read by whoever knows its name, an upload by its owner's own requests.
#[test]
fn only_functions_that_deal_with_files_know_the_bucket() {
    for (handler, function) in functions(&template()) {
        let expected: &[&str] = match handler.as_str() {
            "avatars_upload" | "imports_upload" => &["PutObject uploads"],
            "imports_create" => &["GetObject uploads"],
            "avatars_get" => &["GetObject avatars"],
            "me_update" | "users_create" | "users_update" => &["GetObject uploads", "PutObject avatars"],
            "remove_files" => &["DeleteObject avatars", "DeleteObject uploads"],
            _ => &[],
        };
        let mut found = Vec::new();
        for policy in function["Properties"]["Policies"].as_sequence().into_iter().flatten() {
            for statement in policy["Statement"].as_sequence().into_iter().flatten() {
                let actions = statement["Action"].as_sequence().into_iter().flatten().map(text);
                for action in actions.filter_map(|action| action.strip_prefix("s3:")) {
                    for resource in statement["Resource"].as_sequence().into_iter().flatten() {
                        let resource = format!("{resource:?}");
                        let folder = resource.split_once("${Pictures.Arn}/").map(|(_, rest)| rest.split_once("/*"));
                        found.push(format!("{action} {}", folder.flatten().map_or("?", |(folder, _)| folder)));
                    }
                }
            }
        }
        found.sort();
        assert_eq!(found, expected, "{handler}");
        let bucket = &function["Properties"]["Environment"]["Variables"]["AVATAR_BUCKET"];
        assert_eq!(bucket.is_null(), expected.is_empty(), "{handler}");
    }
}

#[test]
fn the_bucket_is_private_and_forgets_what_is_not_used() {
    let template = template();
    let resources = template["Resources"].as_mapping().expect("resources");
    let buckets: Vec<_> = resources.values().filter(|it| text(&it["Type"]) == "AWS::S3::Bucket").collect();
    let [bucket] = buckets.as_slice() else { panic!("one bucket") };
    let properties = &bucket["Properties"];
    for block in ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"] {
        assert_eq!(properties["PublicAccessBlockConfiguration"][block].as_bool(), Some(true), "{block}");
    }
    // What is removed is gone: there are no older versions of it.
    assert!(properties["VersioningConfiguration"].is_null());
    let rules = properties["LifecycleConfiguration"]["Rules"].as_sequence().expect("rules");
    let uploads = rules.iter().find(|rule| text(&rule["Prefix"]) == "uploads/").expect("a rule for uploads");
    assert_eq!(uploads["ExpirationInDays"].as_i64(), Some(domain::avatar::UPLOAD_DAYS));
    // Nothing but uploads goes by itself.
    assert!(rules.iter().all(|rule| rule["ExpirationInDays"].is_null() || text(&rule["Prefix"]) == "uploads/"));
}

#[tokio::test]
async fn every_function_may_do_what_its_action_does() {
    let Some(costs) = measure().await else { return };
    let functions = functions(&template());
    for (name, cost) in costs {
        let rights = rights(&functions[name]);
        let missing: Vec<_> = cost.operations.difference(&rights).collect();
        assert!(missing.is_empty(), "{name} needs {missing:?} beyond {rights:?}");
    }
}

#[tokio::test]
async fn no_function_may_do_what_its_action_never_does() {
    let Some(costs) = measure().await else { return };
    // Paths that the measured run does not take: what is closed or noted on the way, the first use of a key, a failure that
    // is counted, a trust that is fresh, an identity that is given up.
    let also: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("accounts_create", ["ConditionCheckItem"].as_slice()),
        ("invitations_create", &["DeleteItem"]),
        ("sessions_create", &["UpdateItem"]),
        ("password_reset", &["UpdateItem", "ConditionCheckItem"]),
        ("email_verify", &["UpdateItem"]),
        ("invitations_lookup", &["UpdateItem"]),
        ("invitations_accept", &["UpdateItem", "ConditionCheckItem"]),
        ("users_delete", &["Query owned"]),
        ("users_reset_password", &["DeleteItem"]),
        ("users_set_password", &["DeleteItem"]),
        ("me_email_accept", &["DeleteItem"]),
        ("email_changes_confirm", &["UpdateItem"]),
        ("email_changes_revert", &["UpdateItem"]),
        ("sso_callback", &["UpdateItem"]),
    ]);
    for (name, function) in functions(&template()) {
        let Some(cost) = costs.get(name.as_str()) else { continue };
        for right in rights(&function) {
            // Whoever is signed in is noted as active by `UpdateItem`, a quarter of an hour later.
            let noted = right == "UpdateItem" && cost.operations.contains("GetItem");
            let known = also.get(name.as_str()).is_some_and(|also| also.contains(&right.as_str()));
            assert!(cost.operations.contains(&right) || noted || known, "{name} may {right} and never does");
        }
    }
}
