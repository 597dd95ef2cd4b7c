use super::*;

const BOTH: &str = r#"
[[device]]
name = "hsm-a"
[device.yubihsm]
connector = "http://127.0.0.1:12345"
serial = "0012345678"
signing = { key_id = 3, password = { file = "signing.password" } }
audit = { key_id = 4, password = { environment = "AUDIT_PASSWORD" } }

[[device]]
name = "token"
preference = 1
[device.pkcs11]
module = "/usr/lib/softhsm/libsofthsm2.so"
token_label = "kasane"
pin = { prompt = true }
[[device.key]]
label = "root-rsa"
role = "root-ca"
device_id = "0a01"
"#;

#[test]
fn document_with_both_kinds_is_read_and_written_back() {
    let config = HsmConfig::from_toml(BOTH).unwrap();
    assert_eq!(config.devices.len(), 2);
    assert_eq!(config.ocsp_signers, OcspSignerKeys::Software);
    let text = toml::to_string(&config).unwrap();
    assert_eq!(HsmConfig::from_toml(&text).unwrap(), config);
}

#[test]
fn each_fault_is_named_with_its_device() {
    let cases = [
        (
            r#"serial = "0012345678""#,
            r#"colour = "red""#,
            "hsm.config-syntax",
        ),
        (
            r#"name = "token""#,
            r#"name = "hsm-a""#,
            "hsm.config-device",
        ),
        (
            r#"name = "token""#,
            r#"name = "Token 1""#,
            "hsm.config-device",
        ),
        ("http://127.0.0.1:12345", "ftp://x", "hsm.config-device"),
        (r#"token_label = "kasane""#, "", "hsm.config-device"),
        (
            r#"device_id = "0a01""#,
            r#"device_id = "zz""#,
            "hsm.config-device",
        ),
        (
            r#"role = "root-ca""#,
            r#"role = "queen""#,
            "hsm.config-device",
        ),
        (
            "pin = { prompt = true }",
            "pin = { prompt = true }\nsessions = 0",
            "hsm.config-device",
        ),
    ];
    for (from, to, code) in cases {
        let text = BOTH.replace(from, to);
        assert_ne!(text, BOTH, "{from}");
        let error = HsmConfig::from_toml(&text).unwrap_err();
        assert_eq!(error.code(), code, "{to}: {error}");
    }
    assert_eq!(
        HsmConfig::from_toml("device = []").unwrap_err().code(),
        "hsm.config-device-count"
    );
}

#[test]
fn variable_that_the_library_would_miss_is_named() {
    let text = BOTH.replace(
        "pin = { prompt = true }",
        "pin = { prompt = true }\nenvironment = { A = \"1\", B = \"2\" }",
    );
    let config = HsmConfig::from_toml(&text).unwrap();
    let token = config.devices[1].pkcs11.as_ref().unwrap();
    let with = |b: Option<&'static str>| {
        token.unset_variable(move |name| match name {
            "A" => Some("1".into()),
            _ => b.map(Into::into),
        })
    };
    assert_eq!(with(Some("2")), None);
    assert_eq!(with(Some("3")), Some("B"));
    assert_eq!(with(None), Some("B"));
}

#[test]
fn one_device_under_two_names_is_refused() {
    let device = |name: &str, connector: &str, serial: &str| {
        format!(
            "[[device]]\nname = \"{name}\"\n[device.yubihsm]\nconnector = \"{connector}\"\n\
             {serial}\nsigning = {{ key_id = 3, password = {{ file = \"a\" }} }}\n"
        )
    };
    let read = |devices: [String; 2]| HsmConfig::from_toml(&devices.concat());
    let (first, second) = ("http://127.0.0.1:1", "http://127.0.0.1:2");
    read([
        device("a", "usb", "serial = \"12345678\""),
        device("b", "usb", "serial = \"12345679\""),
    ])
    .unwrap();
    for twice in [
        [device("a", first, ""), device("b", first, "")],
        [
            device("a", first, "serial = \"0012345678\""),
            device("b", second, "serial = \"12345678\""),
        ],
    ] {
        let error = read(twice).unwrap_err();
        assert_eq!(error.code(), "hsm.config-device");
        assert!(error.to_string().contains("device a too"), "{error}");
    }
    let token = BOTH.split_once("[[device]]\nname = \"token\"").unwrap().1;
    let token = format!("[[device]]\nname = \"token\"{token}");
    let again = token.replace("name = \"token\"", "name = \"again\"");
    let error = HsmConfig::from_toml(&format!("{token}{again}")).unwrap_err();
    assert!(error.to_string().contains("device token too"), "{error}");
}
