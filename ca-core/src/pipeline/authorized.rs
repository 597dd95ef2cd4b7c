//! A request whose requester may have that identity and profile.

use kasane_verify::policy::{Act, Circumstances};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

use crate::Requester;
use crate::key_quality::CheckedKey;
use crate::profile::Profile;

/// Whom a certificate will name, built from the registration.
#[derive(Clone, Debug)]
pub struct RequestIdentity {
    /// `facility/1312345678/1`.
    pub subject_ref: String,
    /// The subject DN.
    pub subject: Name,
    /// The subject alternative names, in order.
    pub subject_alt_names: Vec<GeneralName>,
}

/// Who asks for what, allowed. Made by [`crate::Authority`] only.
#[derive(Clone, Debug)]
pub struct Authorized<'a> {
    pub(crate) requester: Requester,
    pub(crate) profile: &'a Profile,
    pub(crate) identity: RequestIdentity,
    pub(crate) key: CheckedKey,
    pub(crate) act: Act,
    pub(crate) circumstances: Circumstances,
    pub(crate) request_key: Option<String>,
    pub(crate) request_sha256: [u8; 32],
    pub(crate) renews: Option<Vec<u8>>,
}
