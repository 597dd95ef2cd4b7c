//! PKCS#11: tokens and network HSMs of any vendor, through the vendor's own library.
//!
//! - [`Pkcs11Device`] is a token as a [`Device`](crate::Device).
//! - `module` loads libraries, `selector` finds the token, `pin` logs in, `connection` is what one
//!   login holds, `lanes` are the sessions, `token` puts these together and makes anew what was lost.
//! - `codes` says what each return value means, `fault` turns it into an [`Error`](crate::Error).
//! - `objects`, `public_key`, `generate` and `mechanism` are about keys; `signer` signs.
//! - [`provision`] sets a new token up, for demonstrations and tests.

mod codes;
mod connection;
mod device;
mod fault;
mod generate;
mod lanes;
mod mechanism;
mod module;
mod objects;
mod pin;
mod protection;
pub mod provision;
mod public_key;
mod selector;
mod signer;
mod token;

pub use device::Pkcs11Device;
