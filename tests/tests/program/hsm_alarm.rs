//! A signature that nobody asked the authority for is found by the device's own log.

use kasane_hsm::config::{Access, Credential, CredentialSource, HsmConfig};
use kasane_hsm::{
    DeviceName, Error, KeyBackend, KeyLabel, KeyRole, Priority, SignRequest, YubiHsmDevice,
};
use kasane_tests::program::Service;
use kasane_tests::simulator::Simulator;

use crate::hsm_quickstart::copy_with_two_simulators;

/// Reads the files that `hsm.toml` names, as a thief of them would.
struct Stolen<'a>(&'a std::path::Path);

impl CredentialSource for Stolen<'_> {
    fn resolve(
        &self,
        credential: &Credential,
        _purpose: &str,
    ) -> Result<zeroize::Zeroizing<Vec<u8>>, Error> {
        let Credential::File(path) = credential else {
            panic!("{credential:?}");
        };
        let secret = std::fs::read_to_string(self.0.join(path)).unwrap();
        Ok(zeroize::Zeroizing::new(secret.trim().into()))
    }
}

#[test]
fn signature_behind_the_services_back_raises_an_alarm_with_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let _simulators = Simulator::all_of(kasane.dir());
    let service = Service::start(&kasane);
    assert_eq!(
        kasane.json(["hsm", "reconcile"])["alarms"],
        serde_json::json!([])
    );

    let config = std::fs::read_to_string(kasane.dir().join("hsm.toml")).unwrap();
    let config = HsmConfig::from_toml(&config).unwrap();
    let device = YubiHsmDevice::open(
        DeviceName::new("thief").unwrap(),
        config.devices[0].yubihsm.as_ref().unwrap(),
        &[],
        Access::Signing,
        &Stolen(kasane.dir()),
    )
    .unwrap();
    let label = KeyLabel::new("issuing-rsa").unwrap();
    let key = device.open(&label, KeyRole::IssuingCa).unwrap();
    key.sign(&SignRequest {
        algorithm: key.info().algorithm.default_signature(),
        message: b"a certificate that nobody recorded",
        priority: Priority::Issuance,
        deadline: std::time::Duration::from_secs(30),
    })
    .unwrap();

    let output = kasane
        .command(["hsm", "reconcile"])
        .arg("--json")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let alarms = report["alarms"].as_array().unwrap();
    assert_eq!(alarms.len(), 1, "{alarms:#?}");
    assert_eq!(alarms[0]["alarm"], "signature-without-attempt");
    assert_eq!(alarms[0]["device"], "simulator-a");
    let number = alarms[0]["number"].as_u64().unwrap();
    let said = kasane.run(["hsm", "reconcile"]);
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains(&format!("command {number}")), "{said}");
    assert!(
        service.log().contains("signature-without-attempt"),
        "{}",
        service.log()
    );
    assert!(service.stop().success());
}
