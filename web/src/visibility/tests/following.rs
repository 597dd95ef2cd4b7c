//! Edges that nobody can ask.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kasane_hsm::pool::ManualMonotonicClock;
use kasane_verify::UnixTime;
use parking_lot::Mutex;
use tokio::sync::mpsc::unbounded_channel;

use crate::visibility::following::Following;
use crate::visibility::known::Known;
use crate::visibility::waiting::Waiting;
use crate::visibility::{Edge, Observation, Roster, RosterSource, Seen, Signer};

const HEARD: UnixTime = UnixTime::from_seconds(1_800_000_000);

/// Says one thing after another; then time is over.
struct Script {
    says: Mutex<VecDeque<Result<Vec<Edge>, String>>>,
    clock: Arc<ManualMonotonicClock>,
}

impl RosterSource for Script {
    fn roster(&self) -> Result<Roster, String> {
        Err("nobody asks".into())
    }

    fn edges(&self) -> Result<Vec<Edge>, String> {
        let mut says = self.says.lock();
        let now = says.pop_front().unwrap();
        if says.is_empty() {
            self.clock.advance(Duration::from_secs(3_600));
        }
        now
    }
}

fn edge(name: &str, entries: Option<u64>) -> Edge {
    Edge {
        name: name.into(),
        url: String::new(),
        heard: entries.map(|_| HEARD),
        entries,
    }
}

fn signer(responder: &str) -> Signer {
    Signer {
        issuer: "issuing-ecc-terminal".into(),
        responder: Some(responder.into()),
        serial: "0a".into(),
        spki_sha256: "00".into(),
        revoked: None,
    }
}

/// What is seen of these edges when the authority says this, until ten entries are there.
fn seen(edges: &[&str], says: Vec<Result<Vec<Edge>, String>>) -> Vec<(String, Seen)> {
    let clock = Arc::new(ManualMonotonicClock::new());
    let roster = Roster {
        endpoints: Vec::new(),
        edges: edges.iter().map(|name| edge(name, None)).collect(),
        signers: edges
            .iter()
            .filter(|name| **name != "bare")
            .map(|name| signer(name))
            .collect(),
    };
    let source = Arc::new(Script {
        says: Mutex::new(says.into()),
        clock: clock.clone(),
    });
    let given_up = Arc::new(AtomicBool::new(false));
    let waiting = Waiting {
        clock,
        since: Duration::ZERO,
        end: Duration::from_secs(3_000),
        given_up: Arc::clone(&given_up),
    };
    let known = Arc::new(Known::new(source, roster.clone()));
    let (done, mut told) = unbounded_channel();
    let following = Following::new(&roster, 10, waiting, known);
    assert!(!following.is_empty());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(following.wait(done));
    let mut seen = Vec::new();
    while let Ok(Observation {
        endpoint,
        seen: it,
        after_milliseconds,
        ..
    }) = told.try_recv()
    {
        assert_eq!(after_milliseconds.is_some(), it.tells(), "{it:?}");
        seen.push((endpoint, it));
    }
    assert!(!given_up.load(Ordering::Acquire));
    seen
}

#[test]
fn edge_tells_when_it_asks_for_what_follows_the_entry() {
    let says = vec![
        Ok(vec![edge("a", Some(9)), edge("b", None)]),
        Ok(vec![edge("a", Some(10)), edge("b", None)]),
        Ok(vec![edge("a", Some(4)), edge("b", Some(12))]),
    ];
    let expected = [
        ("a".to_owned(), Seen::Followed { entries: 10 }),
        ("b".to_owned(), Seen::Followed { entries: 12 }),
    ];
    assert_eq!(seen(&["a", "b"], says), expected);
}

#[test]
fn edge_that_is_behind_unheard_or_not_known_is_no_success() {
    let last = |edge| vec![Ok(vec![edge])];
    let behind = Seen::Behind {
        entries: 9,
        heard: HEARD,
    };
    assert_eq!(
        seen(&["a"], last(edge("a", Some(9)))),
        [("a".to_owned(), behind)]
    );
    assert_eq!(
        seen(&["a"], last(edge("a", None))),
        [("a".to_owned(), Seen::NotHeard)]
    );
    let reason = "no service runs".to_owned();
    let not_known = Seen::NotKnown {
        reason: reason.clone(),
    };
    assert_eq!(
        seen(&["a"], vec![Err(reason)]),
        [("a".to_owned(), not_known.clone())]
    );
    for it in [not_known, Seen::NotHeard] {
        assert!(it.is_missing());
    }
}

#[test]
fn edge_without_a_signer_is_listed_and_not_waited_for() {
    let says = || vec![Ok(vec![edge("bare", None)])];
    let none = [("bare".to_owned(), Seen::NoSigner)];
    assert_eq!(seen(&["bare"], says()), none);
    assert!(!none[0].1.is_missing());
    // Nor one that was removed meanwhile.
    let removed = [("a".to_owned(), Seen::Removed)];
    assert_eq!(seen(&["a"], says()), removed);
    assert!(!removed[0].1.is_missing());
}
