use super::*;

fn full() -> (TrustStore, OfficerSet, Person) {
    let [old, new] = people(["old", "new"]);
    let (first_set, set) = (set(1, &[&old]), set(1, &[&new]));
    let mut store = store(&first_set, &[&old]);
    // Accepted from officers who have left since.
    store
        .accept(&policy(4, &first_set, &[&old]), now(), &AwsLc)
        .unwrap();
    store
        .accept(&rotation(2, &first_set, &set, &[&old, &new]), now(), &AwsLc)
        .unwrap();
    store
        .accept(&anchors(5, &set, &[&new]), now(), &AwsLc)
        .unwrap();
    store
        .accept(&emergency(6, &set, &[&new]), now(), &AwsLc)
        .unwrap();
    (store, set, new)
}

fn json(store: &TrustStore) -> String {
    serde_json::to_string(&store.to_state(&AwsLc).unwrap()).unwrap()
}

fn read(json: &str) -> Result<TrustStore, TrustError> {
    let state: TrustState =
        serde_json::from_str(json).map_err(|_| TrustError::State("it is not JSON"))?;
    TrustStore::from_state(&state, &AwsLc)
}

#[test]
fn store_is_the_same_after_a_restart() {
    let (store, set, officer) = full();
    let mut again = read(&json(&store)).unwrap();
    assert_eq!(json(&again), json(&store));
    for kind in Kind::ALL {
        assert_eq!(again.number(kind), store.number(kind));
    }
    assert_eq!(
        again.policy().unwrap().content().name(),
        "overlap-2027-2031"
    );
    assert_eq!(
        again.anchors().unwrap().content().trusted_at(now()).len(),
        2
    );
    assert_eq!(again.emergency().unwrap().content().id(), "quake-1");
    let older = emergency(5, &set, &[&officer]);
    assert_eq!(code(again.accept(&older, now(), &AwsLc)), "trust.rollback");
    let newer = emergency(7, &set, &[&officer]);
    assert_eq!(code(again.accept(&newer, now(), &AwsLc)), "accepted");
}

#[test]
fn first_contact_is_kept_too() {
    let [a] = people(["a"]);
    let set = set(1, &[&a]);
    let store = TrustStore::first_contact(set.fingerprint());
    let mut again = read(&json(&store)).unwrap();
    assert_eq!(again.pin(), set.fingerprint());
    assert_eq!(
        code(again.accept(&first(&set, &[&a]), now(), &AwsLc)),
        "accepted"
    );
}

#[test]
fn damaged_state_is_refused() {
    let (store, ..) = full();
    let good = json(&store);
    // Every letter, in steps that end in a minute.
    for index in (0..good.len()).step_by(37) {
        let mut bytes = good.clone().into_bytes();
        bytes[index] ^= 1;
        let damaged = String::from_utf8(bytes).unwrap();
        assert_eq!(
            read(&damaged).unwrap_err().code(),
            "trust.state",
            "letter {index}"
        );
    }
    assert_eq!(
        read(&good[..good.len() / 2]).unwrap_err().code(),
        "trust.state"
    );
    let mut state = serde_json::to_value(store.to_state(&AwsLc).unwrap()).unwrap();
    let policy = state["policy"].take();
    assert_eq!(read(&state.to_string()).unwrap_err().code(), "trust.state");
    state["policy"] = policy;
    assert!(read(&state.to_string()).is_ok());
    state["schema"] = 2.into();
    assert_eq!(read(&state.to_string()).unwrap_err().code(), "trust.state");
}

#[test]
fn refused_document_leaves_the_store_as_it_was() {
    let (mut store, set, officer) = full();
    let before = json(&store);
    for refused in [
        emergency(6, &set, &[]),
        emergency(5, &set, &[&officer]),
        policy(3, &set, &[&officer]),
        first(&set, &[&officer]),
    ] {
        assert!(store.accept(&refused, now(), &AwsLc).is_err());
        assert_eq!(json(&store), before);
    }
}
