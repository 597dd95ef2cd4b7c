use std::os::unix::fs::PermissionsExt;

use crate::world::{FACILITY, World, issue};

#[test]
fn command_line_that_is_not_understood_exits_with_2() {
    let world = World::empty();
    assert_eq!(world.refusal(["issue"]), (2, "usage".into()));
    assert_eq!(world.run(["issue"]).status.code(), Some(2));
    assert_eq!(
        world.refusal(["list", "--state", "lost"]),
        (2, "usage".into())
    );
    let facility_and_system = [
        "issue",
        "--facility",
        FACILITY,
        "--system",
        "portal",
        "--csr",
        "x",
    ];
    assert_eq!(world.refusal(facility_and_system), (2, "usage".into()));
}

#[test]
fn folder_without_authority_exits_with_4() {
    let world = World::empty();
    assert_eq!(world.refusal(["list"]), (4, "folder.empty".into()));
    assert_eq!(world.refusal(["serve"]), (4, "folder.empty".into()));
    assert_eq!(
        world.refusal(["ledger", "verify"]),
        (4, "folder.empty".into())
    );
    assert!(!world.dir().exists());
}

#[test]
fn bad_orders_exit_with_their_codes() {
    let world = World::new();
    let csr = world.csr("terminal.csr");
    let unknown = [
        "issue",
        "--facility",
        "1312345687",
        "--terminal",
        "1",
        "--csr",
    ];
    let unknown: Vec<_> = unknown.into_iter().chain(csr.to_str()).collect();
    assert_eq!(world.refusal(&unknown), (4, "facility.unknown".into()));
    let digit: Vec<_> = unknown
        .iter()
        .map(|it| it.replace("1312345687", "1312345678"))
        .collect();
    assert_eq!(world.refusal(&digit).0, 3);
    assert_eq!(
        world.refusal(issue("3", &csr)),
        (4, "terminal.unknown".into())
    );
    let missing = world.file("missing.csr");
    assert_eq!(world.refusal(issue("1", &missing)), (4, "file.io".into()));
    let garbage = world.file("garbage.csr");
    std::fs::write(&garbage, "garbage").unwrap();
    assert_eq!(
        world.refusal(issue("1", &garbage)),
        (3, "csr.not-pem".into())
    );
    std::fs::write(&garbage, vec![0x30; 10 * 1024 * 1024]).unwrap();
    assert_eq!(
        world.refusal(issue("1", &garbage)),
        (3, "csr.too-large".into())
    );
    assert_eq!(
        world.refusal(["show", "ffff"]),
        (4, "certificate.unknown".into())
    );
    assert_eq!(
        world.refusal(["revoke", "zz", "--reason", "superseded"]),
        (3, "argument.bad".into())
    );
    assert_eq!(
        world.refusal(["revoke", "ffff", "--reason", "fun"]),
        (3, "argument.bad".into())
    );
    let beyond = ["ledger", "show", "1000000"];
    assert_eq!(world.refusal(beyond).0, 4);
    assert_eq!(
        world.json(["list", "--subject", &format!("facility/{FACILITY}")])["certificates"],
        serde_json::json!([])
    );
}

#[test]
fn request_key_with_another_request_is_a_conflict() {
    let world = World::new();
    let with_key = |csr: &str| {
        let csr = world.csr(csr);
        let mut arguments: Vec<_> = issue("1", &csr).map(str::to_owned).to_vec();
        arguments.extend(["--request-key".to_owned(), "order-1".to_owned()]);
        arguments
    };
    let first = with_key("first.csr");
    let issued = world.json(&first);
    assert_eq!(world.json(&first)["serial"], issued["serial"]);
    assert_eq!(
        world.refusal(with_key("second.csr")),
        (5, "request-key.reused".into())
    );
}

#[test]
fn errors_for_people_name_the_code_and_what_to_do() {
    let world = World::new();
    let output = world.run(["show", "ffff"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("error[certificate.unknown]: "), "{said}");
    assert!(said.contains("kasane list"), "{said}");
}

#[test]
fn passphrase_that_others_can_read_is_refused_and_a_wrong_one_opens_nothing() {
    let world = World::new();
    let file = world.file("passphrase");
    std::fs::write(&file, "wrong\n").unwrap();
    let list = ["list", "--passphrase-file", file.to_str().unwrap()];
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(world.refusal(list), (7, "passphrase.rights".into()));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(world.refusal(list), (7, "key.cannot-decrypt".into()));
    std::fs::remove_file(world.dir().join("keys.passphrase")).unwrap();
    assert_eq!(world.refusal(["list"]), (7, "passphrase.missing".into()));
    // Whoever audits has no keys.
    world.json(["ledger", "verify"]);
}

#[test]
fn changed_byte_of_an_entry_is_found_and_named() {
    let world = World::new();
    let entries = world.dir().join("ledger/tile/entries");
    let file = largest_file(&entries);
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::write(&file, bytes).unwrap();
    let output = world.run(["ledger", "verify"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(6), "{said}");
    assert!(
        said.contains("error[ledger.tampered]: ") && said.contains("at entry "),
        "{said}"
    );
}

fn largest_file(folder: &std::path::Path) -> std::path::PathBuf {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => found.push((entry.metadata().unwrap().len(), entry.path())),
            }
        }
    }
    found.into_iter().max().unwrap().1
}
