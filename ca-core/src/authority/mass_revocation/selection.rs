//! Which certificates are revoked together.

use std::collections::BTreeSet;

use crate::Error;
use crate::authority::Authority;
use crate::profile::ProfileKind;
use crate::projection::certificate::CertificateRow;

/// What certificates have in common that are revoked together: everything that is given must fit.
///
/// Certificates of the authority itself (CAs, OCSP signers, canaries) are chosen by their serial
/// numbers only: a CA ends by its final CRL, and its OCSP signers go on to tell of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MassSelection {
    /// Of this issuer.
    pub issuer: Option<String>,
    /// Of this profile.
    pub profile: Option<String>,
    /// Of these facilities.
    pub facilities: Option<Facilities>,
    /// With these serial numbers, big-endian without padding.
    pub serials: Option<BTreeSet<Vec<u8>>>,
    /// Issued when the ledger had so many entries: what was issued since is not meant. A number that
    /// somebody saw stays true by this, however much is issued while they look.
    pub issued_within: Option<u64>,
}

/// A facility's code has so many digits.
const MAX_PREFIX_DIGITS: usize = 10;

/// A group of facilities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Facilities {
    /// Those whose codes begin so: `13` is Tokyo, `131` its medical institutions.
    Prefix(String),
    /// Those with these codes.
    Codes(BTreeSet<String>),
}

impl MassSelection {
    /// The selection in words, as the ledger keeps it: `profile terminal-rsa, facilities 13…`.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut parts = Vec::new();
        if let Some(issuer) = &self.issuer {
            parts.push(format!("issuer {issuer}"));
        }
        if let Some(profile) = &self.profile {
            parts.push(format!("profile {profile}"));
        }
        match &self.facilities {
            Some(Facilities::Prefix(prefix)) => parts.push(format!("facilities {prefix}…")),
            Some(Facilities::Codes(codes)) => parts.push(match codes.first() {
                Some(code) if codes.len() == 1 => format!("facility {code}"),
                _ => format!("{} facilities by a list", codes.len()),
            }),
            None => {}
        }
        if let Some(serials) = &self.serials {
            parts.push(format!("{} serial numbers by a list", serials.len()));
        }
        if let Some(size) = self.issued_within {
            parts.push(format!("issued within {size} entries"));
        }
        parts.join(", ")
    }

    /// # Errors
    /// [`Error::BadArgument`] or [`Error::NotFound`] for what cannot choose anything.
    pub(super) fn check(&self, authority: &Authority) -> Result<(), Error> {
        let refuse = |what, reason: &str| {
            Err(Error::BadArgument {
                what,
                reason: reason.to_owned(),
            })
        };
        let says_which = self.issuer.is_some()
            || self.profile.is_some()
            || self.facilities.is_some()
            || self.serials.is_some();
        if !says_which {
            return refuse(
                "selection",
                "name a profile, an issuer, facilities or serial numbers",
            );
        }
        if let Some(issuer) = &self.issuer
            && !authority.issuer(issuer)?.has_key()
        {
            return refuse(
                "issuer",
                "its key is elsewhere: revoke there, and import the CRL that names them",
            );
        }
        if let Some(profile) = &self.profile
            && authority.profile(profile)?.kind() != ProfileKind::EndEntity
            && self.serials.is_none()
        {
            return refuse(
                "profile",
                "its certificates are the authority's own, which are named by serial numbers",
            );
        }
        match &self.facilities {
            Some(Facilities::Prefix(prefix)) => {
                let fits = (1..=MAX_PREFIX_DIGITS).contains(&prefix.len())
                    && prefix.bytes().all(|byte| byte.is_ascii_digit());
                if !fits {
                    return refuse("facility prefix", "write 1 to 10 digits");
                }
            }
            Some(Facilities::Codes(codes)) if codes.is_empty() => {
                return refuse("facility list", "it is empty");
            }
            _ => {}
        }
        if self.serials.as_ref().is_some_and(BTreeSet::is_empty) {
            return refuse("serial number list", "it is empty");
        }
        let size = authority.ledger().size();
        if let Some(counted) = self.issued_within.filter(|it| !(1..=size).contains(it)) {
            return Err(Error::BadArgument {
                what: "size of the ledger",
                reason: format!("{counted} is not between 1 and {size}, which it has now"),
            });
        }
        Ok(())
    }

    /// Whether everything but issuer, serial number and the time of issue fits.
    pub(super) fn fits(&self, row: &CertificateRow) -> bool {
        let profile = self.profile.as_ref().is_none_or(|it| *it == row.profile);
        profile
            && self
                .facilities
                .as_ref()
                .is_none_or(|it| it.hold(&row.subject))
    }
}

impl Facilities {
    fn hold(&self, subject: &str) -> bool {
        let code = subject
            .strip_prefix("facility/")
            .and_then(|rest| rest.split('/').next());
        code.is_some_and(|code| match self {
            Self::Prefix(prefix) => code.starts_with(prefix.as_str()),
            Self::Codes(codes) => codes.contains(code),
        })
    }
}
