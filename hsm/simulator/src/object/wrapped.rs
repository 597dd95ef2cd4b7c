//! Objects under wrap.

use aes::{
    Aes128, Aes192, Aes256,
    cipher::{BlockCipherEncrypt, BlockSizeUser},
};
use ccm::{
    Ccm, KeyInit,
    aead::{
        Aead,
        consts::{U13, U16},
    },
};
use zeroize::Zeroizing;

use super::{Label, Material, ObjectInfo, ObjectKey, Origin, StoredObject};
use crate::{
    key::AsymmetricKey,
    protocol::{Algorithm, Capabilities, DeviceError, ObjectType, Reader},
    random,
};

const NONCE_BYTES: usize = 13;

/// An AES key for wrapping with CCM: 13 octets of nonce, 16 of tag.
pub struct WrapKey {
    algorithm: Algorithm,
    octets: Zeroizing<Vec<u8>>,
}

impl WrapKey {
    /// A random one.
    ///
    /// # Errors
    /// [`DeviceError::AlgorithmDisabled`] for another algorithm.
    pub fn generate(algorithm: Algorithm) -> Result<Self, DeviceError> {
        let length = algorithm
            .wrap_key_bytes()
            .ok_or(DeviceError::AlgorithmDisabled)?;
        let mut octets = Zeroizing::new(vec![0; length]);
        random::fill(&mut octets).map_err(|_| DeviceError::StorageFailed)?;
        Ok(Self { algorithm, octets })
    }

    /// From its octets.
    ///
    /// # Errors
    /// [`DeviceError::WrongLength`] when the algorithm's key has another length.
    pub fn import(algorithm: Algorithm, octets: &[u8]) -> Result<Self, DeviceError> {
        if algorithm.wrap_key_bytes() != Some(octets.len()) {
            return Err(DeviceError::WrongLength);
        }
        Ok(Self {
            algorithm,
            octets: Zeroizing::new(octets.to_vec()),
        })
    }

    /// Its octets.
    #[must_use]
    pub fn octets(&self) -> Zeroizing<Vec<u8>> {
        self.octets.clone()
    }

    /// `nonce | ciphertext | tag` of an object.
    ///
    /// The 59 octets of description are laid out as by Yubico's `yubihsm-wrap`.
    ///
    /// # Errors
    /// The cryptographic library fails.
    pub fn wrap(&self, object: &StoredObject) -> Result<Vec<u8>, DeviceError> {
        let info = &object.info;
        let mut body = Zeroizing::new(Vec::new());
        if has_delegated(info.key.kind) {
            body.extend_from_slice(&info.delegated.0.to_be_bytes());
        }
        match &*object.material {
            Material::AsymmetricKey(key) => body.extend_from_slice(&key.wrapped_form()?),
            material => body.extend_from_slice(&material.export()?),
        }
        let length = u16::try_from(body.len()).map_err(|_| DeviceError::StorageFailed)?;
        let mut plain = Zeroizing::new(vec![self.algorithm.code()]);
        plain.extend_from_slice(&info.capabilities.0.to_be_bytes());
        plain.extend_from_slice(&info.key.id.to_be_bytes());
        plain.extend_from_slice(&length.to_be_bytes());
        plain.extend_from_slice(&info.domains.to_be_bytes());
        plain.extend_from_slice(&[
            info.key.kind.code(),
            info.algorithm.code(),
            info.sequence,
            info.origin.0,
        ]);
        plain.extend_from_slice(&info.label.0);
        plain.extend_from_slice(&body);
        self.wrap_octets(&plain)
    }

    /// The object in `nonce | ciphertext | tag`.
    ///
    /// # Errors
    /// [`DeviceError::InvalidData`] when it was not made by this key or is no object.
    pub fn unwrap(&self, wrapped: &[u8]) -> Result<StoredObject, DeviceError> {
        let plain = self.unwrap_octets(wrapped)?;
        parse(&plain).map_err(|_| DeviceError::InvalidData)
    }

