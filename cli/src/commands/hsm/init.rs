//! `kasane hsm init`

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use kasane_ca_core::random::{RandomSource, SystemRandom};
use kasane_hsm::DeviceName;
use kasane_hsm::config::{
    AuthenticationConfig, Credential, CredentialSource, DeviceConfig, Pkcs11Config, YubiHsmConfig,
};
use kasane_hsm::pkcs11::provision::init_token;
use kasane_hsm::yubihsm::provision::{CommissionPlan, Login, Outcome, Place, commission};
use kasane_web::control::{ExitClass, Problem};
use serde_json::json;
use zeroize::Zeroizing;

use crate::answer::Answer;
use crate::args::Global;
use crate::hardware::{self, Credentials, HardwareConfig, ManagedSimulators};
use crate::secret_file;

/// Set a fresh device up, as hsm.toml describes it
///
/// A YubiHSM 2 gets its three credentials with the least rights, forced audit, and loses its default
/// credential; what was done before is left as it is. A PKCS#11 token is initialised, for
/// demonstrations: a production token is set up with its vendor's tools. Files of credentials that
/// are not there are made with random content, mode 0600.
///
/// Example:
///   kasane hsm init hsm-a
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Its name in hsm.toml
    device: String,
    /// The authentication key that a YubiHSM has now
    #[arg(long, value_name = "ID", default_value_t = 1)]
    default_key: u16,
    /// The file with its password; 'password', as after a reset, if not given
    #[arg(long, value_name = "FILE")]
    default_password_file: Option<PathBuf>,
    /// The file with the security officer's PIN of a token; a random one that nobody keeps if not
    /// given
    #[arg(long, value_name = "FILE")]
    so_pin_file: Option<PathBuf>,
}

/// Octets of a made credential: 128 bits, in hexadecimal.
const SECRET_BYTES: usize = 16;

pub(super) fn run(global: &Global, args: &Args) -> Result<Answer, Problem> {
    let config = HardwareConfig::require(global)?;
    let device = config
        .document
        .devices
        .iter()
        .find(|device| device.name == args.device)
        .ok_or_else(|| {
            let message = format!(
                "device {:?}: is not in {}",
                args.device,
                config.path.display()
            );
            Problem::new(ExitClass::NotFound, "device.unknown", message)
        })?;
    let answer = match (&device.yubihsm, &device.pkcs11) {
        (Some(yubihsm), _) => yubihsm_device(&config, device, yubihsm, args),
        (None, Some(pkcs11)) => token(&config, device, pkcs11, args),
        (None, None) => Err(Problem::argument("the device is of no kind")),
    }?;
    // What a device said of its credentials before they were set holds no longer.
    let name = DeviceName::new(&device.name).map_err(hardware::problem)?;
    config
        .refused_credentials()
        .forget(&name)
        .map_err(|error| Problem::file("forgetting refusals in", &config.dir, &error))?;
    Ok(answer)
}

fn yubihsm_device(
    config: &HardwareConfig,
    device: &DeviceConfig,
    yubihsm: &YubiHsmConfig,
    args: &Args,
) -> Result<Answer, Problem> {
    let missing = || {
        Problem::argument(format!(
            "device {}: write ceremony, signing and audit in its table, each with a key_id and a \
             password",
            device.name
        ))
    };
    let login = |credential: &Option<AuthenticationConfig>, purpose: &str| {
        let credential = credential.as_ref().ok_or_else(missing)?;
        let purpose = format!("{purpose} password of device {}", device.name);
        Ok::<_, Problem>(Login {
            key_id: credential.key_id,
            password: secret(config, &credential.password, &purpose)?,
        })
    };
    let plan = CommissionPlan {
        ceremony: login(&yubihsm.ceremony, "ceremony")?,
        signing: login(&yubihsm.signing, "signing")?,
        audit: login(&yubihsm.audit, "audit")?,
        ocsp_signers: config.document.ocsp_signers,
    };
    let default = Login {
        key_id: args.default_key,
        password: match &args.default_password_file {
            Some(path) => secret_file::read(path).map_err(|error| {
                Problem::new(ExitClass::Environment, "hsm.secret", error.to_string())
            })?,
            None => Zeroizing::new(b"password".to_vec()),
        },
    };
    let _simulators = ManagedSimulators::start(config)?;
    let done = commission(&Place::of(yubihsm), &default, &plan).map_err(hardware::problem)?;
    let steps = [
        ("credential of ceremonies", done.ceremony),
        ("credential that signs", done.signing),
        ("credential that reads the log", done.audit),
        ("forced audit", done.audit_options),
        ("default credential deleted", done.default_key),
    ];
    let identity = done.identity;
    let mut text = format!(
        "device {}: {} {}, serial {}, firmware {}\n",
        device.name, identity.manufacturer, identity.model, identity.serial, identity.firmware
    );
    for (what, outcome) in steps {
        let mark = if outcome == Outcome::Done {
            "done"
        } else {
            "was so"
        };
        text.push_str(&format!("  {mark}: {what}\n"));
    }
    Ok(Answer {
        json: json!({
            "device": device.name,
            "serial": identity.serial,
            "firmware": identity.firmware,
            "steps": steps.map(|(what, outcome)| json!({
                "step": what, "done_before": outcome == Outcome::There,
            })),
        }),
        text,
        notes: format!(
            "next: write its serial into hsm.toml; then 'kasane hsm wrap-key --device {} SHARE...' \
             with the custodians (docs/OPERATIONS.md, 'Hardware keys')\n",
            device.name
        ),
        refusal: None,
    })
}

