//! Names and what constrains them.

use proptest::prelude::*;
use proptest::sample::subsequence;

use crate::build::UNITS;
use crate::scope::Scope;
use crate::spec::{Constraints, General};

pub(super) const NORTH: &str = UNITS[0];
pub(super) const SOUTH: &str = UNITS[1];

/// Names that end entities have.
pub(super) fn alternative(scope: Scope, at_most: usize) -> BoxedStrategy<Vec<General>> {
    let odd_uris = scope.uri && scope.odd_uris;
    let all = [
        (scope.dns, General::Dns("a.north.example")),
        (scope.dns, General::Dns("North.Example")),
        (scope.dns, General::Dns("south.example")),
        (scope.dns, General::Dns("xnorth.example")),
        (
            scope.uri,
            General::Uri("https://a.north.example/facility/1"),
        ),
        (scope.uri, General::Uri("https://NORTH.example:8443/x")),
        (odd_uris, General::Uri("https://u@NORTH.example:8443/x")),
        (odd_uris, General::Uri("https://192.0.2.7/x")),
        (scope.uri, General::Uri("urn:facility:1")),
        (scope.mail, General::Mail("ann@north.example")),
        (scope.mail, General::Mail("Ann@NORTH.example")),
        (scope.mail, General::Mail("bob@a.north.example")),
        (scope.ip, General::Ip(&[192, 0, 2, 7])),
        (scope.ip, General::Ip(&[198, 51, 100, 1])),
        (scope.ip && scope.ipv6, General::Ip(&V6)),
        (scope.directory, General::Directory(Some(NORTH))),
        (scope.directory, General::Directory(Some(SOUTH))),
        (scope.registered, General::Registered("1.3.6.1.4.1.32473.3")),
        (scope.registered, General::Registered("1.3.6.1.4.1.32473.4")),
    ];
    some_of(&all, at_most)
}

pub(super) const V6: [u8; 16] = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
pub(super) const V6_DOCUMENTATION: [u8; 32] = {
    let mut base = [0; 32];
    (base[0], base[1], base[2], base[3]) = (0x20, 1, 0x0d, 0xb8);
    (base[16], base[17], base[18], base[19]) = (0xff, 0xff, 0xff, 0xff);
    base
};

pub(super) fn constraints(scope: Scope) -> impl Strategy<Value = Constraints> {
    let wide = [
        (scope.dns, General::Dns("example")),
        (scope.dns, General::Dns("north.example")),
        (scope.dns && scope.empty_base, General::Dns("")),
        (scope.uri, General::Uri(".example")),
        (scope.uri, General::Uri("north.example")),
        (scope.uri, General::Uri(".north.example")),
        (scope.mail, General::Mail("north.example")),
        (scope.mail, General::Mail(".example")),
        (scope.mail, General::Mail("ann@north.example")),
        (scope.ip, General::Ip(&[0, 0, 0, 0, 0, 0, 0, 0])),
        (scope.ip, General::Ip(&[192, 0, 2, 0, 255, 255, 255, 0])),
        (scope.ip && scope.ipv6, General::Ip(&V6_DOCUMENTATION)),
        (scope.directory, General::Directory(None)),
        (scope.directory, General::Directory(None)),
        (scope.directory, General::Directory(Some(NORTH))),
        (scope.registered, General::Registered("1.3.6.1.4.1.32473.3")),
    ];
    let narrow = [
        (scope.dns, General::Dns("south.example")),
        (scope.dns, General::Dns("A.north.example")),
        (scope.uri, General::Uri("south.example")),
        (scope.uri, General::Uri(".a.north.example")),
        (scope.mail, General::Mail("bob@north.example")),
        (scope.mail, General::Mail("SOUTH.example")),
        (scope.ip, General::Ip(&[192, 0, 2, 128, 255, 255, 255, 128])),
        (scope.ip, General::Ip(&[198, 51, 100, 0, 255, 255, 254, 0])),
        (scope.directory, General::Directory(Some(SOUTH))),
        (scope.registered, General::Registered("1.3.6.1.4.1.32473.3")),
    ];
    prop_oneof![
        3 => Just(Constraints::default()),
        2 => (some_of(&wide, 4), some_of(&narrow, 2))
            .prop_map(|(permitted, excluded)| Constraints { permitted, excluded }),
    ]
}

pub(super) fn some_of(all: &[(bool, General)], at_most: usize) -> BoxedStrategy<Vec<General>> {
    let all: Vec<_> = all
        .iter()
        .filter(|(allowed, _)| *allowed)
        .map(|(_, name)| *name)
        .collect();
    let at_most = at_most.min(all.len());
    subsequence(all, 0..=at_most).boxed()
}
