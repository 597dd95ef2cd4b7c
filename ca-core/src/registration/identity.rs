//! Who a certificate names: a holder and one of its terminals.

use std::fmt;
use std::str::FromStr;

use super::error::excerpt;
use super::{
    CheckDigit, FacilityCode, Identifier, InsurerCode, MunicipalityCode, RegistrationError,
    TerminalNumber,
};

/// What a holder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HolderKind {
    /// A hospital, clinic, pharmacy or visiting nursing station.
    Facility,
    /// An insurer.
    Insurer,
    /// A municipality.
    Municipality,
    /// A fire headquarters.
    Fire,
    /// A vendor.
    Vendor,
    /// A server or a system that calls servers.
    System,
    /// A person of the operator's staff.
    Operator,
}

/// The party that a certificate is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// A facility.
    Facility(FacilityCode),
    /// An insurer.
    Insurer(InsurerCode),
    /// A municipality.
    Municipality(MunicipalityCode),
    /// A fire headquarters.
    Fire(Identifier),
    /// A vendor.
    Vendor(Identifier),
    /// A server or a system that calls servers.
    System(Identifier),
    /// A person of the operator's staff.
    Operator(Identifier),
}

/// A holder and the number of its terminal; `facility/1312345670/1` in text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The party.
    pub holder: Holder,
    /// Its terminal.
    pub number: TerminalNumber,
}

impl HolderKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Facility,
        Self::Insurer,
        Self::Municipality,
        Self::Fire,
        Self::Vendor,
        Self::System,
        Self::Operator,
    ];

    /// The name in identity URIs, profiles and the ledger.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Facility => "facility",
            Self::Insurer => "insurer",
            Self::Municipality => "municipality",
            Self::Fire => "fire",
            Self::Vendor => "vendor",
            Self::System => "system",
            Self::Operator => "operator",
        }
    }
}

impl Holder {
    /// Reads the code of a holder of this kind.
    ///
    /// # Errors
    /// The error of the kind's code.
    pub fn parse(
        kind: HolderKind,
        code: &str,
        check_digit: CheckDigit,
    ) -> Result<Self, RegistrationError> {
        Ok(match kind {
            HolderKind::Facility => Self::Facility(FacilityCode::parse(code, check_digit)?),
            HolderKind::Insurer => Self::Insurer(code.parse()?),
            HolderKind::Municipality => Self::Municipality(code.parse()?),
            HolderKind::Fire => Self::Fire(code.parse()?),
            HolderKind::Vendor => Self::Vendor(code.parse()?),
            HolderKind::System => Self::System(code.parse()?),
            HolderKind::Operator => Self::Operator(code.parse()?),
        })
    }

    /// What the holder is.
    #[must_use]
    pub const fn kind(&self) -> HolderKind {
        match self {
            Self::Facility(_) => HolderKind::Facility,
            Self::Insurer(_) => HolderKind::Insurer,
            Self::Municipality(_) => HolderKind::Municipality,
            Self::Fire(_) => HolderKind::Fire,
            Self::Vendor(_) => HolderKind::Vendor,
            Self::System(_) => HolderKind::System,
            Self::Operator(_) => HolderKind::Operator,
        }
    }

    /// The code within its kind.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Facility(code) => code.as_str(),
            Self::Insurer(code) => code.as_str(),
            Self::Municipality(code) => code.as_str(),
            Self::Fire(code) | Self::Vendor(code) | Self::System(code) | Self::Operator(code) => {
                code.as_str()
            }
        }
    }
}

impl Identity {
    /// The identity of one terminal.
    #[must_use]
    pub const fn new(holder: Holder, number: TerminalNumber) -> Self {
        Self { holder, number }
    }

    /// Reads `<kind>/<code>/<no>`.
    ///
    /// # Errors
    /// [`RegistrationError::Identity`], or the error of the part that does not fit.
    pub fn parse(text: &str, check_digit: CheckDigit) -> Result<Self, RegistrationError> {
        let mut parts = text.split('/');
        let (Some(kind), Some(code), Some(number), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(RegistrationError::Identity {
                text: excerpt(text),
            });
        };
        Ok(Self {
            holder: Holder::parse(kind.parse()?, code, check_digit)?,
            number: number.parse()?,
        })
    }

    /// The subject's common name: `<code>-<no>`.
    #[must_use]
    pub fn common_name(&self) -> String {
        format!("{}-{}", self.holder.code(), self.number)
    }
}

impl FromStr for HolderKind {
    type Err = RegistrationError;

    fn from_str(text: &str) -> Result<Self, RegistrationError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| RegistrationError::HolderKind {
                text: excerpt(text),
            })
    }
}

impl fmt::Display for HolderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `facility/1312345670`.
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind(), self.code())
    }
}

/// `facility/1312345670/1`: also the path of the identity URI.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.holder, self.number)
    }
}
