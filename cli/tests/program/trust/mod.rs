use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use rcgen::SigningKey;
use serde_json::Value;

use crate::world::{World, said};

/// Officers with keys of their own, and the documents that they make.
pub(crate) struct Desk {
    pub(crate) world: World,
}

impl Desk {
    fn new<const N: usize>(officers: [&str; N]) -> Self {
        let world = World::empty();
        for name in officers {
            let passphrase = world.file(&format!("{name}.pass"));
            std::fs::write(&passphrase, format!("the passphrase of {name}\n")).unwrap();
            let own = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(&passphrase, own).unwrap();
        }
        let desk = Self { world };
        for name in officers {
            let made = desk.run(&format!(
                "trust officer new {name} --keys @{name}.keys --passphrase-file @{name}.pass \
                 --out @{name}.pem"
            ));
            assert_eq!(made["algorithm"], "p-384");
        }
        desk
    }

    /// Words of a command; `@` stands for the folder, `_` for a space.
    pub(crate) fn words(&self, command: &str) -> Vec<String> {
        let folder = self.world.file("");
        let folder = folder.to_str().unwrap();
        let word = |it: &str| {
            let it = it.replace('_', " ");
            let it = it.replace("=@", &format!("={folder}"));
            it.strip_prefix('@')
                .map_or_else(|| it.clone(), |name| format!("{folder}{name}"))
        };
        command.split_whitespace().map(word).collect()
    }

    pub(crate) fn run(&self, command: &str) -> Value {
        self.world.json(self.words(command))
    }

    pub(crate) fn refusal(&self, command: &str) -> (i32, String) {
        self.world.refusal(self.words(command))
    }

    pub(crate) fn sign(&self, document: &str, officers: &[&str]) -> String {
        for name in officers {
            self.run(&format!(
                "trust sign @{document} --key {name} --keys @{name}.keys \
                 --passphrase-file @{name}.pass --yes"
            ));
        }
        document.to_owned()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.world.file(name)
    }

    /// Two of three officers, their document signed and pinned in `state`.
    pub(crate) fn settled() -> Self {
        let desk = Self::new(["sato", "mori", "abe"]);
        let prepared = desk.run(
            "trust officers --domain kasane.example --threshold 2 --officer Sato=@sato.pem \
             --officer Mori=@mori.pem --officer Abe=@abe.pem --out @officers-1",
        );
        let pin = prepared["content"]["fingerprint"].as_str().unwrap();
        desk.sign("officers-1", &["sato", "abe"]);
        desk.run(&format!(
            "trust verify @officers-1 --state @state --pin {pin}"
        ));
        desk
    }

    fn policy(&self, number: u64, signers: &[&str]) -> String {
        let timeline = concat!(env!("CARGO_MANIFEST_DIR"), "/../policy/timeline.toml");
        let name = format!("policy-{number}");
        let words = self.words(&format!(
            "trust prepare policy TIMELINE --officers @officers-1 --number {number} --out @{name}"
        ));
        let words = words.into_iter().map(|it| it.replace("TIMELINE", timeline));
        self.world.json(words);
        self.sign(&name, signers)
    }
}

#[test]
fn officers_sign_and_a_relying_system_accepts_in_order() {
    let desk = Desk::settled();
    let policy = desk.policy(1, &["sato", "mori"]);
    let root = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    std::fs::write(
        desk.path("root.pem"),
        params.self_signed(&root).unwrap().pem(),
    )
    .unwrap();
    let anchors = desk.run(
        "trust prepare anchors @root.pem@2031-03-31T14:59:59Z --officers @officers-1 --number 1 \
         --out @anchors-1",
    );
    assert_eq!(
        anchors["content"]["anchors"][0]["used_until"],
        "2031-03-31T14:59:59Z"
    );
    desk.sign("anchors-1", &["mori", "abe"]);
    let both = desk.run(&format!("trust verify @{policy} @anchors-1 --state @state"));
    assert_eq!((&both["policy"], &both["anchors"]), (&1.into(), &1.into()));
    let again = desk.run(&format!("trust verify @{policy} --state @state"));
    assert_eq!(again["accepted"][0]["change"], "held already");

    let shown = desk.run(&format!("trust show @{policy} --officers @officers-1"));
    let signatures = shown["documents"][0]["signatures"].as_array().unwrap();
    let names: Vec<_> = signatures
        .iter()
        .map(|it| it["officer"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"Sato") && names.contains(&"Mori"),
        "{names:?}"
    );
    assert_eq!(
        shown["documents"][0]["content"]["name"],
        "overlap-2027-2031"
    );
    let text = desk
        .world
        .text(desk.words(&format!("trust show @{policy}")));
    assert!(text.contains("not checked"), "{text}");

    desk.policy(2, &["sato", "mori"]);
    desk.run("trust verify @policy-2 --state @state");
    let older = format!("trust verify @{policy} --state @state");
    assert_eq!(desk.refusal(&older), (1, "trust.rollback".into()));
}

