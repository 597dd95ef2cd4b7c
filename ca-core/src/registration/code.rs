//! The short codes within an identity.

use std::fmt;
use std::str::FromStr;

use super::RegistrationError;
use super::error::excerpt;

/// An insurer: 8 digits (保険者番号).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InsurerCode(String);

/// A municipality: 6 digits (地方公共団体コード).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MunicipalityCode(String);

/// A fire headquarters, vendor, system or operator: 2 to 32 of `[a-z0-9-]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier(String);

/// Which terminal of its holder: 1 to 9999, printed without leading zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TerminalNumber(u16);

impl TerminalNumber {
    /// The first terminal, and the only one of most systems and people.
    pub const FIRST: Self = Self(1);
    /// The last number.
    pub const MAX: Self = Self(9999);

    /// # Errors
    /// [`RegistrationError::TerminalNumber`] outside 1 to 9999.
    pub fn new(number: u16) -> Result<Self, RegistrationError> {
        if (1..=Self::MAX.0).contains(&number) {
            Ok(Self(number))
        } else {
            Err(RegistrationError::TerminalNumber {
                text: number.to_string(),
            })
        }
    }

    /// The number.
    #[must_use]
    pub const fn value(self) -> u16 {
        self.0
    }
}

impl InsurerCode {
    /// The eight digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl MunicipalityCode {
    /// The six digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Identifier {
    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for InsurerCode {
    type Err = RegistrationError;

    fn from_str(text: &str) -> Result<Self, RegistrationError> {
        if is_digits(text, 8) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RegistrationError::InsurerCode {
                text: excerpt(text),
            })
        }
    }
}

impl FromStr for MunicipalityCode {
    type Err = RegistrationError;

    fn from_str(text: &str) -> Result<Self, RegistrationError> {
        if is_digits(text, 6) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RegistrationError::MunicipalityCode {
                text: excerpt(text),
            })
        }
    }
}

impl FromStr for Identifier {
    type Err = RegistrationError;

    fn from_str(text: &str) -> Result<Self, RegistrationError> {
        let fits = (2..=32).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(RegistrationError::Identifier {
                text: excerpt(text),
            })
        }
    }
}

impl FromStr for TerminalNumber {
    type Err = RegistrationError;

    fn from_str(text: &str) -> Result<Self, RegistrationError> {
        let refused = || RegistrationError::TerminalNumber {
            text: excerpt(text),
        };
        // `parse` alone would accept "+1" and "01".
        if text.starts_with('0') || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(refused());
        }
        text.parse()
            .ok()
            .and_then(|number| Self::new(number).ok())
            .ok_or_else(refused)
    }
}

impl fmt::Display for InsurerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for MunicipalityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for TerminalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

pub(super) fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|b| b.is_ascii_digit())
}
