//! Whose answers count for a revocation that is waited for.

use std::sync::Arc;
use std::time::Duration;

use kasane_ca_core::Actor;
use kasane_ca_core::authority::RevocationOrder;
use kasane_hsm::pool::SystemMonotonicClock;
use kasane_verify::crypto::AwsLc;
use kasane_web::feed::Followers;
use kasane_web::visibility::{
    AuthorityRoster, Edge, Endpoint, Observation, Roster, RosterSource, Seen, Subject, Watch,
};

use crate::endpoints::{TERMINALS, issue, server};
use crate::server::Server;

/// What is seen of a certificate by somebody who knows `roster`, and can ask `source`.
fn look(server: &Server, serial: &[u8], roster: &Roster, source: Arc<dyn RosterSource>) -> Seen {
    let authority = &server.world.authority;
    let der = authority.certificate(TERMINALS, serial).unwrap().der;
    let issuer = authority.issuer(TERMINALS).unwrap().certificate_der.clone();
    let subject = Subject::new(&AwsLc, der.unwrap(), issuer).unwrap();
    let watch = Watch {
        roster,
        source,
        subjects: &[subject],
        entries: None,
        lists: None,
        monotonic: Arc::new(SystemMonotonicClock::new()),
        since: Duration::ZERO,
        timeout: Duration::ZERO,
        clock: server.world.clock.clone(),
        crypto: Arc::new(AwsLc),
        given_up: Arc::default(),
    };
    let seen = watch.run(&mut |_| {}).unwrap();
    let [Observation { seen, .. }] = &seen[..] else {
        panic!("{seen:?}");
    };
    seen.clone()
}

fn code(seen: &Seen) -> &str {
    match seen {
        Seen::WrongSigner { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn revocation_counts_as_seen_only_by_a_signer_that_the_ledger_has_for_that_responder() {
    let server = server();
    let authority = &server.world.authority;
    let serial = issue(&server);
    let source = Arc::new(AuthorityRoster {
        authority: Arc::clone(authority),
        followers: Followers::default(),
        endpoints: [Endpoint::own(server.address)].into(),
    });
    let order = RevocationOrder {
        issuer: TERMINALS,
        serial: &serial,
        reason: None,
        invalidity_date: None,
    };
    authority.revoke(&Actor::system(), &order).unwrap();
    let right = source.roster().unwrap();
    assert!(look(&server, &serial, &right, source.clone()).tells());

    let fixed = |roster: &Roster| look(&server, &serial, roster, Arc::new(roster.clone()));
    let mut unknown = right.clone();
    unknown.signers.clear();
    assert_eq!(code(&fixed(&unknown)), "signer.not-recorded");
    // A signer that was made a moment ago is asked for.
    assert!(look(&server, &serial, &unknown, source).tells());

    let mut stale = right.clone();
    for signer in &mut stale.signers {
        signer.revoked = Some(authority.now());
    }
    assert_eq!(code(&fixed(&stale)), "signer.revoked");

    let mut misled = right.clone();
    let url = misled.endpoints[0].url.clone();
    misled.endpoints[0].name = "edge-1".to_owned();
    misled.edges.push(Edge {
        name: "edge-1".to_owned(),
        url,
        heard: None,
        entries: None,
    });
    let seen = fixed(&misled);
    assert_eq!(code(&seen), "signer.of-another");
    let said = seen.describe();
    for part in ["the authority itself", "not edge-1", "it says: revoked"] {
        assert!(said.contains(part), "{said}");
    }
}
