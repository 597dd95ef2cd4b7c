//! Ceremonies as people hold them: rehearsed, interrupted, carried between machines, printed.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::world::{SCRIPT, World, said};

/// Writes a script beside the data folder; its path.
pub(crate) fn script(world: &World, name: &str, text: &str) -> String {
    let path = world.file(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(ending))
        .collect();
    files.sort();
    files
}

/// The to-be-signed part of a certificate or CRL in a PEM file.
fn tbs(path: &Path) -> Vec<u8> {
    let text = fs::read(path).unwrap();
    let (_, der) = der::pem::decode_vec(&text).unwrap();
    let outer = <der::asn1::AnyRef<'_> as der::Decode>::from_der(&der).unwrap();
    let mut reader = der::SliceReader::new(outer.value()).unwrap();
    der::Reader::tlv_bytes(&mut reader).unwrap().to_vec()
}

#[test]
fn planned_ceremony_signs_the_very_bytes_that_were_rehearsed() {
    let world = World::empty();
    let script = world.file("script.toml");
    let script = script.to_str().unwrap();
    // Before there are keys the rehearsal says what will differ, and nothing is made.
    let early = world.json(["ceremony", script, "--dry-run"]);
    assert_eq!(early["throw_away_keys"].as_array().unwrap().len(), 3);
    assert!(!world.dir().exists());

    world.json(["ceremony", script, "--only-keys"]);
    let (review, plan) = (world.file("review"), world.file("plan.toml"));
    let (review_name, plan_name) = (review.to_str().unwrap(), plan.to_str().unwrap());
    let rehearse = [
        "ceremony",
        script,
        "--dry-run",
        "--artefacts",
        review_name,
        "--plan",
        plan_name,
    ];
    let rehearsed = world.json(rehearse);
    assert_eq!(rehearsed["throw_away_keys"].as_array().unwrap().len(), 0);
    let artefacts = rehearsed["artefacts"].as_array().unwrap();
    assert!(artefacts.iter().all(|it| it["provisional"] == false));
    // Root and its CRL, issuing CA and, for two shards, CRL and delta CRL.
    assert_eq!(artefacts.len(), 7, "{rehearsed}");
    let shown = files(&review, ".txt");
    let text = fs::read_to_string(&shown[0]).unwrap();
    assert!(text.contains("subject: CN=Test Root ECC"), "{text}");
    assert_eq!(
        world.refusal(rehearse),
        (5, "file.io".into()),
        "never over another plan"
    );
    assert_eq!(
        world.json(["list"])["certificates"]
            .as_array()
            .unwrap()
            .len(),
        0
    );

    let out = world.file("carried");
    let hold = [
        "ceremony",
        script,
        "--plan",
        plan_name,
        "--out",
        out.to_str().unwrap(),
    ];
    world.json(hold);
    let rehearsed = |step: &str| {
        let found = files(&review, ".der").into_iter();
        let mut found =
            found.filter(|path| path.to_str().unwrap().ends_with(&format!("-{step}.der")));
        fs::read(found.next().unwrap()).unwrap()
    };
    for (step, file) in [
        ("certificate-root-ecc", "root-ecc.pem"),
        (
            "certificate-issuing-ecc-terminal",
            "issuing-ecc-terminal.pem",
        ),
        ("crl-root-ecc-0", "root-ecc-0.crl"),
        ("crl-issuing-ecc-terminal-0", "issuing-ecc-terminal-0.crl"),
        ("crl-issuing-ecc-terminal-1", "issuing-ecc-terminal-1.crl"),
    ] {
        assert_eq!(tbs(&out.join(file)), rehearsed(step), "{step}");
    }
    assert_eq!(world.refusal(hold), (3, "ceremony.plan-used".into()));
}

