//! The embedded profiles, and profiles that must be refused.

use super::*;

#[test]
fn embedded_profiles_fit_the_policy_of_the_overlap() {
    let timeline = kasane_verify::policy::Timeline::overlap().unwrap();
    Profiles::embedded().unwrap().check(&timeline).unwrap();
}
