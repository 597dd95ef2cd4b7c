//! The secure channel: SCP03 (GlobalPlatform Card Specification, Amendment D) as the YubiHSM 2
//! uses it, on the side of the device.

mod authentication_key;
mod cipher;
mod secure_channel;
mod session;
mod session_table;

pub use authentication_key::AuthenticationKey;
pub use secure_channel::SecureChannel;
pub use session::{Progress, Session};
pub use session_table::{MAX_SESSIONS, SessionTable};
