//! The header that is checked in is the one that the code gives.

use std::fs;
use std::path::Path;

#[test]
fn header_is_what_cbindgen_makes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    let mut made = Vec::new();
    cbindgen::Builder::new()
        .with_crate(root)
        .with_config(config)
        .generate()
        .unwrap()
        .write(&mut made);
    let made = String::from_utf8(made).unwrap();
    let path = root.join("include/kasane_verify.h");
    if fs::read_to_string(&path).ok().as_ref() != Some(&made) {
        let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kasane_verify.h");
        fs::write(&beside, made).unwrap();
        panic!(
            "the header is old: cp {} {}",
            beside.display(),
            path.display()
        );
    }
}
