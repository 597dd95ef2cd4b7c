use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::world::{FACILITY, World, issue, said};

#[test]
fn certificate_lives_from_issue_to_revocation() {
    let world = World::new();
    let csr = world.csr("terminal.csr");
    let issued = world.issue("1", &csr);
    let serial = issued["serial"].as_str().unwrap();
    assert_eq!(issued["profile"], "terminal-ecc");
    assert_eq!(issued["subject"], format!("facility/{FACILITY}/1"));

    let shown = world.json(["show", serial]);
    assert_eq!(shown["known"]["state"], "valid");
    assert_eq!(shown["pem"], issued["pem"]);
    let pem = world.text(["show", serial, "--pem", "--chain"]);
    assert_eq!(pem.matches("BEGIN CERTIFICATE").count(), 2);
    let chain = world.file("chain.pem");
    std::fs::write(&chain, &pem).unwrap();
    let chain = chain.to_str().unwrap();
    let verified = world.json(["verify", chain]);
    assert_eq!(verified["path"].as_array().unwrap().len(), 3);
    assert_eq!(verified["class"], "terminal");
    assert_eq!(verified["revocation"], "good by this authority's records");
    assert_eq!(
        world.refusal(["verify", chain, "--at", "2035-01-01"]),
        (1, "path.expired".into())
    );

    let revoked = world.json(["revoke", serial, "--reason", "superseded"]);
    assert_eq!(revoked["revocation"]["reason"], "superseded");
    assert!(!revoked["crls"]["published"].as_array().unwrap().is_empty());
    let listed = world.json(["list", "--state", "revoked"]);
    assert_eq!(listed["certificates"][0]["serial"], serial);
    assert_eq!(listed["more"], false);
    assert!(world.text(["list"]).contains(serial));

    assert_eq!(world.refusal(["verify", chain]), (1, "path.revoked".into()));
    let root = world.file("root.pem");
    std::fs::write(&root, world.text(["show", "root-ecc", "--pem"])).unwrap();
    let anchored = ["verify", chain, "--anchor", root.to_str().unwrap()];
    assert_eq!(world.refusal(anchored), (1, "path.revoked".into()));
    // Without the folder there are no records, and then evidence is needed.
    let later = || anchored.into_iter().chain(["--at", "2028-06-01"]);
    assert_eq!(
        World::empty().refusal(later()),
        (1, "path.status_unavailable".into())
    );
    let verified = World::empty().text(later().chain(["--revocation", "off"]));
    assert!(
        verified.contains("revocation            not checked\n"),
        "{verified}"
    );

    let report = world.json(["ledger", "verify"]);
    assert_eq!(report["checkpoint_size"], report["entries"]);
    assert!(report["blobs"].as_u64().unwrap() > 10, "{report}");
    let record = issued["record"].as_u64().unwrap();
    let entry = world.json(["ledger", "show", &record.to_string()]);
    assert_eq!(
        (&entry["kind"], &entry["body"]["serial"]),
        (&"CertificateRecorded".into(), &serial.into())
    );
    let proof = world.text(["ledger", "prove", serial]);
    assert!(
        proof.starts_with(&format!("c2sp.org/tlog-proof@v1\nindex {record}\n")),
        "{proof}"
    );
    let exported = world.text(["ledger", "export", "--from", "1", "--to", "4"]);
    assert_eq!(exported.lines().count(), 3);
}

#[test]
fn certificate_goes_to_a_new_file_and_never_over_another() {
    let world = World::new();
    let csr = world.csr("terminal.csr");
    let out = world.file("terminal.pem");
    let mut arguments = issue("2", &csr).to_vec();
    arguments.extend(["--request-key", "order-2", "--out", out.to_str().unwrap()]);
    let output = world.run(&arguments);
    assert!(output.status.success(), "{}", said(&output));
    assert!(output.stdout.is_empty());
    assert!(
        std::fs::read_to_string(&out)
            .unwrap()
            .starts_with("-----BEGIN CERTIFICATE-----")
    );
    assert_eq!(world.refusal(&arguments), (5, "file.io".into()));
    let shown = world.json(["show", out.to_str().unwrap()]);
    assert!(shown["known"].is_null());
    assert!(
        shown["content"]["subject"]
            .as_str()
            .unwrap()
            .contains(FACILITY)
    );
}

