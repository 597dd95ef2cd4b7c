//! What evidence is missing.

use std::ffi::{CString, c_char};
use std::ptr;

use kasane_verify::revocation::RevocationRequest;

use crate::border::{borrowed, c_string, pointer, read};
use crate::result::{KasaneResult, octets_of};

/// A [`RevocationRequest`] for C.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) issuer: Vec<u8>,
    pub(crate) serial: String,
    subject: CString,
    serial_c: CString,
    ocsp_uris: Vec<CString>,
    ocsp_body: Vec<u8>,
    crl_uris: Vec<CString>,
    delta_uris: Vec<CString>,
    problem: CString,
}

impl Request {
    pub(crate) fn new(request: &RevocationRequest) -> Self {
        let strings = |uris: &[String]| uris.iter().map(|uri| c_string(uri)).collect::<Vec<_>>();
        let ocsp = request.ocsp.as_ref();
        let crls = request.crls.iter();
        Self {
            issuer: request.issuer.clone(),
            serial: request.serial.clone(),
            subject: c_string(&request.subject),
            serial_c: c_string(&request.serial),
            ocsp_uris: ocsp.map(|it| strings(&it.uris)).unwrap_or_default(),
            ocsp_body: ocsp.map(|it| it.request.clone()).unwrap_or_default(),
            crl_uris: crls.clone().flat_map(|it| strings(&it.uris)).collect(),
            delta_uris: crls.flat_map(|it| strings(&it.delta_uris)).collect(),
            problem: c_string(&request.problems.join("; ")),
        }
    }
}

/// # Safety
/// As [`borrowed`].
unsafe fn string(
    result: *const KasaneResult,
    index: usize,
    which: impl FnOnce(&Request) -> Option<&CString>,
) -> *const c_char {
    read(ptr::null(), || {
        // SAFETY: the caller promises it.
        let result = unsafe { borrowed(result) }.ok()?;
        Some(pointer(which(result.requests.get(index)?)))
    })
}

/// # Safety
/// As [`borrowed`].
unsafe fn count(
    result: *const KasaneResult,
    index: usize,
    which: impl FnOnce(&Request) -> usize,
) -> usize {
    read(0, || {
        // SAFETY: the caller promises it.
        let result = unsafe { borrowed(result) }.ok()?;
        Some(which(result.requests.get(index)?))
    })
}

/// How many certificates lack evidence. For each, any one of its addresses may suffice.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_request_count(result: *const KasaneResult) -> usize {
    // SAFETY: the contract of the library.
    read(0, || Some(unsafe { borrowed(result) }.ok()?.requests.len()))
}

/// The subject of the certificate (RFC 4514).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_request_subject(
    result: *const KasaneResult,
    index: usize,
) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, index, |it| Some(&it.subject)) }
}

/// Its serial number, lower-case hexadecimal.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_request_serial(
    result: *const KasaneResult,
    index: usize,
) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, index, |it| Some(&it.serial_c)) }
}

/// Why the evidence that there is does not suffice; empty when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_request_problem(
    result: *const KasaneResult,
    index: usize,
) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, index, |it| Some(&it.problem)) }
}

/// How many addresses answer by OCSP.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_request_ocsp_uri_count(
    result: *const KasaneResult,
    index: usize,
) -> usize {
    // SAFETY: the contract of the library.
    unsafe { count(result, index, |it| it.ocsp_uris.len()) }
}

/// One of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_request_ocsp_uri(
    result: *const KasaneResult,
    index: usize,
    uri: usize,
) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, index, |it| it.ocsp_uris.get(uri)) }
}

/// What to post there (application/ocsp-request), in DER; its length goes to `length`, which may be
/// NULL. NULL and 0 when OCSP does not answer for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_request_ocsp_body(
    result: *const KasaneResult,
    index: usize,
    length: *mut usize,
) -> *const u8 {
    // SAFETY: the contract of the library.
    unsafe {
        octets_of(result, length, |it| {
            let body = &it.requests.get(index)?.ocsp_body;
            (!body.is_empty()).then_some(body.as_slice())
        })
    }
}

/// How many addresses have the CRL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_request_crl_uri_count(
    result: *const KasaneResult,
    index: usize,
) -> usize {
    // SAFETY: the contract of the library.
    unsafe { count(result, index, |it| it.crl_uris.len()) }
}

/// One of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_request_crl_uri(
    result: *const KasaneResult,
    index: usize,
    uri: usize,
) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, index, |it| it.crl_uris.get(uri)) }
}

/// How many addresses have a delta CRL, which is optional.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_request_delta_uri_count(
    result: *const KasaneResult,
    index: usize,
) -> usize {
    // SAFETY: the contract of the library.
    unsafe { count(result, index, |it| it.delta_uris.len()) }
}

/// One of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_result_request_delta_uri(
    result: *const KasaneResult,
    index: usize,
    uri: usize,
) -> *const c_char {
    // SAFETY: the contract of the library.
    unsafe { string(result, index, |it| it.delta_uris.get(uri)) }
}
