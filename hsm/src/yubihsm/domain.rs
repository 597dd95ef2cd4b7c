//! Roles by domains: a key lies in the one domain of its role.
//!
//! A device lets a credential use an object only if they share a domain (YubiHSM 2 Concepts,
//! "Domain"). So the device itself keeps a credential that signs away from the roots' keys.

use yubihsm::Domain;

use crate::KeyRole;

/// The domain of a role's keys.
pub(super) const fn of(role: KeyRole) -> Domain {
    match role {
        KeyRole::RootCa => Domain::DOM1,
        KeyRole::IssuingCa => Domain::DOM2,
        KeyRole::OcspResponder => Domain::DOM3,
        KeyRole::Ledger => Domain::DOM4,
        KeyRole::Officer => Domain::DOM5,
    }
}

/// The role of a key in exactly these domains; `None` for keys of others.
pub(super) fn role(domains: Domain) -> Option<KeyRole> {
    KeyRole::ALL.into_iter().find(|role| of(*role) == domains)
}

/// Every domain of ours.
pub(super) fn all() -> Domain {
    KeyRole::ALL
        .into_iter()
        .fold(Domain::empty(), |all, role| all | of(role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_one_domain_of_its_own() {
        assert_eq!(all().bits().count_ones() as usize, KeyRole::ALL.len());
        for role in KeyRole::ALL {
            assert_eq!(super::role(of(role)), Some(role));
        }
        assert_eq!(role(Domain::DOM1 | Domain::DOM2), None);
        assert_eq!(role(Domain::DOM6), None);
    }
}
