//! Small helpers over `der`.

mod cursor;

use std::time::Duration;

use const_oid::ObjectIdentifierRef;
use der::asn1::{BitStringRef, GeneralizedTime};
use der::{
    Class, DateTime, DecodeValue, EncodeValue, FixedTag, Header, Length, Reader, Tag, TagNumber,
    Writer,
};

use crate::UnixTime;

pub(crate) use cursor::Cursor;

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
pub(crate) fn read_time(reader: &mut Cursor<'_>) -> der::Result<UnixTime> {
    if next_is(reader, Tag::UtcTime) {
        return utc_time(read_value(reader, Tag::UtcTime)?);
    }
    Ok(from_duration(
        reader.decode::<GeneralizedTime>()?.to_unix_duration(),
    ))
}

/// `YYMMDDHHMMSSZ`. UTCTime reaches back to 1950, `UnixTime` to 1970: what is earlier is read as
/// 1970, which no question can tell apart.
fn utc_time(content: &[u8]) -> der::Result<UnixTime> {
    let wrong = || der::Error::from(Tag::UtcTime.value_error());
    let (&[year, month, day, hour, minute, second], [b'Z']) = content.as_chunks::<2>() else {
        return Err(wrong());
    };
    let number = |[tens, ones]: [u8; 2]| {
        let digits = tens.is_ascii_digit() && ones.is_ascii_digit();
        digits
            .then(|| (tens & 15) * 10 + (ones & 15))
            .ok_or_else(wrong)
    };
    let year = match u16::from(number(year)?) {
        short @ ..50 => 2000 + short,
        short => 1900 + short,
    };
    // The years before 1970 are moved by twenty so that leap days stay where they are.
    let early = year < 1970;
    let date = DateTime::new(
        if early { year + 20 } else { year },
        number(month)?,
        number(day)?,
        number(hour)?,
        number(minute)?,
        number(second)?,
    )
    .map_err(|_| wrong())?;
    if early {
        return Ok(UnixTime::from_seconds(0));
    }
    Ok(from_duration(date.unix_duration()))
}

/// Whether the next value exists and has `tag`.
#[inline]
pub(crate) fn next_is<'a>(reader: &impl Reader<'a>, tag: Tag) -> bool {
    reader.peek_byte() == Some(octet(tag))
}

/// The octet that a tag is. All tags that are asked for are of one, with numbers below 31.
#[inline]
const fn octet(tag: Tag) -> u8 {
    let class = match tag.class() {
        Class::Universal => 0,
        Class::Application => 0x40,
        Class::ContextSpecific => 0x80,
        Class::Private => 0xc0,
    };
    let form = if tag.is_constructed() { 0x20 } else { 0 };
    let [.., number] = tag.number().0.to_be_bytes();
    class | form | number
}

/// The tag `[number]`.
pub(crate) const fn context(number: u32, constructed: bool) -> Tag {
    Tag::ContextSpecific {
        number: TagNumber(number),
        constructed,
    }
}

/// The content of `[number]` if it comes next, as a reader of its own value.
#[inline]
pub(crate) fn take<'a>(reader: &mut Cursor<'a>, tag: Tag) -> der::Result<Option<&'a [u8]>> {
    if next_is(reader, tag) {
        read_value(reader, tag).map(Some)
    } else {
        Ok(None)
    }
}

/// The content octets of the next value, which must have `tag`.
#[inline]
pub(crate) fn read_value<'a>(reader: &mut Cursor<'a>, tag: Tag) -> der::Result<&'a [u8]> {
    if next_is(reader, tag) {
        // Nothing to learn from the tag. It costs more to read than all the rest of a header.
        reader.read_byte()?;
        return read_rest(reader);
    }
    Err(other_tag(reader, tag))
}

/// The next value, which must have `tag`: all of it, and its content.
#[inline]
pub(crate) fn read_whole<'a>(
    reader: &mut Cursor<'a>,
    tag: Tag,
) -> der::Result<(&'a [u8], &'a [u8])> {
    let before = reader.rest();
    let content = read_value(reader, tag)?;
    let length = before.len() - reader.rest().len();
    Ok((before.get(..length).unwrap_or_default(), content))
}

/// First octet and content of the next value, whatever it is.
#[inline]
pub(crate) fn read_any<'a>(reader: &mut Cursor<'a>) -> der::Result<(u8, &'a [u8])> {
    match reader.peek_byte() {
        // The usual types, and context-specific tags below 31.
        Some(
            first @ (0x01..=0x06
            | 0x0a
            | 0x0c
            | 0x13
            | 0x16..=0x18
            | 0x30..=0x31
            | 0x80..=0x9e
            | 0xa0..=0xbe),
        ) => {
            reader.read_byte()?;
            Ok((first, read_rest(reader)?))
        }
        first => {
            let header = reader.decode::<Header>()?;
            let content = reader.read_slice(header.length())?;
            Ok((first.unwrap_or_default(), content))
        }
    }
}

/// Length and content, after a tag.
#[inline]
fn read_rest<'a>(reader: &mut Cursor<'a>) -> der::Result<&'a [u8]> {
    let length = match reader.peek_byte() {
        Some(short @ ..0x80) => {
            reader.read_byte()?;
            Length::from(short)
        }
        _ => reader.decode::<Length>()?,
    };
    reader.read_slice(length)
}

#[cold]
fn other_tag(reader: &mut Cursor<'_>, expected: Tag) -> der::Error {
    match reader.decode::<Header>() {
        Ok(header) => header.tag().unexpected_error(Some(expected)).into(),
        Err(error) => error,
    }
}

