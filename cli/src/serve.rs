//! The service: its listeners and what it does in the background.

mod background;
