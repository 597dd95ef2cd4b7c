//! Who may answer where, and who is waited for at the feed.

use kasane_verify::UnixTime;

use crate::visibility::roster::Whose;
use crate::visibility::{Edge, Endpoint, Roster, Signer};

fn endpoint(name: &str, url: &str) -> Endpoint {
    Endpoint {
        name: name.into(),
        url: url.into(),
        crls: false,
    }
}

fn edge(name: &str, url: &str) -> Edge {
    Edge {
        name: name.into(),
        url: url.into(),
        heard: None,
        entries: None,
    }
}

fn signer(responder: Option<&str>, key: &str) -> Signer {
    Signer {
        issuer: "issuing-ecc-terminal".into(),
        responder: responder.map(str::to_owned),
        serial: "0a".into(),
        spki_sha256: key.into(),
        revoked: None,
    }
}

fn own() -> Endpoint {
    Endpoint::own("127.0.0.1:8080".parse().unwrap())
}

fn followed(roster: &Roster) -> Vec<&str> {
    roster.followed().map(|edge| edge.name.as_str()).collect()
}

#[test]
fn edge_is_waited_for_at_the_feed_unless_an_address_is_its_alone() {
    let mut roster = Roster {
        endpoints: vec![
            own(),
            endpoint("edge-1", "http://a"),
            endpoint("lb", "http://b"),
        ],
        edges: vec![
            edge("edge-1", "http://a"),
            edge("edge-2", "http://b"),
            edge("edge-3", "http://b"),
            edge("edge-4", ""),
        ],
        signers: Vec::new(),
    };
    assert_eq!(followed(&roster), ["edge-2", "edge-3", "edge-4"]);
    // Named by the operator, elsewhere than it was enrolled: that address is its alone.
    roster.endpoints.push(endpoint("edge-4", "http://d"));
    assert_eq!(followed(&roster), ["edge-2", "edge-3"]);
    // A name that leads to another edge's address speaks for the name only.
    roster.endpoints[1] = endpoint("edge-4", "http://a");
    assert_eq!(
        roster.whose(&roster.endpoints[1]),
        Whose::Edges(vec!["edge-4".into()])
    );
    assert_eq!(followed(&roster), ["edge-1", "edge-2", "edge-3"]);
}

#[test]
fn signer_must_be_recorded_standing_and_of_whom_was_asked() {
    let mut roster = Roster {
        endpoints: vec![
            own(),
            endpoint("edge-1", "http://a"),
            endpoint("proxy", "http://p"),
        ],
        edges: vec![edge("edge-1", "http://a"), edge("edge-2", "")],
        signers: vec![
            signer(None, "own"),
            signer(Some("edge-1"), "one"),
            signer(Some("edge-2"), "two"),
            signer(Some("edge-gone"), "gone"),
        ],
    };
    let code = |roster: &Roster, at: usize, key: Option<&str>| {
        let whose = roster.whose(&roster.endpoints[at]);
        roster.check_signer(&whose, key).err().map(|it| it.code)
    };
    let other = Some("signer.of-another");
    for (key, expected) in [
        ("own", [None, other, None]),
        ("one", [other, None, None]),
        ("two", [other, other, None]),
        ("gone", [other, other, other]),
        ("none", [Some("signer.not-recorded"); 3]),
    ] {
        for (at, expected) in expected.into_iter().enumerate() {
            assert_eq!(code(&roster, at, Some(key)), expected, "{key} at {at}");
        }
    }
    assert_eq!(code(&roster, 2, None), Some("signer.issuer-itself"));
    roster.signers[1].revoked = Some(UnixTime::from_seconds(0));
    assert_eq!(code(&roster, 1, Some("one")), Some("signer.revoked"));
    // Certified once more after a crash: the other certificate stands.
    roster.signers.push(signer(Some("edge-1"), "one"));
    assert_eq!(code(&roster, 1, Some("one")), None);
}
