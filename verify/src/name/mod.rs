//! Distinguished names as they are in the DER: compared, printed, never rebuilt.

mod compare;
mod print;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use const_oid::{ObjectIdentifier, ObjectIdentifierRef};
use der::asn1::AnyRef;
use der::{Reader, Tag};

use crate::asn1;

/// A `Name` (RFC 5280 §4.1.2.4), borrowed from its DER. Its structure was checked.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name<'a> {
    der: &'a [u8],
    rdns: &'a [u8],
}

impl<'a> Name<'a> {
    /// Reads the DER of a name.
    ///
    /// # Errors
    /// When it is no `SEQUENCE OF` nonempty `SET OF` type and value.
    pub fn from_der(der: &'a [u8]) -> der::Result<Self> {
        asn1::whole(der, Self::read)
    }

    /// Reads a name whose inside was checked before.
    pub(crate) fn from_checked(der: &'a [u8]) -> der::Result<Self> {
        let rdns = asn1::whole(der, |reader| asn1::read_value(reader, Tag::Sequence))?;
        Ok(Self { der, rdns })
    }

    /// Reads the next value.
    pub(crate) fn read(reader: &mut asn1::Cursor<'a>) -> der::Result<Self> {
        let (der, rdns) = asn1::read_whole(reader, Tag::Sequence)?;
        asn1::whole(rdns, |reader| {
            while !reader.is_finished() {
                asn1::within(reader, Tag::Set, check_set)?;
            }
            Ok::<_, der::Error>(())
        })?;
        Ok(Self { der, rdns })
    }

    /// The DER.
    #[must_use]
    pub const fn der(&self) -> &'a [u8] {
        self.der
    }

    /// Whether it has no component.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rdns.is_empty()
    }

    /// Whether both name the same entity (RFC 5280 §7.1): octet for octet, or after folding case
    /// and white space, whatever the string type; beyond ASCII in the form NFKC (RFC 4518).
    #[must_use]
    pub fn matches(&self, other: &Name<'_>) -> bool {
        self.der == other.der || compare::equal(*self, *other)
    }

    /// Whether `base` is this name or a prefix of it (RFC 5280 §7.1, directoryName constraints).
    #[must_use]
    pub fn is_within(&self, base: &Name<'_>) -> bool {
        compare::starts_with(*self, *base)
    }

    /// Whether it is `base` with `last` as one more component (RFC 5280 §4.2.1.13,
    /// nameRelativeToCRLIssuer).
    #[must_use]
    pub fn is_child_of(&self, base: &Name<'_>, last: &Rdn<'_>) -> bool {
        let mut below = self.rdns().skip(base.rdns().count());
        self.is_within(base)
            && below.next().is_some_and(|rdn| rdn.matches(last))
            && below.next().is_none()
    }

    /// The components, outermost first.
    pub fn rdns(&self) -> impl Iterator<Item = Rdn<'a>> + use<'a> {
        let mut reader = asn1::Cursor::new(self.rdns).ok();
        std::iter::from_fn(move || {
            let reader = reader.as_mut().filter(|reader| !reader.is_finished())?;
            asn1::read_value(reader, Tag::Set).ok().map(Rdn)
        })
    }

    /// Every attribute of every component.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        self.rdns().flat_map(|rdn| rdn.attributes())
    }

    /// The text of the first attribute of type `oid`.
    #[must_use]
    pub fn first_text(&self, oid: ObjectIdentifier) -> Option<&'a str> {
        self.attributes()
            .find(|attribute| *attribute.oid == oid)?
            .text()
    }
}

/// A relative distinguished name: the content of a SET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rdn<'a>(&'a [u8]);

impl<'a> Rdn<'a> {
    /// From the content octets of its SET, as under an implicit tag.
    pub(crate) fn read_content(content: &'a [u8]) -> der::Result<Self> {
        asn1::whole(content, check_set)?;
        Ok(Self(content))
    }

    /// Whether both have the same attributes, compared as those of names are.
    #[must_use]
    pub fn matches(&self, other: &Rdn<'_>) -> bool {
        compare::equal_rdn(*self, *other)
    }

    /// The same with types and tags left as octets.
    fn raw_attributes(&self) -> impl Iterator<Item = RawAttribute<'a>> + use<'a> {
        let mut reader = asn1::Cursor::new(self.0).ok();
        std::iter::from_fn(move || {
            let reader = reader.as_mut().filter(|reader| !reader.is_finished())?;
            read_raw(reader).ok()
        })
    }

