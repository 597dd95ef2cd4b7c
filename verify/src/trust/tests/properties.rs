//! Whatever is offered in whatever order, a store never goes back.

use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;

/// Documents of all kinds, numbers, signers and ages, made once: signatures are slow.
fn offers() -> &'static (TrustStore, Vec<TrustDocument>) {
    static MADE: OnceLock<(TrustStore, Vec<TrustDocument>)> = OnceLock::new();
    MADE.get_or_init(|| {
        let [a, b, c] = people(["a", "b", "c"]);
        let sets = [set(1, &[&a]), set(1, &[&b]), set(1, &[&c])];
        let signers = [&a, &b, &c];
        let mut documents = vec![first(&sets[0], &[&a])];
        for (index, (set, signer)) in sets.iter().zip(signers).enumerate() {
            for number in 1..5 {
                documents.push(emergency(number, set, &[signer]));
                documents.push(emergency(number, set, &[]));
                documents.push(anchors(number, set, &[signer]));
            }
            for (other, to) in sets
                .iter()
                .zip(signers)
                .filter(|(it, _)| it.fingerprint() != set.fingerprint())
            {
                let number = u64::try_from(index).unwrap() + 2;
                documents.push(rotation(number, set, other, &[signer, to]));
                documents.push(rotation(number + 1, set, other, &[signer, to]));
                documents.push(rotation(number, set, other, &[signer]));
            }
        }
        (TrustStore::first_contact(sets[0].fingerprint()), documents)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn accept_never_goes_back(
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..40),
        days in prop::collection::vec(-3_i64..63, 40),
    ) {
        let (fresh, documents) = offers();
        let mut store = fresh.clone();
        store.accept(&documents[0], now(), &AwsLc).unwrap();
        for (index, day) in order.iter().zip(days) {
            let document = index.get(documents);
            let before = store.clone();
            let accepted = store.accept(document, now().plus_days(day), &AwsLc);
            for kind in Kind::ALL {
                prop_assert!(before.number(kind) <= store.number(kind), "{kind}");
            }
            match accepted {
                Err(_) => prop_assert_eq!(
                    before.to_state(&AwsLc).unwrap(),
                    store.to_state(&AwsLc).unwrap()
                ),
                Ok(acceptance) => {
                    let header = acceptance.document.header();
                    prop_assert_eq!(header, document.header());
                    prop_assert_eq!(store.number(header.kind), Some(header.number));
                    let grew = before.number(header.kind) < store.number(header.kind);
                    prop_assert_eq!(grew, acceptance.change == Change::Replaced);
                    if before.pin() != store.pin() {
                        let was = before.number(Kind::Officers).unwrap();
                        prop_assert_eq!(store.number(Kind::Officers), Some(was + 1));
                    }
                }
            }
        }
    }
}
