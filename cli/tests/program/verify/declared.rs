use kasane_verify::UnixTime;

use super::network::{Entity, Network};
use crate::trust::Desk;
use crate::world::{World, said};

/// A network whose relying system knows the officers, and the time at which they signed: declarations
/// are made for the days after.
fn settled() -> (Desk, Network, UnixTime) {
    let desk = Desk::settled();
    let shown = desk.run("trust show @officers-1");
    let issued = &shown["documents"][0]["issued_at"];
    let issued = issued.as_str().unwrap().parse().unwrap();
    // What is accepted before 2027 is RSA.
    let network = Network::of(World::empty(), &Entity::rsa("terminal-1"));
    for name in ["officers-1", "state"] {
        std::fs::copy(desk.path(name), network.world.file(name)).unwrap();
    }
    (desk, network, issued)
}

fn declare(desk: &Desk, network: &Network, number: u32, area: &str, days: [UnixTime; 2]) -> String {
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

#[test]
fn emergency_relaxes_unavailability_alone_and_is_reported() {
    let (desk, network, issued) = settled();
    let before = std::fs::read(network.world.file("state")).unwrap();
    let days = [issued, issued.plus_days(10)];
    let name = declare(&desk, &network, 1, "13,14", days);
    let at = issued.plus_days(1);
    let with = format!("--state @state --emergency @{name} --at {at}");
    let verified = network.verified(&with);
    assert_eq!(verified["revocation"], "unavailable and tolerated");
    assert_eq!(verified["status"][1]["by"], "emergency");
    assert_eq!(verified["status"][1]["emergency"], "quake-1");
    assert_eq!(verified["missing"].as_array().unwrap().len(), 2);
    let text = network.text(&format!("{with} --lang ja"));
    assert!(text.contains("緊急宣言quake-1により許容"), "{text}");
    assert_eq!(std::fs::read(network.world.file("state")).unwrap(), before);

    network.write("revoked.crl", network.issuing.crl_at(21, at));
    let refused = network.refused(&format!("{with} --crl @revoked.crl"));
    assert_eq!(refused["error"]["code"], "path.revoked");
    let wrong = network.refused(&format!("{with} --name dns:other.example"));
    assert_eq!(wrong["error"]["code"], "path.name_mismatch");
}

#[test]
fn emergency_elsewhere_or_over_relaxes_nothing() {
    let (desk, network, issued) = settled();
    let (at, until) = (issued.plus_days(1), issued.plus_days(10));
    for (number, area, from) in [(1, "27", issued), (2, "13", issued.plus_days(2))] {
        let name = declare(&desk, &network, number, area, [from, until]);
        let with = format!("--state @state --emergency @{name} --at {at}");
        let refused = network.refused(&with);
        assert_eq!(refused["error"]["code"], "path.status_unavailable");
        assert_eq!(refused["missing"].as_array().unwrap().len(), 2);
        let not = format!("emergency quake-{number} does not apply");
        assert!(refused["notes"][0].as_str().unwrap().starts_with(&not));
        let told = said(&network.output(&with));
        assert!(told.contains(&not), "{told}");
    }
    // Over: the document itself has expired.
    let late = until.plus_days(1);
    let with = format!("--state @state --emergency @emergency-1 --at {late}");
    assert_eq!(network.refusal(&with), (1, "trust.expired".into()));
}

#[test]
fn emergency_of_too_few_officers_or_without_state_is_refused() {
    let (desk, network, issued) = settled();
    let until = issued.plus_days(10);
    desk.run(&format!(
        "trust prepare emergency --id flood --area all --from {issued} --until {until} \
         --reason a_flood --reason-ja 水害 --officers @officers-1 --number 1 --out @lonely"
    ));
    desk.sign("lonely", &["sato"]);
    std::fs::copy(desk.path("lonely"), network.world.file("lonely")).unwrap();
    let with = format!("--state @state --emergency @lonely --at {issued}");
    assert_eq!(network.refusal(&with), (1, "trust.threshold".into()));
    assert_eq!(network.refusal("--emergency @lonely"), (2, "usage".into()));
    assert_eq!(
        network.refusal("--state @nowhere"),
        (4, "trust.no_state".into())
    );
}

#[test]
fn state_alone_brings_anchors_and_policy() {
    let (desk, network, _) = settled();
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
