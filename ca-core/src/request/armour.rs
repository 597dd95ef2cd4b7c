//! PEM (RFC 7468), or DER as it is.

use std::borrow::Cow;

use der::pem;

use super::RequestError;

/// First octet of a DER SEQUENCE.
const SEQUENCE: u8 = 0x30;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

/// RFC 7468 §7, and what Microsoft's tools write.
const LABELS: [&str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];

/// The DER of `input`, which is DER or exactly one PEM block.
pub(super) fn remove(input: &[u8]) -> Result<Vec<u8>, RequestError> {
    let first = *input.first().ok_or(RequestError::Empty)?;
    if first == SEQUENCE {
        return Ok(input.to_vec());
    }
    let text = std::str::from_utf8(input).map_err(|_| RequestError::NotDer)?;
    // Windows tools begin text with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_ascii();
    if text.is_empty() {
        return Err(RequestError::Empty);
    }
    check_boundaries(text)?;
    let text = unify_line_ends(text);
    let mut decoder =
        pem::Decoder::new_detect_wrap(text.as_bytes()).map_err(|_| RequestError::NotPem {
            reason: "its lines are not base64 of one width",
        })?;
    if !LABELS.contains(&decoder.type_label()) {
        return Err(RequestError::NotPem {
            reason: "the label is not CERTIFICATE REQUEST",
        });
    }
    let mut der = Vec::new();
    decoder
        .decode_to_end(&mut der)
        .map_err(|_| RequestError::NotPem {
            reason: "its base64 is damaged",
        })?;
    match der.first() {
        None => Err(RequestError::Empty),
        Some(&SEQUENCE) => Ok(der),
        Some(_) => Err(RequestError::NotDer),
    }
}

/// Exactly one block: a second one, or text around it, would leave open what was meant.
fn check_boundaries(text: &str) -> Result<(), RequestError> {
    if !text.starts_with(BEGIN) {
        return Err(RequestError::NotPem {
            reason: "it does not begin with -----BEGIN",
        });
    }
    let Some((_, after_end)) = text.split_once(END) else {
        return Err(RequestError::Truncated);
    };
    if text.matches(BEGIN).count() > 1 || after_end.contains('\n') || after_end.contains('\r') {
        return Err(RequestError::TrailingData);
    }
    Ok(())
}

fn unify_line_ends(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(text)
    }
}
