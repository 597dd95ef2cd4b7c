//! The ten-digit code of a facility (医療機関コード) and its check digit.

use std::fmt;

use super::RegistrationError;
use super::code::is_digits;
use super::error::excerpt;

/// Whether the last digit of a facility code must follow from the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CheckDigit {
    /// Refuse a code whose check digit is wrong.
    #[default]
    Enforce,
    /// Take any last digit: for a region whose codes follow another rule.
    Skip,
}

/// What the third digit, the fee table (点数表), says of a facility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FacilityCategory {
    /// 1: hospital or clinic.
    Medical,
    /// 3: dental clinic.
    Dental,
    /// 4: pharmacy.
    Pharmacy,
    /// 6: visiting nursing.
    VisitingNursing,
}

/// Prefecture (2 digits), fee table (1), facility (7, the last a check digit).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FacilityCode {
    digits: String,
    prefecture: u8,
    category: FacilityCategory,
}

impl FacilityCode {
    /// Reads ten digits.
    ///
    /// # Errors
    /// [`RegistrationError::FacilityCode`], `Prefecture`, `FeeTable` or `CheckDigit`.
    pub fn parse(text: &str, check_digit: CheckDigit) -> Result<Self, RegistrationError> {
        if !is_digits(text, 10) {
            return Err(RegistrationError::FacilityCode {
                text: excerpt(text),
            });
        }
        let mut values = text.bytes().map(|b| b - b'0');
        let mut next = || values.next().unwrap_or_default();
        let prefecture = next() * 10 + next();
        let table = next();
        if !(1..=47).contains(&prefecture) {
            return Err(RegistrationError::Prefecture {
                code: text.to_owned(),
                prefecture,
            });
        }
        let category =
            FacilityCategory::from_fee_table(table).ok_or_else(|| RegistrationError::FeeTable {
                code: text.to_owned(),
                table,
            })?;
        let (body, last) = text.split_at(9);
        let found = last.bytes().next().map_or(0, |b| b - b'0');
        if check_digit == CheckDigit::Enforce
            && let Some(expected) = Self::check_digit(body)
            && expected != found
        {
            return Err(RegistrationError::CheckDigit {
                code: text.to_owned(),
                found,
                expected,
            });
        }
        Ok(Self {
            digits: text.to_owned(),
            prefecture,
            category,
        })
    }

    /// The tenth digit for the nine of `body`: modulus 10, weights 2 and 1 from the right, the
    /// digits of each product summed. `None` when `body` is not nine digits.
    #[must_use]
    pub fn check_digit(body: &str) -> Option<u8> {
        if !is_digits(body, 9) {
            return None;
        }
        let sum: u8 = body
            .bytes()
            .rev()
            .zip([2, 1].into_iter().cycle())
            .map(|(b, weight)| {
                let product = (b - b'0') * weight;
                product / 10 + product % 10
            })
            .sum();
        Some((10 - sum % 10) % 10)
    }

    /// Completes nine digits with their check digit.
    ///
    /// # Errors
    /// As [`FacilityCode::parse`].
    pub fn with_check_digit(body: &str) -> Result<Self, RegistrationError> {
        let digit = Self::check_digit(body).ok_or_else(|| RegistrationError::FacilityCode {
            text: excerpt(body),
        })?;
        Self::parse(&format!("{body}{digit}"), CheckDigit::Enforce)
    }

    /// The ten digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.digits
    }

    /// 1 (北海道) to 47 (沖縄県).
    #[must_use]
    pub const fn prefecture(&self) -> u8 {
        self.prefecture
    }

    /// What kind of facility it is.
    #[must_use]
    pub const fn category(&self) -> FacilityCategory {
        self.category
    }
}

impl fmt::Display for FacilityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.digits)
    }
}

impl FacilityCategory {
    /// The category of a fee table digit.
    #[must_use]
    pub const fn from_fee_table(digit: u8) -> Option<Self> {
        match digit {
            1 => Some(Self::Medical),
            3 => Some(Self::Dental),
            4 => Some(Self::Pharmacy),
            6 => Some(Self::VisitingNursing),
            _ => None,
        }
    }

    /// The name in a subject's OU.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Medical => "medical",
            Self::Dental => "dental",
            Self::Pharmacy => "pharmacy",
            Self::VisitingNursing => "visiting-nursing",
        }
    }
}
