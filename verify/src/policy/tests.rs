//! The policy of the overlap at its boundaries, and documents that must be refused.

use super::*;

#[test]
fn overlap_policy_is_valid() {
    Timeline::overlap().unwrap();
}
