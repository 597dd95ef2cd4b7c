//! What the four kinds of documents say.

use super::{AnchorBundle, Emergency, Kind, Succession, TrustError};
use crate::crypto::CryptoProvider;
use crate::policy::Timeline;

/// The content of a document, read and validated.
#[derive(Clone, Debug)]
pub enum Content {
    /// Who the officers are.
    Officers(Succession),
    /// The dated policy.
    Policy(Timeline),
    /// The trust anchors.
    Anchors(AnchorBundle),
    /// A declaration.
    Emergency(Emergency),
}

impl Content {
    /// Reads content of that kind.
    ///
    /// # Errors
    /// When a relying system could not work with it.
    pub fn read(kind: Kind, bytes: &[u8], crypto: &dyn CryptoProvider) -> Result<Self, TrustError> {
        Ok(match kind {
            Kind::Officers => Self::Officers(Succession::from_der(bytes, crypto)?),
            Kind::Policy => Self::Policy(timeline(bytes)?),
            Kind::Anchors => Self::Anchors(AnchorBundle::from_der(bytes, crypto)?),
            Kind::Emergency => Self::Emergency(Emergency::from_der(bytes)?),
        })
    }
}

pub(super) fn timeline(bytes: &[u8]) -> Result<Timeline, TrustError> {
    let text = std::str::from_utf8(bytes).map_err(|_| TrustError::PolicyText)?;
    Ok(Timeline::from_toml(text)?)
}
