//! Rules of our own profiles.
