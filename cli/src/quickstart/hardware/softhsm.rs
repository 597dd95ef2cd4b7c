//! A SoftHSM 2 token of its own, in the data folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kasane_ca_core::random::RandomSource;
use kasane_hsm::config::{CredentialSource, DeviceConfig, HashOn, HsmConfig, Pkcs11Config};
use kasane_hsm::pkcs11::provision;
use kasane_web::control::{ExitClass, Problem};

use super::{Say, document, fresh_folder, make_secret, random_hex};
use crate::hardware::{self, Credentials, HardwareConfig};

/// Where Debian, Ubuntu, Fedora and others put the library.
const PLACES: [&str; 6] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/lib64/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];

/// Where it lies, below the data folder.
const FOLDER: &str = "softhsm";
const TOKENS: &str = "tokens";

const DEVICE: &str = "softhsm";
const TOKEN: &str = "kasane";

/// The folder and its configuration; the token itself is made when the library can find them.
pub(super) fn make(
    dir: &Path,
    random: &dyn RandomSource,
    say: &mut Say<'_>,
) -> Result<HsmConfig, Problem> {
    let module = PLACES
        .iter()
        .map(PathBuf::from)
        .find(|place| place.exists())
        .ok_or_else(|| {
            let message = format!(
                "SoftHSM is not installed (looked for {}): run 'sudo apt-get install -y softhsm2'",
                PLACES.join(", ")
            );
            Problem::new(ExitClass::NotFound, "quickstart.softhsm-missing", message)
        })?;
    let folder = dir.join(FOLDER);
    fresh_folder(&folder)?;
    let tokens = folder.join(TOKENS);
    fresh_folder(&tokens)?;
    let settings = folder.join("softhsm2.conf");
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n",
        tokens.display()
    );
    std::fs::write(&settings, text).map_err(|error| Problem::file("writing", &settings, &error))?;
    let (_, pin) = make_secret(dir, "softhsm.pin", random)?;
    say(&format!("SoftHSM token in {}", tokens.display()));
    let environment =
        BTreeMap::from([("SOFTHSM2_CONF".to_owned(), settings.display().to_string())]);
    Ok(document(vec![DeviceConfig {
        name: DEVICE.to_owned(),
        preference: 0,
        yubihsm: None,
        pkcs11: Some(Pkcs11Config {
            module,
            token_label: Some(TOKEN.to_owned()),
            token_serial: None,
            pin,
            sessions: 8,
            hash_on: HashOn::Host,
            vouched_hardware: false,
            environment,
        }),
        keys: Vec::new(),
    }]))
}

/// Makes the token if it is not there yet.
pub(super) fn initialize(
    config: &HardwareConfig,
    random: &dyn RandomSource,
    say: &mut Say<'_>,
) -> Result<(), Problem> {
    let credentials = Credentials::of(config);
    for device in &config.document.devices {
        let Some(pkcs11) = &device.pkcs11 else {
            continue;
        };
        let tokens = config.base.join(FOLDER).join(TOKENS);
        let made = std::fs::read_dir(&tokens)
            .map_err(|error| Problem::file("looking into", &tokens, &error))?
            .next()
            .is_some();
        if made {
            continue;
        }
        let pin = credentials
            .resolve(&pkcs11.pin, &format!("PIN of device {}", device.name))
            .map_err(hardware::problem)?;
        // Of no use afterwards: a demonstration's token is thrown away, never initialised again.
        let so_pin = random_hex(random)?;
        let text = |secret: &[u8]| String::from_utf8_lossy(secret).into_owned();
        let (so_pin, pin) = (
            zeroize::Zeroizing::new(text(&so_pin)),
            zeroize::Zeroizing::new(text(&pin)),
        );
        let label = pkcs11.token_label.as_deref().unwrap_or(TOKEN);
        let serial = provision::init_token(&pkcs11.module, label, &so_pin, &pin)
            .map_err(hardware::problem)?;
        say(&format!("token {label} initialised, serial {serial}"));
    }
    Ok(())
}
