//! The commands, by what they are about.

mod about_device;
mod asymmetric_key;
mod attestation;
mod audit;
mod authentication_key;
mod header;
mod hmac_key;
mod making;
mod object_filter;
mod objects;
mod opaque;
mod signing;
mod wrapping;
