use super::*;

#[test]
fn rotation_needs_the_old_quorum_and_the_new_one() {
    let [a, b, c, d, e] = people(["a", "b", "c", "d", "e"]);
    let old = set(2, &[&a, &b, &c]);
    let new = set(2, &[&c, &d, &e]);
    let known = store(&old, &[&a, &b]);
    let offer = |signers: &[&Person]| {
        code(
            known
                .clone()
                .accept(&rotation(2, &old, &new, signers), now(), &AwsLc),
        )
    };
    assert_eq!(offer(&[&a, &b]), "trust.threshold", "the old quorum alone");
    assert_eq!(offer(&[&d, &e]), "trust.threshold", "the new quorum alone");
    assert_eq!(
        offer(&[&a, &b, &d]),
        "trust.threshold",
        "one short of the new quorum"
    );
    assert_eq!(
        offer(&[&a, &d, &e]),
        "trust.threshold",
        "one short of the old quorum"
    );
    assert_eq!(offer(&[&a, &b, &d, &e]), "accepted");
    assert_eq!(
        offer(&[&a, &c, &d]),
        "accepted",
        "who is in both counts in both"
    );
}

#[test]
fn after_a_rotation_the_new_officers_decide_and_what_was_accepted_stays() {
    let [a, b] = people(["a", "b"]);
    let (old, new) = (set(1, &[&a]), set(1, &[&b]));
    let mut store = store(&old, &[&a]);
    store
        .accept(&policy(7, &old, &[&a]), now(), &AwsLc)
        .unwrap();
    store
        .accept(&rotation(2, &old, &new, &[&a, &b]), now(), &AwsLc)
        .unwrap();
    assert_eq!(store.pin(), new.fingerprint());
    assert_eq!(store.number(Kind::Policy), Some(7));
    let by_old = policy(8, &old, &[&a]);
    assert_eq!(
        code(store.accept(&by_old, now(), &AwsLc)),
        "trust.unknown_officer_set"
    );
    let older = policy(6, &new, &[&b]);
    assert_eq!(code(store.accept(&older, now(), &AwsLc)), "trust.rollback");
    assert_eq!(
        code(store.accept(&policy(8, &new, &[&b]), now(), &AwsLc)),
        "accepted"
    );
}

#[test]
fn rotation_cannot_be_skipped_undone_or_replayed() {
    let [a, b, c] = people(["a", "b", "c"]);
    let (first_set, second, third) = (set(1, &[&a]), set(1, &[&b]), set(1, &[&c]));
    let to_second = rotation(2, &first_set, &second, &[&a, &b]);
    let to_third = rotation(3, &second, &third, &[&b, &c]);
    let mut store = store(&first_set, &[&a]);
    assert_eq!(
        code(store.accept(&to_third, now(), &AwsLc)),
        "trust.unknown_officer_set"
    );
    let leap = rotation(3, &first_set, &third, &[&a, &c]);
    assert_eq!(
        store.accept(&leap, now(), &AwsLc).unwrap_err(),
        TrustError::SkippedRotation {
            expected: 2,
            found: 3
        }
    );
    store.accept(&to_second, now(), &AwsLc).unwrap();
    let again = store.accept(&to_second, now(), &AwsLc).unwrap();
    assert_eq!(again.change, Change::AlreadyHeld);
    // The first officers want to come back without the second's word, or by an old document.
    let back = first(&first_set, &[&a]);
    assert_eq!(
        code(store.accept(&back, now(), &AwsLc)),
        "trust.unknown_officer_set"
    );
    let back = rotation(2, &second, &first_set, &[&a, &b]);
    assert_eq!(
        code(store.accept(&back, now(), &AwsLc)),
        "trust.equivocation"
    );
    let back = rotation(1, &second, &first_set, &[&a, &b]);
    assert_eq!(code(store.accept(&back, now(), &AwsLc)), "trust.rollback");
    store.accept(&to_third, now(), &AwsLc).unwrap();
    assert_eq!(store.pin(), third.fingerprint());
    assert_eq!(
        code(store.accept(&to_second, now(), &AwsLc)),
        "trust.unknown_officer_set"
    );
}

