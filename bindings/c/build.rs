//! Names the ABI in the shared library, so that programs find the version that they were linked to.

fn main() {
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libkasane_verify_c.so.1");
    println!("cargo::rerun-if-changed=build.rs");
}
