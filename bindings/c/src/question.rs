//! Questions.

use std::ffi::c_char;
use std::net::IpAddr;

use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::MAX_CRL_BYTES;
use kasane_verify::path::{ExpectedName, GivenUp, Purpose};
use kasane_verify::pem;
use kasane_verify::revocation::Evidence;

use crate::border::{
    KasaneStatus, MAX_INPUT_BYTES, borrowed, call, changed, free, give, octets, text,
};
use crate::last_error::Failure;
use crate::options::unknown;
use crate::result::KasaneResult;
use crate::verifier::read_crls;

/// What the end entity wants to do with its key.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub enum KasanePurpose {
    /// Authenticate as a client (id-kp-clientAuth).
    ClientAuth = 1,
    /// Authenticate as a server (id-kp-serverAuth).
    ServerAuth = 2,
    /// Sign OCSP responses for its issuer (id-kp-OCSPSigning).
    OcspSigning = 3,
    /// Sign CRLs.
    CrlSigning = 4,
    /// Anything: only that the certificate is genuine.
    Any = 5,
}

/// Kinds of names in a subject alternative name.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub enum KasaneNameKind {
    /// A host name, compared by RFC 9525.
    Dns = 1,
    /// A URI, compared character by character.
    Uri = 2,
    /// A mailbox.
    Mailbox = 3,
    /// An IP address, written as text.
    Ip = 4,
}

/// Most certificates of a question, names, and pieces of evidence.
const MAX_CERTIFICATES: usize = 100;
const MAX_NAMES: usize = 100;
const MAX_EVIDENCE: usize = 200;

/// What is asked: certificates, time, purpose, names, evidence. May be asked again after evidence was
/// added.
#[derive(Debug)]
pub struct KasaneQuestion {
    pub(crate) purpose: Purpose,
    pub(crate) at: UnixTime,
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) names: Vec<Name>,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) given_up: GivenUp,
}

/// An [`ExpectedName`] of its own.
#[derive(Debug)]
pub(crate) enum Name {
    Dns(String),
    Uri(String),
    Mailbox(String),
    Ip(IpAddr),
}

impl Name {
    pub(crate) fn borrowed(&self) -> ExpectedName<'_> {
        match self {
            Self::Dns(name) => ExpectedName::Dns(name),
            Self::Uri(name) => ExpectedName::Uri(name),
            Self::Mailbox(name) => ExpectedName::Mailbox(name),
            Self::Ip(address) => ExpectedName::Ip(*address),
        }
    }
}

/// A question for that purpose (a KasanePurpose) at that time (seconds since 1970, UTC). Nothing here
/// reads a clock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_question_new(
    purpose: u32,
    at: i64,
    out: *mut *mut KasaneQuestion,
) -> KasaneStatus {
    let make = || {
        Ok(KasaneQuestion {
            purpose: match purpose {
                1 => Purpose::ClientAuth,
                2 => Purpose::ServerAuth,
                3 => Purpose::OcspSigning,
                4 => Purpose::CrlSigning,
                5 => Purpose::Any,
                other => return Err(unknown("KasanePurpose", other)),
            },
            at: UnixTime::from_seconds(at),
            certificates: Vec::new(),
            names: Vec::new(),
            evidence: Vec::new(),
            given_up: GivenUp::default(),
        })
    };
    // SAFETY: the contract of the library.
    call(|| unsafe { give(out, make) })
}

/// Adds a certificate in DER: the end entity first, then what may help, in any order.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_question_add_certificate(
    question: *mut KasaneQuestion,
    der: *const u8,
    length: usize,
) -> KasaneStatus {
    call(|| {
        // SAFETY: the contract of the library.
        let (question, der) =
            unsafe { (changed(question)?, octets(der, length, MAX_INPUT_BYTES)?) };
        question.add(vec![der.to_vec()])
    })
}

