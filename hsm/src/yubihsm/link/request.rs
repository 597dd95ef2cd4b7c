//! Requests that the relay reads, and the answers that it writes.

use std::io::{self, Read, Write};

use super::frame;

/// Longest head of a request, in bytes.
const MAX_HEAD_BYTES: usize = 1024;

/// Most header fields; the client sends three.
const MAX_FIELDS: usize = 16;

/// The next request's body; `None` when the client has gone.
pub(super) fn read(stream: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut buffer = Vec::new();
    loop {
        if let Some((head, length)) = parse(&buffer)? {
            while buffer.len() < head + length {
                if !fill(stream, &mut buffer)? {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            if buffer.len() > head + length {
                return Err(refused("more came than was announced"));
            }
            return Ok(Some(buffer.split_off(head)));
        }
        if buffer.len() > MAX_HEAD_BYTES {
            return Err(refused("the head of the request is too long"));
        }
        if !fill(stream, &mut buffer)? {
            return if buffer.is_empty() {
                Ok(None)
            } else {
                Err(io::ErrorKind::UnexpectedEof.into())
            };
        }
    }
}

/// Writes an answer in one piece.
///
/// The crate's reader puts what arrives second over what arrived first
/// (`connector/http/client/response/reader.rs` of yubihsm 0.42.1), so that an answer in two pieces is
/// corrupted. One write of so few octets to a loopback socket arrives as one.
pub(super) fn answer(stream: &mut impl Write, body: &[u8]) -> io::Result<()> {
    let mut octets =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    octets.extend_from_slice(body);
    stream.write_all(&octets)
}

/// Writes that there is no answer.
pub(super) fn no_answer(stream: &mut impl Write) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

/// Length of head and of body, once the head is complete.
fn parse(buffer: &[u8]) -> io::Result<Option<(usize, usize)>> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    let head = match request.parse(buffer) {
        Ok(httparse::Status::Complete(head)) => head,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(refused("not HTTP")),
    };
    if request.method != Some("POST") || request.path != Some("/connector/api") {
        return Err(refused("only POST /connector/api is relayed"));
    }
    let length = request
        .headers
        .iter()
        .find(|field| field.name.eq_ignore_ascii_case("content-length"))
        .and_then(|field| std::str::from_utf8(field.value).ok())
        .and_then(|value| value.trim().parse::<usize>().ok())
        .filter(|length| *length <= frame::MAX_BYTES)
        .ok_or_else(|| refused("no length, or too great a one"))?;
    Ok(Some((head, length)))
}

fn fill(stream: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<bool> {
    let mut piece = [0; 4096];
    let read = stream.read(&mut piece)?;
    buffer.extend_from_slice(&piece[..read]);
    Ok(read > 0)
}

fn refused(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one octet at a time.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else {
                return Ok(0);
            };
            into[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn request_in_many_pieces_is_read() {
        let text = b"POST /connector/api HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
        assert_eq!(read(&mut Drip(text)).unwrap().unwrap(), b"abc");
        assert_eq!(read(&mut &text[..]).unwrap().unwrap(), b"abc");
        assert!(read(&mut &b""[..]).unwrap().is_none());
    }

    #[test]
    fn only_bounded_commands_are_relayed() {
        let long = format!("POST /connector/api HTTP/1.1\r\nx: {}", "y".repeat(2000));
        for text in [
            "GET /connector/api HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
            "POST /connector/status HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
            "POST http://elsewhere/connector/api HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
            "POST /connector/api HTTP/1.1\r\n\r\n",
            "POST /connector/api HTTP/1.1\r\nContent-Length: 99999\r\n\r\n",
            "POST /connector/api HTTP/1.1\r\nContent-Length: 1\r\n\r\n",
            "POST /connector/api HTTP/1.1\r\nContent-Length: 1\r\n\r\nab",
            "\0\0\0\0",
            &long,
        ] {
            assert!(read(&mut text.as_bytes()).is_err(), "{text:?}");
        }
    }
}