#[test]
fn set_cannot_be_installed_from_outside_by_its_own_officers() {
    let [a, b] = people(["a", "b"]);
    let (ours, theirs) = (set(1, &[&a]), set(1, &[&b]));
    let mut store = store(&ours, &[&a]);
    // Signed by a set that we do not know, in favour of ours.
    let gift = rotation(2, &theirs, &ours, &[&a, &b]);
    assert_eq!(
        code(store.accept(&gift, now(), &AwsLc)),
        "trust.unknown_officer_set"
    );
    // The header says that we sign, the content that they do.
    let content = Succession::first(theirs.clone()).to_der().unwrap();
    let refused = TrustDocument::prepare(header(Kind::Officers, 2, &ours), content, &AwsLc);
    assert_eq!(refused.unwrap_err().code(), "trust.unknown_officer_set");
}

#[test]
fn chain_of_rotations_is_applied_in_order_and_only_its_end_must_be_current() {
    let [a, b, c] = people(["a", "b", "c"]);
    let (one, two, three) = (set(1, &[&a]), set(1, &[&b]), set(1, &[&c]));
    let short_lived = |number, previous: &OfficerSet, set: &OfficerSet, signers: &[&Person]| {
        let mut header = header(Kind::Officers, number, previous);
        header.expires_at = header.issued_at.plus_seconds(1);
        let content = Succession::rotation(previous.clone(), set.clone()).unwrap();
        sign(prepare(header, content.to_der().unwrap()), signers)
    };
    let to_two = short_lived(2, &one, &two, &[&a, &b]);
    let to_three = rotation(3, &two, &three, &[&b, &c]);
    let known = store(&one, &[&a]);
    let chain = [to_two.clone(), to_three.clone()];

    let mut store = known.clone();
    assert_eq!(code(store.accept(&to_two, now(), &AwsLc)), "trust.expired");
    store
        .accept_rotations(&chain, now(), &AwsLc)
        .unwrap()
        .unwrap();
    assert_eq!(store.pin(), three.fingerprint());

    let mut store = known.clone();
    let refused = |store: &mut TrustStore, chain: &[TrustDocument], at| {
        store
            .accept_rotations(chain, at, &AwsLc)
            .unwrap_err()
            .code()
    };
    assert_eq!(refused(&mut store, &chain[..1], now()), "trust.expired");
    assert_eq!(
        refused(&mut store, &chain[1..], now()),
        "trust.unknown_officer_set"
    );
    let turned = [to_three.clone(), to_two.clone()];
    assert_eq!(
        refused(&mut store, &turned, now()),
        "trust.unknown_officer_set"
    );
    assert_eq!(
        refused(&mut store, &chain, now().plus_days(61)),
        "trust.expired"
    );
    let mixed = [to_two, policy(1, &two, &[&b]), to_three];
    assert_eq!(refused(&mut store, &mixed, now()), "trust.other_kind");
    assert_eq!(store.pin(), one.fingerprint(), "all or nothing");
    assert!(
        store
            .accept_rotations(&[], now(), &AwsLc)
            .unwrap()
            .is_none()
    );

    // A letter with the first fingerprint is enough, years later.
    let mut newcomer = TrustStore::first_contact(one.fingerprint());
    let whole = [first(&one, &[&a]), chain[0].clone(), chain[1].clone()];
    newcomer.accept_rotations(&whole, now(), &AwsLc).unwrap();
    assert_eq!(newcomer.pin(), three.fingerprint());
    // Whoever publishes the whole chain may do so always.
    let again = newcomer
        .accept_rotations(&whole, now(), &AwsLc)
        .unwrap()
        .unwrap();
    assert_eq!(again.change, Change::AlreadyHeld);
    assert!(
        newcomer
            .accept_rotations(&whole[..2], now(), &AwsLc)
            .unwrap()
            .is_none()
    );
    assert_eq!(newcomer.pin(), three.fingerprint());
    // A letter with the newest one needs only the newest document.
    let mut newcomer = TrustStore::first_contact(three.fingerprint());
    newcomer.accept(&chain[1], now(), &AwsLc).unwrap();
    assert_eq!(newcomer.number(Kind::Officers), Some(3));
}

