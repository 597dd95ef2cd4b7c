use super::network::Network;
use crate::trust::Desk;
use crate::world::said;

/// A network whose relying system knows the officers.
fn settled() -> (Desk, Network) {
    let desk = Desk::settled();
    let network = Network::new();
    for name in ["officers-1", "state"] {
        std::fs::copy(desk.path(name), network.world.file(name)).unwrap();
    }
    (desk, network)
}

fn declare(desk: &Desk, network: &Network, number: u32, area: &str, days: [&str; 2]) -> String {
    let [from, until] = days;
    let name = format!("emergency-{number}");
    desk.run(&format!(
        "trust prepare emergency --id quake-{number} --area {area} --from {from} --until {until} \
         --reason an_earthquake --reason-ja 地震 --officers @officers-1 --number {number} \
         --out @{name}"
    ));
    desk.sign(&name, &["sato", "mori"]);
    std::fs::copy(desk.path(&name), network.world.file(&name)).unwrap();
    name
}

const DAYS: [&str; 2] = ["2028-05-25", "2028-06-10"];

#[test]
fn emergency_relaxes_unavailability_alone_and_is_reported() {
    let (desk, network) = settled();
    let before = std::fs::read(network.world.file("state")).unwrap();
    let name = declare(&desk, &network, 1, "13,14", DAYS);
    let with = format!("--state @state --emergency @{name}");
    let verified = network.verified(&with);
    assert_eq!(verified["revocation"], "unavailable and tolerated");
    assert_eq!(verified["status"][1]["by"], "emergency");
    assert_eq!(verified["status"][1]["emergency"], "quake-1");
    let text = network.text(&format!("{with} --lang ja"));
    assert!(text.contains("緊急宣言quake-1により許容"), "{text}");
    assert_eq!(std::fs::read(network.world.file("state")).unwrap(), before);

    network.write("revoked.crl", network.issuing.crl(21));
    let refused = network.refused(&format!("{with} --crl @revoked.crl"));
    assert_eq!(refused["error"]["code"], "path.revoked");
    let wrong = network.refused(&format!("{with} --name dns:other.example"));
    assert_eq!(wrong["error"]["code"], "path.name_mismatch");
}

#[test]
fn emergency_elsewhere_or_over_relaxes_nothing() {
    let (desk, network) = settled();
    for (number, area, days) in [(1, "27", DAYS), (2, "13", ["2028-06-02", "2028-06-20"])] {
        let name = declare(&desk, &network, number, area, days);
        let with = format!("--state @state --emergency @{name}");
        let refused = network.refused(&with);
        assert_eq!(refused["error"]["code"], "path.status_unavailable");
        assert_eq!(refused["missing"].as_array().unwrap().len(), 2);
        let told = said(&network.output(&with));
        assert!(
            told.contains(&format!("emergency quake-{number} does not apply")),
            "{told}"
        );
    }
    // Over: the document itself has expired.
    let name = declare(&desk, &network, 3, "all", ["2028-05-01", "2028-05-20"]);
    let with = format!("--state @state --emergency @{name}");
    assert_eq!(network.refusal(&with), (1, "trust.expired".into()));
}

#[test]
fn emergency_of_too_few_officers_or_without_state_is_refused() {
    let (desk, network) = settled();
    let until = "2028-06-10";
    desk.run(&format!(
        "trust prepare emergency --id flood --area all --from 2028-05-25 --until {until} \
         --reason a_flood --reason-ja 水害 --officers @officers-1 --number 1 --out @lonely"
    ));
    desk.sign("lonely", &["sato"]);
    std::fs::copy(desk.path("lonely"), network.world.file("lonely")).unwrap();
    let with = "--state @state --emergency @lonely";
    assert_eq!(network.refusal(with), (1, "trust.threshold".into()));
    assert_eq!(network.refusal("--emergency @lonely"), (2, "usage".into()));
    assert_eq!(
        network.refusal("--state @nowhere"),
        (4, "trust.no_state".into())
    );
}

#[test]
fn state_alone_brings_anchors_and_policy() {
    let (desk, network) = settled();
    std::fs::copy(network.world.file("root.pem"), desk.path("root.pem")).unwrap();
    let timeline = concat!(env!("CARGO_MANIFEST_DIR"), "/../policy/timeline.toml");
    let words = desk
        .words("trust prepare policy TIMELINE --officers @officers-1 --number 1 --out @policy-1");
    let words = words.into_iter().map(|it| it.replace("TIMELINE", timeline));
    desk.world.json(words);
    desk.run(
        "trust prepare anchors @root.pem@2029-12-31T14:59:59Z --officers @officers-1 --number 1 \
         --out @anchors-1",
    );
    for document in ["policy-1", "anchors-1"] {
        desk.sign(document, &["sato", "mori"]);
    }
    desk.run("trust verify @policy-1 @anchors-1 --state @state");
    std::fs::copy(desk.path("state"), network.world.file("state")).unwrap();
    let ask = |more: &str| -> Vec<String> {
        let words = network.words(&format!("--state @state --revocation off {more}"));
        let anchors = words.iter().position(|it| it == "--anchors").unwrap();
        let mut words = words;
        words.drain(anchors..anchors + 2);
        words
    };
    let verified = network.world.json(ask(""));
    assert_eq!(verified["policy"], "overlap-2027-2031");
    assert_eq!(verified["shift_days"], 0);
    // The officers end the anchor before its own end.
    assert_eq!(
        network.world.refusal(ask("--at 2030-01-01")),
        (4, "trust.no_anchors".into())
    );
    network.world.json(ask("--dry-run 2029-12-01"));
    assert_eq!(
        network.world.refusal(ask("--dry-run 2030-01-01")),
        (4, "trust.no_anchors".into())
    );
}
