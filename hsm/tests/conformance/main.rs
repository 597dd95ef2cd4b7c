//! One suite of rules over every backend, each as it is and behind a pool.
//!
//! A [`world::World`] says which troubles a backend can be given; a rule about a trouble that it
//! cannot be given says so and ends.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod rules;
#[expect(dead_code, reason = "this suite needs a part of that suite's world")]
#[path = "../support/signatures.rs"]
mod signatures;
mod simulated;
mod softhsm;
mod software;
#[expect(dead_code, reason = "this suite needs a part of that suite's world")]
#[path = "../pkcs11/world.rs"]
mod token_world;
mod world;
#[path = "../support/yubihsm_site.rs"]
mod yubihsm_site;

use world::Through;

/// Runs a rule over a fresh world, bare and behind a pool.
macro_rules! suite {
    ($($rule:ident),* $(,)?) => {
        mod over_software {
            $(#[test]
            fn $rule() {
                for through in super::Through::BOTH {
                    super::rules::$rule(&super::software::Software::new(), through);
                }
            })*
        }
        mod over_softhsm_bare {
            use super::Through::Bare;
            $(#[test]
            fn $rule() {
                let name = concat!("over_softhsm_bare::", stringify!($rule));
                super::softhsm::run(name, super::rules::$rule, Bare);
            })*
        }
        mod over_softhsm_pool {
            use super::Through::Pool;
            $(#[test]
            fn $rule() {
                let name = concat!("over_softhsm_pool::", stringify!($rule));
                super::softhsm::run(name, super::rules::$rule, Pool);
            })*
        }
        mod over_simulator {
            $(#[test]
            fn $rule() {
                for through in super::Through::BOTH {
                    super::rules::$rule(&super::simulated::Simulated::new(), through);
                }
            })*
        }
    };
}

suite! {
    concurrent_use_mixes_nothing_up,
    deadline_is_kept_by_a_slow_device,
    each_algorithm_signs_and_verifies,
    full_log_is_said_and_ends_with_a_drain,
    keys_outlive_a_restart,
    label_names_one_key,
    lost_answer_is_an_attempt,
    lost_session_needs_no_restart,
    removed_device_is_unreachable_and_serves_when_it_is_back,
    role_is_refused_across_kinds,
    signature_of_another_algorithm_is_refused_unasked,
    wrong_credential_is_tried_once,
}
