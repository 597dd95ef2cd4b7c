//! The sample facility: two terminals, each with an RSA and an ECC certificate from real requests.

use std::fs;
use std::path::Path;

use kasane_ca_core::authority::{Authority, IssueOrder};
use kasane_ca_core::pipeline::Issued;
use kasane_ca_core::projection::registration;
use kasane_ca_core::registration::{CheckDigit, FacilityCode, Identity};
use kasane_ca_core::{Error, Requester};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};

use super::QuickstartError;
use super::enrolled::Enrolled;
use super::files::write_new;

/// A code whose check digit is right, in a prefecture that exists.
pub(super) const FACILITY: &str = "1312345679";

/// How many terminals the sample facility has.
const TERMINALS: u16 = 2;

/// Registers the facility and issues what it lacks; a second run gets the same certificates,
/// because each request has a key of its own.
pub(super) fn enrol(
    authority: &Authority,
    requester: &Requester,
    demo: &Path,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<Enrolled>, QuickstartError> {
    let code = FacilityCode::parse(FACILITY, CheckDigit::Enforce).map_err(Error::from)?;
    if registration::facility(authority.tables(), FACILITY)
        .map_err(Error::from)?
        .is_none()
    {
        authority.register_facility(requester.actor(), &code, TERMINALS)?;
        say(&format!(
            "facility {FACILITY} registered with {TERMINALS} terminals"
        ));
    }
    let mut enrolled = Vec::new();
    for number in 1..=TERMINALS {
        for (kind, profile) in [("rsa", "terminal-rsa"), ("ecc", "terminal-ecc")] {
            let name = format!("terminal-{number}-{kind}");
            let identity = format!("facility/{FACILITY}/{number}");
            if !demo.join(format!("{name}.csr")).exists()
                && let Some(issued) = issued_before(authority, &identity, profile)?
            {
                say(&format!(
                    "{name}: serial {}, as before; its key was removed from {}",
                    hex::encode(&issued.serial),
                    demo.display()
                ));
                enrolled.push(Enrolled { name, issued });
                continue;
            }
            let request = request(&name, kind, demo)?;
            let order = IssueOrder {
                profile: profile.to_owned(),
                identity: Identity::parse(&identity, CheckDigit::Enforce).map_err(Error::from)?,
                request: authority.read_request(&request)?,
                request_key: Some(format!("quickstart-{name}")),
                renews: None,
            };
            let issued = authority.issue(requester, order)?;
            say(&format!("{name}: serial {}", hex::encode(&issued.serial)));
            enrolled.push(Enrolled { name, issued });
        }
    }
    Ok(enrolled)
}

/// What an earlier run issued.
fn issued_before(
    authority: &Authority,
    identity: &str,
    profile: &str,
) -> Result<Option<Issued>, QuickstartError> {
    for (key, row) in authority.certificates_of(identity)?.into_iter().rev() {
        if row.profile == profile
            && let Some(issued) = authority.issued(key, &row)?
        {
            return Ok(Some(issued));
        }
    }
    Ok(None)
}

/// The terminal's request, made with its key the first time, read back later.
fn request(name: &str, kind: &str, demo: &Path) -> Result<Vec<u8>, QuickstartError> {
    let path = demo.join(format!("{name}.csr"));
    if path.exists() {
        return Ok(fs::read(path)?);
    }
    let key = match kind {
        "rsa" => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048),
        _ => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384),
    }
    .map_err(QuickstartError::terminal_key)?;
    // The subject stays empty: the identity comes from the registration, never from the request.
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    let request = parameters
        .serialize_request(&key)
        .and_then(|request| request.pem())
        .map_err(QuickstartError::terminal_key)?;
    // The key first: a request without its key is of no use to anybody.
    write_new(
        &demo.join(format!("{name}.key")),
        key.serialize_pem().as_bytes(),
        0o600,
    )?;
    write_new(&path, request.as_bytes(), 0o644)?;
    Ok(request.into_bytes())
}
