//! The attributes of a request, of which only the extension request says anything to us.

use std::collections::HashSet;

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::ID_CE_SUBJECT_ALT_NAME;
use const_oid::db::rfc5912::ID_EXTENSION_REQ;
use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader, Tag, TagNumber};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::GeneralName;

use super::{MAX_ATTRIBUTES, MAX_EXTENSIONS, MAX_NAMES, RequestError};

/// `attributes [0]` (RFC 2986 §4.1).
pub(super) const TAG: Tag = Tag::ContextSpecific {
    constructed: true,
    number: TagNumber(0),
};

/// Microsoft's older name of the extension request, still written by some of its tools.
const MICROSOFT_EXTENSION_REQ: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.2.1.14");

/// An extension that the sender asks for. Data only: it is never copied into a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestedExtension {
    /// Its identifier.
    pub oid: ObjectIdentifier,
    /// Whether the sender marked it critical.
    pub critical: bool,
    /// The content of its octet string.
    pub value: Vec<u8>,
}

/// What a request asks for beside its subject.
#[derive(Clone, Debug, Default)]
pub(super) struct Requested {
    pub(super) extensions: Vec<RequestedExtension>,
    pub(super) names: Vec<GeneralName>,
}

/// Reads the content of `attributes`. Order does not matter; attributes other than the extension
/// request (challenge passwords, Microsoft's client information) carry nothing that is used.
pub(super) fn read(content: &[u8]) -> Result<Requested, RequestError> {
    let mut reader = SliceReader::new(content)?;
    let mut seen = HashSet::new();
    let mut requested = Requested::default();
    while !reader.is_finished() {
        let (oid, values) = reader.sequence(|fields| -> der::Result<_> {
            Ok((
                fields.decode::<ObjectIdentifier>()?,
                fields.decode::<AnyRef<'_>>()?,
            ))
        })?;
        if values.header().tag() != Tag::Set {
            return Err(der::Error::from(Tag::Set.value_error()).into());
        }
        if !seen.insert(oid) {
            return Err(RequestError::DuplicateAttribute { oid });
        }
        if seen.len() > MAX_ATTRIBUTES {
            return Err(RequestError::TooManyAttributes);
        }
        if oid == ID_EXTENSION_REQ || oid == MICROSOFT_EXTENSION_REQ {
            requested
                .extensions
                .extend(read_extensions(values.value())?);
        }
    }
    check_extensions(&requested.extensions)?;
    if let Some(names) = requested
        .extensions
        .iter()
        .find(|e| e.oid == ID_CE_SUBJECT_ALT_NAME)
    {
        requested.names = read_names(&names.value)?;
    }
    Ok(requested)
}

/// The one value of an extension request.
fn read_extensions(values: &[u8]) -> Result<Vec<RequestedExtension>, RequestError> {
    let mut reader = SliceReader::new(values)?;
    if reader.is_finished() {
        return Err(RequestError::ExtensionRequestValues);
    }
    let extensions: Vec<Extension> = reader.decode()?;
    if !reader.is_finished() {
        return Err(RequestError::ExtensionRequestValues);
    }
    Ok(extensions
        .into_iter()
        .map(|extension| RequestedExtension {
            oid: extension.extn_id,
            critical: extension.critical,
            value: extension.extn_value.into_bytes().into(),
        })
        .collect())
}

fn check_extensions(extensions: &[RequestedExtension]) -> Result<(), RequestError> {
    if extensions.len() > MAX_EXTENSIONS {
        return Err(RequestError::TooManyExtensions {
            count: extensions.len(),
        });
    }
    let mut seen = HashSet::new();
    match extensions
        .iter()
        .find(|extension| !seen.insert(extension.oid))
    {
        Some(twice) => Err(RequestError::DuplicateExtension { oid: twice.oid }),
        None => Ok(()),
    }
}

fn read_names(der: &[u8]) -> Result<Vec<GeneralName>, RequestError> {
    let names = Vec::<GeneralName>::from_der(der)
        .map_err(|source| RequestError::NamesMalformed { source })?;
    if names.len() > MAX_NAMES {
        return Err(RequestError::TooManyNames { count: names.len() });
    }
    Ok(names)
}