    /// `nonce | ciphertext | tag` of any octets.
    ///
    /// # Errors
    /// The cryptographic library fails.
    pub fn wrap_octets(&self, plain: &[u8]) -> Result<Vec<u8>, DeviceError> {
        let nonce = random::array().map_err(|_| DeviceError::StorageFailed)?;
        let text = self.seal(&nonce, plain).ok_or(DeviceError::StorageFailed)?;
        Ok([nonce.as_slice(), &text].concat())
    }

    /// The octets in `nonce | ciphertext | tag`.
    ///
    /// # Errors
    /// [`DeviceError::InvalidData`] when they were not wrapped by this key.
    pub fn unwrap_octets(&self, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
        let mut reader = Reader::new(wrapped);
        let nonce = reader.array()?;
        self.open(&nonce, reader.rest())
            .ok_or(DeviceError::InvalidData)
    }

    fn seal(&self, nonce: &[u8; NONCE_BYTES], plain: &[u8]) -> Option<Vec<u8>> {
        match self.algorithm {
            Algorithm::Aes128CcmWrap => {
                cipher::<Aes128>(&self.octets)?.encrypt(nonce.into(), plain)
            }
            Algorithm::Aes192CcmWrap => {
                cipher::<Aes192>(&self.octets)?.encrypt(nonce.into(), plain)
            }
            _ => cipher::<Aes256>(&self.octets)?.encrypt(nonce.into(), plain),
        }
        .ok()
    }

    fn open(&self, nonce: &[u8; NONCE_BYTES], text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self.algorithm {
            Algorithm::Aes128CcmWrap => cipher::<Aes128>(&self.octets)?.decrypt(nonce.into(), text),
            Algorithm::Aes192CcmWrap => cipher::<Aes192>(&self.octets)?.decrypt(nonce.into(), text),
            _ => cipher::<Aes256>(&self.octets)?.decrypt(nonce.into(), text),
        }
        .ok()
        .map(Zeroizing::new)
    }
}

fn cipher<C>(key: &[u8]) -> Option<Ccm<C, U16, U13>>
where
    C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> + KeyInit,
{
    KeyInit::new_from_slice(key).ok()
}

const fn has_delegated(kind: ObjectType) -> bool {
    matches!(kind, ObjectType::AuthenticationKey | ObjectType::WrapKey)
}

fn parse(plain: &[u8]) -> Result<StoredObject, DeviceError> {
    let mut reader = Reader::new(plain);
    reader.octet()?;
    let capabilities = Capabilities(reader.long()?);
    let id = reader.short()?;
    let length = reader.short()?;
    let domains = reader.short()?;
    let kind = ObjectType::from_code(reader.octet()?).ok_or(DeviceError::InvalidData)?;
    let algorithm = Algorithm::from_code(reader.octet()?).ok_or(DeviceError::InvalidData)?;
    let sequence = reader.octet()?;
    let origin = Origin(reader.octet()?);
    let label = Label(reader.array()?);
    let mut body = Reader::new(reader.take(usize::from(length))?);
    reader.end()?;
    let delegated = if has_delegated(kind) {
        Capabilities(body.long()?)
    } else {
        Capabilities::default()
    };
    let material = if algorithm.is_asymmetric() {
        let key = AsymmetricKey::from_wrapped_form(algorithm, body.rest())?;
        Material::AsymmetricKey(Box::new(key))
    } else {
        Material::import(algorithm, body.rest())?
    };
    if material.kind() != kind {
        return Err(DeviceError::InvalidData);
    }
    let info = ObjectInfo {
        key: ObjectKey { kind, id },
        algorithm,
        domains,
        capabilities,
        delegated,
        sequence,
        origin: origin.wrapped(),
        label,
    };
    Ok(StoredObject::new(info, material))
}
