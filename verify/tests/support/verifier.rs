//! The one place where the integration tests leave revocation out.

use kasane_verify::crypto::AwsLc;
use kasane_verify::path::{PathPolicy, TrustAnchor, Verifier};
use kasane_verify::revocation::RevocationRules;

/// A verifier that judges paths alone.
pub(crate) fn paths_only<'v>(
    anchors: &'v [TrustAnchor],
    policy: &'v dyn PathPolicy,
) -> Verifier<'v> {
    Verifier::new(&AwsLc, anchors, policy).with_revocation(RevocationRules::dangerously_unchecked())
}
