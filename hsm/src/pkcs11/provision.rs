//! Setting a token up, for demonstrations and tests. A production token is set up with its vendor's
//! tools.

use std::path::Path;
use std::time::Duration;

use cryptoki::context::Pkcs11;
use cryptoki::session::UserType;
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;

use super::connection;
use super::fault::Fault;
use super::module::Module;
use super::token;
use crate::{Disposition, Error};

/// Longest label of a token, in bytes (`CK_TOKEN_INFO`).
const LABEL_BYTES: usize = 32;

/// Initialises the first free token of a library and sets both PINs. Gives its serial number. A
/// token that is initialised is never touched.
///
/// # Errors
/// [`Error::Device`]: a token of that label is there already, no free one is, or the token refuses
/// the label or a PIN. [`Error::WrongDevice`]: no PKCS#11 library.
pub fn init_token(
    module: &Path,
    label: &str,
    so_pin: &str,
    user_pin: &str,
) -> Result<String, Error> {
    let backend = format!("PKCS#11 token {label:?} of {}", module.display());
    let refused = |reason: &str| Error::Device {
        backend: backend.clone(),
        operation: "init token",
        reason: reason.to_owned(),
        disposition: Disposition::Stop,
    };
    if label.is_empty() || label.len() > LABEL_BYTES || label.trim_end() != label {
        return Err(refused("a label has 1 to 32 bytes and ends with no blank"));
    }
    let module = Module::load(module)?;
    let library = module
        .enter(token::deadline(Duration::from_secs(30)))
        .ok_or_else(|| refused("the library is being begun anew"))?;
    let pkcs11 = library.pkcs11();
    let slot = free_slot(pkcs11, label)
        .map_err(|fault| fault.into_error(&backend, "init token"))?
        .map_err(refused)?;
    set_up(pkcs11, slot, label, so_pin, user_pin)
        .map_err(|fault| fault.into_error(&backend, "init token"))
}

fn free_slot(pkcs11: &Pkcs11, label: &str) -> Result<Result<Slot, &'static str>, Fault> {
    let mut free = None;
    for slot in pkcs11.get_slots_with_token()? {
        let info = pkcs11.get_token_info(slot)?;
        if !info.token_initialized() {
            free = free.or(Some(slot));
        } else if info.label() == label {
            return Ok(Err("a token of that label is there already"));
        }
    }
    Ok(free.ok_or("no token is free to be initialised"))
}

fn set_up(
    pkcs11: &Pkcs11,
    slot: Slot,
    label: &str,
    so_pin: &str,
    user_pin: &str,
) -> Result<String, Fault> {
    let so_pin = AuthPin::from(so_pin);
    pkcs11.init_token(slot, &so_pin, label)?;
    let session = connection::open_session(pkcs11, slot)?;
    let result = session
        .login(UserType::So, Some(&so_pin))
        .and_then(|()| session.init_pin(&AuthPin::from(user_pin)))
        .and_then(|()| session.logout());
    connection::close(session);
    result?;
    Ok(pkcs11.get_token_info(slot)?.serial_number().to_owned())
}
