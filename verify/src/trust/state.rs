//! The store as data, to be kept in a file.

use serde::{Deserialize, Serialize};

use super::accepted::{self, Kept};
use super::identifier::separated;
use super::{Accepted, Fingerprint, Succession, TrustDocument, TrustError, TrustStore};
use crate::crypto::CryptoProvider;

const SCHEMA: u32 = 1;
const STATE_CONTEXT: &[u8] = b"kasane trust state v1";

/// What a [`TrustStore`] holds: fingerprint and documents as text. Its checksum finds damage, not
/// forgery: whoever may write the file may pin other officers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustState {
    schema: u32,
    pin: String,
    officers: Option<String>,
    policy: Option<String>,
    anchors: Option<String>,
    emergency: Option<String>,
    checksum: String,
}

impl TrustState {
    fn checksum(&self, crypto: &dyn CryptoProvider) -> String {
        let parts = [&self.officers, &self.policy, &self.anchors, &self.emergency];
        let mut data = separated(self.pin.as_bytes(), &[]);
        for part in parts {
            // PEM has no zero octets, so a part cannot pretend to be two.
            data.extend_from_slice(part.as_deref().unwrap_or_default().as_bytes());
            data.push(0);
        }
        Fingerprint::of(STATE_CONTEXT, &data, crypto).to_hex()
    }
}

impl TrustStore {
    /// The store as data.
    ///
    /// # Errors
    /// When a document cannot be written, which one that was read always can.
    pub fn to_state(&self, crypto: &dyn CryptoProvider) -> Result<TrustState, TrustError> {
        let mut state = TrustState {
            schema: SCHEMA,
            pin: self.pin.to_hex(),
            officers: text(self.officers.as_ref())?,
            policy: text(self.policy.as_ref())?,
            anchors: text(self.anchors.as_ref())?,
            emergency: text(self.emergency.as_ref())?,
            checksum: String::new(),
        };
        state.checksum = state.checksum(crypto);
        Ok(state)
    }

    /// The store that was written. Each document is read again; times are not judged, since what was
    /// accepted stays held.
    ///
    /// # Errors
    /// [`TrustError::State`] when it is damaged, or of another program.
    pub fn from_state(state: &TrustState, crypto: &dyn CryptoProvider) -> Result<Self, TrustError> {
        if state.schema != SCHEMA {
            return Err(TrustError::State("it has another schema than 1"));
        }
        if state.checksum != state.checksum(crypto) {
            return Err(TrustError::State("its checksum is wrong"));
        }
        let pin = state
            .pin
            .parse()
            .map_err(|_| TrustError::State("its pin is no fingerprint"))?;
        let officers: Option<Accepted<Succession>> = held(state.officers.as_deref(), crypto)?;
        if officers
            .as_ref()
            .is_some_and(|it| it.content().set().fingerprint() != pin)
        {
            return Err(TrustError::State("its officers are not those of its pin"));
        }
        Ok(Self {
            pin,
            officers,
            policy: held(state.policy.as_deref(), crypto)?,
            anchors: held(state.anchors.as_deref(), crypto)?,
            emergency: held(state.emergency.as_deref(), crypto)?,
        })
    }
}

fn text<T>(held: Option<&Accepted<T>>) -> Result<Option<String>, TrustError> {
    held.map(|it| it.document.to_pem()).transpose()
}

fn held<T: Kept>(
    text: Option<&str>,
    crypto: &dyn CryptoProvider,
) -> Result<Option<Accepted<T>>, TrustError> {
    let Some(text) = text else { return Ok(None) };
    let damaged = |_| TrustError::State("one of its documents is damaged or in the wrong place");
    let mut documents = TrustDocument::read(text.as_bytes()).map_err(damaged)?;
    let (Some(document), true) = (documents.pop(), documents.is_empty()) else {
        return Err(TrustError::State("it holds several documents in one place"));
    };
    accepted::read(document, crypto).map(Some).map_err(damaged)
}
