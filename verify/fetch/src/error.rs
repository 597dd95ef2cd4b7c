//! Why evidence could not be fetched.

use std::net::IpAddr;
use std::time::Duration;

use kasane_verify::UnixTime;
use kasane_verify::crl::CrlError;
use kasane_verify::ocsp::{OcspError, OcspResponseStatus};

/// Why evidence could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The address is not asked.
    #[error("address is not asked: {0}")]
    Address(#[from] AddressError),
    /// The host's address is not asked.
    #[error("host is not asked: {host} has the address {address}, which is not of the network")]
    Forbidden {
        /// The host.
        host: String,
        /// Its address.
        address: IpAddr,
    },
    /// The host is not known.
    #[error("cannot find host {host}: {reason}")]
    Resolve {
        /// The host.
        host: String,
        /// What the system says.
        reason: String,
    },
    /// The host cannot be reached.
    #[error("cannot connect to {host}: {reason}")]
    Connect {
        /// Host and port.
        host: String,
        /// What the system says.
        reason: String,
    },
    /// It takes too long.
    #[error("no {what} within {limit:?}")]
    Timeout {
        /// What did not come.
        what: &'static str,
        /// The limit.
        limit: Duration,
    },
    /// Not the HTTP that is spoken here.
    #[error("HTTP fails: {0}")]
    Http(String),
    /// Not the answer that was asked for.
    #[error("server answers {0}")]
    Status(u16),
    /// A redirect that is not followed.
    #[error("redirect is not followed: {0}")]
    Redirect(&'static str),
    /// A page for people, a picture.
    #[error("answer is of the type {0}, not evidence")]
    ContentType(String),
    /// A compressed answer, which nobody asked for.
    #[error("answer has the content coding {0}, which was not asked for")]
    ContentCoding(String),
    /// Longer than is read.
    #[error("answer is longer than {limit_bytes} octets")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// Everything in memory is in use.
    #[error("memory budget of {limit_bytes} octets is used up")]
    Memory {
        /// The budget.
        limit_bytes: usize,
    },
    /// Too much under way.
    #[error("too many fetches are under way")]
    Busy,
    /// It failed a moment ago.
    #[error("it failed before ({code}) and is asked again from {retry_at}")]
    Recently {
        /// The code of the failure.
        code: &'static str,
        /// From when on it is asked again.
        retry_at: UnixTime,
    },
    /// Not a CRL.
    #[error(transparent)]
    Crl(#[from] CrlError),
    /// Not signed by the key that signed the last good CRL.
    #[error("new CRL is not signed with the key of the last good one")]
    CrlSignature,
    /// An old CRL again.
    #[error("CRL is older than the last good one")]
    CrlOlder,
    /// Not an OCSP response.
    #[error(transparent)]
    Ocsp(#[from] OcspError),
    /// The responder gives no answer.
    #[error("OCSP responder answers {0:?}")]
    OcspStatus(OcspResponseStatus),
    /// An answer to another question.
    #[error("OCSP response is about other certificates")]
    OcspOther,
    /// An old OCSP response again.
    #[error("OCSP response is older than the last good one")]
    OcspOlder,
    /// The verifier did not accept what came.
    #[error("what came was not accepted")]
    NotAccepted,
    /// The fetch ended without result.
    #[error("fetch was interrupted")]
    Interrupted,
}

/// Why an address is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// No address, or longer than any is.
    #[error("it cannot be read")]
    Malformed,
    /// Status must not need TLS to check TLS (RFC 5280 §8); LDAP and the like are not spoken.
    #[error("only http is spoken")]
    Scheme,
    /// `user@host`.
    #[error("it names a user")]
    User,
    /// A host that the configuration does not allow.
    #[error("its host is not allowed")]
    Host,
    /// A port that the configuration does not allow.
    #[error("its port is not allowed")]
    Port,
}

impl FetchError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Address(AddressError::Malformed) => "fetch.address.malformed",
            Self::Address(AddressError::Scheme) => "fetch.address.scheme",
            Self::Address(AddressError::User) => "fetch.address.user",
            Self::Address(AddressError::Host) => "fetch.address.host",
            Self::Address(AddressError::Port) => "fetch.address.port",
            Self::Forbidden { .. } => "fetch.forbidden",
            Self::Resolve { .. } => "fetch.resolve",
            Self::Connect { .. } => "fetch.connect",
            Self::Timeout { .. } => "fetch.timeout",
            Self::Http(_) => "fetch.http",
            Self::Status(_) => "fetch.status",
            Self::Redirect(_) => "fetch.redirect",
            Self::ContentType(_) => "fetch.content_type",
            Self::ContentCoding(_) => "fetch.content_coding",
            Self::TooLarge { .. } => "fetch.too_large",
            Self::Memory { .. } => "fetch.memory",
            Self::Busy => "fetch.busy",
            Self::Recently { .. } => "fetch.recently",
            Self::Crl(error) => error.code(),
            Self::CrlSignature => "fetch.crl_signature",
            Self::CrlOlder => "fetch.crl_older",
            Self::Ocsp(error) => error.code(),
            Self::OcspStatus(_) => "fetch.ocsp_status",
            Self::OcspOther => "fetch.ocsp_other",
            Self::OcspOlder => "fetch.ocsp_older",
            Self::NotAccepted => "fetch.not_accepted",
            Self::Interrupted => "fetch.interrupted",
        }
    }

    /// Whether it says something of the address asked, so that it is remembered. Our own limits do
    /// not.
    pub(crate) const fn is_remembered(&self) -> bool {
        !matches!(
            self,
            Self::Memory { .. } | Self::Busy | Self::Recently { .. } | Self::Interrupted
        )
    }

    /// Whether a cache between may have answered with what is old or forged.
    pub(crate) const fn may_be_of_a_cache(&self) -> bool {
        matches!(
            self,
            Self::NotAccepted | Self::CrlSignature | Self::CrlOlder | Self::OcspOlder
        )
    }

    /// Whether the host is out of reach for every question.
    pub(crate) fn is_of_host(&self) -> bool {
        matches!(
            self,
            Self::Forbidden { .. }
                | Self::Resolve { .. }
                | Self::Connect { .. }
                | Self::Timeout {
                    what: CONNECTION,
                    ..
                }
        )
    }

    /// Whether an OCSP responder is out of order for every question.
    pub(crate) const fn is_of_responder(&self) -> bool {
        match self {
            Self::Timeout { .. } | Self::Http(_) | Self::ContentType(_) => true,
            Self::Status(status) => *status >= 500,
            Self::OcspStatus(status) => matches!(
                status,
                OcspResponseStatus::TryLater | OcspResponseStatus::InternalError
            ),
            _ => false,
        }
    }
}

/// What a time-out waited for while nothing was sent yet.
pub(crate) const CONNECTION: &str = "connection";
