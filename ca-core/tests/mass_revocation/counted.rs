//! What somebody counted and confirmed is what is revoked.

use std::collections::BTreeSet;

use kasane_ca_core::Actor;
use kasane_ca_core::authority::{MassRevocationOrder, MassSelection, RevocationOrder, Status};
use kasane_ca_core::projection::mass_revocation;
use kasane_verify::revocation::RevocationReason;

use crate::common::{p384, requester, terminal_order, world};
use crate::{TERMINALS, all, of_profile, order, populate, revoke};

#[test]
fn nothing_is_revoked_when_another_number_was_confirmed_or_a_serial_is_unknown() {
    let world = world();
    let authority = &world.authority;
    populate(authority, 20, 0);
    let size = authority.ledger().size();
    let mut confirmed = order(of_profile("terminal-ecc"));
    confirmed.confirmed = Some(19);
    let refused = authority
        .revoke_many(&Actor::system(), &confirmed, &mut |_| {})
        .unwrap_err();
    assert_eq!(refused.code(), "revocation.count-differs");
    let known = all(authority)[0].0.clone();
    let listed = MassSelection {
        serials: Some(BTreeSet::from([known, vec![1, 2, 3]])),
        ..MassSelection::default()
    };
    let refused = revoke(authority, listed).unwrap_err();
    assert_eq!(refused.code(), "revocation.unknown-serials");
    assert!(refused.to_string().contains("010203"), "{refused}");
    assert_eq!(authority.ledger().size(), size);
    confirmed.confirmed = Some(20);
    let done = authority.revoke_many(&Actor::system(), &confirmed, &mut |_| {});
    assert_eq!(done.unwrap().choice.certificates, 20);
}

#[test]
fn selection_that_was_counted_means_the_same_however_much_is_issued_and_revoked_since() {
    let world = world();
    let authority = &world.authority;
    populate(authority, 40, 0);
    let of_profile = of_profile("terminal-ecc");
    let choose =
        |selection: &MassSelection| authority.choose_revocations(selection, &mut |_, _| {});
    let counted = choose(&of_profile).unwrap();
    assert_eq!(counted.counted_at, authority.ledger().size());
    assert_eq!((counted.certificates, counted.issued_since), (40, 0));
    // A busy CA: three more, and two of those that were counted are revoked by somebody else.
    let since: Vec<_> = (0..3)
        .map(|_| {
            let order = terminal_order("terminal-ecc", 1, &p384());
            authority.issue(&requester(), order).unwrap()
        })
        .collect();
    let counted_serials: Vec<_> = counted.sample.iter().map(|it| &it.key.serial).collect();
    let counted_two = counted_serials.iter().copied().take(2);
    for serial in counted_two.chain([&since[0].serial]) {
        let single = RevocationOrder {
            issuer: TERMINALS,
            serial,
            reason: Some(RevocationReason::AffiliationChanged),
            invalidity_date: None,
        };
        authority.revoke(&Actor::system(), &single).unwrap();
    }
    let act = |confirmed, issued_within| {
        let selection = MassSelection {
            issued_within,
            ..of_profile.clone()
        };
        let order = MassRevocationOrder {
            confirmed: Some(confirmed),
            ..order(selection)
        };
        authority.revoke_many(&Actor::system(), &order, &mut |_| {})
    };
    let size = authority.ledger().size();
    // Without the place, the number is the present one's; with it, a number that nobody saw is refused.
    for (confirmed, issued_within) in [
        (41, None),
        (41, Some(counted.counted_at)),
        (37, Some(counted.counted_at)),
    ] {
        let refused = act(confirmed, issued_within).unwrap_err();
        assert_eq!(refused.code(), "revocation.count-differs", "{confirmed}");
        assert!(refused.to_string().contains("--counted-at"), "{refused}");
    }
    for bad in [0, size + 1] {
        assert_eq!(act(40, Some(bad)).unwrap_err().code(), "argument.bad");
    }
    assert_eq!(authority.ledger().size(), size);
    let done = act(40, Some(counted.counted_at)).unwrap();
    assert_eq!(
        (done.choice.certificates, done.choice.issued_since),
        (38, 2)
    );
    for one in &since[1..] {
        let status = authority.status(TERMINALS, &one.serial).unwrap();
        assert!(matches!(status, Status::Good), "{status:?}");
    }
    let (_, row) = mass_revocation::all(authority.tables()).unwrap().remove(0);
    let words = format!("issued within {} entries", counted.counted_at);
    assert!(row.selection.ends_with(&words), "{}", row.selection);
    // Whoever does not know whether it was done says the same again.
    let again = act(40, Some(counted.counted_at)).unwrap();
    assert_eq!((again.index, again.choice.certificates), (None, 0));
    let before = &again.choice.sample_revoked_before;
    assert!(!before.is_empty());
    assert!(before.iter().all(|it| it.key.issuer == TERMINALS));
}
