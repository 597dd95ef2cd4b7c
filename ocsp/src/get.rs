//! The request in a GET path (RFC 6960 Appendix A.1).

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use kasane_verify::ocsp::MAX_REQUEST_BYTES;

/// Longest path that is decoded: the largest request in base64, every character percent-encoded.
const MAX_PATH_BYTES: usize = MAX_REQUEST_BYTES.div_ceil(3) * 4 * 3;

/// Clients leave the padding out now and then.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a GET path is no request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadGet {
    /// Longer than any request.
    #[error("OCSP request in GET is refused: {length_bytes} octets; send it with POST")]
    TooLong {
        /// Its length.
        length_bytes: usize,
    },
    /// A percent sign without two hexadecimal digits.
    #[error("OCSP request in GET is refused: broken percent-encoding")]
    PercentEncoding,
    /// Not base64.
    #[error("OCSP request in GET is refused: it is no base64")]
    Base64,
}

impl BadGet {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "ocsp.get.too-long",
            Self::PercentEncoding => "ocsp.get.percent-encoding",
            Self::Base64 => "ocsp.get.base64",
        }
    }
}

/// Decodes what follows the responder's address in a GET: base64, percent-encoded or as it is
/// (`/`, `+` and `=` are legal in a path, and many clients do not encode them). `path` is the raw
/// path, not decoded before.
///
/// # Errors
/// [`BadGet`]; the answer to give then is `malformedRequest`.
pub fn decode_get(path: &str) -> Result<Vec<u8>, BadGet> {
    if path.len() > MAX_PATH_BYTES {
        return Err(BadGet::TooLong {
            length_bytes: path.len(),
        });
    }
    if !path.contains('%') {
        return BASE64.decode(path).map_err(|_| BadGet::Base64);
    }
    let mut text = Vec::with_capacity(path.len());
    let mut parts = path.as_bytes().split(|octet| *octet == b'%');
    text.extend_from_slice(parts.next().unwrap_or_default());
    for part in parts {
        let [high, low, rest @ ..] = part else {
            return Err(BadGet::PercentEncoding);
        };
        let digit = |octet: &u8| char::from(*octet).to_digit(16);
        let octet = digit(high)
            .zip(digit(low))
            .map(|(high, low)| high * 16 + low);
        let octet = octet.and_then(|octet| u8::try_from(octet).ok());
        text.push(octet.ok_or(BadGet::PercentEncoding)?);
        text.extend_from_slice(rest);
    }
    BASE64.decode(&text).map_err(|_| BadGet::Base64)
}

/// What follows the responder's address in a GET: base64, its three characters that mean something in
/// a path percent-encoded (RFC 6960 Appendix A.1).
#[must_use]
pub fn encode_get(request_der: &[u8]) -> String {
    let plain = BASE64.encode(request_der);
    let mut path = String::with_capacity(plain.len() + 16);
    for character in plain.chars() {
        match character {
            '+' => path.push_str("%2B"),
            '/' => path.push_str("%2F"),
            '=' => path.push_str("%3D"),
            other => path.push(other),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_request_is_read_back() {
        let all = (0..=255).collect::<Vec<u8>>();
        for length in 0..all.len() {
            let path = encode_get(&all[..length]);
            assert!(!path.contains(['+', '/', '=']), "{path}");
            assert_eq!(decode_get(&path).unwrap(), all[..length]);
        }
    }

    #[test]
    fn get_path_may_be_percent_encoded_or_not() {
        let request = [0x30, 0xfb, 0xef, 0xbe, 0xff, 0x01];
        assert_eq!(decode_get("MPvvvv8B").unwrap(), request);
        let all = (0..=255).collect::<Vec<u8>>();
        let plain = BASE64.encode(&all);
        assert!(
            plain.contains('/') && plain.contains('+') && plain.ends_with('='),
            "{plain}"
        );
        let encoded = plain
            .replace('/', "%2F")
            .replace('+', "%2b")
            .replace('=', "%3D");
        for path in [&plain, &encoded, plain.trim_end_matches('=')] {
            assert_eq!(decode_get(path).unwrap(), all, "{path}");
        }
    }

    #[test]
    fn broken_get_path_is_refused() {
        for (path, error) in [
            ("MP%", BadGet::PercentEncoding),
            ("MP%2", BadGet::PercentEncoding),
            ("MP%zz", BadGet::PercentEncoding),
            ("MP%ff", BadGet::Base64),
            ("M-P_", BadGet::Base64),
            ("M", BadGet::Base64),
        ] {
            assert_eq!(decode_get(path), Err(error), "{path}");
        }
        let long = "A".repeat(MAX_PATH_BYTES + 1);
        assert_eq!(
            decode_get(&long),
            Err(BadGet::TooLong {
                length_bytes: long.len()
            })
        );
    }
}