#[test]
fn unwritable_output_fails_before_anything_is_issued() {
    let world = World::new();
    let csr = world.csr("terminal.csr");
    let out = world.file("missing/terminal.pem");
    let to = |out: &Path, terminal| {
        let mut arguments = issue(terminal, &csr).map(str::to_owned).to_vec();
        arguments.extend(["--out".to_owned(), out.to_str().unwrap().to_owned()]);
        arguments
    };
    assert_eq!(world.refusal(to(&out, "1")), (4, "file.io".into()));
    let issued = || {
        let listed = world.json(["list", "--subject", &format!("facility/{FACILITY}")]);
        listed["certificates"].as_array().unwrap().len()
    };
    assert_eq!(issued(), 0);
    // What is refused leaves no file.
    let out = world.file("terminal.pem");
    assert_eq!(world.refusal(to(&out, "9")), (4, "terminal.unknown".into()));
    assert!(!out.exists());
    world.text(to(&out, "1"));
    assert_eq!(issued(), 1);
    let serial = world.json(["list", "--subject", &format!("facility/{FACILITY}")])["certificates"]
        [0]["serial"]
        .as_str()
        .unwrap()
        .to_owned();
    let renew = ["renew", &serial, "--csr", csr.to_str().unwrap(), "--out"];
    let renew: Vec<_> = renew.into_iter().chain(out.to_str()).collect();
    assert_eq!(world.refusal(renew), (5, "file.io".into()));
    assert_eq!(issued(), 1);
}

#[test]
fn what_a_killed_command_left_is_in_the_crl_after_the_next_one() {
    let world = World::new();
    let csr = world.csr("terminal.csr");
    let killed = world
        .command(issue("1", &csr))
        .env("KASANE_FAIL_POINT", "recorded")
        .output()
        .unwrap();
    assert_eq!(killed.status.code(), None, "{}", said(&killed));
    let listed = world.run(["list"]);
    let notes = String::from_utf8_lossy(&listed.stderr).into_owned();
    assert!(notes.contains("the CRLs name what was closed"), "{notes}");
    let crls = world.json(["crl", "list"]);
    let entries: u64 = crls["crls"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|crl| crl["delta"] == false && crl["issuer"] == "issuing-ecc-terminal")
        .map(|crl| crl["entries"].as_u64().unwrap())
        .sum();
    assert_eq!(entries, 1, "{crls}");
}

