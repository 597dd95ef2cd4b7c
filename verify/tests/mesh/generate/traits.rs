//! What certificates say.

use proptest::prelude::*;
use proptest::sample::select;

use super::names::{alternative, constraints};
use super::policies::policies;
use super::{CERT_SIGN, CRL_SIGN, DIGITAL_SIGNATURE, mostly, weighted};
use crate::scope::{Focus, Scope};
use crate::spec::{
    Basic, Constraints, General, KeyId, Names, Policies, Signature, Spelling, Traits, Usage,
    Validity,
};

pub(super) fn root(scope: Scope) -> impl Strategy<Value = Traits> {
    let limits = scope.anchor_limits;
    let scope = Scope {
        path_lengths: scope.path_lengths && limits,
        key_usage: scope.key_usage && limits,
        defects: scope.defects && limits,
        dns: scope.dns && limits,
        uri: scope.uri && limits,
        mail: scope.mail && limits,
        ip: scope.ip && limits,
        directory: scope.directory && limits,
        registered: scope.registered && limits,
        ..scope
    };
    authority(scope).prop_map(|traits| Traits {
        // Neither its signature nor its purposes and policies are looked at.
        signature: Signature::Sound,
        extended_key_usage: Vec::new(),
        policies: Policies::default(),
        ..traits
    })
}

pub(super) fn authority(scope: Scope) -> impl Strategy<Value = Traits> {
    let lengths = (0..3_u8).prop_map(Basic::Limited).boxed();
    let no_ca = if scope.missing_basic_constraints {
        vec![Basic::Absent, Basic::NotCa]
    } else {
        vec![Basic::NotCa]
    };
    let basic = weighted(vec![
        (20, Just(Basic::Ca).boxed()),
        (u32::from(scope.path_lengths) * 5, lengths),
        (u32::from(scope.defects), select(no_ca).boxed()),
    ]);
    let usage = weighted(vec![
        (20, Just(vec![CERT_SIGN, CRL_SIGN]).boxed()),
        (4, Just(Vec::new()).boxed()),
        (
            u32::from(scope.key_usage && scope.defects),
            select(vec![vec![DIGITAL_SIGNATURE], vec![CRL_SIGN]]).boxed(),
        ),
    ]);
    let purposes = purposes(scope, 12, 2);
    (
        common(scope),
        (basic, usage, purposes),
        constraints(scope),
        policies(scope, true),
        prop::bool::weighted(if scope.focus == Focus::Names {
            0.5
        } else {
            0.1
        })
        .prop_flat_map(move |some| alternative(scope, usize::from(some && scope.ca_names))),
    )
        .prop_map(
            |(common, (basic, key_usage, purposes), constraints, policies, names)| Traits {
                basic,
                key_usage,
                extended_key_usage: purposes,
                constraints,
                policies,
                names: Names {
                    alternative: names,
                    ..Names::default()
                },
                ..common
            },
        )
}

pub(super) fn end_entity(scope: Scope) -> impl Strategy<Value = Traits> {
    let basic = select(vec![Basic::Absent, Basic::Absent, Basic::NotCa]);
    // keyEncipherment, keyAgreement, and nothing that a client or server does.
    let odd = select(vec![vec![2], vec![4], vec![1], vec![CRL_SIGN]]).boxed();
    let usage = weighted(vec![
        (12, Just(vec![DIGITAL_SIGNATURE]).boxed()),
        (3, Just(Vec::new()).boxed()),
        (u32::from(scope.end_entity_key_usage) * 2, odd),
    ]);
    (
        common(scope),
        (basic, usage, purposes(scope, 3, 10)),
        policies(scope, false),
        alternative(scope, 4).prop_map(move |mut names| {
            if !scope.without_dns && !names.iter().any(|it| matches!(it, General::Dns(_))) {
                names.push(General::Dns("a.north.example"));
            }
            names
        }),
        mostly(6, false, scope.empty_subjects, &[true]),
        mailbox(scope),
    )
        .prop_map(
            |(common, (basic, key_usage, purposes), policies, alternative, empty, mailbox)| {
                Traits {
                    basic,
                    key_usage,
                    extended_key_usage: purposes,
                    policies,
                    names: Names {
                        empty_subject: empty && !alternative.is_empty(),
                        subject_mailbox: mailbox,
                        alternative,
                    },
                    ..common
                }
            },
        )
}

pub(super) fn mailbox(scope: Scope) -> BoxedStrategy<Option<&'static str>> {
    let some = [
        Some("ann@north.example"),
        Some("BOB@south.example"),
        Some("Ann@a.north.example"),
    ];
    mostly(4, None, scope.mail && scope.subject_mailboxes, &some)
}

/// What does not depend on whether it is a CA; the rest is filled in.
pub(super) fn common(scope: Scope) -> impl Strategy<Value = Traits> {
    use Validity::{Begins, Ends, Expired, Future, Good};
    let defects = scope.defects;
    let edges: &[_] = if scope.last_second {
        &[Ends, Begins]
    } else {
        &[Begins]
    };
    let key_id = || {
        let wrong = if scope.wrong_key_ids {
            KeyId::Wrong
        } else {
            KeyId::Absent
        };
        select(vec![
            KeyId::Right,
            KeyId::Right,
            KeyId::Right,
            KeyId::Absent,
            wrong,
        ])
    };
    (
        mostly(15, Good, scope.dates, edges),
        mostly(30, Good, defects && scope.dates, &[Expired, Future]),
        mostly(
            30,
            Signature::Sound,
            defects,
            &[Signature::Broken, Signature::OtherKey],
        ),
        mostly(
            4,
            Spelling::Utf8,
            scope.spellings,
            &[Spelling::Printable, Spelling::Shouting, Spelling::Spaced],
        ),
        mostly(15, None, true, &[Some(false)]),
        mostly(30, None, defects, &[Some(true)]),
        (key_id(), key_id()),
    )
        .prop_map(
            |(edge, wrong, signature, spelling, harmless, critical, ids)| Traits {
                validity: if wrong == Good { edge } else { wrong },
                signature,
                spelling,
                basic: Basic::Absent,
                key_usage: Vec::new(),
                extended_key_usage: Vec::new(),
                unknown: critical.or(harmless),
                subject_key_id: ids.0,
                authority_key_id: ids.1,
                names: Names::default(),
                constraints: Constraints::default(),
                policies: Policies::default(),
            },
        )
}

pub(super) fn purposes(
    scope: Scope,
    absent: u32,
    client: u32,
) -> impl Strategy<Value = Vec<Usage>> {
    use Usage::{Any, Client, Ocsp, Server};
    let mut odd = vec![vec![Ocsp], vec![Server]];
    if scope.any_usage {
        odd.extend([vec![Any], vec![Ocsp, Any]]);
    }
    let odd = select(odd).boxed();
    weighted(vec![
        (absent, Just(Vec::new()).boxed()),
        (client, Just(vec![Client]).boxed()),
        (3, Just(vec![Server, Client]).boxed()),
        (u32::from(scope.odd_purposes) * 2, odd),
    ])
}
