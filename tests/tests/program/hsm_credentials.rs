//! A wrong PIN or password costs one try, however often the program is started.

use std::fs::{self, File, FileTimes};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use kasane_hsm::config::{Credential, DeviceConfig, HsmConfig};
use kasane_tests::program::{Kasane, Refusal, Service};
use kasane_tests::tools::{root, skip, succeed, text};

use crate::hsm_quickstart::{copy_with_two_simulators, quickstart};

/// `CKF_USER_PIN_FINAL_TRY`, as `faulty.c` takes it.
const FINAL_TRY: &str = "20000";

/// A PKCS#11 library in front of SoftHSM that counts calls.
struct Counting {
    library: PathBuf,
    module: PathBuf,
    plan: PathBuf,
}

impl Counting {
    fn new(folder: &Path, check: &str) -> Option<Self> {
        let Some(module) = [
            "/usr/lib/softhsm/libsofthsm2.so",
            "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/lib64/pkcs11/libsofthsm2.so",
        ]
        .iter()
        .map(PathBuf::from)
        .find(|path| path.exists()) else {
            skip(&format!(
                "{check}: SoftHSM 2 is not installed (package softhsm2)"
            ));
            return None;
        };
        let library = folder.join("libcounting.so");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-o"]).arg(&library);
        compiler.arg(root().join("hsm/tests/pkcs11/faulty.c"));
        compiler.arg("-ldl");
        let _ = succeed("cc faulty.c", &compiler.output().unwrap());
        let plan = folder.join("plan");
        fs::create_dir(&plan).unwrap();
        Some(Self {
            library,
            module,
            plan,
        })
    }

    /// Puts itself between a device and its library.
    fn stand_before(&self, device: &mut DeviceConfig) {
        let pkcs11 = device.pkcs11.as_mut().unwrap();
        pkcs11.module.clone_from(&self.library);
        for (name, path) in [
            ("KASANE_FAULTY_MODULE", &self.module),
            ("KASANE_FAULTY_PLAN", &self.plan),
        ] {
            let value = path.to_str().unwrap().to_owned();
            pkcs11.environment.insert(name.to_owned(), value);
        }
    }

    fn logins(&self) -> usize {
        let calls = fs::read_to_string(self.plan.join("calls")).unwrap_or_default();
        calls.lines().filter(|line| *line == "C_Login").count()
    }
}

fn config(kasane: &Kasane) -> HsmConfig {
    HsmConfig::from_toml(&fs::read_to_string(kasane.dir().join("hsm.toml")).unwrap()).unwrap()
}

fn write_config(kasane: &Kasane, config: &HsmConfig) {
    let text = toml::to_string(config).unwrap();
    fs::write(kasane.dir().join("hsm.toml"), text).unwrap();
}

fn path_of(kasane: &Kasane, credential: &Credential) -> PathBuf {
    match credential {
        Credential::File(path) => kasane.dir().join(path),
        other => panic!("{other:?}"),
    }
}

/// Writes into the same file, so that nobody can see that it was written.
fn write_unseen(path: &Path, secret: &str) {
    let before = fs::metadata(path).unwrap().modified().unwrap();
    fs::write(path, secret).unwrap();
    let file = File::options().write(true).open(path).unwrap();
    file.set_times(FileTimes::new().set_modified(before))
        .unwrap();
}

/// Another file in the place of this one.
fn replace(path: &Path, secret: &str) {
    let beside = path.with_extension("beside");
    fs::write(&beside, secret).unwrap();
    fs::set_permissions(&beside, fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(beside, path).unwrap();
}

fn is_wrong_credential(refusal: &Refusal) {
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("device.wrong-credential", 7),
        "{}",
        refusal.message
    );
}

