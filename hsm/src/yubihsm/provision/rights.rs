//! The least that each credential needs.

use yubihsm::{Capability, Domain};

use crate::KeyRole;
use crate::config::{Access, OcspSignerKeys};
use crate::yubihsm::{algorithm, domain, wrapping};

/// Signs with any kind of key of ours.
const SIGN: Capability = Capability::SIGN_PKCS
    .union(Capability::SIGN_ECDSA)
    .union(Capability::SIGN_EDDSA);

/// What an authentication key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rights {
    pub(super) domains: Domain,
    pub(super) capabilities: Capability,
    /// What objects that it makes may do.
    pub(super) delegated: Capability,
}

/// The name in configuration and on the object.
pub(super) const fn name(access: Access) -> &'static str {
    match access {
        Access::Ceremony => "ceremony",
        Access::Signing => "signing",
        Access::Audit => "audit",
    }
}

/// The least rights of a credential.
///
/// Nobody deletes, changes options, or makes further credentials: a key that has to be destroyed before
/// its device's end goes with a reset, after which the others come back under their wrap key; the same
/// way passwords are changed. So no credential that runs day by day, stolen or misused, can end an
/// authority or its audit.
pub(super) fn of(access: Access, ocsp_signers: OcspSignerKeys) -> Rights {
    match access {
        Access::Ceremony => Rights {
            domains: domain::all(),
            capabilities: SIGN
                .union(Capability::GENERATE_ASYMMETRIC_KEY)
                .union(Capability::SIGN_ATTESTATION_CERTIFICATE)
                .union(Capability::GET_OPAQUE)
                .union(Capability::PUT_WRAP_KEY)
                .union(wrapping::WRAP)
                .union(Capability::GET_OPTION),
            delegated: algorithm::every_capability().union(wrapping::WRAP),
        },
        Access::Signing => {
            let domains = domain::of(KeyRole::IssuingCa) | domain::of(KeyRole::Ledger);
            match ocsp_signers {
                OcspSignerKeys::Software => Rights {
                    domains,
                    capabilities: SIGN,
                    delegated: Capability::empty(),
                },
                OcspSignerKeys::Device => Rights {
                    domains: domains | domain::of(KeyRole::OcspResponder),
                    // A key that is made is attested at once, and the device's certificate beside it.
                    capabilities: SIGN
                        .union(Capability::GENERATE_ASYMMETRIC_KEY)
                        .union(Capability::SIGN_ATTESTATION_CERTIFICATE)
                        .union(Capability::GET_OPAQUE),
                    delegated: algorithm::every_capability(),
                },
            }
        }
        // The domains let it see which keys the entries are about; without capabilities, it can use
        // none of them.
        Access::Audit => Rights {
            domains: domain::all(),
            capabilities: Capability::GET_LOG_ENTRIES,
            delegated: Capability::empty(),
        },
    }
}
