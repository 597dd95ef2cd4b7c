//! Yubico's extensions (1.3.6.1.4.1.41482.4, Yubico OIDs, "YubiHSM").

use der::{
    Encode, EncodeValue, FixedTag,
    asn1::{BitString, ObjectIdentifier, OctetString, Uint, Utf8StringRef},
};
use x509_cert::ext::Extension;

use super::AttestedObject;
use crate::options::Firmware;

const ARC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4");

/// Firmware and serial number, which the device's own certificate has too.
pub(super) fn of_device(firmware: Firmware, serial: u32) -> der::Result<Vec<Extension>> {
    Ok(vec![
        extension(1, &OctetString::new(firmware.octets())?)?,
        extension(2, &Uint::new(&serial.to_be_bytes())?)?,
    ])
}

/// Origin, domains, capabilities, id and label.
pub(super) fn of_object(object: &AttestedObject<'_>) -> der::Result<Vec<Extension>> {
    let info = object.info;
    let label = String::from_utf8_lossy(info.label.trimmed());
    Ok(vec![
        extension(3, &BitString::from_bytes(&[info.origin.0])?)?,
        extension(4, &BitString::from_bytes(&info.domains.to_be_bytes())?)?,
        extension(
            5,
            &BitString::from_bytes(&info.capabilities.0.to_be_bytes())?,
        )?,
        extension(6, &Uint::new(&info.key.id.to_be_bytes())?)?,
        extension(9, &Utf8StringRef::new(label.as_ref())?)?,
    ])
}

fn extension<V: EncodeValue + FixedTag>(last: u32, value: &V) -> der::Result<Extension> {
    Ok(Extension {
        extn_id: ARC.push_arc(last).map_err(der::Error::from)?,
        critical: false,
        extn_value: OctetString::new(value.to_der()?)?,
    })
}
