//! Rules of our own profiles: the result is what the pipeline meant to build.
