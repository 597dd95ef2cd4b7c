//! The provider of cryptography that the cases are run with.

use kasane_verify::crypto::{AwsLc, CryptoProvider, DangerousSha1, RustCrypto};

/// Which one, on the command line.
#[derive(Clone, Copy)]
pub(crate) enum Provider {
    AwsLc,
    RustCrypto,
}

static AWS_LC: AwsLc = AwsLc;
static AWS_LC_SHA1: DangerousSha1<AwsLc> = AwsLc::dangerously_with_sha1();
static RUST_CRYPTO: RustCrypto = RustCrypto;
static RUST_CRYPTO_SHA1: DangerousSha1<RustCrypto> = RustCrypto::dangerously_with_sha1();

impl Provider {
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        match name {
            "aws-lc" => Ok(Self::AwsLc),
            "rustcrypto" => Ok(Self::RustCrypto),
            other => Err(format!("unknown provider {other}: aws-lc or rustcrypto")),
        }
    }

    pub(crate) fn crypto(self) -> &'static dyn CryptoProvider {
        match self {
            Self::AwsLc => &AWS_LC,
            Self::RustCrypto => &RUST_CRYPTO,
        }
    }

    /// For suites from the years when SHA-1 signatures counted.
    pub(crate) fn with_sha1(self) -> &'static dyn CryptoProvider {
        match self {
            Self::AwsLc => &AWS_LC_SHA1,
            Self::RustCrypto => &RUST_CRYPTO_SHA1,
        }
    }
}
