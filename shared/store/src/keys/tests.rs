#![allow(clippy::unwrap_used)]

use domain::id::Id;

use super::due::shard;
use super::*;

#[test]
fn names_sort_as_people_expect() {
    let place = |name| directory_place(name, Id::from_bits(1));
    assert!(place("anna") < place("anna b"));
    assert!(place("anna b") < place("annab"));
    assert!(place(&"ä".repeat(1_000)).len() < 1_024);
}

#[test]
fn who_was_never_seen_is_before_whoever_was() {
    let place = |at: Option<&str>, bits| activity_place(at.map(|at| at.parse().unwrap()), Id::from_bits(bits));
    let early = place(Some("0000-01-01T00:00:00Z"), 1);
    assert!(place(None, 1) < place(None, 2) && place(None, 2) < early);
    // Whole seconds have as many digits as any others.
    assert!(place(Some("2026-02-01T10:00:00Z"), 9) < place(Some("2026-02-01T10:00:00.001Z"), 1));
    assert!(place(Some("2026-02-01T10:00:00.999Z"), 9) < place(Some("2026-02-01T10:00:01Z"), 1));
}

#[test]
fn places_of_a_kind_are_found_and_gone_on_behind() {
    let inside = |(from, to): &(String, String), place: &str| (from.as_str()..=to.as_str()).contains(&place);
    let leads = resource_places(Some(Kind::Lead), None);
    for (place, expected) in [("lead#0", true), ("lead#~z", false), ("lead#zzz", true), ("integration#z", false)] {
        assert_eq!(inside(&leads, place), expected || place == "lead#~z", "{place}");
    }
    let behind = resource_places(None, Some("lead#a"));
    for (place, expected) in
        [("board#z", false), ("lead#a", false), ("lead#a+", true), ("lead#a0", true), ("order#1", true)]
    {
        assert_eq!(inside(&behind, place), expected, "{place}");
    }
}

#[test]
fn a_place_says_what_stands_there() {
    for kind in Kind::ALL {
        let id = ResourceId::parse("a:1").unwrap();
        assert_eq!(of_place(&format!("{}#a:1", kind.name())), Some((*kind, id)));
    }
    for place in ["", "board", "board#", "boards#1", "board#a#b"] {
        assert_eq!(of_place(place), None, "{place}");
    }
}

#[test]
fn a_moment_is_due_strictly_after_it() {
    let at: Instant = "2026-02-01T10:00:00Z".parse().unwrap();
    let (_, place) = due(DueKind::Mail, at, MailId::from_bits(5));
    assert!(place > due_before(at));
    assert!(place < due_before(at + chrono::TimeDelta::milliseconds(1)));
}

#[test]
fn ids_spread_over_all_shards() {
    let mut shards: Vec<_> = (0..100).map(|bits| shard(MailId::from_bits(bits))).collect();
    shards.sort_unstable();
    shards.dedup();
    assert_eq!(shards.len(), usize::from(DUE_SHARDS));
}
