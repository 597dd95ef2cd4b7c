//! Small helpers over `der`'s reader.

use std::time::Duration;

use der::asn1::{GeneralizedTime, UtcTime};
use der::{
    DecodeValue, EncodeValue, FixedTag, Header, Length, Reader, SliceReader, Tag, TagMode,
    TagNumber, Writer,
};

use crate::UnixTime;

/// `UnixTime` is written as GeneralizedTime, the form of OCSP (RFC 6960 §4.2.2.1).
impl FixedTag for UnixTime {
    const TAG: Tag = Tag::GeneralizedTime;
}

impl<'a> DecodeValue<'a> for UnixTime {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        Ok(from_duration(
            GeneralizedTime::decode_value(reader, header)?.to_unix_duration(),
        ))
    }
}

impl EncodeValue for UnixTime {
    fn value_len(&self) -> der::Result<Length> {
        to_generalized(*self)?.value_len()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        to_generalized(*self)?.encode_value(writer)
    }
}

/// `Time` of certificates and CRLs (RFC 5280 §4.1.2.5): UTCTime or GeneralizedTime.
pub(crate) fn read_time<'a>(reader: &mut impl Reader<'a>) -> der::Result<UnixTime> {
    let duration = match Tag::peek(reader)? {
        Tag::UtcTime => reader.decode::<UtcTime>()?.to_unix_duration(),
        _ => reader.decode::<GeneralizedTime>()?.to_unix_duration(),
    };
    Ok(from_duration(duration))
}

/// Whether the next value exists and has `tag`.
pub(crate) fn next_is<'a>(reader: &impl Reader<'a>, tag: Tag) -> bool {
    !reader.is_finished() && Tag::peek(reader).is_ok_and(|next| next == tag)
}

/// The tag `[number]`.
pub(crate) const fn context(number: u32, constructed: bool) -> Tag {
    Tag::ContextSpecific {
        number: TagNumber(number),
        constructed,
    }
}

/// The content of `[number]` if it comes next, as a reader of its own value.
pub(crate) fn take<'a>(reader: &mut SliceReader<'a>, tag: Tag) -> der::Result<Option<&'a [u8]>> {
    if next_is(reader, tag) {
        read_value(reader, tag).map(Some)
    } else {
        Ok(None)
    }
}

/// The content octets of the next value, which must have `tag`.
pub(crate) fn read_value<'a>(reader: &mut SliceReader<'a>, tag: Tag) -> der::Result<&'a [u8]> {
    let header = reader.decode::<Header>()?;
    header.tag().assert_eq(tag)?;
    reader.read_slice(header.length())
}

/// An optional `[number] EXPLICIT` value.
pub(crate) fn explicit<'a, T>(
    reader: &mut SliceReader<'a>,
    number: u32,
) -> Result<Option<T>, T::Error>
where
    T: DecodeValue<'a> + FixedTag + 'a,
{
    reader.context_specific(TagNumber(number), TagMode::Explicit)
}

/// Runs `read` over all of `bytes`, trailing octets refused.
pub(crate) fn whole<'a, T, E: From<der::Error>>(
    bytes: &'a [u8],
    read: impl FnOnce(&mut SliceReader<'a>) -> Result<T, E>,
) -> Result<T, E> {
    let mut reader = SliceReader::new(bytes)?;
    let value = read(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

fn from_duration(duration: Duration) -> UnixTime {
    UnixTime::from_seconds(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
}

fn to_generalized(at: UnixTime) -> der::Result<GeneralizedTime> {
    let seconds = u64::try_from(at.seconds()).unwrap_or(0);
    GeneralizedTime::from_unix_duration(Duration::from_secs(seconds))
}
