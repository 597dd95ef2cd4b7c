//! What every command that makes an object begins with.

use crate::{
    object::{Label, ObjectInfo, ObjectKey, Origin},
    protocol::{Algorithm, Capabilities, DeviceError, ObjectType, Reader},
};

/// `id (2) | label (40) | domains (2) | capabilities (8) | algorithm (1)`, and for keys that
/// delegate, `delegated capabilities (8)`.
pub(super) fn read(
    reader: &mut Reader<'_>,
    kind: ObjectType,
    origin: Origin,
) -> Result<ObjectInfo, DeviceError> {
    let id = reader.short()?;
    let label = Label(reader.array()?);
    let domains = reader.short()?;
    let capabilities = Capabilities(reader.long()?);
    let algorithm = reader.octet()?;
    let delegated = match kind {
        ObjectType::AuthenticationKey | ObjectType::WrapKey => Capabilities(reader.long()?),
        ObjectType::Opaque | ObjectType::AsymmetricKey | ObjectType::HmacKey => {
            Capabilities::default()
        }
    };
    let algorithm = Algorithm::from_code(algorithm).ok_or(DeviceError::AlgorithmDisabled)?;
    let fits = match kind {
        ObjectType::Opaque => matches!(
            algorithm,
            Algorithm::OpaqueData | Algorithm::OpaqueX509Certificate
        ),
        ObjectType::AuthenticationKey => algorithm == Algorithm::Aes128YubicoAuthentication,
        ObjectType::AsymmetricKey => algorithm.is_asymmetric(),
        ObjectType::WrapKey => algorithm.wrap_key_bytes().is_some(),
        ObjectType::HmacKey => algorithm.hmac_block_bytes().is_some(),
    };
    if !fits {
        return Err(DeviceError::InvalidData);
    }
    Ok(ObjectInfo {
        key: ObjectKey { kind, id },
        algorithm,
        domains,
        capabilities,
        delegated,
        sequence: 0,
        origin,
        label,
    })
}
