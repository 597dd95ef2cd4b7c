//! Names for people: RFC 4514, last component first.

use std::fmt::{self, Write};

use der::Encode;

use super::{Attribute, Name};
use crate::oid::ATTRIBUTE_NAMES;

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // RFC 4514 §2.1: the string starts with the last element of the sequence.
        let components: Vec<_> = self.rdns().collect();
        for (index, rdn) in components.iter().rev().enumerate() {
            if index > 0 {
                f.write_char(',')?;
            }
            for (index, attribute) in rdn.attributes().enumerate() {
                if index > 0 {
                    f.write_char('+')?;
                }
                write_attribute(f, &attribute)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

fn write_attribute(f: &mut fmt::Formatter<'_>, attribute: &Attribute<'_>) -> fmt::Result {
    let short = ATTRIBUTE_NAMES.iter().find(|(oid, _)| attribute.oid == oid);
    match (short, attribute.text()) {
        (Some((_, name)), Some(text)) => {
            write!(f, "{name}=")?;
            write_text(f, text)
        }
        // RFC 4514 §2.4: otherwise the BER in hexadecimal, so that nothing is guessed.
        _ => {
            write!(f, "{}=#", attribute.oid)?;
            for octet in attribute.value.to_der().map_err(|_| fmt::Error)? {
                write!(f, "{octet:02x}")?;
            }
            Ok(())
        }
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let last = text.chars().count().saturating_sub(1);
    for (index, character) in text.chars().enumerate() {
        // RFC 4514 §2.4. Control characters are escaped as well, so that a name cannot write
        // into a terminal or a log.
        let edge_space = character == ' ' && (index == 0 || index == last);
        let escaped = matches!(character, '"' | '+' | ',' | ';' | '<' | '>' | '\\');
        if edge_space || escaped || (character == '#' && index == 0) {
            write!(f, "\\{character}")?;
        } else if character.is_control() || is_bidirectional_control(character) {
            let mut octets = [0; 4];
            for octet in character.encode_utf8(&mut octets).bytes() {
                write!(f, "\\{octet:02x}")?;
            }
        } else {
            f.write_char(character)?;
        }
    }
    Ok(())
}

/// Characters that reorder the text around them and so could disguise a name.
const fn is_bidirectional_control(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
