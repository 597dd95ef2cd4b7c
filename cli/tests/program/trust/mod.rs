//! Trust documents: officers make them, relying systems accept them.

mod desk;
mod state;

use std::os::unix::fs::PermissionsExt;

use rcgen::SigningKey;

use crate::world::said;

pub(crate) use desk::Desk;

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
