//! Random cases: one way from an anchor to the end entity that has a chance, and around it whatever
//! the scope allows.

mod names;
mod policies;
mod traits;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::Union;

use self::traits::{authority, end_entity, root};
use crate::scope::{Focus, Scope};
use crate::spec::{Anchor, Ask, CLIENT, Case, Issued, Party, Traits, Use};

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
