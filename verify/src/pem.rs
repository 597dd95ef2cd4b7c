//! PEM (RFC 7468) to DER. Text between the blocks is ignored.

/// Most blocks that are read: no chain or bundle of anchors comes near it.
pub const MAX_BLOCKS: usize = 1000;

/// Why a PEM text is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// A block that starts and never ends.
    #[error("cannot read PEM: block {block} has no END line")]
    Unfinished {
        /// Its number, from one.
        block: usize,
    },
    /// A block that is no RFC 7468 PEM.
    #[error("cannot read PEM: block {block}: {reason}")]
    Malformed {
        /// Its number, from one.
        block: usize,
        /// What is wrong.
        reason: der::pem::Error,
    },
    /// Nothing of the kind asked for.
    #[error("cannot read PEM: there is no {label} block")]
    None {
        /// The label looked for.
        label: &'static str,
    },
    /// Too many.
    #[error("cannot read PEM: more than 1000 blocks")]
    TooMany,
}

impl PemError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unfinished { .. } => "pem.unfinished",
            Self::Malformed { .. } => "pem.malformed",
            Self::None { .. } => "pem.none",
            Self::TooMany => "pem.too_many",
        }
    }
}

/// Whether a file's octets are the DER of a SEQUENCE rather than a text: a text may begin with the
/// digit 0, but goes on in ASCII.
#[must_use]
pub fn is_der(octets: &[u8]) -> bool {
    let is_text = |octet: &u8| octet.is_ascii_graphic() || octet.is_ascii_whitespace();
    match octets {
        // A short text may have just the length that its second character would mean.
        [0x30, length @ 0..=0x7f, rest @ ..] => {
            usize::from(*length) == rest.len() && !rest.iter().all(is_text)
        }
        [0x30, _, ..] => true,
        _ => false,
    }
}

/// The certificates in a text, in order.
///
/// # Errors
/// When a block is malformed, or there is no certificate.
pub fn certificates(text: &[u8]) -> Result<Vec<Vec<u8>>, PemError> {
    blocks(text, "CERTIFICATE")
}

/// The CRLs in a text, in order.
///
/// # Errors
/// When a block is malformed, or there is no CRL.
pub fn crls(text: &[u8]) -> Result<Vec<Vec<u8>>, PemError> {
    blocks(text, "X509 CRL")
}

/// The blocks with that label, in order; others are passed over.
///
/// # Errors
/// When a block is malformed, or none has the label.
pub fn blocks(text: &[u8], label: &'static str) -> Result<Vec<Vec<u8>>, PemError> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    const END: &[u8] = b"-----END ";
    let mut found = Vec::new();
    let mut rest = text;
    let mut block = 0;
    while let Some(start) = position(rest, BEGIN) {
        block += 1;
        if block > MAX_BLOCKS {
            return Err(PemError::TooMany);
        }
        let body = rest.get(start..).unwrap_or_default();
        let end = position(body, END)
            .and_then(|end| body.get(end..))
            .and_then(|tail| {
                position(tail, b"\n")
                    .or(Some(tail.len()))
                    .map(|line| (tail, line))
            })
            .ok_or(PemError::Unfinished { block })?;
        let (tail, line) = end;
        let length = body.len() - tail.len() + line;
        let (this, next) = body.split_at_checked(length).unwrap_or((body, &[]));
        if let Some(body) = body_of(this, label) {
            let der =
                decode(body, label).map_err(|reason| PemError::Malformed { block, reason })?;
            found.push(der);
        }
        rest = next;
    }
    if found.is_empty() {
        Err(PemError::None { label })
    } else {
        Ok(found)
    }
}

/// What stands between the lines, when the block has that label.
fn body_of<'a>(block: &'a [u8], label: &str) -> Option<&'a [u8]> {
    let begin = format!("-----BEGIN {label}-----");
    let end = format!("-----END {label}-----");
    block
        .trim_ascii_end()
        .strip_prefix(begin.as_bytes())?
        .strip_suffix(end.as_bytes())
}

/// Lines of any length are read (RFC 7468 §2 asks for 64, much software writes others), so they are
/// wrapped anew for the strict decoder.
fn decode(body: &[u8], label: &str) -> Result<Vec<u8>, der::pem::Error> {
    let mut strict = format!("-----BEGIN {label}-----\n").into_bytes();
    let characters: Vec<u8> = body
        .iter()
        .copied()
        .filter(|octet| !octet.is_ascii_whitespace())
        .collect();
    for line in characters.chunks(64) {
        strict.extend_from_slice(line);
        strict.push(b'\n');
    }
    strict.extend_from_slice(format!("-----END {label}-----\n").as_bytes());
    der::pem::decode_vec(&strict).map(|(_, der)| der)
}

fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";

    #[test]
    fn text_and_other_blocks_are_passed_over() {
        let other = ONE.replace("CERTIFICATE", "X509 CRL");
        let text = format!("subject=x\r\n{ONE}between\n{other}{}", ONE.trim_end());
        assert_eq!(certificates(text.as_bytes()), Ok(vec![vec![0x30, 0]; 2]));
        assert_eq!(crls(text.as_bytes()), Ok(vec![vec![0x30, 0]]));
    }

    #[test]
    fn lines_may_have_any_length() {
        let octets = vec![7; 200];
        let strict = der::pem::encode_string("CERTIFICATE", der::pem::LineEnding::LF, &octets);
        let lines = strict.unwrap();
        let body: String = lines
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect();
        let text = format!("-----BEGIN CERTIFICATE-----\r\n{body}\r\n-----END CERTIFICATE-----");
        assert_eq!(certificates(text.as_bytes()), Ok(vec![octets]));
    }

    #[test]
    fn text_that_begins_with_the_digit_of_a_sequence_is_no_der() {
        for (octets, der) in [
            (&[0x30, 0x81, 0x80][..], true),
            (&[0x30, 2, 5, 0], true),
            (&[0x30, 2, 5], false),
            (b"0 entries\n-----BEGIN X509 CRL-----", false),
            (b"0", false),
            (b"", false),
        ] {
            assert_eq!(is_der(octets), der, "{octets:?}");
        }
    }

    #[test]
    fn unfinished_malformed_and_empty_texts_are_refused() {
        let text = ONE.replace("-----END", "");
        assert_eq!(
            certificates(text.as_bytes()),
            Err(PemError::Unfinished { block: 1 })
        );
        let text = ONE.replace("MAA=", "M!A=");
        assert_eq!(
            certificates(text.as_bytes()).unwrap_err().code(),
            "pem.malformed"
        );
        assert_eq!(certificates(b"text").unwrap_err().code(), "pem.none");
    }
}