#[test]
fn officers_hand_over_and_the_whole_chain_may_be_offered() {
    let desk = Desk::settled();
    desk.run(
        "trust prepare officers --officers @officers-1 --threshold 1 --officer Mori=@mori.pem \
         --out @officers-2",
    );
    desk.sign("officers-2", &["mori"]);
    let offer = "trust verify @officers-2 --state @state";
    assert_eq!(desk.refusal(offer), (1, "trust.threshold".into()));
    desk.sign("officers-2", &["sato"]);
    let chain = "trust verify @officers-2 @officers-1 --state @state";
    assert_eq!(desk.run(chain)["officers"], 2);
    assert_eq!(desk.run(chain)["accepted"][0]["change"], "held already");
    let fingerprint = |arguments: &str| desk.run(&format!("trust fingerprint {arguments}"));
    let of_state = fingerprint("--state @state");
    assert_eq!(of_state, fingerprint("@officers-2"));
    assert_ne!(of_state, fingerprint("@officers-1"));
    let printed = desk.world.text(desk.words("trust fingerprint @officers-2"));
    assert_eq!(
        (printed.lines().count(), printed.split_whitespace().count()),
        (4, 16)
    );
    let by_the_old = desk.policy(1, &["sato", "abe"]);
    let offer = format!("trust verify @{by_the_old} --state @state");
    assert_eq!(
        desk.refusal(&offer),
        (1, "trust.unknown_officer_set".into())
    );
}

#[test]
fn emergency_is_prepared_signed_and_told() {
    let desk = Desk::settled();
    let until = {
        let issued = desk.run("trust show @officers-1")["documents"][0]["issued_at"].clone();
        let issued: kasane_verify::UnixTime = issued.as_str().unwrap().parse().unwrap();
        issued.plus_days(10)
    };
    let prepare = |area: &str, until| {
        format!(
            "trust prepare emergency --id quake --area {area} --until {until} \
             --reason an_earthquake --reason-ja 地震 --officers @officers-1 --number 1 \
             --out @emergency"
        )
    };
    assert_eq!(desk.refusal(&prepare("48", until)), (2, "usage".into()));
    let long = prepare("13", until.plus_days(30));
    assert_eq!(desk.refusal(&long), (3, "trust.emergency_period".into()));
    let prepared = desk.run(&prepare("13,14", until));
    assert_eq!(prepared["content"]["area"], "13,14");
    assert_eq!(prepared["content"]["reason"]["ja"], "地震");
    assert_eq!(prepared["expires_at"], until.to_string());
    desk.sign("emergency", &["sato", "mori"]);
    let output = desk
        .world
        .run(desk.words("trust verify @emergency --state @state"));
    assert!(output.status.success(), "{}", said(&output));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.starts_with("emergency quake in 13,14 until "),
        "{told}"
    );
}

#[test]
fn nothing_is_signed_before_the_officer_has_confirmed_what_it_says() {
    let desk = Desk::settled();
    let policy = desk.policy(1, &[]);
    let file = std::fs::read(desk.path(&policy)).unwrap();
    let sign = |more: &str| {
        format!(
            "trust sign @{policy} --key sato --keys @sato.keys --passphrase-file @sato.pass {more}"
        )
    };
    assert_eq!(desk.refusal(&sign("")), (3, "trust.not_confirmed".into()));
    let other = format!("--fingerprint {}", "0".repeat(64));
    assert_eq!(
        desk.refusal(&sign(&other)),
        (3, "trust.other_fingerprint".into())
    );
    assert_eq!(std::fs::read(desk.path(&policy)).unwrap(), file);
    let output = desk.world.run(desk.words(&sign("")));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("overlap-2027-2031") && told.contains("rsa-end-entity-cap"),
        "{told}"
    );
    let shown = desk.run(&format!("trust show @{policy}"));
    let fingerprint = shown["documents"][0]["fingerprint"].as_str().unwrap();
    let signed = desk.run(&sign(&format!("--fingerprint {fingerprint}")));
    assert_eq!(signed["signatures"].as_array().unwrap().len(), 1);
    let again = sign("--yes");
    assert_eq!(desk.refusal(&again), (3, "trust.already_signed".into()));
}

