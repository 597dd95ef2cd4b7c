//! The root that the simulator has in place of the vendor's.

use std::str::FromStr;

use der::{Decode, EncodePem, asn1::OctetString, pem::LineEnding};
use serde::{Deserialize, Serialize};
use x509_cert::{
    Certificate,
    ext::pkix::{BasicConstraints, KeyUsage, KeyUsages},
    name::Name,
};
use zeroize::Zeroizing;

use super::{
    certificate::{Plan, build, device_validity},
    extension,
};
use crate::{Error, key::AsymmetricKey, options::Firmware, protocol::Algorithm};

/// The name of the root, which nobody should take for the vendor's.
pub const ROOT_COMMON_NAME: &str = "KASANE YUBIHSM 2 SIMULATOR ATTESTATION ROOT - NOT A DEVICE";

/// The device's attestation key (id 0) and its certificate (opaque object 0), with the root that
/// signed it. The root's private key is forgotten at once.
pub struct AttestationAuthority {
    /// Key 0.
    pub key: AsymmetricKey,
    /// Opaque object 0, DER.
    pub certificate: Vec<u8>,
    /// The root, DER.
    pub root: Vec<u8>,
}

/// What is saved of it.
#[derive(Deserialize, Serialize)]
pub struct SavedAuthority {
    algorithm: Algorithm,
    secret: String,
    certificate: String,
    root: String,
}

impl AttestationAuthority {
    /// Makes root, key and certificate. The key is RSA-2048, as in a device.
    ///
    /// # Errors
    /// [`Error::Cryptography`].
    pub fn generate(firmware: Firmware, serial: u32) -> Result<Self, Error> {
        let failed = |_| Error::Cryptography {
            what: "attestation key",
        };
        let root_key = AsymmetricKey::generate(Algorithm::P256).map_err(failed)?;
        let key = AsymmetricKey::generate(Algorithm::Rsa2048).map_err(failed)?;
        let (certificate, root) =
            certify(&root_key, &key, firmware, serial).map_err(|_| Error::Cryptography {
                what: "attestation certificate",
            })?;
        Ok(Self {
            key,
            certificate,
            root,
        })
    }

    /// The root in PEM.
    ///
    /// # Errors
    /// [`Error::Cryptography`], for what is no certificate.
    pub fn root_pem(&self) -> Result<String, Error> {
        Certificate::from_der(&self.root)
            .and_then(|root| root.to_pem(LineEnding::LF))
            .map_err(|_| Error::Cryptography {
                what: "attestation root",
            })
    }

    /// To be saved.
    ///
    /// # Errors
    /// [`Error::Cryptography`].
    pub fn save(&self) -> Result<SavedAuthority, Error> {
        let secret = self.key.secret().map_err(|_| Error::Cryptography {
            what: "attestation key",
        })?;
        Ok(SavedAuthority {
            algorithm: self.key.algorithm(),
            secret: hex::encode(&*secret),
            certificate: hex::encode(&self.certificate),
            root: hex::encode(&self.root),
        })
    }

    /// As it was saved; none when that makes no sense.
    #[must_use]
    pub fn restore(saved: &SavedAuthority) -> Option<Self> {
        let secret = Zeroizing::new(hex::decode(&saved.secret).ok()?);
        Some(Self {
            key: AsymmetricKey::import(saved.algorithm, &secret).ok()?,
            certificate: hex::decode(&saved.certificate).ok()?,
            root: hex::decode(&saved.root).ok()?,
        })
    }
}

fn certify(
    root_key: &AsymmetricKey,
    key: &AsymmetricKey,
    firmware: Firmware,
    serial: u32,
) -> Result<(Vec<u8>, Vec<u8>), x509_cert::builder::Error> {
    let root_name = Name::from_str(&format!("CN={ROOT_COMMON_NAME}"))?;
    let device_name = Name::from_str(&format!(
        "CN=KASANE YUBIHSM 2 SIMULATOR {serial} ATTESTATION - NOT A DEVICE"
    ))?;
    let authority = |path_length| -> der::Result<Vec<_>> {
        let basic = BasicConstraints {
            ca: true,
            path_len_constraint: Some(path_length),
        };
        let usage = KeyUsage(KeyUsages::KeyCertSign.into());
        Ok(vec![extension_of(&basic)?, extension_of(&usage)?])
    };
    let root = build(&Plan {
        issuer: root_name.clone(),
        subject: root_name.clone(),
        validity: device_validity()?,
        key: root_key,
        signer: root_key,
        extensions: authority(1)?,
    })?;
    let mut extensions = authority(0)?;
    extensions.extend(extension::of_device(firmware, serial)?);
    let certificate = build(&Plan {
        issuer: root_name,
        subject: device_name,
        validity: device_validity()?,
        key,
        signer: root_key,
        extensions,
    })?;
    Ok((certificate, root))
}

/// Both extensions of an authority are critical (RFC 5280 §4.2.1.3, §4.2.1.9).
fn extension_of<E>(value: &E) -> der::Result<x509_cert::ext::Extension>
where
    E: der::Encode + der::oid::AssociatedOid,
{
    Ok(x509_cert::ext::Extension {
        extn_id: E::OID,
        critical: true,
        extn_value: OctetString::new(der::Encode::to_der(value)?)?,
    })
}
