//! How a verifier judges.
//!
//! Numbers that come in are compared with the enums' values: C may hand over any.

use std::sync::Arc;

use kasane_verify::UnixTime;
use kasane_verify::path::{AcceptAll, PathPolicy, SharedDatedPolicy};
use kasane_verify::policy::{Class, Mode, Timeline};
use kasane_verify::revocation::{Requirement, RevocationRules, Sources};

use crate::border::{KasaneStatus, MAX_INPUT_BYTES, call, changed, free, give, octets};
use crate::last_error::Failure;

/// What certificates are for, as the dated policy sees it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub enum KasaneClass {
    /// Terminals of facilities.
    Terminal = 1,
    /// Systems that call others.
    SystemClient = 2,
    /// TLS servers.
    Server = 3,
    /// Staff of the authority.
    Operator = 4,
    /// Tests of whether the new kind is accepted.
    Probe = 5,
    /// OCSP signers.
    Status = 6,
    /// Certification authorities.
    Ca = 7,
}

/// What revocation status a certificate must have.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub enum KasaneRequirement {
    /// Known and good: without evidence there is no path. The default.
    HardFail = 1,
    /// Revoked is refused; when no evidence can be had the path stands, and its statuses say so.
    SoftFail = 2,
    /// Not looked at.
    DangerouslyUnchecked = 3,
}

/// Which evidence counts, and which is looked at first.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub enum KasaneSources {
    /// OCSP, then CRLs. The default.
    OcspThenCrl = 1,
    /// CRLs, then OCSP.
    CrlThenOcsp = 2,
    /// OCSP alone.
    OcspOnly = 3,
    /// CRLs alone.
    CrlOnly = 4,
}

/// How to judge, to be filled and handed to kasane_verifier_new(), which copies it.
#[derive(Debug)]
pub struct KasaneOptions {
    class: Class,
    mode: Mode,
    timeline: Option<Arc<Timeline>>,
    undated: bool,
    pub(crate) rules: RevocationRules,
}

impl KasaneOptions {
    pub(crate) fn policy(&self) -> Result<Arc<dyn PathPolicy>, Failure> {
        if self.undated {
            return Ok(Arc::new(AcceptAll));
        }
        let timeline = match &self.timeline {
            Some(timeline) => Arc::clone(timeline),
            None => {
                Arc::new(Timeline::overlap().map_err(|error| Failure::input(error.code(), error))?)
            }
        };
        let policy = SharedDatedPolicy::new(timeline, self.class, self.mode);
        Ok(Arc::new(policy))
    }
}

/// Options for end entities of that class (a KasaneClass): the built-in dated policy, live
/// connections, every certificate's status known and good.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_options_new(
    end_entity_class: u32,
    out: *mut *mut KasaneOptions,
) -> KasaneStatus {
    let make = || {
        Ok(KasaneOptions {
            class: class_of(end_entity_class)?,
            mode: Mode::Online,
            timeline: None,
            undated: false,
            rules: RevocationRules::default(),
        })
    };
    // SAFETY: the contract of the library.
    call(|| unsafe { give(out, make) })
}

/// Another dated policy: the TOML document of a timeline.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_options_set_timeline(
    options: *mut KasaneOptions,
    toml: *const u8,
    length: usize,
) -> KasaneStatus {
    call(|| {
        // SAFETY: the contract of the library.
        let (options, toml) =
            unsafe { (changed(options)?, octets(toml, length, MAX_INPUT_BYTES)?) };
        let text = std::str::from_utf8(toml)
            .map_err(|_| Failure::bad_argument("the timeline is no UTF-8".to_owned()))?;
        let timeline =
            Timeline::from_toml(text).map_err(|error| Failure::input(error.code(), error))?;
        options.timeline = Some(Arc::new(timeline));
        Ok(())
    })
}

/// RFC 5280 alone, without dates: keys of any age are accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_options_dangerously_without_timeline(
    options: *mut KasaneOptions,
) -> KasaneStatus {
    call(|| {
        // SAFETY: the contract of the library.
        unsafe { changed(options) }?.undated = true;
        Ok(())
    })
}

/// For judging what was signed in the past, not a live connection. `proven_at` is when the signature
/// is proven to have existed (seconds since 1970); negative when that is not proven.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_options_set_historical(
    options: *mut KasaneOptions,
    proven_at: i64,
) -> KasaneStatus {
    call(|| {
        let proven = (proven_at >= 0).then(|| UnixTime::from_seconds(proven_at));
        // SAFETY: the contract of the library.
        unsafe { changed(options) }?.mode = Mode::Historical { proven };
        Ok(())
    })
}

/// What status the end entity and the CAs above it must have (each a KasaneRequirement).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_options_set_revocation(
    options: *mut KasaneOptions,
    end_entity: u32,
    intermediates: u32,
) -> KasaneStatus {
    call(|| {
        let (end_entity, intermediates) = (requirement(end_entity)?, requirement(intermediates)?);
        // SAFETY: the contract of the library.
        let options = unsafe { changed(options) }?;
        options.rules.end_entity = end_entity;
        options.rules.intermediates = intermediates;
        Ok(())
    })
}

/// Which evidence counts (a KasaneSources).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_options_set_sources(
    options: *mut KasaneOptions,
    sources: u32,
) -> KasaneStatus {
    call(|| {
        let sources = match sources {
            1 => Sources::OcspThenCrl,
            2 => Sources::CrlThenOcsp,
            3 => Sources::OcspOnly,
            4 => Sources::CrlOnly,
            other => return Err(unknown("KasaneSources", other)),
        };
        // SAFETY: the contract of the library.
        unsafe { changed(options) }?.rules.sources = sources;
        Ok(())
    })
}

/// Frees the options. Verifiers made from them stay.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_options_free(options: *mut KasaneOptions) {
    // SAFETY: the contract of the library.
    unsafe { free(options) }
}

pub(crate) fn unknown(of: &str, number: u32) -> Failure {
    Failure::bad_argument(format!("{number} is no {of}"))
}

fn class_of(number: u32) -> Result<Class, Failure> {
    Ok(match number {
        1 => Class::Terminal,
        2 => Class::SystemClient,
        3 => Class::Server,
        4 => Class::Operator,
        5 => Class::Probe,
        6 => Class::Status,
        7 => Class::Ca,
        other => return Err(unknown("KasaneClass", other)),
    })
}

fn requirement(number: u32) -> Result<Requirement, Failure> {
    Ok(match number {
        1 => Requirement::HardFail,
        2 => Requirement::SoftFail,
        3 => Requirement::DangerouslyUnchecked,
        other => return Err(unknown("KasaneRequirement", other)),
    })
}