fn token(
    config: &HardwareConfig,
    device: &DeviceConfig,
    pkcs11: &Pkcs11Config,
    args: &Args,
) -> Result<Answer, Problem> {
    let label = pkcs11.token_label.as_deref().ok_or_else(|| {
        Problem::argument(format!("device {}: write its token_label", device.name))
    })?;
    let pin = secret(
        config,
        &pkcs11.pin,
        &format!("PIN of device {}", device.name),
    )?;
    let so_pin = match &args.so_pin_file {
        Some(path) => secret_file::read(path).map_err(|error| {
            Problem::new(ExitClass::Environment, "hsm.secret", error.to_string())
        })?,
        None => random_secret()?,
    };
    let text = |secret: &[u8]| {
        std::str::from_utf8(secret)
            .map(|text| Zeroizing::new(text.to_owned()))
            .map_err(|_| Problem::argument("a PIN is not UTF-8: choose another"))
    };
    let serial = init_token(&pkcs11.module, label, &text(&so_pin)?, &text(&pin)?)
        .map_err(hardware::problem)?;
    Ok(Answer {
        json: json!({ "device": device.name, "serial": serial }),
        text: format!(
            "device {}: token {label} initialised, serial {serial}\n",
            device.name
        ),
        notes: String::new(),
        refusal: None,
    })
}

/// The credential; a file of one that is not there is made.
fn secret(
    config: &HardwareConfig,
    credential: &Credential,
    purpose: &str,
) -> Result<Zeroizing<Vec<u8>>, Problem> {
    if let Credential::File(path) = credential {
        let path = config.resolve(path);
        let missing =
            std::fs::metadata(&path).is_err_and(|error| error.kind() == ErrorKind::NotFound);
        if missing {
            must_be_there(path.parent(), purpose)?;
            let made = random_secret()?;
            secret_file::write_new(&path, &made)?;
            eprintln!("made: {} ({purpose})", path.display());
        }
    }
    Credentials::of(config)
        .resolve(credential, purpose)
        .map_err(hardware::problem)
}

/// A folder is made by people, who know on which medium and with which rights.
fn must_be_there(folder: Option<&Path>, purpose: &str) -> Result<(), Problem> {
    let Some(folder) = folder.filter(|it| !it.as_os_str().is_empty() && !it.is_dir()) else {
        return Ok(());
    };
    let message = format!(
        "{purpose}: its folder {folder} is not there: make it (mkdir -m 700 {folder}), or correct the \
         file's name in hsm.toml",
        folder = folder.display()
    );
    Err(Problem::new(
        ExitClass::NotFound,
        "hsm.secret-folder",
        message,
    ))
}

fn random_secret() -> Result<Zeroizing<Vec<u8>>, Problem> {
    let mut octets = Zeroizing::new([0; SECRET_BYTES]);
    SystemRandom
        .fill(&mut octets[..])
        .map_err(|error| Problem::from(kasane_ca_core::Error::from(error)))?;
    let mut secret = Zeroizing::new(vec![0; 2 * SECRET_BYTES]);
    hex::encode_to_slice(&octets[..], &mut secret)
        .map_err(|error| Problem::new(ExitClass::Internal, "encoding.failed", error.to_string()))?;
    Ok(secret)
}
