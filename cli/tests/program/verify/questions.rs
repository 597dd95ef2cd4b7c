use super::network::{Entity, IDENTITY, Network};

#[test]
fn every_name_that_is_asked_for_must_be_there() {
    let network = Network::new();
    let off = "--revocation off";
    for name in [
        &format!("uri:{IDENTITY}"),
        "dns:terminal.kasane.example",
        "dns:TERMINAL.kasane.example",
        "ip:192.0.2.7",
    ] {
        network.verified(&format!("{off} --name {name}"));
    }
    let both = "--name ip:192.0.2.7 --name dns:other.kasane.example";
    for names in [
        "--name uri:https://id.kasane.example/facility/1312345679/2",
        "--name dns:kasane.example",
        "--name ip:2001:db8::1",
        "--name email:desk/kasane.example",
        both,
    ] {
        let refused = network.refused(&format!("{off} {names}"));
        assert_eq!(refused["error"]["code"], "path.name_mismatch", "{names}");
        assert_eq!(refused["refusal"]["rule"], "RFC 9525 §6");
    }
    for name in ["terminal.kasane.example", "dns:", "ip:terminal", "DNS:a"] {
        let refusal = network.refusal(&format!("{off} --name {name}"));
        assert_eq!(refusal, (3, "argument.bad".into()), "{name}");
    }
}

#[test]
fn policy_and_profile_are_asked_for() {
    let network = Network::new();
    let off = "--revocation off";
    let refused = network.refused(&format!("{off} --policy-oid 1.2.392.1.1"));
    assert_eq!(refused["error"]["code"], "path.no_valid_policy");
    let refusal = network.refusal(&format!("{off} --policy-oid medical"));
    assert_eq!(refusal, (3, "argument.bad".into()));

    network.verified(&format!("{off} --profile"));
    let nameless = network
        .issuing
        .terminal(&Entity::new("terminal-2"), 22, |params| {
            params.use_authority_key_identifier_extension = false;
        });
    network.chain(&[&nameless, &network.issuing_der]);
    network.verified(off);
    let refused = network.refused(&format!("{off} --profile"));
    assert_eq!(refused["error"]["code"], "path.profile");
    assert_eq!(refused["refusal"]["rule"], "RFC 5280 §4.2.1.1");
}

#[test]
fn rsa_login_is_warned_about_from_july_2030() {
    let network = Network::of(crate::world::World::empty(), &Entity::rsa("terminal-1"));
    let at = |time: &str| network.verified(&format!("--revocation off --at {time}"));
    let before = at("2030-06-30T14:59:59Z");
    assert_eq!(before["warnings"].as_array().unwrap().len(), 0);
    let after = at("2030-06-30T15:00:00Z");
    assert_eq!(after["warnings"][0]["rule"], "rsa-warned");
    let text = network.text("--revocation off --at 2030-07-01 --lang ja");
    assert!(
        text.contains("警告") && text.contains("RSA接続は毎回警告"),
        "{text}"
    );
    assert!(text.contains("[rsa-warned]"), "{text}");
}

#[test]
fn answer_is_the_same_by_the_older_name_of_the_option() {
    let network = Network::new();
    let words = network.words("--revocation off");
    let words = words.into_iter().map(|word| match word.as_str() {
        "--anchors" => "--anchor".to_owned(),
        _ => word,
    });
    assert_eq!(
        network.world.json(words),
        network.verified("--revocation off")
    );
}