#[test]
fn wrong_pin_costs_one_try_however_often_the_program_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let check = "wrong_pin_costs_one_try_however_often_the_program_is_started";
    let Some(counting) = Counting::new(folder.path(), check) else {
        return;
    };
    let kasane = Kasane::on(&folder.path().join("data"));
    let _ = quickstart(&kasane, &["--hsm", "softhsm"]);
    let mut config = config(&kasane);
    counting.stand_before(&mut config.devices[0]);
    write_config(&kasane, &config);
    let device = config.devices[0].name.clone();
    let pin = path_of(&kasane, &config.devices[0].pkcs11.as_ref().unwrap().pin);
    let right = fs::read_to_string(&pin).unwrap();
    let _ = kasane.json(["hsm", "list"]);
    assert_eq!(counting.logins(), 1, "the right one works");

    replace(&pin, "not the PIN\n");
    is_wrong_credential(&kasane.refusal(["hsm", "list"]));
    assert_eq!(counting.logins(), 2);
    for _ in 0..3 {
        let mut service = Service::launch(&kasane);
        let ended = service.ended_within(Duration::from_secs(60)).unwrap();
        assert!(!ended.success());
        let log = service.log();
        for part in [
            "was refused at 2",
            "CKR_PIN_INCORRECT",
            pin.to_str().unwrap(),
            &format!("kasane hsm enable {device}"),
        ] {
            assert!(log.contains(part), "{part}: {log}");
        }
    }
    for command in [&["hsm", "list"][..], &["list"], &["crl", "list"]] {
        is_wrong_credential(&kasane.refusal(command));
    }
    let examined = kasane.run(["hsm", "doctor"]);
    assert_eq!(examined.status.code(), Some(1));
    assert!(text(&examined).contains("was refused at"));
    assert_eq!(counting.logins(), 2, "not shown to the token again");

    // People say so: once more. It is wrong still.
    is_wrong_credential(&kasane.refusal(["hsm", "enable", &device]));
    assert_eq!(counting.logins(), 3);
    is_wrong_credential(&kasane.refusal(["hsm", "list"]));
    assert_eq!(counting.logins(), 3);

    // The last try is nobody's.
    fs::write(counting.plan.join("token-flags"), FINAL_TRY).unwrap();
    let refusal = kasane.refusal(["hsm", "enable", &device]);
    assert!(refusal.message.contains("FINAL_TRY"), "{}", refusal.message);
    assert_eq!(counting.logins(), 3);
    fs::remove_file(counting.plan.join("token-flags")).unwrap();

    replace(&pin, &right);
    let listed = kasane.json(["hsm", "list"]);
    assert_eq!(listed["devices"][0]["state"], "in-service", "{listed:#}");
    assert_eq!(counting.logins(), 4);
    let service = Service::start(&kasane);
    assert!(service.stop().success());
}

#[test]
fn pin_from_the_environment_is_not_tried_again_before_people_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let check = "pin_from_the_environment_is_not_tried_again_before_people_say_so";
    let Some(counting) = Counting::new(folder.path(), check) else {
        return;
    };
    let kasane = Kasane::on(&folder.path().join("data"));
    let _ = quickstart(&kasane, &["--hsm", "softhsm"]);
    let mut config = config(&kasane);
    counting.stand_before(&mut config.devices[0]);
    let device = config.devices[0].name.clone();
    let pkcs11 = config.devices[0].pkcs11.as_mut().unwrap();
    let right = fs::read_to_string(path_of(&kasane, &pkcs11.pin)).unwrap();
    pkcs11.pin = Credential::Environment("TOKEN_PIN".to_owned());
    write_config(&kasane, &config);
    let wrong = kasane.clone().with("TOKEN_PIN", "not the PIN");
    let right = kasane.with("TOKEN_PIN", right.trim_end());
    for _ in 0..3 {
        is_wrong_credential(&wrong.refusal(["hsm", "list"]));
    }
    // Nobody can tell that it is another one.
    is_wrong_credential(&right.refusal(["hsm", "list"]));
    assert_eq!(counting.logins(), 1);
    let enabled = right.json(["hsm", "enable", &device]);
    assert_eq!(enabled["name"], *device, "{enabled:#}");
    let _ = right.json(["hsm", "list"]);
    assert_eq!(counting.logins(), 3);
}