#[test]
fn what_differs_from_the_plan_is_refused_with_its_field() {
    let world = World::empty();
    let path = world.file("script.toml");
    let script = path.to_str().unwrap();
    world.json(["ceremony", script, "--only-keys"]);
    let plan = world.file("plan.toml");
    let plan_name = plan.to_str().unwrap();
    world.json(["ceremony", script, "--dry-run", "--plan", plan_name]);
    // A plan whose seed was exchanged gives other serial numbers.
    let text = fs::read_to_string(&plan).unwrap();
    let seed = text.lines().find(|line| line.starts_with("seed")).unwrap();
    let other = format!("seed = \"{}\"", "5a".repeat(32));
    let changed = world.file("changed.toml");
    fs::write(&changed, text.replace(seed, &other)).unwrap();
    let output = world.run(["ceremony", script, "--plan", changed.to_str().unwrap()]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("ceremony.differs-from-plan"), "{error}");
    assert!(
        error.contains("certificate root-ecc: serialNumber was rehearsed as"),
        "{error}"
    );
    assert_eq!(
        world.json(["list"])["certificates"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    // One of its artefacts was changed.
    let line = text.lines().find(|line| line.starts_with("tbs")).unwrap();
    let damaged = line.replacen("30", "31", 1);
    fs::write(&changed, text.replace(line, &damaged)).unwrap();
    let damaged = ["ceremony", script, "--plan", changed.to_str().unwrap()];
    assert_eq!(world.refusal(damaged), (3, "ceremony.plan".into()));
    // A plan whose time is to come.
    let later = world.file("later.toml");
    let later_name = later.to_str().unwrap();
    let at = ["--at", "2099-01-01 10:00:00 JST"];
    let rehearse = ["ceremony", script, "--dry-run", "--plan", later_name];
    world.json(rehearse.into_iter().chain(at));
    let early = ["ceremony", script, "--plan", later_name];
    assert_eq!(world.refusal(early), (3, "ceremony.plan".into()));
}

#[test]
fn ceremony_that_is_killed_anywhere_goes_on_to_the_same_end() {
    let whole = World::empty();
    let script = whole.file("script.toml");
    whole.json(["ceremony", script.to_str().unwrap()]);
    let names = |world: &World| {
        let listed = world.json(["list", "--state", "valid"]);
        let mut names: Vec<_> = listed["certificates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["subject"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    let crls = |world: &World| {
        world.json(["crl", "list"])["crls"]
            .as_array()
            .unwrap()
            .len()
    };
    for point in [
        "authority-recorded",
        "authority-signed",
        "authority-finished",
        "step-done",
    ] {
        let world = World::empty();
        let script = world.file("script.toml");
        let script = script.to_str().unwrap();
        let mut killed = 0;
        // Each run gets one step further; the last one ends by itself.
        for _ in 0..20 {
            let output = world
                .command(["ceremony", script])
                .env("KASANE_FAIL_POINT", if killed < 4 { point } else { "" })
                .output()
                .unwrap();
            if output.status.success() {
                break;
            }
            assert_eq!(
                output.status.code(),
                None,
                "killed, not refused: {}",
                said(&output)
            );
            killed += 1;
        }
        assert!(killed >= 2, "{point}: {killed}");
        let again = world.json(["ceremony", script]);
        let steps = again["steps"].as_array().unwrap();
        assert!(
            steps.iter().all(|it| it["done_before"] == true),
            "{point}: {again}"
        );
        assert_eq!(names(&world), names(&whole), "{point}");
        assert_eq!(crls(&world), crls(&whole), "{point}");
        world.json(["ledger", "verify"]);
    }
}

/// Every key, certificate and CRL of the ledger stands in the record, with its entry and its hash.
fn every_artefact_has_its_hash(world: &World, html: &str) {
    let digest = |octets: &serde_json::Value| {
        let octets = hex::decode(octets.as_str().unwrap()).unwrap();
        hex::encode(Sha256::digest(octets))
    };
    let exported = world.text(["ledger", "export"]);
    let mut artefacts = 0;
    for line in exported.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let body = &entry["body"];
        let hash = match entry["kind"].as_str().unwrap() {
            "KeyGenerated" => digest(&body["spki"]),
            "CertificateRecorded" => digest(&body["tbs"]),
            "CrlRecorded" => body["tbs"]["sha256"].as_str().unwrap().to_owned(),
            _ => continue,
        };
        artefacts += 1;
        assert!(html.contains(&hash), "{line}");
        let number = format!("<td class=\"number\">{}</td>", entry["index"]);
        assert!(html.contains(&number), "{line}");
    }
    assert!(artefacts >= 8, "{artefacts}");
}

#[test]
fn record_is_printed_from_the_ledger_and_says_the_same_again() {
    let world = World::empty();
    let text = format!(
        "{SCRIPT}\n[custody]\nthreshold = 2\ncustodians = [\"保管者1 <A>\", \"保管者2\", \"保管者3\"]\n\n\
         [[participant]]\nrole = \"立会人 witness\"\nattests = \"saw every step\"\n"
    );
    let path = script(&world, "record.toml", &text);
    world.json(["ceremony", &path]);
    let (first, second) = (world.file("a.html"), world.file("b.html"));
    let record = |path: &Path| {
        let said = world.json(["ceremony", "record", "--out", path.to_str().unwrap()]);
        (said, fs::read_to_string(path).unwrap())
    };
    let (said, html) = record(&first);
    // Later entries change nothing.
    world.json([
        "facility",
        "add",
        "1312345679",
        "--terminals",
        "1",
        "--contact",
        "desk",
    ]);
    let (_, again) = record(&second);
    assert_eq!(html, again);
    for part in [
        "鍵生成式記録",
        "立会人 witness",
        "保管者1 &#60;A&#62;",
        "鍵ペア",
        // Nobody has put the custodians' key into a device.
        "The ledger shows no device that the wrap key was put into",
    ] {
        assert!(html.contains(part), "{part}");
    }
    let listed = world.json(["list"]);
    for certificate in listed["certificates"].as_array().unwrap() {
        let serial = certificate["serial"].as_str().unwrap();
        assert!(html.contains(serial), "{serial}");
    }
    every_artefact_has_its_hash(&world, &html);
    assert!(html.contains(said["tree_head"].as_str().unwrap().trim_end_matches('=')));
    assert!(
        !html.contains("http://") || !html.contains("src="),
        "no outside resource"
    );
    assert_eq!(
        world
            .refusal(["ceremony", "record", "--name", "none", "--out", "c.html"])
            .1,
        "not-found"
    );
}
