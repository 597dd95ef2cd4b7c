//! `GeneralName` (RFC 5280 §4.2.1.6).

use der::{Header, Reader, Tag};

use super::extensions::Malformed;
use crate::asn1;
use crate::name::Name;

/// One name of one of nine kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeneralName<'a> {
    /// `otherName`: content octets.
    Other(&'a [u8]),
    /// `rfc822Name`: a mailbox.
    Rfc822(&'a str),
    /// `dNSName`.
    Dns(&'a str),
    /// `x400Address`: content octets.
    X400(&'a [u8]),
    /// `directoryName`.
    Directory(Name<'a>),
    /// `ediPartyName`: content octets.
    EdiParty(&'a [u8]),
    /// `uniformResourceIdentifier`.
    Uri(&'a str),
    /// `iPAddress`: 4 or 16 octets; in name constraints 8 or 32, address and mask.
    Ip(&'a [u8]),
    /// `registeredID`: content octets.
    RegisteredId(&'a [u8]),
}

impl<'a> GeneralName<'a> {
    pub(super) fn read(reader: &mut asn1::Cursor<'a>) -> Result<Self, Malformed> {
        let name = Self::read_base(reader)?;
        match name {
            Self::Ip(octets) if !matches!(octets.len(), 4 | 16) => {
                Err(Malformed("an IP address has 4 or 16 octets"))
            }
            _ => Ok(name),
        }
    }

    /// The same, with the IP form of name constraints.
    pub(super) fn read_base(reader: &mut asn1::Cursor<'a>) -> Result<Self, Malformed> {
        let header = reader.decode::<Header>()?;
        let value = reader.read_slice(header.length())?;
        let Tag::ContextSpecific {
            number,
            constructed,
        } = header.tag()
        else {
            return Err(Malformed("a general name has a context-specific tag"));
        };
        Ok(match (number.0, constructed) {
            (0, true) => Self::Other(value),
            (1, false) => Self::Rfc822(ascii(value)?),
            (2, false) => Self::Dns(ascii(value)?),
            (3, true) => Self::X400(value),
            // A CHOICE is tagged explicitly even where tags are implicit (X.680 §31.2.7).
            (4, true) => Self::Directory(Name::from_der(value)?),
            (5, true) => Self::EdiParty(value),
            (6, false) => Self::Uri(ascii(value)?),
            (7, false) => Self::Ip(value),
            (8, false) => Self::RegisteredId(value),
            _ => return Err(Malformed("a general name has an unknown tag")),
        })
    }
}

/// `GeneralNames`: at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GeneralNames<'a>(&'a [u8]);

impl<'a> GeneralNames<'a> {
    pub(crate) fn read(value: &'a [u8]) -> Result<Self, Malformed> {
        Self::read_content(asn1::whole(value, |reader| {
            asn1::read_value(reader, Tag::Sequence)
        })?)
    }

    /// From the content octets of the sequence, as under an implicit tag.
    pub(crate) fn read_content(list: &'a [u8]) -> Result<Self, Malformed> {
        asn1::whole(list, |reader| {
            GeneralName::read(reader)?;
            while !reader.is_finished() {
                GeneralName::read(reader)?;
            }
            Ok::<_, Malformed>(())
        })?;
        Ok(Self(list))
    }

    /// The names in order.
    pub fn iter(&self) -> impl Iterator<Item = GeneralName<'a>> + use<'a> {
        let mut reader = asn1::Cursor::new(self.0).ok();
        std::iter::from_fn(move || {
            let reader = reader.as_mut().filter(|reader| !reader.is_finished())?;
            GeneralName::read(reader).ok()
        })
    }
}

/// An IA5String's text.
fn ascii(value: &[u8]) -> Result<&str, Malformed> {
    match std::str::from_utf8(value) {
        Ok(text) if text.is_ascii() => Ok(text),
        _ => Err(Malformed("a name is not ASCII")),
    }
}
