//! For which CAs there is an answer.

use kasane_ca_core::Error;
use kasane_verify::UnixTime;

use crate::Responder;

/// For which issuing CAs a responder answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Those for which somebody may sign now, by name.
    pub answered: Vec<String>,
    /// Those that are to be answered for and for which nobody may sign now, by name.
    pub without_signer: Vec<String>,
}

impl Responder {
    /// Looks at the certificates of the signers, not whether their keys sign. Makes no signer. Reads the
    /// store and the ledger for those that nobody asked about in the last minute.
    ///
    /// # Errors
    /// [`Error::Ledger`] or [`Error::Store`].
    pub fn coverage(&self, now: UnixTime) -> Result<Coverage, Error> {
        let mut coverage = Coverage::default();
        for issuer in self.source.issuers() {
            if issuer.is_root() || !issuer.has_key() || issuer.not_after <= now {
                continue;
            }
            let name = issuer.name();
            if self.signers.has_signer(&*self.source, name, now)? {
                coverage.answered.push(name.to_owned());
            } else if issuer.wants_ocsp_signer(now) {
                coverage.without_signer.push(name.to_owned());
            }
        }
        Ok(coverage)
    }
}
