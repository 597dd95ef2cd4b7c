//! Random cases: one way from an anchor to the end entity that has a chance, and around it whatever
//! the scope allows.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::Union;

use crate::build::UNITS;
use crate::scope::{Focus, Scope};
use crate::spec::{
    Anchor, Ask, Basic, CLIENT, Case, Constraints, General, Issued, KeyId, Names, Party, Policies,
    Signature, Spelling, Traits, Usage, Use, Validity,
};

const CERT_SIGN: u8 = 5;
const CRL_SIGN: u8 = 6;
const DIGITAL_SIGNATURE: u8 = 0;

pub(crate) fn case(scope: Scope) -> BoxedStrategy<Case> {
    let everything =
        any::<(bool, bool, bool)>().prop_flat_map(move |(policies, names, defects)| {
            around(scope.narrowed(policies, names, defects))
        });
    if !scope.mesh {
        return everything.boxed();
    }
    prop_oneof![
        2 => everything,
        1 => around(scope.focused(Focus::Policies)),
        1 => around(scope.focused(Focus::Names)),
    ]
    .boxed()
}

fn around(scope: Scope) -> impl Strategy<Value = Case> {
    let (way, more) = match (scope.mesh, scope.focus) {
        (true, Focus::Nothing) => (0..4_usize, 0..8),
        (true, _) => (1..5, 0..2),
        (false, _) => (0..3, 0..1),
    };
    (
        vec((party(scope), authority(scope)), way),
        (party(scope), root(scope), any::<bool>()),
        vec((party(scope), root(scope), any::<bool>()), 0..3),
        vec((party(scope), party(scope), authority(scope)), more),
        (end_entity(scope), often(party(scope))),
        ask(scope),
        any::<prop::sample::Index>(),
    )
        .prop_map(move |(way, root, roots, around, leaf, ask, shift)| {
            assemble(scope, way, root, roots, around, leaf, ask, &shift)
        })
}

type Root = (Party, Traits, bool);

#[expect(
    clippy::too_many_arguments,
    reason = "the parts that are drawn at random"
)]
fn assemble(
    scope: Scope,
    way: Vec<(Party, Traits)>,
    root: Root,
    roots: Vec<Root>,
    around: Vec<(Party, Party, Traits)>,
    leaf: (Traits, Option<Party>),
    ask: Ask,
    shift: &prop::sample::Index,
) -> Case {
    let anchor = |(party, traits, bare): Root| Anchor {
        party,
        bare: bare && scope.bare_anchors,
        traits,
    };
    let mut intermediates = Vec::new();
    let mut issuer = root.0;
    let mut taken = vec![issuer.name];
    for (mut subject, traits) in way {
        // Without a mesh nothing may have a name twice: then there is one way only.
        while !scope.mesh && taken.contains(&subject.name) {
            subject.name = (subject.name + 1) % CLIENT;
        }
        taken.push(subject.name);
        intermediates.push(Issued {
            issuer,
            subject,
            traits,
        });
        issuer = subject;
    }
    let (traits, subject) = leaf;
    let subject = subject.filter(|subject| {
        let possible = scope.mesh || !taken.contains(&subject.name);
        ask.purpose == Use::Any && scope.any_purpose && possible
    });
    let end_entity = Issued {
        issuer,
        subject: subject.unwrap_or(Party::CLIENT),
        traits,
    };
    let mut anchors = vec![anchor(root)];
    if scope.mesh {
        anchors.extend(roots.into_iter().map(anchor));
        intermediates.extend(around.into_iter().map(|(issuer, subject, traits)| Issued {
            issuer,
            subject,
            traits,
        }));
    }
    let middle = shift.index(intermediates.len() + 1);
    intermediates.rotate_left(middle);
    Case {
        anchors,
        intermediates,
        end_entity,
        ask,
    }
}

fn party(scope: Scope) -> impl Strategy<Value = Party> {
    let names = match scope.focus {
        Focus::Nothing => CLIENT,
        // Few names, so that many certificates are self-issued.
        Focus::Policies | Focus::Names => 2,
    };
    (0..names, 0..2_usize).prop_map(|(name, key)| Party { name, key })
}

/// `usual` mostly, or one of `rare` when it is allowed.
fn mostly<T: Clone + std::fmt::Debug + 'static>(
    weight: u32,
    usual: T,
    allowed: bool,
    rare: &[T],
) -> BoxedStrategy<T> {
    if allowed {
        prop_oneof![weight => Just(usual), 1 => select(rare.to_vec())].boxed()
    } else {
        Just(usual).boxed()
    }
}

/// Nothing mostly.
fn often<T: std::fmt::Debug>(
    strategy: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<T>> {
    prop::option::weighted(0.2, strategy)
}

fn weighted<T: std::fmt::Debug + 'static>(
    options: Vec<(u32, BoxedStrategy<T>)>,
) -> Union<BoxedStrategy<T>> {
    Union::new_weighted(
        options
            .into_iter()
            .filter(|(weight, _)| *weight > 0)
            .collect(),
    )
}

