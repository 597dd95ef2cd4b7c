//! Why a registered name is refused.

/// Why a code, a name or a registration is refused. Texts inside are shortened to 64 characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationError {
    /// Not ten ASCII digits.
    #[error("facility code {text:?} is refused: write exactly 10 digits 0-9")]
    FacilityCode {
        /// The refused text.
        text: String,
    },
    /// The first two digits name no prefecture.
    #[error("facility code {code}: prefecture {prefecture:02} does not exist, use 01 to 47")]
    Prefecture {
        /// The code.
        code: String,
        /// Its first two digits.
        prefecture: u8,
    },
    /// The third digit names no fee table.
    #[error(
        "facility code {code}: fee table {table} does not exist, use 1 (medical), 3 (dental), \
         4 (pharmacy) or 6 (visiting nursing)"
    )]
    FeeTable {
        /// The code.
        code: String,
        /// Its third digit.
        table: u8,
    },
    /// The last digit does not follow from the nine before it.
    #[error(
        "facility code {code}: check digit is {found}, expected {expected}: look for a typing error"
    )]
    CheckDigit {
        /// The code.
        code: String,
        /// Its last digit.
        found: u8,
        /// What the last digit must be.
        expected: u8,
    },
    /// Not eight ASCII digits.
    #[error("insurer code {text:?} is refused: write exactly 8 digits 0-9")]
    InsurerCode {
        /// The refused text.
        text: String,
    },
    /// Not six ASCII digits.
    #[error("municipality code {text:?} is refused: write exactly 6 digits 0-9")]
    MunicipalityCode {
        /// The refused text.
        text: String,
    },
    /// Not an identifier.
    #[error("identifier {text:?} is refused: use 2 to 32 of a-z, 0-9 and '-'")]
    Identifier {
        /// The refused text.
        text: String,
    },
    /// Not a terminal number.
    #[error("terminal number {text:?} is refused: use 1 to 9999 without leading zeros")]
    TerminalNumber {
        /// The refused text.
        text: String,
    },
    /// No such kind of holder.
    #[error(
        "{text:?} is no kind of holder: use facility, insurer, municipality, fire, vendor, system \
         or operator"
    )]
    HolderKind {
        /// The refused text.
        text: String,
    },
    /// Not `<kind>/<code>/<no>`.
    #[error("identity {text:?} is refused: write <kind>/<code>/<number>")]
    Identity {
        /// The refused text.
        text: String,
    },
    /// The URI does not belong to this operator or has another form.
    #[error("identity URI {text:?} is refused: it must begin with {expected_prefix:?}")]
    IdentityUri {
        /// The refused text.
        text: String,
        /// What every identity URI of this authority begins with.
        expected_prefix: String,
    },
    /// Not a host name.
    #[error("DNS name {text:?} is refused: {reason}")]
    DnsName {
        /// The refused text.
        text: String,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// The organization cannot stand in a subject.
    #[error("organization {text:?} is refused: use 1 to 64 characters without control characters")]
    Organization {
        /// The refused text.
        text: String,
    },
    /// A system that may be neither server nor client.
    #[error("system {name}: is neither server nor client: allow at least one")]
    SystemWithoutUse {
        /// The system.
        name: String,
    },
    /// A server without a name to be found by.
    #[error("system {name}: a server needs at least one DNS name")]
    ServerWithoutName {
        /// The system.
        name: String,
    },
    /// More names than a certificate of ours carries.
    #[error("system {name}: {count} DNS names, at most {limit} are allowed")]
    TooManyNames {
        /// The system.
        name: String,
        /// How many were given.
        count: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// A name twice.
    #[error("system {name}: DNS name {dns_name} is given twice")]
    DuplicateName {
        /// The system.
        name: String,
        /// The repeated name.
        dns_name: String,
    },
    /// A name could not be encoded as DER.
    #[error("subject of {identity}: cannot be encoded: {source}")]
    Encoding {
        /// Whose name.
        identity: String,
        /// What the encoder said.
        source: der::Error,
    },
}

impl RegistrationError {
    /// A stable code for programs: never reworded.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FacilityCode { .. } => "facility.bad-code",
            Self::Prefecture { .. } => "facility.bad-prefecture",
            Self::FeeTable { .. } => "facility.bad-fee-table",
            Self::CheckDigit { .. } => "facility.bad-check-digit",
            Self::InsurerCode { .. } => "insurer.bad-code",
            Self::MunicipalityCode { .. } => "municipality.bad-code",
            Self::Identifier { .. } => "identity.bad-identifier",
            Self::TerminalNumber { .. } => "identity.bad-number",
            Self::HolderKind { .. } => "identity.unknown-kind",
            Self::Identity { .. } => "identity.bad-form",
            Self::IdentityUri { .. } => "identity.foreign-uri",
            Self::DnsName { .. } => "name.bad-dns-name",
            Self::Organization { .. } => "name.bad-organization",
            Self::SystemWithoutUse { .. } => "system.without-use",
            Self::ServerWithoutName { .. } => "system.server-without-name",
            Self::TooManyNames { .. } => "system.too-many-names",
            Self::DuplicateName { .. } => "system.duplicate-name",
            Self::Encoding { .. } => "name.encoding",
        }
    }
}

/// So much of a refused text as a message may carry.
pub(super) fn excerpt(text: &str) -> String {
    text.chars().take(64).collect()
}