/// A BOOLEAN if one comes next, else FALSE, which is the default wherever we look for one.
#[inline]
pub(crate) fn read_flag(reader: &mut Cursor<'_>) -> der::Result<bool> {
    match take(reader, Tag::Boolean)? {
        None | Some([0]) => Ok(false),
        Some([0xff]) => Ok(true),
        Some([_]) => Err(Tag::Boolean.non_canonical_error().into()),
        Some(_) => Err(Tag::Boolean.length_error().into()),
    }
}

/// A BIT STRING; none when it does not end on an octet.
pub(crate) fn read_octets<'a>(reader: &mut Cursor<'a>) -> der::Result<Option<&'a [u8]>> {
    let content = read_value(reader, Tag::BitString)?;
    if let [0, octets @ ..] = content {
        return Ok(Some(octets));
    }
    bits(content).map(|bits| bits.as_bytes())
}

/// A BIT STRING from its content octets.
pub(crate) fn bits(content: &[u8]) -> der::Result<BitStringRef<'_>> {
    let header = Header::new(Tag::BitString, Length::try_from(content.len())?);
    whole(content, |reader| BitStringRef::decode_value(reader, header))
}

/// An object identifier, borrowed.
pub(crate) fn read_oid<'a>(reader: &mut Cursor<'a>) -> der::Result<&'a ObjectIdentifierRef> {
    oid(read_value(reader, Tag::ObjectIdentifier)?)
}

/// The content octets of an object identifier that [`oid`] will read.
#[inline]
pub(crate) fn read_oid_octets<'a>(reader: &mut Cursor<'a>) -> der::Result<&'a [u8]> {
    let value = read_value(reader, Tag::ObjectIdentifier)?;
    // Arcs of up to four octets cannot be too large for `const_oid`.
    let well_formed = match value {
        [0..=0x77, arcs @ ..] => arcs.iter().try_fold(0, |continued, octet| match octet {
            0..0x80 => Some(0),
            _ if continued < 3 => Some(continued + 1),
            _ => None,
        }),
        _ => None,
    };
    if well_formed == Some(0) {
        return Ok(value);
    }
    oid(value).map(|_| value)
}

/// An object identifier from its content octets.
pub(crate) fn oid(value: &[u8]) -> der::Result<&ObjectIdentifierRef> {
    ObjectIdentifierRef::from_bytes(value).map_err(|_| Tag::ObjectIdentifier.value_error().into())
}

/// The content octets of an INTEGER in its shortest form.
#[inline]
pub(crate) fn read_integer<'a>(reader: &mut Cursor<'a>) -> der::Result<&'a [u8]> {
    integer(read_value(reader, Tag::Integer)?)
}

/// Content octets of an INTEGER, if they are its shortest form (X.690 §8.3.2).
#[inline]
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

/// Runs `read` over the content of the next value, which must have `tag`, all of it.
#[inline]
pub(crate) fn within<'a, T, E: From<der::Error>>(
    reader: &mut Cursor<'a>,
    tag: Tag,
    read: impl FnOnce(&mut Cursor<'a>) -> Result<T, E>,
) -> Result<T, E> {
    whole(read_value(reader, tag)?, read)
}

/// Runs `read` over all of `bytes`, trailing octets refused.
#[inline]
pub(crate) fn whole<'a, T, E: From<der::Error>>(
    bytes: &'a [u8],
    read: impl FnOnce(&mut Cursor<'a>) -> Result<T, E>,
) -> Result<T, E> {
    let mut reader = Cursor::new(bytes)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_checked_as_const_oid_checks_them() {
        let mut state = 1_u32;
        for _ in 0..200_000 {
            let mut content = Vec::new();
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            for index in 0..state >> 29 {
                let octet = state.rotate_left(index * 5).to_le_bytes()[1];
                // Many continued arcs, and many first octets in range.
                content.push(if index == 0 {
                    octet >> (state & 1)
                } else {
                    octet
                });
            }
            let length = u8::try_from(content.len()).unwrap();
            let value = [&[6, length], &*content].concat();
            let mut reader = Cursor::new(&value).unwrap();
            assert_eq!(
                read_oid_octets(&mut reader).is_ok(),
                ObjectIdentifierRef::from_bytes(&content).is_ok(),
                "{content:x?}"
            );
        }
    }

    #[test]
    fn cursor_reads_what_the_reader_of_der_reads() {
        let mut state = 7_u32;
        for _ in 0..200_000 {
            let mut bytes = [0_u8; 8];
            for octet in &mut bytes {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *octet = state.to_le_bytes()[3];
            }
            let tags = [2, 4, 5, 6, 0x0c, 0x13, 0x30, 0x31, 0x80, 0xa0, 0x9f, 0xbf];
            if let Some(tag) = tags.get(usize::from(bytes[0] % 16)) {
                bytes[0] = *tag;
            }
            bytes[1] &= 0x87;
            let mut theirs = der::SliceReader::new(&bytes).unwrap();
            let expected = theirs.decode::<Header>().and_then(|header| {
                let content = theirs.read_slice(header.length())?;
                Ok((header.tag(), content))
            });
            let mut ours = Cursor::new(&bytes).unwrap();
            let found = read_any(&mut ours);
            assert_eq!(
                found.ok(),
                expected.ok().map(|(_, content)| (bytes[0], content)),
                "{bytes:x?}"
            );
            for tag in [Tag::Sequence, Tag::Integer, context(0, true)] {
                let mut ours = Cursor::new(&bytes).unwrap();
                let of_tag = expected.ok().filter(|(found, _)| *found == tag);
                assert_eq!(
                    read_value(&mut ours, tag).ok(),
                    of_tag.map(|(_, content)| content)
                );
            }
        }
    }
}
