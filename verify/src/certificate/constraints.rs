//! Constraints of CA certificates.

use der::{Reader, Tag};

use super::GeneralName;
use super::extensions::Malformed;
use crate::asn1;

/// `BasicConstraints` (RFC 5280 §4.2.1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether the subject is a CA.
    pub ca: bool,
    /// Non-self-issued CA certificates that may follow in a path.
    pub path_len: Option<u32>,
}

impl BasicConstraints {
    pub(super) fn read(value: &[u8]) -> Result<Self, Malformed> {
        asn1::whole(value, |reader| {
            asn1::within(reader, Tag::Sequence, |body| {
                let ca = asn1::read_flag(body)?;
                let path_len = if body.is_finished() {
                    None
                } else {
                    Some(asn1::count(asn1::read_integer(body)?)?)
                };
                Ok(Self { ca, path_len })
            })
        })
    }
}

/// `NameConstraints` (RFC 5280 §4.2.1.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameConstraints<'a> {
    /// Names must lie in one of these, type by type.
    pub permitted: Option<Subtrees<'a>>,
    /// Names must lie in none of these.
    pub excluded: Option<Subtrees<'a>>,
}

/// `GeneralSubtrees`: at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subtrees<'a>(&'a [u8]);

impl<'a> NameConstraints<'a> {
    /// Reads the extension's value again, where only its octets were kept.
    pub(crate) fn from_der(value: &'a [u8]) -> Result<Self, Malformed> {
        Self::read(value)
    }

    pub(super) fn read(value: &'a [u8]) -> Result<Self, Malformed> {
        asn1::whole(value, |reader| {
            asn1::within(reader, Tag::Sequence, |body| {
                let permitted = asn1::take(body, asn1::context(0, true))?;
                let excluded = asn1::take(body, asn1::context(1, true))?;
                // RFC 5280 §4.2.1.10: never an empty sequence.
                if permitted.is_none() && excluded.is_none() {
                    return Err(Malformed("it constrains nothing"));
                }
                Ok(Self {
                    permitted: permitted.map(Subtrees::read).transpose()?,
                    excluded: excluded.map(Subtrees::read).transpose()?,
                })
            })
        })
    }
}

impl<'a> Subtrees<'a> {
    fn read(list: &'a [u8]) -> Result<Self, Malformed> {
        asn1::whole(list, |reader| {
            read_subtree(reader)?;
            while !reader.is_finished() {
                read_subtree(reader)?;
            }
            Ok::<_, Malformed>(())
        })?;
        Ok(Self(list))
    }

    /// The bases.
    pub fn iter(&self) -> impl Iterator<Item = GeneralName<'a>> + use<'a> {
        let mut reader = asn1::Cursor::new(self.0).ok();
        std::iter::from_fn(move || {
            let reader = reader.as_mut().filter(|reader| !reader.is_finished())?;
            read_subtree(reader).ok()
        })
    }
}

fn read_subtree<'a>(reader: &mut asn1::Cursor<'a>) -> Result<GeneralName<'a>, Malformed> {
    let body = asn1::read_value(reader, Tag::Sequence)?;
    asn1::whole(body, |reader| {
        let base = GeneralName::read_base(reader)?;
        let minimum = asn1::take(reader, asn1::context(0, false))?;
        let maximum = asn1::take(reader, asn1::context(1, false))?;
        // RFC 5280 §4.2.1.10: minimum MUST be zero, and maximum MUST be absent.
        if minimum.is_some_and(|value| value != [0]) || maximum.is_some() {
            return Err(Malformed("minimum and maximum are not supported"));
        }
        Ok(base)
    })
}