#[test]
fn newcomer_does_not_take_the_word_of_the_set_that_leaves() {
    let [a, b] = people(["a", "b"]);
    let (one, two) = (set(1, &[&a]), set(1, &[&b]));
    let mut newcomer = TrustStore::first_contact(one.fingerprint());
    // It pins the first set but never saw its document.
    let to_two = rotation(2, &one, &two, &[&a, &b]);
    assert_eq!(
        code(newcomer.accept(&to_two, now(), &AwsLc)),
        "trust.unknown_officer_set"
    );
}

#[test]
fn same_officers_may_renew_their_document() {
    let [a, b] = people(["a", "b"]);
    let set = set(2, &[&a, &b]);
    let mut store = store(&set, &[&a, &b]);
    let content = Succession::first(set.clone()).to_der().unwrap();
    let renewed = sign(prepare(header(Kind::Officers, 2, &set), content), &[&a, &b]);
    assert_eq!(code(store.accept(&renewed, now(), &AwsLc)), "accepted");
    assert_eq!(store.number(Kind::Officers), Some(2));
    assert_eq!(store.pin(), set.fingerprint());
}

#[test]
fn expired_officers_can_only_hand_over() {
    let [a, b] = people(["a", "b"]);
    let (one, two) = (set(1, &[&a]), set(1, &[&b]));
    let mut store = store(&one, &[&a]);
    let later = now().plus_days(61);
    let late = |kind, number, content: Vec<u8>, signers: &[&Person]| {
        let mut header = header(kind, number, &one);
        header.issued_at = later;
        header.expires_at = later.plus_days(30);
        sign(prepare(header, content), signers)
    };
    let policy = late(Kind::Policy, 1, OVERLAP_TIMELINE_TOML.into(), &[&a]);
    assert_eq!(
        code(store.accept(&policy, later, &AwsLc)),
        "trust.officer_set_expired"
    );
    let content = Succession::rotation(one.clone(), two.clone())
        .unwrap()
        .to_der()
        .unwrap();
    let handover = late(Kind::Officers, 2, content, &[&a, &b]);
    assert_eq!(code(store.accept(&handover, later, &AwsLc)), "accepted");
}

#[test]
fn sets_of_two_networks_do_not_follow_each_other() {
    let [a, b] = people(["a", "b"]);
    let theirs = set_of("other.example", 1, &[&b]).unwrap();
    let refused = Succession::rotation(set(1, &[&a]), theirs).unwrap_err();
    assert_eq!(refused.code(), "trust.other_domain");
}

#[test]
fn expired_rotation_is_not_let_in_by_an_older_document_behind_it() {
    let [a, b] = people(["a", "b"]);
    let (old, new) = (set(1, &[&a]), set(1, &[&b]));
    let mut store = store(&old, &[&a]);
    let ended = Header {
        issued_at: now().plus_days(-90),
        expires_at: now().plus_days(-1),
        ..header(Kind::Officers, 2, &old)
    };
    let content = Succession::rotation(old.clone(), new).unwrap();
    let ended = sign(prepare(ended, content.to_der().unwrap()), &[&a, &b]);
    let older = first(&old, &[&a]);
    let refused = store.accept_rotations(&[ended, older], now(), &AwsLc);
    assert_eq!(refused.map(|_| ()).unwrap_err().code(), "trust.expired");
    assert_eq!(store.number(Kind::Officers), Some(1));
    assert_eq!(store.pin(), old.fingerprint());
}
