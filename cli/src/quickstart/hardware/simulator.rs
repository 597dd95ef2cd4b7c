//! Simulated YubiHSM 2 devices of the demonstration, commissioned as real ones are.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;
use std::path::{Path, PathBuf};

use kasane_ca_core::random::RandomSource;
use kasane_hsm::config::{
    Access, AuthenticationConfig, DeviceConfig, HsmConfig, OcspSignerKeys, YubiHsmConfig,
};
use kasane_hsm::yubihsm::provision::{CommissionPlan, Login, Place, commission};
use kasane_web::control::{ExitClass, Problem};
use zeroize::Zeroizing;

use super::{Say, document, filled, fresh_folder, make_secret};
use crate::hardware::{self, Credentials, HardwareConfig, ManagedSimulators, open_device};

/// The authentication key that a device has after a reset, and its known password (YubiHSM 2 User
/// Guide, "Quick start").
const DEFAULT_KEY: u16 = 1;
const DEFAULT_PASSWORD: &[u8] = b"password";

/// Object IDs of the three credentials.
const KEY_IDS: [(Access, &str, u16); 3] = [
    (Access::Ceremony, "ceremony", 2),
    (Access::Signing, "signing", 3),
    (Access::Audit, "audit", 4),
];

/// Octets of a wrap key: AES-256-CCM.
const WRAP_KEY_BYTES: usize = 32;

/// From the port of Yubico's connector to where Linux begins to lend them
/// (`net.ipv4.ip_local_port_range`).
const PORTS: Range<u16> = 12_345..32_768;
const PORT_ATTEMPTS: u8 = 64;

/// Starts each simulator, commissions it and gives all of them one wrap key.
pub(super) fn make(
    dir: &Path,
    devices: u8,
    random: &dyn RandomSource,
    say: &mut Say<'_>,
) -> Result<HsmConfig, Problem> {
    fresh_folder(&dir.join("simulator"))?;
    let mut tables = Vec::new();
    let mut logins = Vec::new();
    // Held together, so that no two get one port.
    let mut held = Vec::new();
    for letter in ('a'..='z').take(usize::from(devices)) {
        let name = format!("simulator-{letter}");
        let (listener, address) = free_port(random)?;
        held.push(listener);
        let mut yubihsm = YubiHsmConfig {
            connector: format!("http://{address}"),
            serial: None,
            simulator: true,
            simulator_state: Some(PathBuf::from("simulator").join(&name)),
            other_session_keys: Vec::new(),
            ceremony: None,
            signing: None,
            audit: None,
        };
        let mut own = Vec::new();
        for (access, purpose, key_id) in KEY_IDS {
            let (password, file) = make_secret(dir, &format!("{name}-{purpose}.password"), random)?;
            let config = Some(AuthenticationConfig {
                key_id,
                password: file,
            });
            match access {
                Access::Ceremony => yubihsm.ceremony = config,
                Access::Signing => yubihsm.signing = config,
                Access::Audit => yubihsm.audit = config,
            }
            own.push(Login { key_id, password });
        }
        logins.push(own);
        tables.push(DeviceConfig {
            name,
            preference: 0,
            yubihsm: Some(yubihsm),
            pkcs11: None,
            keys: Vec::new(),
        });
    }
    drop(held);
    let mut config = HardwareConfig {
        document: document(tables),
        base: dir.to_owned(),
        dir: dir.to_owned(),
        path: dir.join(hardware::FILE_NAME),
    };
    let _running = ManagedSimulators::start(&config)?;
    for (device, own) in config.document.devices.iter_mut().zip(logins) {
        let Some(yubihsm) = &mut device.yubihsm else {
            continue;
        };
        yubihsm.serial = Some(set_up(&device.name, &yubihsm.connector, own, say)?);
    }
    for device in &config.document.devices {
        let state = device
            .yubihsm
            .as_ref()
            .and_then(|it| it.simulator_state.as_ref());
        let roots = state.map(|state| state.join("attestation-root.pem"));
        config.document.attestation_roots.extend(roots);
    }
    put_wrap_key(&config, random, say)?;
    Ok(config.document)
}

/// Commissions one; gives its serial number.
fn set_up(
    name: &str,
    connector: &str,
    own: Vec<Login>,
    say: &mut Say<'_>,
) -> Result<String, Problem> {
    let [ceremony, signing, audit] = <[Login; 3]>::try_from(own).map_err(|_| {
        Problem::new(
            ExitClass::Internal,
            "internal",
            "a device has three credentials",
        )
    })?;
    let default = Login {
        key_id: DEFAULT_KEY,
        password: Zeroizing::new(DEFAULT_PASSWORD.to_vec()),
    };
    let plan = CommissionPlan {
        ceremony,
        signing,
        audit,
        ocsp_signers: OcspSignerKeys::Software,
    };
    let place = Place {
        connector,
        serial: None,
        simulator: true,
    };
    let done = commission(&place, &default, &plan).map_err(hardware::problem)?;
    let identity = done.identity;
    say(&format!(
        "{name}: {} {} {}, serial {}: three credentials, forced audit, no default credential",
        identity.manufacturer, identity.model, identity.firmware, identity.serial
    ));
    Ok(identity.serial)
}

/// One wrap key in all of them, so that keys can be cloned; nobody keeps it.
fn put_wrap_key(
    config: &HardwareConfig,
    random: &dyn RandomSource,
    say: &mut Say<'_>,
) -> Result<(), Problem> {
    let mut secret = Zeroizing::new([0; WRAP_KEY_BYTES]);
    filled(random, &mut secret[..])?;
    let credentials = Credentials::of(config);
    for device in &config.document.devices {
        let opened = open_device(config, device, Access::Ceremony, &credentials)
            .map_err(hardware::problem)?;
        let Some(wrapping) = opened.wrapping() else {
            continue;
        };
        let id = wrapping
            .put_wrap_key(&secret[..])
            .map_err(hardware::problem)?;
        say(&format!("{}: wrap key {}", device.name, hex::encode(id)));
    }
    Ok(())
}

/// A port for as long as hsm.toml stands: none of those that the system lends to whoever asks for any,
/// for a simulator that is started again must find its own free.
fn free_port(random: &dyn RandomSource) -> Result<(TcpListener, SocketAddr), Problem> {
    let mut failed = None;
    for _ in 0..PORT_ATTEMPTS {
        let mut two = [0; 2];
        filled(random, &mut two)?;
        let port = PORTS.start + u16::from_be_bytes(two) % (PORTS.end - PORTS.start);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        match TcpListener::bind(address) {
            Ok(listener) => return Ok((listener, address)),
            Err(error) => failed = Some(error),
        }
    }
    let reason = failed.map_or_else(String::new, |error| format!(": {error}"));
    let message = format!(
        "no port of this machine is free from {} to {}{reason}",
        PORTS.start,
        PORTS.end - 1
    );
    Err(Problem::new(
        ExitClass::Environment,
        "listen.failed",
        message,
    ))
}
