//! The bodies, by what they are about.

mod certificate;
mod crl;
mod device;
mod genesis;
mod import;
mod key;
mod mass_revocation;
mod private;
mod registration;
mod request;
mod responder;
mod service;

pub use certificate::*;
pub use crl::*;
pub use device::*;
pub use genesis::*;
pub use import::*;
pub use key::*;
pub use mass_revocation::*;
pub use private::*;
pub use registration::*;
pub use request::*;
pub use responder::*;
pub use service::*;
