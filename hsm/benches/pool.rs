//! What a pool costs and what it brings. `cargo bench -p kasane-hsm --bench pool [PART..]`, where the
//! parts are `overhead`, `sessions`, `devices` and `revocation`; all of them by default.
//!
//! Runs are paired: the two sides take turns within one run, and the median of the pairs' ratios
//! counts, so that a busy machine touches both alike.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop on a failure")]

#[path = "pool/bare.rs"]
mod bare;
#[path = "pool/devices.rs"]
mod devices;
#[path = "pool/measure.rs"]
mod measure;
#[path = "pool/revocation.rs"]
mod revocation;
#[path = "pool/token.rs"]
mod token;
#[path = "../tests/support/yubihsm_site.rs"]
mod yubihsm_site;

fn main() {
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|it| !it.starts_with('-'))
        .collect();
    let runs = |part: &str| asked.is_empty() || asked.iter().any(|it| it == part);
    if runs("overhead") || runs("sessions") {
        token::in_own_world(|world| {
            if runs("overhead") {
                token::overhead(world);
            }
            if runs("sessions") {
                token::sessions(world);
            }
        });
    }
    // The process that was started for a token has done its part.
    if token::is_own_world() {
        return;
    }
    if runs("devices") {
        devices::two_over_one();
    }
    if runs("revocation") {
        revocation::behind_a_queue();
    }
}