/// Adds every certificate of a PEM text, in its order, as kasane_question_add_certificate().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_question_add_pem(
    question: *mut KasaneQuestion,
    pem: *const u8,
    length: usize,
) -> KasaneStatus {
    call(|| {
        // SAFETY: the contract of the library.
        let (question, text) =
            unsafe { (changed(question)?, octets(pem, length, MAX_INPUT_BYTES)?) };
        let added = pem::certificates(text).map_err(|error| Failure::input(error.code(), error))?;
        question.add(added)
    })
}

/// Asks for a name of that kind (a KasaneNameKind) as well; the end entity must have all of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_question_expect_name(
    question: *mut KasaneQuestion,
    kind: u32,
    name: *const c_char,
) -> KasaneStatus {
    call(|| {
        // SAFETY: the contract of the library.
        let (question, name) = unsafe { (changed(question)?, text(name)?) };
        if question.names.len() >= MAX_NAMES || name.len() > MAX_INPUT_BYTES {
            return Err(Failure::bad_argument("too many names".to_owned()));
        }
        question.names.push(match kind {
            1 => Name::Dns(name.to_owned()),
            2 => Name::Uri(name.to_owned()),
            3 => Name::Mailbox(name.to_owned()),
            4 => Name::Ip(
                name.parse()
                    .map_err(|_| Failure::bad_argument(format!("{name:?} is no IP address")))?,
            ),
            other => return Err(unknown("KasaneNameKind", other)),
        });
        Ok(())
    })
}

/// Adds a CRL (DER, or PEM with one or more) for this question alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_question_add_crl(
    question: *mut KasaneQuestion,
    crl: *const u8,
    length: usize,
) -> KasaneStatus {
    call(|| {
        // SAFETY: the contract of the library.
        let (question, input) =
            unsafe { (changed(question)?, octets(crl, length, MAX_CRL_BYTES)?) };
        for crl in read_crls(input)? {
            question.supply(Evidence::Crl(crl))?;
        }
        Ok(())
    })
}

/// Adds an OCSP response in DER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_question_add_ocsp(
    question: *mut KasaneQuestion,
    der: *const u8,
    length: usize,
) -> KasaneStatus {
    call(|| {
        // SAFETY: the contract of the library.
        let (question, der) =
            unsafe { (changed(question)?, octets(der, length, MAX_INPUT_BYTES)?) };
        let evidence = Evidence::ocsp(der).map_err(|error| Failure::input(error.code(), error))?;
        question.supply(evidence)
    })
}

/// Says that the request with that index of an earlier result cannot be answered. Asked again, the
/// question then ends by the verifier's rules for unavailable status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_question_give_up(
    question: *mut KasaneQuestion,
    result: *const KasaneResult,
    index: usize,
) -> KasaneStatus {
    call(|| {
        // SAFETY: the contract of the library.
        let (question, result) = unsafe { (changed(question)?, borrowed(result)?) };
        let (issuer, serial) = result
            .certificate_of_request(index)
            .ok_or_else(|| Failure::bad_argument(format!("there is no request {index}")))?;
        question.given_up.add_certificate(issuer, serial);
        Ok(())
    })
}

/// Frees the question. Results stay.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_question_free(question: *mut KasaneQuestion) {
    // SAFETY: the contract of the library.
    unsafe { free(question) }
}

impl KasaneQuestion {
    fn add(&mut self, certificates: Vec<Vec<u8>>) -> Result<(), Failure> {
        if self.certificates.len() + certificates.len() > MAX_CERTIFICATES {
            return Err(Failure::bad_argument(format!(
                "a question has at most {MAX_CERTIFICATES} certificates"
            )));
        }
        for der in &certificates {
            Certificate::from_der(der).map_err(|error| Failure::input(error.code(), error))?;
        }
        self.certificates.extend(certificates);
        Ok(())
    }

    fn supply(&mut self, evidence: Evidence) -> Result<(), Failure> {
        if self.evidence.len() >= MAX_EVIDENCE {
            return Err(Failure::bad_argument(format!(
                "a question takes at most {MAX_EVIDENCE} pieces of evidence"
            )));
        }
        self.evidence.push(evidence);
        Ok(())
    }
}
