//! `OCSPRequest` (RFC 6960 §4.1).

use der::asn1::{Any, BitString};
use der::{Decode, Encode, Enumerated, Sequence};
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::name::GeneralName;

use super::{CertId, Nonce, OcspError, check_extensions};

/// Longest request that is read: RFC 5019 clients send under 255 octets, signed ones with a chain a
/// few KiB.
pub const MAX_REQUEST_BYTES: usize = 16 * 1024;

/// Most certificates asked about at once: each costs a look-up and perhaps a signature.
pub const MAX_REQUESTS: usize = 100;

/// The only version (RFC 6960 §4.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enumerated)]
#[asn1(type = "INTEGER")]
#[repr(u8)]
pub enum Version {
    /// Version 1.
    #[default]
    V1 = 0,
}

/// `OCSPRequest`.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct OcspRequest {
    /// What is asked.
    pub tbs_request: TbsRequest,
    /// A signature; responders may ignore it.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub optional_signature: Option<Signature>,
}

/// `TBSRequest`.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct TbsRequest {
    /// Left out when it is version 1.
    #[asn1(
        context_specific = "0",
        tag_mode = "EXPLICIT",
        default = "Default::default"
    )]
    pub version: Version,
    /// Who asks.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub requestor_name: Option<GeneralName>,
    /// The certificates.
    pub request_list: Vec<Request>,
    /// Among them the nonce.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    pub request_extensions: Option<Extensions>,
}

/// `Request`: one certificate.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct Request {
    /// Which.
    pub req_cert: CertId,
    /// Rarely used.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub single_request_extensions: Option<Extensions>,
}

/// `Signature` of a request.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct Signature {
    /// Its algorithm.
    pub signature_algorithm: AlgorithmIdentifierOwned,
    /// Over the DER of `TBSRequest`.
    pub signature: BitString,
    /// Certificates that help to check it.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub certs: Option<Vec<Any>>,
}

impl OcspRequest {
    /// An unsigned request.
    ///
    /// # Errors
    /// Only when encoding the nonce fails.
    pub fn new(certificates: Vec<CertId>, nonce: Option<&Nonce>) -> Result<Self, OcspError> {
        let request_list = certificates
            .into_iter()
            .map(|req_cert| Request {
                req_cert,
                single_request_extensions: None,
            })
            .collect();
        let request_extensions = nonce
            .map(|nonce| nonce.to_extension().map(|it| vec![it]))
            .transpose()?;
        Ok(Self {
            tbs_request: TbsRequest {
                version: Version::V1,
                requestor_name: None,
                request_list,
                request_extensions,
            },
            optional_signature: None,
        })
    }

    /// Reads a request from the network.
    ///
    /// # Errors
    /// When it is longer than [`MAX_REQUEST_BYTES`], malformed, asks about none or more than
    /// [`MAX_REQUESTS`] certificates, or has a repeated or an unknown critical extension.
    pub fn parse(bytes: &[u8]) -> Result<Self, OcspError> {
        if bytes.len() > MAX_REQUEST_BYTES {
            return Err(OcspError::TooLong {
                length_bytes: bytes.len(),
                limit_bytes: MAX_REQUEST_BYTES,
            });
        }
        let request = Self::from_der(bytes)?;
        let count = request.tbs_request.request_list.len();
        if count == 0 || count > MAX_REQUESTS {
            return Err(OcspError::RequestCount { count });
        }
        check_extensions(
            request.tbs_request.request_extensions.as_deref(),
            &[Nonce::OID],
        )?;
        for single in &request.tbs_request.request_list {
            check_extensions(single.single_request_extensions.as_deref(), &[])?;
        }
        Ok(request)
    }

    /// The nonce, if the request carries one.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn nonce(&self) -> Result<Option<Nonce>, OcspError> {
        Nonce::find(self.tbs_request.request_extensions.as_deref())
    }

    /// The DER to send.
    ///
    /// # Errors
    /// Only when encoding fails.
    pub fn encode_der(&self) -> Result<Vec<u8>, OcspError> {
        Ok(self.to_der()?)
    }
}
