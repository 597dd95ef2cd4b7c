use std::sync::{Arc, OnceLock};
use std::time::Instant;

use serde_json::{Value, json};

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
        send(&[self], kasane, &command)
    }

    /// The same of several in one act.
    ///
    /// # Panics
    /// When the service refuses.
    #[must_use]
    pub fn revoke_together(several: &[&Self], kasane: &Kasane, reason: &str) -> bool {
        let serials = several.iter().map(|it| hex::encode(&it.serial));
        let serials = serials.collect::<Vec<_>>().join("\n");
        let command = json!({ "revoke-many": {
            "serials": serials,
            "reason": reason,
            "dry_run": false,
        }});
        send(several, kasane, &command)
    }
}

fn send(watched: &[&Watched], kasane: &Kasane, command: &Value) -> bool {
    // Known before it is sent: whoever hears of it first shall not be taken for a liar.
    let answer = kasane.post(command, || {
        let now = Instant::now();
        for it in watched {
            it.asked.set(now).unwrap();
        }
    });
    match answer {
        Ok(_) => {
            let now = Instant::now();
            for it in watched {
                it.acknowledged.set(now).unwrap();
            }
        }
        Err(NotDone::Refused(why)) => panic!("not revoked: {why}"),
        Err(NotDone::Unknown(_) | NotDone::NotSent(_)) => {}
    }
    watched.iter().all(|it| it.asked.get().is_some())
}