#[test]
fn service_goes_on_without_a_token_that_refused_its_pin() {
    let folder = tempfile::tempdir().unwrap();
    let check = "service_goes_on_without_a_token_that_refused_its_pin";
    let Some(counting) = Counting::new(folder.path(), check) else {
        return;
    };
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let tokens = folder.path().join("tokens");
    fs::create_dir(&tokens).unwrap();
    let softhsm = folder.path().join("softhsm2.conf");
    fs::write(
        &softhsm,
        format!("directories.tokendir = {}\n", tokens.display()),
    )
    .unwrap();
    let file = kasane.dir().join("hsm.toml");
    let mut text = fs::read_to_string(&file).unwrap();
    text.push_str(&format!(
        "\n[[device]]\nname = \"token\"\npreference = 1\n[device.pkcs11]\nmodule = \"/none\"\n\
         token_label = \"third\"\npin = {{ file = \"token.pin\" }}\n\
         environment = {{ SOFTHSM2_CONF = \"{}\" }}\n",
        softhsm.display()
    ));
    fs::write(&file, text).unwrap();
    let mut config = config(&kasane);
    counting.stand_before(&mut config.devices[2]);
    write_config(&kasane, &config);
    let _ = kasane.json(["hsm", "init", "token"]);
    let pin = kasane.dir().join("token.pin");
    let right = fs::read_to_string(&pin).unwrap();
    replace(&pin, "not the PIN\n");
    let before = counting.logins();

    for _ in 0..2 {
        let service = Service::start(&kasane);
        let listed = kasane.json(["hsm", "list"]);
        let states: Vec<_> = listed["devices"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["state"].as_str().unwrap())
            .collect();
        assert_eq!(states, ["in-service", "in-service", "left-out"]);
        let reason = listed["devices"][2]["reason"].as_str().unwrap();
        assert!(reason.contains("wrong or locked"), "{reason}");
        assert!(service.stop().success());
        assert_eq!(counting.logins(), before + 1);
    }
    write_unseen(&pin, &right);
    let service = Service::start(&kasane);
    assert_eq!(counting.logins(), before + 1);
    let enabled = kasane.json(["hsm", "enable", "token"]);
    assert_eq!(enabled["state"], "left-out");
    let reason = enabled["reason"].as_str().unwrap();
    assert!(reason.contains("restart the service"), "{reason}");
    assert!(service.stop().success());
    let listed = kasane.json(["hsm", "list"]);
    assert_eq!(listed["devices"][2]["state"], "in-service", "{listed:#}");
    assert_eq!(counting.logins(), before + 2);
}

#[test]
fn password_that_a_yubihsm_refused_is_not_shown_to_it_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let config = config(&kasane);
    let device = config.devices[0].name.clone();
    let signing = config.devices[0].yubihsm.as_ref().unwrap();
    let password = path_of(&kasane, &signing.signing.as_ref().unwrap().password);
    let right = fs::read_to_string(&password).unwrap();
    write_unseen(&password, "not the password\n");
    let problem = || {
        let listed = kasane.json(["hsm", "list"]);
        let problem = &listed["devices"][0]["problem"];
        problem.as_str().unwrap_or_default().to_owned()
    };
    let first = problem();
    assert!(first.contains("wrong or locked"), "{first}");
    // The device would take this one, if it were asked.
    write_unseen(&password, &right);
    for _ in 0..2 {
        let again = problem();
        assert!(again.contains("was refused at"), "{again}");
        assert!(again.contains(&format!("hsm enable {device}")), "{again}");
    }
    let service = Service::start(&kasane);
    let again = problem();
    assert!(again.contains("was refused at"), "{again}");
    // While the service runs, and without a restart.
    let enabled = kasane.json(["hsm", "enable", &device]);
    assert!(enabled["problem"].is_null(), "{enabled:#}");
    assert_eq!(problem(), "");
    assert!(service.stop().success());
    assert_eq!(problem(), "");
}
