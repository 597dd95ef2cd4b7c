//! Small helpers over `der`'s reader.

use std::time::Duration;

use const_oid::ObjectIdentifierRef;
use der::asn1::{GeneralizedTime, UtcTime};
use der::{
    Decode, DecodeValue, EncodeValue, FixedTag, Header, Length, Reader, SliceReader, Tag,
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
pub(crate) fn read_time<'a>(reader: &mut SliceReader<'a>) -> der::Result<UnixTime> {
    if next_is(reader, Tag::UtcTime) {
        let text = reader.tlv_bytes()?;
        return utc_time(text);
    }
    Ok(from_duration(
        reader.decode::<GeneralizedTime>()?.to_unix_duration(),
    ))
}

/// UTCTime reaches back to 1950, `UnixTime` to 1970: what is earlier is read as 1970, which no
/// question can tell apart. The years are moved by twenty so that leap days stay where they are.
fn utc_time(tlv: &[u8]) -> der::Result<UnixTime> {
    if let [_, _, decade @ b'5'..=b'6', ..] = tlv {
        let mut moved = tlv.to_vec();
        if let Some(digit) = moved.get_mut(2) {
            *digit = *decade + 2;
        }
        UtcTime::from_der(&moved)?;
        return Ok(UnixTime::from_seconds(0));
    }
    Ok(from_duration(UtcTime::from_der(tlv)?.to_unix_duration()))
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

/// An object identifier, borrowed.
pub(crate) fn read_oid<'a>(reader: &mut SliceReader<'a>) -> der::Result<&'a ObjectIdentifierRef> {
    let value = read_value(reader, Tag::ObjectIdentifier)?;
    ObjectIdentifierRef::from_bytes(value).map_err(|_| Tag::ObjectIdentifier.value_error().into())
}

/// The content octets of an INTEGER in its shortest form.
pub(crate) fn read_integer<'a>(reader: &mut SliceReader<'a>) -> der::Result<&'a [u8]> {
    integer(read_value(reader, Tag::Integer)?)
}

/// Content octets of an INTEGER, if they are its shortest form (X.690 §8.3.2).
pub(crate) fn integer(value: &[u8]) -> der::Result<&[u8]> {
    match value {
        [] => Err(Tag::Integer.length_error().into()),
        [0, next, ..] if *next < 0x80 => Err(Tag::Integer.non_canonical_error().into()),
        [0xff, next, ..] if *next >= 0x80 => Err(Tag::Integer.non_canonical_error().into()),
        _ => Ok(value),
    }
}

/// A count such as `SkipCerts`: not negative; more than 32 bits can hold means "no limit that could
/// bind", so it saturates.
pub(crate) fn count(value: &[u8]) -> der::Result<u32> {
    let value = integer(value)?;
    if value.first().is_some_and(|first| *first >= 0x80) {
        return Err(Tag::Integer.value_error().into());
    }
    Ok(value
        .iter()
        .try_fold(0_u32, |sum, octet| {
            sum.checked_mul(256)?.checked_add((*octet).into())
        })
        .unwrap_or(u32::MAX))
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

/// The instant of a GeneralizedTime.
pub(crate) fn from_generalized(time: GeneralizedTime) -> UnixTime {
    from_duration(time.to_unix_duration())
}

fn from_duration(duration: Duration) -> UnixTime {
    UnixTime::from_seconds(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
}

fn to_generalized(at: UnixTime) -> der::Result<GeneralizedTime> {
    let seconds = u64::try_from(at.seconds()).unwrap_or(0);
    GeneralizedTime::from_unix_duration(Duration::from_secs(seconds))
}