#[test]
fn ceremony_is_planned_held_once_and_only_with_its_own_script() {
    let world = World::empty();
    let script = world.file("script.toml");
    let script = script.to_str().unwrap();
    let planned = world.json(["ceremony", script, "--dry-run"]);
    // Keys, certificates, three CRLs, the end.
    assert_eq!(planned["steps"].as_array().unwrap().len(), 8);
    assert!(!world.dir().exists(), "a plan makes nothing");
    let held = world.json(["ceremony", script]);
    let done = |answer: &serde_json::Value| {
        let steps = answer["steps"].as_array().unwrap();
        steps
            .iter()
            .filter(|step| step["done_before"] == true)
            .count()
    };
    assert_eq!(done(&held), 0);
    let mode = |name: &str| {
        std::fs::metadata(world.dir().join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(
        (mode(""), mode("keys.passphrase"), mode("keys")),
        (0o700, 0o600, 0o700)
    );
    assert_eq!(
        done(&world.json(["ceremony", script])),
        7,
        "it is continued, not repeated"
    );
    std::fs::write(
        script,
        crate::world::SCRIPT.replace("crl_shards = 2", "crl_shards = 4"),
    )
    .unwrap();
    assert_eq!(
        world.refusal(["ceremony", script]),
        (5, "ceremony.other-script".into())
    );
}

#[test]
fn production_is_refused_without_hardware_and_nothing_is_made() {
    let world = World::empty();
    let production = crate::world::SCRIPT
        .replace("\"demo\"", "\"production\"")
        .replace("\"demonstration\"", "\"real\"");
    let script = world.file("script.toml");
    std::fs::write(&script, production).unwrap();
    let refused = world.refusal(["ceremony", script.to_str().unwrap()]);
    assert_eq!(refused, (3, "authority.mode".into()));
    assert!(!world.dir().exists());
}

#[test]
fn profiles_and_timeline_of_a_ceremony_can_be_replaced_and_bad_ones_are_refused() {
    let world = World::empty();
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy");
    let profiles = world.file("profiles");
    std::fs::create_dir(&profiles).unwrap();
    for entry in std::fs::read_dir(policy.join("profiles")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, profiles.join(path.file_name().unwrap())).unwrap();
    }
    let (script, timeline) = (world.file("script.toml"), policy.join("timeline.toml"));
    let arguments = [
        "ceremony",
        script.to_str().unwrap(),
        "--dry-run",
        "--profiles",
        profiles.to_str().unwrap(),
        "--timeline",
        timeline.to_str().unwrap(),
    ];
    assert_eq!(world.json(arguments)["dry_run"], true);
    let terminal = profiles.join("terminal-ecc.toml");
    let text = std::fs::read_to_string(&terminal).unwrap();
    std::fs::write(&terminal, format!("surprise = 1\n{text}")).unwrap();
    let output = world.run(arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("terminal-ecc.toml") && said.contains("surprise"),
        "{said}"
    );
}

#[test]
fn store_is_rebuilt_to_the_same_state() {
    let world = World::new();
    world.issue("1", &world.csr("terminal.csr"));
    let rebuilt = world.json(["store", "rebuild"]);
    assert_eq!(rebuilt["same_as_before"], true);
    std::fs::remove_dir_all(world.dir().join("store")).unwrap();
    let again = world.json(["store", "rebuild"]);
    assert_eq!(again["digest"], rebuilt["digest"]);
}

#[test]
fn contact_is_kept_and_forgotten() {
    let world = World::new();
    let contacts =
        || world.json(["facility", "list", "--contacts"])["facilities"][0]["contacts"].clone();
    assert_eq!(contacts(), serde_json::json!(["desk"]));
    world.json(["facility", "forget", FACILITY, "--reason", "closed"]);
    assert_eq!(contacts(), serde_json::json!([]));
}

#[test]
fn policy_is_explained_without_a_folder_by_the_real_timeline() {
    let world = World::empty();
    let explained = world.json([
        "policy",
        "explain",
        "--profile",
        "terminal-rsa",
        "--key",
        "rsa-2048",
        "--at",
        "2028-05-01",
    ]);
    assert_eq!(explained["shift_days"], 0);
    assert_eq!(explained["phase"], "ecc-enrolment-only");
    assert_eq!(explained["answers"][0]["decision"], "refuse");
    assert_eq!(explained["answers"][0]["rule"], "rsa-enrolment-ends");
}

#[test]
fn completions_and_help_name_every_command() {
    let world = World::empty();
    let completions = world.text(["completions", "bash"]);
    let help = world.text(["--help"]);
    for command in [
        "quickstart",
        "ceremony",
        "serve",
        "issue",
        "renew",
        "revoke",
        "show",
        "list",
        "verify",
        "facility",
        "system",
        "operator",
        "crl",
        "policy",
        "ledger",
        "store",
        "bench",
        "completions",
    ] {
        assert!(help.contains(&format!("  {command} ")), "{command}");
        assert!(completions.contains(command), "{command}");
        assert!(
            world.text([command, "--help"]).contains("Usage: kasane"),
            "{command}"
        );
    }
}
