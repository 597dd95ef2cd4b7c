//! Everything, at one time.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    attestation::SavedAuthority,
    log::{AuditOptions, LogStore},
    object::{Material, ObjectInfo, ObjectKey, ObjectStore, StoredObject},
    protocol::DeviceError,
};

/// The content of `state.json`.
#[derive(Deserialize, Serialize)]
pub struct Snapshot {
    /// 1.
    pub version: u32,
    /// What this is, for whoever finds the file.
    pub what: String,
    /// The serial number.
    pub serial: u32,
    /// The firmware, major to patch.
    pub firmware: [u8; 3],
    /// Key and certificate of attestation.
    pub attestation: SavedAuthority,
    /// Audit options.
    pub audit: AuditOptions,
    /// The log.
    pub log: LogStore,
    /// Records of the journal up to this one are in it.
    pub journal_sequence: u64,
    /// The objects.
    pub objects: Vec<SavedObject>,
    /// How often each name was used.
    pub sequences: Vec<(ObjectKey, u8)>,
}

/// An object.
#[derive(Deserialize, Serialize)]
pub struct SavedObject {
    info: ObjectInfo,
    material: SecretHex,
}

#[derive(Deserialize, Serialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
struct SecretHex(String);

impl Snapshot {
    /// The version that is written.
    pub const VERSION: u32 = 1;
    /// What stands in the file.
    pub const WHAT: &str = "YubiHSM 2 simulator: keys for tests only, unprotected";

    /// All objects, to be saved.
    ///
    /// # Errors
    /// The cryptographic library fails.
    pub fn save(objects: &ObjectStore) -> Result<Vec<SavedObject>, DeviceError> {
        objects
            .iter()
            .map(|object| {
                Ok(SavedObject {
                    info: object.info.clone(),
                    material: SecretHex(hex::encode(&*object.material.export()?)),
                })
            })
            .collect()
    }

    /// All objects, as they were.
    ///
    /// # Errors
    /// Which one makes no sense.
    pub fn restore(&self) -> Result<ObjectStore, String> {
        let objects = self.objects.iter().map(|saved| {
            let key = saved.info.key;
            let octets = hex::decode(&saved.material.0).map_err(|error| error.to_string())?;
            let material = Material::import(saved.info.algorithm, &octets)
                .map_err(|error| format!("{:?} {:04x}: {error}", key.kind, key.id))?;
            Ok(StoredObject::new(saved.info.clone(), material))
        });
        let objects = objects.collect::<Result<Vec<_>, String>>()?;
        let sequences = self.sequences.iter().copied().collect();
        Ok(ObjectStore::restore(objects, sequences))
    }
}
