//! Results.

use std::ffi::{CString, c_char};
use std::ptr;

use kasane_verify::KeyFamily;
use kasane_verify::path::{PathError, Round, TrustAnchor, VerifiedPath};
use kasane_verify::revocation::{Basis, StatusUsed, Tolerance};

use crate::border::{borrowed, c_string, free, pointer, read};
use crate::request::Request;

/// How it went.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KasaneVerdict {
    /// There is no result: the handle was NULL.
    None = 0,
    /// There is a trusted path.
    Verified = 1,
    /// There is none: see kasane_result_code() and its neighbours.
    Refused = 2,
    /// Evidence is missing: see kasane_result_request_count(). Not a yes.
    NeedsEvidence = 3,
}

/// What came of a question. Everything that it gives out is freed with it.
#[derive(Debug)]
pub struct KasaneResult {
    verdict: KasaneVerdict,
    code: Option<CString>,
    rule: Option<CString>,
    subject: Option<CString>,
    text: Option<CString>,
    text_ja: Option<CString>,
    identity: Option<CString>,
    key: Option<CString>,
    key_family: Option<CString>,
    phase: Option<CString>,
    anchor: Option<CString>,
    path: Vec<Vec<u8>>,
    warnings: Vec<Warning>,
    statuses: Vec<Status>,
    pub(crate) requests: Vec<Request>,
}

#[derive(Debug)]
struct Warning {
    code: CString,
    subject: CString,
    text: CString,
    text_ja: CString,
}

#[derive(Debug)]
struct Status {
    certificate: CString,
    basis: CString,
}

impl KasaneResult {
    pub(crate) fn new(round: Round, anchors: &[TrustAnchor]) -> Self {
        match round {
            Round::Verified(path) => Self::verified(&path, anchors),
            Round::Refused(error) => Self::refused(&error),
            Round::Needs(requests) => Self {
                requests: requests.iter().map(Request::new).collect(),
                code: Some(c_string("path.needs_evidence")),
                text: Some(c_string(
                    "evidence of revocation status is missing: fetch what is requested, add it and ask again",
                )),
                text_ja: Some(c_string(
                    "失効状態の証拠が足りません。要求されたものを取得して加え、もう一度検証してください",
                )),
                ..Self::empty(KasaneVerdict::NeedsEvidence)
            },
        }
    }

    const fn empty(verdict: KasaneVerdict) -> Self {
        Self {
            verdict,
            code: None,
            rule: None,
            subject: None,
            text: None,
            text_ja: None,
            identity: None,
            key: None,
            key_family: None,
            phase: None,
            anchor: None,
            path: Vec::new(),
            warnings: Vec::new(),
            statuses: Vec::new(),
            requests: Vec::new(),
        }
    }

    fn refused(error: &PathError) -> Self {
        Self {
            code: Some(c_string(error.code())),
            rule: Some(c_string(error.rule())),
            subject: Some(c_string(&error.subject)),
            text: Some(c_string(&error.to_string())),
            text_ja: Some(c_string(&error.text_ja())),
            ..Self::empty(KasaneVerdict::Refused)
        }
    }

    fn verified(path: &VerifiedPath, anchors: &[TrustAnchor]) -> Self {
        let anchor = anchors.get(path.anchor());
        let family = match path.key_family() {
            KeyFamily::Ecc => "ecc",
            KeyFamily::Rsa => "rsa",
        };
        let warnings = path.warnings().iter().map(|warning| Warning {
            code: c_string(&warning.notice.code),
            subject: c_string(&warning.subject),
            text: c_string(&warning.notice.text),
            text_ja: c_string(&warning.notice.text_ja),
        });
        Self {
            identity: path.identity().map(c_string),
            key: Some(c_string(&path.key().to_string())),
            key_family: Some(c_string(family)),
            phase: path.phase().map(c_string),
            anchor: anchor.map(|anchor| c_string(&anchor.subject_text())),
            path: path.certificates().to_vec(),
            warnings: warnings.collect(),
            statuses: path.statuses().iter().map(Status::new).collect(),
            ..Self::empty(KasaneVerdict::Verified)
        }
    }

    /// Issuer (DER) and serial number of the certificate that a request is about.
    pub(crate) fn certificate_of_request(&self, index: usize) -> Option<(Vec<u8>, String)> {
        let request = self.requests.get(index)?;
        Some((request.issuer.clone(), request.serial.clone()))
    }
}

impl Status {
    fn new(used: &StatusUsed) -> Self {
        let basis = match &used.basis {
            Basis::Crl { .. } => "crl",
            Basis::Ocsp { .. } => "ocsp",
            Basis::NoCheck => "nocheck",
            Basis::Unavailable(Tolerance::SoftFail) => "unavailable:soft-fail",
            Basis::Unavailable(Tolerance::Emergency(_)) => "unavailable:emergency",
        };
        Self {
            certificate: c_string(&used.position.to_string()),
            basis: c_string(basis),
        }
    }
}

/// # Safety
/// As [`borrowed`].
unsafe fn string(
    result: *const KasaneResult,
    which: impl FnOnce(&KasaneResult) -> Option<&CString>,
) -> *const c_char {
    read(ptr::null(), || {
        // SAFETY: the caller promises it.
        let result = unsafe { borrowed(result) }.ok()?;
        Some(pointer(which(result)))
    })
}

