use std::sync::{Arc, OnceLock};
use std::time::Instant;

use serde_json::json;

use crate::control::NotDone;
use crate::program::Kasane;

/// A certificate that is asked about.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The name of its issuer.
    pub issuer: String,
    /// Its serial number.
    pub serial: Vec<u8>,
    /// DER.
    pub der: Arc<[u8]>,
    /// Its issuer's certificate, DER.
    pub issuer_der: Arc<[u8]>,
    /// When its revocation was asked for.
    pub asked: OnceLock<Instant>,
    /// When that was acknowledged.
    pub acknowledged: OnceLock<Instant>,
}

impl Watched {
    /// Nobody asked for its revocation yet.
    #[must_use]
    pub fn new(issuer: &str, serial: Vec<u8>, der: &[u8], issuer_der: &[u8]) -> Self {
        Self {
            issuer: issuer.to_owned(),
            serial,
            der: der.into(),
            issuer_der: issuer_der.into(),
            asked: OnceLock::new(),
            acknowledged: OnceLock::new(),
        }
    }

    /// Revokes it; whether it was asked for at all. An answer that is lost is left as it is: the
    /// ledger will tell.
    ///
    /// # Panics
    /// When the service refuses.
    pub fn revoke(&self, kasane: &Kasane, reason: &str) -> bool {
        let command = json!({ "revoke": {
            "serial": hex::encode(&self.serial),
            "issuer": self.issuer,
            "reason": reason,
        }});
        // Known before it is sent: whoever hears of it first shall not be taken for a liar.
        let answer = kasane.post(&command, || self.asked.set(Instant::now()).unwrap());
        match answer {
            Ok(_) => self.acknowledged.set(Instant::now()).unwrap(),
            Err(NotDone::Refused(why)) => panic!("not revoked: {why}"),
            Err(NotDone::Unknown(_) | NotDone::NotSent(_)) => {}
        }
        self.asked.get().is_some()
    }
}
