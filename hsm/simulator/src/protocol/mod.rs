//! What goes over the wire, without any state: frames, codes, capabilities.
//!
//! Source of numbers: the YubiHSM Command Reference and the public header of Yubico's client library.

pub mod algorithm;
pub mod capability;
pub mod command_code;
pub mod device_error;
pub mod frame;
pub mod object_type;
pub mod reader;

pub use algorithm::Algorithm;
pub use capability::{Capabilities, Capability};
pub use command_code::CommandCode;
pub use device_error::DeviceError;
pub use frame::Frame;
pub use object_type::ObjectType;
pub use reader::Reader;
