//! Views over DER without copies: the parts that certificates and CRLs share.

use const_oid::ObjectIdentifier;
use der::asn1::AnyRef;
use der::{Decode, Encode, Header, Reader, SliceReader, Tag};
use kasane_verify::UnixTime;
use x509_cert::time::Time;

/// One tag, length and value, with the bytes of all three.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub(super) tag: Tag,
    pub(super) value: &'a [u8],
    pub(super) der: &'a [u8],
}

impl<'a> Element<'a> {
    /// The next element of `reader`; a length that is not minimal is an error.
    pub(super) fn read(reader: &mut SliceReader<'a>) -> der::Result<Self> {
        let mut start = reader.clone();
        let header = Header::decode(reader)?;
        let value = reader.read_slice(header.length())?;
        let der = start.read_slice((reader.position() - start.position())?)?;
        Ok(Self {
            tag: header.tag(),
            value,
            der,
        })
    }

    /// The whole of `der`, of which nothing may be left over, as one element.
    pub(super) fn whole(der: &'a [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let element = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(element)
    }

    /// The element itself when it bears `tag`.
    pub(super) fn expect(self, tag: Tag) -> der::Result<Self> {
        self.tag.assert_eq(tag)?;
        Ok(self)
    }

    /// A reader over the value.
    pub(super) fn inside(&self) -> der::Result<SliceReader<'a>> {
        SliceReader::new(self.value)
    }
}

/// An `AlgorithmIdentifier`.
#[derive(Clone, Copy, Debug)]
pub struct AlgorithmFacts<'a> {
    /// Which algorithm.
    pub oid: ObjectIdentifier,
    /// The parameters as they stand; `None` when absent, which is not the same as NULL.
    pub parameters: Option<AnyRef<'a>>,
}

impl<'a> AlgorithmFacts<'a> {
    pub(super) fn read(element: Element<'a>) -> der::Result<Self> {
        let mut inside = element.expect(Tag::Sequence)?.inside()?;
        let oid = inside.decode()?;
        let parameters = if inside.is_finished() {
            None
        } else {
            Some(inside.decode()?)
        };
        inside.finish()?;
        Ok(Self { oid, parameters })
    }

    /// Whether the parameters are there and NULL.
    #[must_use]
    pub fn is_null_parameter(&self) -> bool {
        self.parameters.is_some_and(AnyRef::is_null)
    }
}

/// One attribute of a distinguished name.
#[derive(Clone, Copy, Debug)]
pub struct AttributeFacts<'a> {
    /// Which attribute.
    pub oid: ObjectIdentifier,
    /// Which string type.
    pub tag: Tag,
    /// Its content octets.
    pub value: &'a [u8],
}

/// A distinguished name, byte by byte and attribute by attribute.
#[derive(Clone, Debug)]
pub struct NameFacts<'a> {
    /// The bytes of the whole name.
    pub der: &'a [u8],
    /// How many relative distinguished names.
    pub rdn_count: usize,
    /// Whether one of them is an empty set.
    pub has_empty_rdn: bool,
    /// The attributes in order, over all relative distinguished names.
    pub attributes: Vec<AttributeFacts<'a>>,
}

impl<'a> NameFacts<'a> {
    pub(super) fn read(element: Element<'a>) -> der::Result<Self> {
        let mut rdns = element.expect(Tag::Sequence)?.inside()?;
        let mut name = Self {
            der: element.der,
            rdn_count: 0,
            has_empty_rdn: false,
            attributes: Vec::with_capacity(4),
        };
        while !rdns.is_finished() {
            let mut set = Element::read(&mut rdns)?.expect(Tag::Set)?.inside()?;
            name.rdn_count += 1;
            name.has_empty_rdn |= set.is_finished();
            while !set.is_finished() {
                let mut pair = Element::read(&mut set)?.expect(Tag::Sequence)?.inside()?;
                let oid = pair.decode()?;
                let value = Element::read(&mut pair)?;
                pair.finish()?;
                name.attributes.push(AttributeFacts {
                    oid,
                    tag: value.tag,
                    value: value.value,
                });
            }
        }
        Ok(name)
    }
}

/// A time as it was encoded.
#[derive(Clone, Copy, Debug)]
pub struct TimeFacts<'a> {
    /// `UTCTime`, `GeneralizedTime`, or what somebody wrote instead.
    pub tag: Tag,
    /// The text.
    pub text: &'a [u8],
    /// The instant, when the text has the form that RFC 5280 §4.1.2.5 asks for.
    pub at: Option<UnixTime>,
}

