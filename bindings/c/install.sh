#!/bin/sh
# Builds the library for C and installs it with its header and its pkg-config file.
set -eu

usage() {
    cat <<'TEXT'
Usage: bindings/c/install.sh [--profile release|dev|checked] PREFIX

Puts under PREFIX (created if need be; DESTDIR is put in front of it, if set):
  lib/libkasane_verify_c.so.1, .so, .a      the library
  lib/pkgconfig/kasane-verify.pc            for pkg-config
  include/kasane_verify.h                   the header

Then: cc program.c $(PKG_CONFIG_PATH=PREFIX/lib/pkgconfig pkg-config --cflags --libs kasane-verify)
TEXT
}

profile=release
case "${1:-}" in
    --profile)
        profile="${2:-}"
        [ $# -ge 2 ] && shift 2 || { usage >&2; exit 2; }
        ;;
    -h | --help) usage; exit 0 ;;
esac
case "$profile" in
    release | checked) folder="$profile" ;;
    dev) folder=debug ;;
    *) usage >&2; exit 2 ;;
esac
[ $# -eq 1 ] || { usage >&2; exit 2; }

case "$1" in
    /*) prefix="$1" ;;
    *) prefix="$PWD/$1" ;;
esac
# DESTDIR as the shell writes it, so that it can be taken off the prefix again.
staging="${DESTDIR:-}"
if [ -n "$staging" ]; then
    mkdir -p "$staging"
    staging="$(cd "$staging" && pwd)"
    staging="${staging%/}"
fi
mkdir -p "$staging$prefix"
# What the .pc file says must hold wherever it is read from.
prefix="$(cd "$staging$prefix" && pwd)"
prefix="${prefix#"$staging"}"
root="$staging$prefix"
here="$(cd "$(dirname "$0")" && pwd)"
cd "$here/../.."
cargo build --quiet --locked --package kasane-verify-c --lib --profile "$profile"
built="${CARGO_TARGET_DIR:-target}/$folder"
version="$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' Cargo.toml)"

mkdir -p "$root/lib/pkgconfig" "$root/include"
cp "$built/libkasane_verify_c.so" "$root/lib/libkasane_verify_c.so.1"
ln -sf libkasane_verify_c.so.1 "$root/lib/libkasane_verify_c.so"
cp "$built/libkasane_verify_c.a" "$root/lib/"
cp "$here/include/kasane_verify.h" "$root/include/"
cat >"$root/lib/pkgconfig/kasane-verify.pc" <<TEXT
prefix=$prefix
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: kasane-verify
Description: Certificate chains under a dated policy, with revocation
Version: $version
Cflags: -I\${includedir}
Libs: -L\${libdir} -lkasane_verify_c
Libs.private: -lgcc_s -lpthread -lm -ldl
TEXT
echo "installed kasane-verify $version under $prefix"
