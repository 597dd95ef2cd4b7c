//! Rules of the CA/Browser Forum's Baseline Requirements, where a private authority does well to keep them.