/// The verdict.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_verdict(result: *const KasaneResult) -> KasaneVerdict {
    read(KasaneVerdict::None, || {
        // SAFETY: the contract of the library.
        let result = unsafe { borrowed(result) }.ok()?;
        Some(result.verdict)
    })
}

/// The stable dotted code of the reason, such as "path.revoked"; NULL when verified.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_code(result: *const KasaneResult) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, |it| it.code.as_ref()) }
}

/// The rule that is broken, such as "RFC 5280 §6.1.3 (a)(2)"; NULL unless refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_rule(result: *const KasaneResult) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, |it| it.rule.as_ref()) }
}

/// The subject of the certificate that breaks it (RFC 4514); NULL unless refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_subject(result: *const KasaneResult) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, |it| it.subject.as_ref()) }
}

/// The reason in English; NULL when verified.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_text(result: *const KasaneResult) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, |it| it.text.as_ref()) }
}

/// The reason in Japanese; NULL when verified.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_text_ja(result: *const KasaneResult) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, |it| it.text_ja.as_ref()) }
}

/// The only URI of the end entity's subject alternative name; NULL unless verified, or when there is
/// none or more than one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_identity(result: *const KasaneResult) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, |it| it.identity.as_ref()) }
}

/// The end entity's key, such as "p-384"; NULL unless verified.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_key(result: *const KasaneResult) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, |it| it.key.as_ref()) }
}

/// "ecc" or "rsa"; NULL unless verified.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_key_family(result: *const KasaneResult) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, |it| it.key_family.as_ref()) }
}

/// The phase of the dated policy; NULL unless verified by one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_phase(result: *const KasaneResult) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, |it| it.phase.as_ref()) }
}

/// The subject of the trust anchor (RFC 4514); NULL unless verified.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_anchor(result: *const KasaneResult) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, |it| it.anchor.as_ref()) }
}

/// How many certificates the path has, without the anchor.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_certificate_count(result: *const KasaneResult) -> usize {
    // SAFETY: the contract of the library.
    read(0, || Some(unsafe { borrowed(result) }.ok()?.path.len()))
}

/// A certificate of the path in DER, the end entity first; its length goes to `length`, which may be
/// NULL. NULL and 0 when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_certificate(
    result: *const KasaneResult,
    index: usize,
    length: *mut usize,
) -> *const u8 {
    // SAFETY: the contract of the library.
    unsafe { octets_of(result, length, |it| it.path.get(index).map(Vec::as_slice)) }
}

/// # Safety
/// As [`borrowed`]; `length` is `NULL` or can be written to.
pub(crate) unsafe fn octets_of(
    result: *const KasaneResult,
    length: *mut usize,
    which: impl FnOnce(&KasaneResult) -> Option<&[u8]>,
) -> *const u8 {
    let (start, count) = read((ptr::null(), 0), || {
        // SAFETY: the caller promises it.
        let octets = which(unsafe { borrowed(result) }.ok()?)?;
        Some((octets.as_ptr(), octets.len()))
    });
    if !length.is_null() {
        // SAFETY: not NULL, and the caller promises the rest.
        unsafe { length.write(count) };
    }
    start
}

/// How many warnings the dated policy has.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_warning_count(result: *const KasaneResult) -> usize {
    // SAFETY: the contract of the library.
    read(0, || Some(unsafe { borrowed(result) }.ok()?.warnings.len()))
}

/// The code of a warning's rule.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_warning_code(
    result: *const KasaneResult,
    index: usize,
) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, |it| Some(&it.warnings.get(index)?.code)) }
}

/// The subject of the certificate that a warning is about.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_warning_subject(
    result: *const KasaneResult,
    index: usize,
) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, |it| Some(&it.warnings.get(index)?.subject)) }
}

/// A warning in English.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_warning_text(
    result: *const KasaneResult,
    index: usize,
) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, |it| Some(&it.warnings.get(index)?.text)) }
}

/// A warning in Japanese.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_warning_text_ja(
    result: *const KasaneResult,
    index: usize,
) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, |it| Some(&it.warnings.get(index)?.text_ja)) }
}

/// How many certificates of the path had their status looked at.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_status_count(result: *const KasaneResult) -> usize {
    // SAFETY: the contract of the library.
    read(0, || Some(unsafe { borrowed(result) }.ok()?.statuses.len()))
}

/// Which certificate a status is of: "end entity", "intermediate 0" (by its place after the end entity
/// in the question).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_status_certificate(
    result: *const KasaneResult,
    index: usize,
) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, |it| Some(&it.statuses.get(index)?.certificate)) }
}

/// What a status rests on: "crl", "ocsp", "nocheck", "unavailable:soft-fail" or
/// "unavailable:emergency". The last two are to be reported.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_status_basis(
    result: *const KasaneResult,
    index: usize,
) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, |it| Some(&it.statuses.get(index)?.basis)) }
}

/// Frees the result and all that it gave out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_free(result: *mut KasaneResult) {
    // SAFETY: the contract of the library.
    unsafe { free(result) }
}
