//! An edge responder: its folder and its service.

pub(crate) mod feed_key;
pub(crate) mod folder;
pub(crate) mod service;