impl<'a> TimeFacts<'a> {
    pub(super) fn read(element: Element<'a>) -> Self {
        let at = Time::from_der(element.der).ok().and_then(|time| {
            let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
            Some(UnixTime::from_seconds(seconds))
        });
        Self {
            tag: element.tag,
            text: element.value,
            at,
        }
    }

    /// Says what is wrong with the encoding: RFC 5280 §4.1.2.5.1 and §4.1.2.5.2.
    #[must_use]
    pub fn encoding_error(&self) -> Option<String> {
        let text = String::from_utf8_lossy(self.text);
        if self.tag != Tag::UtcTime && self.tag != Tag::GeneralizedTime {
            return Some(format!("{text:?} is tagged {}, not as a time", self.tag));
        }
        let Some(at) = self.at else {
            return Some(format!(
                "{text:?} is not in Zulu with seconds and without fractions"
            ));
        };
        // 2050-01-01T00:00:00Z is the first instant for GeneralizedTime.
        let wanted = if at.seconds() < 2_524_608_000 {
            Tag::UtcTime
        } else {
            Tag::GeneralizedTime
        };
        (self.tag != wanted).then(|| format!("{text:?} is tagged {}, not {wanted}", self.tag))
    }
}

/// One extension as it was encoded.
#[derive(Clone, Copy, Debug)]
pub struct ExtensionFacts<'a> {
    /// Which extension.
    pub oid: ObjectIdentifier,
    /// Its criticality.
    pub critical: bool,
    /// Whether `critical FALSE` was written out, which DER forbids for a default (X.690 §11.5).
    pub has_explicit_default: bool,
    /// The octets inside `extnValue`.
    pub value: &'a [u8],
}

impl<'a> ExtensionFacts<'a> {
    pub(super) fn read(element: Element<'a>) -> der::Result<Self> {
        let mut inside = element.expect(Tag::Sequence)?.inside()?;
        let oid = inside.decode()?;
        let mut next = Element::read(&mut inside)?;
        let mut critical = None;
        if next.tag == Tag::Boolean {
            critical = Some(bool::from_der(next.der)?);
            next = Element::read(&mut inside)?;
        }
        inside.finish()?;
        Ok(Self {
            oid,
            critical: critical.unwrap_or(false),
            has_explicit_default: critical == Some(false),
            value: next.expect(Tag::OctetString)?.value,
        })
    }

    /// All extensions of an `Extensions` sequence.
    pub(super) fn read_all(element: Element<'a>) -> der::Result<Vec<Self>> {
        let mut inside = element.expect(Tag::Sequence)?.inside()?;
        let mut extensions = Vec::with_capacity(12);
        while !inside.is_finished() {
            extensions.push(Self::read(Element::read(&mut inside)?)?);
        }
        Ok(extensions)
    }
}

/// The content of one known extension.
#[derive(Clone, Debug, Default)]
pub enum Decoded<T> {
    /// The extension is not there.
    #[default]
    Absent,
    /// It is there and its value does not have its syntax.
    Malformed,
    /// It is there.
    Present {
        /// Its criticality.
        critical: bool,
        /// Whether encoding the value again gives the same bytes.
        canonical: bool,
        /// The value.
        value: T,
    },
}

impl<T> Decoded<T> {
    /// The value when the extension is there and well-formed.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Present { value, .. } => Some(value),
            Self::Absent | Self::Malformed => None,
        }
    }

    /// Its criticality when it is there and well-formed.
    pub const fn critical(&self) -> Option<bool> {
        match self {
            Self::Present { critical, .. } => Some(*critical),
            Self::Absent | Self::Malformed => None,
        }
    }

    /// Whether the extension is there, well-formed or not.
    pub const fn is_present(&self) -> bool {
        !matches!(self, Self::Absent)
    }
}

impl<T: for<'b> Decode<'b> + Encode> Decoded<T> {
    /// Decodes the value of `extension`; the first of several wins, another lint finds the rest.
    pub(super) fn fill(&mut self, extension: &ExtensionFacts<'_>) -> Health {
        if !matches!(self, Self::Absent) {
            return Health::Canonical;
        }
        let Ok(value) = T::from_der(extension.value) else {
            *self = Self::Malformed;
            return Health::Malformed;
        };
        let canonical = value.to_der().is_ok_and(|again| again == extension.value);
        *self = Self::Present {
            critical: extension.critical,
            canonical,
            value,
        };
        if canonical {
            Health::Canonical
        } else {
            Health::NotCanonical
        }
    }
}

/// How the value of an extension was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Canonical,
    NotCanonical,
    Malformed,
}
