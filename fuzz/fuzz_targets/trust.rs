//! Trust documents, in DER or PEM: read, written again, and offered to a store that pins the officers
//! which the input itself names, so that signatures are reached.
#![no_main]

use kasane_verify::UnixTime;
use kasane_verify::crypto::AwsLc;
use kasane_verify::trust::{Content, Fingerprint, TrustDocument, TrustStore};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(documents) = TrustDocument::read(data) else { return };
    let mut pin = Fingerprint::from_bytes([0; 32]);
    let mut now = UnixTime::from_seconds(0);
    for document in &documents {
        let der = document.to_der().expect("what was read can be written");
        assert_eq!(TrustDocument::from_der(&der).as_ref(), Ok(document));
        now = now.max(document.header().issued_at);
        match document.content(&AwsLc) {
            Ok(Content::Officers(it)) => {
                assert_eq!(it.to_der().as_deref(), Ok(document.content_bytes()));
                pin = it.set().fingerprint();
            }
            Ok(Content::Anchors(it)) => {
                assert_eq!(it.to_der().as_deref(), Ok(document.content_bytes()));
            }
            Ok(Content::Emergency(it)) => {
                assert_eq!(it.to_der().as_deref(), Ok(document.content_bytes()));
            }
            Ok(Content::Policy(_)) => {}
            Err(error) => drop(error.text()),
        }
    }
    let mut store = TrustStore::first_contact(pin);
    for document in &documents {
        let before = store.number(document.header().kind);
        if let Err(error) = store.accept(document, now, &AwsLc) {
            drop(error.text());
        }
        assert!(before <= store.number(document.header().kind));
    }
    let state = store.to_state(&AwsLc).expect("what was accepted can be written");
    let again = TrustStore::from_state(&state, &AwsLc).expect("and read");
    assert_eq!(again.pin(), store.pin());
    let _ = TrustStore::first_contact(pin).accept_rotations(&documents, now, &AwsLc);
});