fn root(scope: Scope) -> impl Strategy<Value = Traits> {
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

fn authority(scope: Scope) -> impl Strategy<Value = Traits> {
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

fn end_entity(scope: Scope) -> impl Strategy<Value = Traits> {
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

fn mailbox(scope: Scope) -> BoxedStrategy<Option<&'static str>> {
    let some = [
        Some("ann@north.example"),
        Some("BOB@south.example"),
        Some("Ann@a.north.example"),
    ];
    mostly(4, None, scope.mail && scope.subject_mailboxes, &some)
}

/// What does not depend on whether it is a CA; the rest is filled in.
fn common(scope: Scope) -> impl Strategy<Value = Traits> {
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

fn purposes(scope: Scope, absent: u32, client: u32) -> impl Strategy<Value = Vec<Usage>> {
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

const NORTH: &str = UNITS[0];
const SOUTH: &str = UNITS[1];

/// Names that end entities have.
fn alternative(scope: Scope, at_most: usize) -> BoxedStrategy<Vec<General>> {
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

const V6: [u8; 16] = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const V6_DOCUMENTATION: [u8; 32] = {
    let mut base = [0; 32];
    (base[0], base[1], base[2], base[3]) = (0x20, 1, 0x0d, 0xb8);
    (base[16], base[17], base[18], base[19]) = (0xff, 0xff, 0xff, 0xff);
    base
};

fn constraints(scope: Scope) -> impl Strategy<Value = Constraints> {
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

fn some_of(all: &[(bool, General)], at_most: usize) -> BoxedStrategy<Vec<General>> {
    let all: Vec<_> = all
        .iter()
        .filter(|(allowed, _)| *allowed)
        .map(|(_, name)| *name)
        .collect();
    let at_most = at_most.min(all.len());
    subsequence(all, 0..=at_most).boxed()
}

fn policies(scope: Scope, authority: bool) -> BoxedStrategy<Policies> {
    if !scope.policies {
        return Just(Policies::default()).boxed();
    }
    let asserted = prop_oneof![
        4 => subsequence(vec![1_u8, 2, 3], 1..=3),
        3 => Just(vec![0]),
        2 => subsequence(vec![1_u8, 2, 3], 1..=2).prop_map(|mut some| { some.push(0); some }),
        1 => Just(Vec::new()),
    ];
    let any_mapped = (0..4_u8, 0..4_u8);
    let mapped = (1..4_u8, 1..4_u8);
    let unmapped = if scope.focus == Focus::Policies { 1 } else { 3 };
    let mappings = if !authority && !scope.end_entity_mappings {
        Just(Vec::new()).boxed()
    } else if authority {
        prop_oneof![
            unmapped => Just(Vec::new()),
            3 => vec(mapped.clone(), 1..4),
            1 => vec(any_mapped, 1..2),
        ]
        .boxed()
    } else {
        prop_oneof![9 => Just(Vec::new()), 1 => vec(mapped, 1..2)].boxed()
    };
    let often = if scope.focus == Focus::Policies {
        0.35
    } else {
        0.2
    };
    let count = move || prop::option::weighted(often, 0..3_u8);
    (asserted, mappings, count(), count(), count(), any::<bool>())
        .prop_map(
            move |(
                asserted,
                mut mappings,
                require_explicit,
                inhibit_mapping,
                inhibit_any,
                critical,
            )| {
                if !scope.unasserted_mappings {
                    mappings.retain(|(from, _): &(u8, u8)| asserted.contains(from));
                }
                Policies {
                    asserted,
                    mappings,
                    require_explicit,
                    inhibit_mapping,
                    inhibit_any,
                    critical,
                }
            },
        )
        .boxed()
}

fn ask(scope: Scope) -> impl Strategy<Value = Ask> {
    let purpose = weighted(vec![
        (3, Just(Use::Client).boxed()),
        (u32::from(scope.odd_purposes), Just(Use::Server).boxed()),
        (u32::from(scope.any_purpose) * 2, Just(Use::Any).boxed()),
    ]);
    let acceptable = prop_oneof![
        2 => Just(None),
        3 => subsequence(vec![1_u8, 2, 3], 1..=3).prop_map(Some),
        1 => Just(Some(vec![0])),
        1 => Just(Some(vec![2, 0])),
    ];
    let explicit = mostly(1, false, scope.policies, &[true]);
    let inhibit = || mostly(6, false, scope.policies, &[true]);
    (purpose, acceptable, explicit, inhibit(), inhibit()).prop_map(
        |(purpose, acceptable, require_explicit, inhibit_mapping, inhibit_any)| Ask {
            purpose,
            acceptable,
            require_explicit,
            inhibit_mapping,
            inhibit_any,
        },
    )
}
