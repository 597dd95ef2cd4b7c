//! The state of a relying system.

use super::Desk;

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
