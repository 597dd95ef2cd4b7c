//! Certificate policies.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;

use crate::scope::{Focus, Scope};
use crate::spec::Policies;

pub(super) fn policies(scope: Scope, authority: bool) -> BoxedStrategy<Policies> {
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
