//! Rules of the CA/Browser Forum.