#[test]
fn officer_key_lies_encrypted_and_opens_with_its_passphrase_only() {
    let desk = Desk::new(["sato", "mori"]);
    let file = desk.path("sato.keys").join("sato.key");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.starts_with("-----BEGIN KASANE SOFTWARE KEY-----"),
        "{text}"
    );
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    desk.run(
        "trust officers --domain kasane.example --threshold 1 --officer Sato=@sato.pem --out @one",
    );
    let sign = "trust sign @one --key sato --keys @sato.keys --yes";
    assert_eq!(desk.refusal(sign), (7, "passphrase.missing".into()));
    let wrong = format!("{sign} --passphrase-file @mori.pass");
    assert_eq!(desk.refusal(&wrong), (7, "key.cannot-decrypt".into()));
    let elsewhere = "trust sign @one --key sato --keys @none --yes --passphrase-file @sato.pass";
    assert_eq!(desk.refusal(elsewhere).0, 4);
    assert!(!desk.path("none").exists());
    let rsa = "trust officer new old --keys @old.keys --algorithm rsa-2048 \
               --passphrase-file @sato.pass";
    assert_eq!(desk.refusal(rsa), (3, "trust.officer_algorithm".into()));
    let twice = "trust officer new sato --keys @sato.keys --passphrase-file @sato.pass";
    assert_eq!(desk.refusal(twice).1, "key.exists");
    // Somebody who is no officer of the document.
    let stranger =
        "trust sign @one --key mori --keys @mori.keys --passphrase-file @mori.pass --yes";
    assert_eq!(desk.refusal(stranger), (3, "trust.unknown_officer".into()));
}

#[test]
fn key_of_another_device_signs_what_show_writes() {
    let desk = Desk::new([]);
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    std::fs::write(desk.path("device.pem"), key.public_key_pem()).unwrap();
    let prepared = desk.run(
        "trust officers --domain kasane.example --threshold 1 --officer Device=@device.pem \
         --out @one",
    );
    desk.run("trust show @one --to-be-signed @tbs");
    let message = std::fs::read(desk.path("tbs")).unwrap();
    std::fs::write(desk.path("bad"), key.sign(b"something else").unwrap()).unwrap();
    std::fs::write(desk.path("good"), key.sign(&message).unwrap()).unwrap();
    let sign = |signature: &str| {
        format!(
            "trust sign @one --public-key @device.pem --signature @{signature} --yes --out @two"
        )
    };
    assert_eq!(
        desk.refusal(&sign("bad")),
        (3, "trust.bad_signature".into())
    );
    assert!(!desk.path("two").exists());
    desk.run(&sign("good"));
    let pin = prepared["content"]["fingerprint"].as_str().unwrap();
    desk.run(&format!("trust verify @two --state @state --pin {pin}"));
}

