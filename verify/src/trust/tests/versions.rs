use super::*;

#[test]
fn number_only_grows() {
    let [a] = people(["a"]);
    let set = set(1, &[&a]);
    let mut store = store(&set, &[&a]);
    let mut offer = |number| code(store.accept(&policy(number, &set, &[&a]), now(), &AwsLc));
    assert_eq!(offer(5), "accepted");
    assert_eq!(offer(4), "trust.rollback");
    assert_eq!(offer(9), "accepted");
    assert_eq!(offer(5), "trust.rollback");
    assert_eq!(offer(u64::MAX), "accepted");
    assert_eq!(offer(9), "trust.rollback");
    // Each kind counts for itself.
    assert_eq!(
        code(store.accept(&emergency(1, &set, &[&a]), now(), &AwsLc)),
        "accepted"
    );
    assert_eq!(store.number(Kind::Policy), Some(u64::MAX));
    assert_eq!(store.number(Kind::Emergency), Some(1));
    assert_eq!(store.number(Kind::Anchors), None);
}

#[test]
fn same_document_again_changes_nothing_and_another_of_its_number_is_refused() {
    let [a, b] = people(["a", "b"]);
    let set = set(1, &[&a, &b]);
    let mut store = store(&set, &[&a]);
    let document = policy(3, &set, &[&a]);
    let change = |result: Result<Acceptance, TrustError>| result.unwrap().change;
    assert_eq!(
        change(store.accept(&document, now(), &AwsLc)),
        Change::Replaced
    );
    assert_eq!(
        change(store.accept(&document, now(), &AwsLc)),
        Change::AlreadyHeld
    );
    // More signatures do not make another document.
    let more = sign(document.clone(), &[&b]);
    assert_eq!(
        change(store.accept(&more, now(), &AwsLc)),
        Change::AlreadyHeld
    );
    // A later expiry does.
    let mut longer = header(Kind::Policy, 3, &set);
    longer.expires_at = longer.expires_at.plus_seconds(1);
    let other = sign(prepare(longer, document.content_bytes().to_vec()), &[&a]);
    assert_eq!(
        code(store.accept(&other, now(), &AwsLc)),
        "trust.equivocation"
    );
    // Unsigned, it is no evidence against anybody.
    let mut content = document.content_bytes().to_vec();
    content.push(b'\n');
    let unsigned = prepare(header(Kind::Policy, 3, &set), content);
    assert_eq!(
        code(store.accept(&unsigned, now(), &AwsLc)),
        "trust.threshold"
    );
    assert_eq!(
        store.policy().unwrap().fingerprint(),
        document.fingerprint(&AwsLc)
    );
}

#[test]
fn document_is_accepted_until_its_last_second() {
    let [a] = people(["a"]);
    let set = set(1, &[&a]);
    let fresh = store(&set, &[&a]);
    let document = policy(1, &set, &[&a]);
    let end = document.header().expires_at;
    // The set's own end is the same; only the policy's is looked at here.
    let accept = |at: UnixTime| code(fresh.clone().accept(&document, at, &AwsLc));
    assert_eq!(accept(end.plus_seconds(-1)), "accepted");
    assert_eq!(accept(end), "accepted");
    assert_eq!(accept(end.plus_seconds(1)), "trust.officer_set_expired");
    let mut shorter = header(Kind::Policy, 1, &set);
    shorter.expires_at = now().plus_days(1);
    let document = sign(prepare(shorter, document.content_bytes().to_vec()), &[&a]);
    let end = document.header().expires_at;
    let accept = |at: UnixTime| code(fresh.clone().accept(&document, at, &AwsLc));
    assert_eq!(accept(end), "accepted");
    assert_eq!(accept(end.plus_seconds(1)), "trust.expired");
    let mut held = fresh.clone();
    held.accept(&document, end, &AwsLc).unwrap();
    assert!(!held.policy().unwrap().is_expired(end));
    assert!(held.policy().unwrap().is_expired(end.plus_seconds(1)));
}

#[test]
fn clock_may_be_behind_by_the_skew_and_no_more() {
    let [a] = people(["a"]);
    let set = set(1, &[&a]);
    let fresh = store(&set, &[&a]);
    let document = policy(1, &set, &[&a]);
    let begin = document.header().issued_at;
    let accept = |at: UnixTime| code(fresh.clone().accept(&document, at, &AwsLc));
    assert_eq!(accept(begin), "accepted");
    assert_eq!(accept(begin.plus_seconds(-CLOCK_SKEW_SECONDS)), "accepted");
    assert_eq!(
        accept(begin.plus_seconds(-CLOCK_SKEW_SECONDS - 1)),
        "trust.not_yet"
    );
    assert_eq!(accept(UnixTime::from_seconds(0)), "trust.not_yet");
}

#[test]
fn lifetime_is_bounded_by_kind() {
    let [a] = people(["a"]);
    let set = set(1, &[&a]);
    for kind in Kind::ALL {
        let mut it = header(kind, 1, &set);
        it.expires_at = it
            .issued_at
            .plus_days(kind.max_lifetime_days())
            .plus_seconds(1);
        let refused = TrustDocument::prepare(it.clone(), Vec::new(), &AwsLc).unwrap_err();
        assert_eq!(refused.code(), "trust.lifetime", "{kind}");
        it.expires_at = it.issued_at;
        let refused = TrustDocument::prepare(it, Vec::new(), &AwsLc).unwrap_err();
        assert_eq!(refused.code(), "trust.lifetime", "{kind}");
    }
    let mut zero = header(Kind::Policy, 0, &set);
    zero.number = 0;
    assert_eq!(
        TrustDocument::prepare(zero, OVERLAP_TIMELINE_TOML.into(), &AwsLc)
            .unwrap_err()
            .code(),
        "trust.field"
    );
}

#[test]
fn nothing_is_accepted_before_the_officers_are_known() {
    let [a, b] = people(["a", "b"]);
    let ours = set(1, &[&a]);
    let theirs = set(1, &[&b]);
    let mut store = TrustStore::first_contact(ours.fingerprint());
    assert_eq!(
        code(store.accept(&policy(1, &ours, &[&a]), now(), &AwsLc)),
        "trust.no_officer_set"
    );
    let stranger = first(&theirs, &[&b]);
    assert_eq!(
        code(store.accept(&stranger, now(), &AwsLc)),
        "trust.unknown_officer_set"
    );
    let unsigned = first(&ours, &[]);
    assert_eq!(
        code(store.accept(&unsigned, now(), &AwsLc)),
        "trust.threshold"
    );
    assert!(store.officers().is_none());
    assert_eq!(
        code(store.accept(&first(&ours, &[&a]), now(), &AwsLc)),
        "accepted"
    );
    assert_eq!(store.officers().unwrap().fingerprint(), ours.fingerprint());
}
