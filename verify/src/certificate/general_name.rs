//! `GeneralName` (RFC 5280 §4.2.1.6).

use der::{Reader, Tag};

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
        let (tag, value) = asn1::read_any(reader)?;
        Ok(match tag {
            0xa0 => Self::Other(value),
            0x81 => Self::Rfc822(ascii(value)?),
            0x82 => Self::Dns(ascii(value)?),
            0xa3 => Self::X400(value),
            // A CHOICE is tagged explicitly even where tags are implicit (X.680 §31.2.7).
            0xa4 => Self::Directory(Name::from_der(value)?),
            0xa5 => Self::EdiParty(value),
            0x86 => Self::Uri(ascii(value)?),
            0x87 => Self::Ip(value),
            0x88 => Self::RegisteredId(value),
            ..=0x7f | 0xc0.. => {
                return Err(Malformed("a general name has a context-specific tag"));
            }
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
    let text = value.is_ascii().then(|| std::str::from_utf8(value).ok());
    text.flatten().ok_or(Malformed("a name is not ASCII"))
}