#[test]
fn state_is_begun_by_a_pin_kept_on_refusal_and_never_trusted_when_damaged() {
    let desk = Desk::settled();
    let policy = desk.policy(1, &["sato"]);
    let state = || std::fs::read(desk.path("state")).unwrap();
    let before = state();
    let offer = format!("trust verify @{policy} --state @state");
    assert_eq!(desk.refusal(&offer), (1, "trust.threshold".into()));
    // One bad document spoils the others.
    desk.policy(2, &["sato", "mori"]);
    let both = format!("trust verify @policy-2 @{policy} --state @state");
    assert_eq!(desk.refusal(&both), (1, "trust.threshold".into()));
    assert_eq!(state(), before);
    // A question about another time changes nothing.
    let past = "trust verify @policy-2 --state @state --at 2026-01-01";
    assert_eq!(desk.refusal(past), (1, "trust.not_yet".into()));
    let later = desk.run("trust show @policy-2")["documents"][0]["expires_at"].clone();
    let last = format!(
        "trust verify @policy-2 --state @state --at {}",
        later.as_str().unwrap()
    );
    assert_eq!(desk.run(&last)["policy"], 2);
    assert_eq!(state(), before);

    let nobody = "trust verify @policy-2 --state @other";
    assert_eq!(desk.refusal(nobody), (4, "trust.no_state".into()));
    let pin = "1".repeat(64);
    let pinned = format!("trust verify @policy-2 --state @state --pin {pin}");
    assert_eq!(desk.refusal(&pinned), (5, "trust.pinned".into()));
    let stranger = format!("trust verify @officers-1 --state @other --pin {pin}");
    assert_eq!(
        desk.refusal(&stranger),
        (1, "trust.unknown_officer_set".into())
    );
    assert!(!desk.path("other").exists());

    for damage in [&before[..before.len() / 2], b"{}", b""] {
        std::fs::write(desk.path("state"), damage).unwrap();
        let offer = "trust verify @policy-2 --state @state";
        assert_eq!(desk.refusal(offer), (6, "trust.state".into()));
    }
}

#[test]
fn processes_at_once_leave_the_newest_document() {
    let desk = Desk::settled();
    for number in 1..=6 {
        desk.policy(number, &["sato", "mori"]);
    }
    let started: Vec<_> = [3, 6, 1, 5, 2, 4]
        .into_iter()
        .map(|number| {
            let words = desk.words(&format!("trust verify @policy-{number} --state @state"));
            let mut command = desk.world.command(words);
            command
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null());
            command.spawn().unwrap()
        })
        .collect();
    let codes: Vec<_> = started
        .into_iter()
        .map(|mut it| it.wait().unwrap().code())
        .collect();
    assert!(
        codes.iter().all(|it| matches!(it, Some(0 | 1))),
        "{codes:?}"
    );
    assert_eq!(
        desk.run("trust verify @policy-6 --state @state")["policy"],
        6
    );
}

#[test]
fn officers_who_sign_at_once_all_have_signed() {
    let desk = Desk::settled();
    desk.policy(1, &[]);
    let started: Vec<_> = ["sato", "mori", "abe"]
        .into_iter()
        .map(|name| {
            let words = desk.words(&format!(
                "trust sign @policy-1 --key {name} --keys @{name}.keys \
                 --passphrase-file @{name}.pass --yes"
            ));
            let mut command = desk.world.command(words);
            command
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null());
            command.spawn().unwrap()
        })
        .collect();
    for mut it in started {
        assert!(it.wait().unwrap().success());
    }
    let shown = desk.run("trust show @policy-1 --officers @officers-1");
    let signatures = shown.to_string().matches("\"officer\":").count();
    assert_eq!(signatures, 3, "{shown}");
}

#[test]
fn state_behind_a_link_is_the_one_that_moves_forward() {
    let desk = Desk::settled();
    desk.policy(1, &["sato", "mori"]);
    std::os::unix::fs::symlink(desk.path("state"), desk.path("link")).unwrap();
    desk.run("trust verify @policy-1 --state @link");
    let link = std::fs::symlink_metadata(desk.path("link")).unwrap();
    assert!(link.is_symlink());
    assert_eq!(
        desk.run("trust verify @policy-1 --state @state")["accepted"][0]["change"],
        "held already"
    );
}

#[test]
fn garbage_is_no_document() {
    let desk = Desk::new([]);
    std::fs::write(desk.path("garbage"), "garbage").unwrap();
    assert_eq!(desk.refusal("trust show @garbage"), (3, "pem.none".into()));
    std::fs::write(desk.path("garbage"), [0x30, 0x82, 0, 0]).unwrap();
    assert_eq!(
        desk.refusal("trust show @garbage"),
        (3, "trust.malformed".into())
    );
    assert_eq!(desk.refusal("trust show @missing"), (4, "file.io".into()));
    std::fs::write(desk.path("garbage"), vec![b'-'; 9 * 1024 * 1024]).unwrap();
    assert_eq!(
        desk.refusal("trust show @garbage"),
        (3, "file.large".into())
    );
}
