//! Devices of a demonstration: made once, with an `hsm.toml` that every later command finds.
//!
//! `hsm.toml` is written last: without it, what an interrupted run left is thrown away.

mod copies;
#[cfg(feature = "simulator")]
mod simulator;
mod softhsm;

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use clap::ValueEnum;
use kasane_ca_core::random::RandomSource;
use kasane_hsm::config::{Credential, HsmConfig};
use kasane_web::control::{ExitClass, Problem};
use zeroize::Zeroizing;

use super::Say;
use crate::args::Global;
use crate::hardware::{FILE_NAME, HardwareConfig, give_environment};
use crate::secret_file;

pub(crate) use copies::copy_keys;

/// What plays the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HsmKind {
    /// A YubiHSM 2 in software, in a process of its own
    #[cfg(feature = "simulator")]
    Simulator,
    /// A SoftHSM 2 token (PKCS#11), in software
    Softhsm,
}

/// Where credentials lie, below the data folder.
const CREDENTIALS: &str = "credentials";

/// Octets of a made credential: 128 bits, in hexadecimal.
const SECRET_BYTES: usize = 16;

/// Makes the devices of a new folder, or finds those of an earlier run. May begin this process
/// anew, for the environment of a PKCS#11 library.
pub(crate) fn prepare(
    global: &Global,
    kind: HsmKind,
    devices: u8,
    random: &dyn RandomSource,
    say: &mut Say<'_>,
) -> Result<(), Problem> {
    let dir = &global.dir;
    if global.hsm_config.is_some() {
        return Err(Problem::argument(
            "--hsm makes devices of its own: leave --hsm-config and KASANE_HSM_CONFIG away",
        ));
    }
    warn(kind, say);
    if let Some(config) = HardwareConfig::find(global)? {
        return continued(&config, kind, devices, say);
    }
    if dir.join("ledger").exists() {
        let message = format!(
            "{}: holds an authority whose keys are in software; choose an empty folder with --dir",
            dir.display()
        );
        return Err(Problem::new(ExitClass::Conflict, "quickstart.hsm", message));
    }
    let failed = |error: std::io::Error| Problem::file("preparing", dir, &error);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(failed)?;
    let dir = fs::canonicalize(dir).map_err(failed)?;
    fresh_folder(&dir.join(CREDENTIALS))?;
    let document = match kind {
        #[cfg(feature = "simulator")]
        HsmKind::Simulator => simulator::make(&dir, devices, random, say)?,
        HsmKind::Softhsm => softhsm::make(&dir, random, say)?,
    };
    let text = toml::to_string(&document)
        .map_err(|error| Problem::new(ExitClass::Internal, "encoding.failed", error.to_string()))?;
    let text = format!(
        "# Made by 'kasane quickstart --hsm' for a demonstration: no device, no protection of keys.\n{text}"
    );
    super::files::replace(&dir.join(FILE_NAME), text.as_bytes())
        .map_err(|error| Problem::new(ExitClass::Environment, error.code(), error.to_string()))?;
    finish(global, kind, random, say)
}

/// What needs the environment that `hsm.toml` names.
fn finish(
    global: &Global,
    kind: HsmKind,
    random: &dyn RandomSource,
    say: &mut Say<'_>,
) -> Result<(), Problem> {
    let config = HardwareConfig::require(global)?;
    give_environment(&config)?;
    match kind {
        #[cfg(feature = "simulator")]
        HsmKind::Simulator => Ok(()),
        HsmKind::Softhsm => softhsm::initialize(&config, random, say),
    }
}

fn continued(
    config: &HardwareConfig,
    kind: HsmKind,
    devices: u8,
    say: &mut Say<'_>,
) -> Result<(), Problem> {
    let has = &config.document.devices;
    let same_kind = has.iter().all(|device| match kind {
        #[cfg(feature = "simulator")]
        HsmKind::Simulator => device.yubihsm.as_ref().is_some_and(|it| it.simulator),
        HsmKind::Softhsm => device.pkcs11.is_some(),
    });
    if !same_kind || has.len() != usize::from(devices) {
        let message = format!(
            "{}: was made for other devices; ask for the same ones, or choose an empty folder with \
             --dir",
            config.path.display()
        );
        return Err(Problem::new(ExitClass::Conflict, "quickstart.hsm", message));
    }
    give_environment(config)?;
    say(&format!("devices as before: {}", config.path.display()));
    match kind {
        #[cfg(feature = "simulator")]
        HsmKind::Simulator => Ok(()),
        HsmKind::Softhsm => softhsm::initialize(config, &kasane_ca_core::random::SystemRandom, say),
    }
}

fn warn(kind: HsmKind, say: &mut Say<'_>) {
    say(match kind {
        #[cfg(feature = "simulator")]
        HsmKind::Simulator => {
            "SIMULATOR: the keys are in a program that plays a YubiHSM 2. It is NO DEVICE and \
             protects nothing"
        }
        HsmKind::Softhsm => {
            "SOFTWARE TOKEN: the keys are in SoftHSM, in files. It is NO DEVICE and protects little"
        }
    });
}

/// A folder with nothing in it, mode 0700.
fn fresh_folder(path: &Path) -> Result<(), Problem> {
    let failed = |error: std::io::Error| Problem::file("preparing", path, &error);
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    DirBuilder::new().mode(0o700).create(path).map_err(failed)
}

/// A new random secret in a file below the data folder, and how `hsm.toml` names it.
fn make_secret(
    dir: &Path,
    name: &str,
    random: &dyn RandomSource,
) -> Result<(Zeroizing<Vec<u8>>, Credential), Problem> {
    let secret = random_hex(random)?;
    let relative = Path::new(CREDENTIALS).join(name);
    secret_file::write_new(&dir.join(&relative), &secret)?;
    Ok((secret, Credential::File(relative)))
}

fn filled(random: &dyn RandomSource, octets: &mut [u8]) -> Result<(), Problem> {
    random
        .fill(octets)
        .map_err(|error| Problem::from(kasane_ca_core::Error::from(error)))
}

fn random_hex(random: &dyn RandomSource) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let mut octets = Zeroizing::new([0; SECRET_BYTES]);
    filled(random, &mut octets[..])?;
    let mut secret = Zeroizing::new(vec![0; 2 * SECRET_BYTES]);
    hex::encode_to_slice(&octets[..], &mut secret)
        .map_err(|error| Problem::new(ExitClass::Internal, "encoding.failed", error.to_string()))?;
    Ok(secret)
}

/// The document that a demonstration's devices stand in.
fn document(devices: Vec<kasane_hsm::config::DeviceConfig>) -> HsmConfig {
    HsmConfig {
        ocsp_signers: kasane_hsm::config::OcspSignerKeys::Software,
        devices,
        attestation_roots: Vec::new(),
    }
}