    /// Its attribute, if it has but one.
    fn only_attribute(&self) -> Option<RawAttribute<'a>> {
        asn1::whole(self.0, read_raw).ok()
    }

    /// Its attributes in their encoded order.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        let mut reader = asn1::Cursor::new(self.0).ok();
        std::iter::from_fn(move || {
            let reader = reader.as_mut().filter(|reader| !reader.is_finished())?;
            read_attribute(reader).ok()
        })
    }
}

/// An attribute: type and value.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'a> {
    /// Its type.
    pub oid: &'a ObjectIdentifierRef,
    /// Its value.
    pub value: AnyRef<'a>,
}

impl<'a> Attribute<'a> {
    /// The value as text, when its string type is an octet-per-character ASCII or UTF-8 one.
    #[must_use]
    pub fn text(&self) -> Option<&'a str> {
        use der::Tagged;
        match self.value.tag() {
            Tag::PrintableString | Tag::Utf8String | Tag::Ia5String => {
                std::str::from_utf8(self.value.value()).ok()
            }
            _ => None,
        }
    }
}

/// An attribute for comparing.
#[derive(Clone, Copy)]
struct RawAttribute<'a> {
    /// Content octets of its type.
    oid: &'a [u8],
    /// First octet of its value's tag.
    tag: u8,
    value: &'a [u8],
}

impl<'a> RawAttribute<'a> {
    /// Whether `tag` is all of the tag.
    const fn has_short_tag(&self) -> bool {
        self.tag & 0x1f != 0x1f
    }

    /// The text of every string type whose characters are certain; what a TeletexString means is
    /// anybody's guess, so it is equal only octet for octet.
    fn decoded(&self) -> Option<Cow<'a, str>> {
        const BMP_STRING: u8 = 0x1e;
        const UNIVERSAL_STRING: u8 = 0x1c;
        let value = self.value;
        match self.tag {
            BMP_STRING if value.len().is_multiple_of(2) => {
                let units = value.chunks_exact(2).map(|it| match it {
                    [high, low] => u16::from_be_bytes([*high, *low]).into(),
                    _ => u32::MAX,
                });
                units.map(char::from_u32).collect::<Option<String>>()
            }
            UNIVERSAL_STRING if value.len().is_multiple_of(4) => {
                let units = value.chunks_exact(4).map(|it| match it {
                    [a, b, c, d] => u32::from_be_bytes([*a, *b, *c, *d]),
                    _ => u32::MAX,
                });
                units.map(char::from_u32).collect::<Option<String>>()
            }
            _ => return self.text().map(Cow::Borrowed),
        }
        .map(Cow::Owned)
    }

    /// The text as octets when all of it is ASCII, in a type where that is certain.
    fn ascii(&self) -> Option<&'a [u8]> {
        (matches!(self.tag, 0x0c | 0x13 | 0x16) && self.value.is_ascii()).then_some(self.value)
    }

    /// As [`Attribute::text`].
    fn text(&self) -> Option<&'a str> {
        match self.tag {
            0x0c | 0x13 | 0x16 => std::str::from_utf8(self.value).ok(),
            _ => None,
        }
    }
}

/// RFC 5280 §4.1.2.4: SET SIZE (1..MAX) of type and value.
fn check_set(set: &mut asn1::Cursor<'_>) -> der::Result<()> {
    loop {
        read_raw(set)?;
        if set.is_finished() {
            return Ok(());
        }
    }
}

#[inline]
fn read_raw<'a>(reader: &mut asn1::Cursor<'a>) -> der::Result<RawAttribute<'a>> {
    asn1::within(reader, Tag::Sequence, |attribute| {
        let oid = asn1::read_oid_octets(attribute)?;
        let (tag, value) = asn1::read_any(attribute)?;
        Ok(RawAttribute { oid, tag, value })
    })
}

fn read_attribute<'a>(reader: &mut asn1::Cursor<'a>) -> der::Result<Attribute<'a>> {
    asn1::within(reader, Tag::Sequence, |attribute| {
        Ok(Attribute {
            oid: asn1::read_oid(attribute)?,
            value: attribute.decode()?,
        })
    })
}
