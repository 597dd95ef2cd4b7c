use serde_json::Value;

use super::network::{Entity, Network};
use crate::world::said;

/// Two roots that have certified each other's key. The issuing CA stands under the old one, and has
/// two more certificates that lead nowhere. Only the new root is trusted.
fn mesh() -> Network {
    let network = Network::new();
    let (old, stranger) = (Entity::new("Old Root"), Entity::new("Stranger"));
    let powerless = old.ca(&network.issuing, 31, |params| {
        params.key_usages = vec![rcgen::KeyUsagePurpose::CrlSign];
    });
    let stray = stranger.ca(&network.issuing, 35, |_| {});
    let under_old = old.ca(&network.issuing, 32, |_| {});
    let crossed = network.root.ca(&old, 33, |_| {});
    let back = old.ca(&network.root, 34, |_| {});
    network.chain(&[
        &network.terminal_der,
        &powerless,
        &stray,
        &under_old,
        &back,
        &crossed,
    ]);
    network.write("old.crl", old.crl(999));
    network.good_crls();
    network
}

#[test]
fn search_through_a_mesh_is_told_as_a_tree() {
    let network = mesh();
    let text = network.text("--crl @root.crl @issuing.crl @old.crl --explain");
    for line in [
        "search, from the end entity up\n[accepted] CN=terminal-1,O=Example (end entity, serial 15)\n",
        "│   CRL 0x012c of 2028-05-30 09:00:00 JST, next 2028-06-03 09:00:00 JST\n",
        "[refused] CN=Issuing,O=Example (intermediate 0, serial 1f)\n",
        "path.key_usage (RFC 5280 §6.1.4 (n)): its key usage does not include keyCertSign\n",
        "├─ [refused] CN=Issuing,O=Example (intermediate 1, serial 23)\n",
        "path.unknown_issuer (RFC 5280 §6.1.3 (a)(4)): its issuer CN=Stranger,O=Example is ",
        "└─ [accepted] CN=Issuing,O=Example (intermediate 2, serial 20)\n",
        "   └─ [accepted] CN=Old Root,O=Example (intermediate 4, serial 21)\n",
        "      └─ [accepted] CN=Root,O=Example (trust anchor 0)\n",
        " signature checks, ",
    ] {
        assert!(text.contains(line), "{line:?} in\n{text}");
    }
    let tree = text.lines().skip_while(|it| !it.starts_with("search, "));
    let widths: Vec<_> = tree.map(|it| it.chars().count()).collect();
    assert!(
        widths.len() > 10 && widths.iter().all(|it| *it <= 100),
        "{text}"
    );
    let japanese = network.text("--crl @root.crl @issuing.crl @old.crl --explain --lang ja");
    assert!(japanese.contains("［採用］ CN=Old Root"), "{japanese}");
    assert!(japanese.contains("鍵用途に"), "{japanese}");
}

#[test]
fn same_tree_is_data_in_json() {
    let network = mesh();
    let verified = network.verified("--crl @root.crl @issuing.crl @old.crl --explain");
    let tree = &verified["explanation"];
    // Three on the path and three CRLs.
    assert_eq!(tree["signatures"], 6);
    assert_eq!(tree["truncated"], false);
    assert_eq!(tree["root"]["outcome"], "accepted");
    assert_eq!(tree["root"]["status"]["by"], "crl");
    let tried = tree["root"]["issuers"].as_array().unwrap();
    let of = |serial: &str| tried.iter().find(|it| it["serial"] == serial).unwrap();
    assert_eq!(of("1f")["refused"]["code"], "path.key_usage");
    assert_eq!(of("1f")["refused"]["at"], "intermediate 0");
    assert_eq!(of("20")["outcome"], "accepted");
    assert_eq!(verified["path"].as_array().unwrap().len(), 4);
}

#[test]
fn refusal_is_explained_by_the_same_tree() {
    let network = mesh();
    network.write("old.crl", network.issuing.crl(21));
    let evidence = "--crl @root.crl @issuing.crl @old.crl --explain";
    let refused = network.refused(evidence);
    assert_eq!(refused["error"]["code"], "path.status_unavailable");
    let anchor = find(&refused["explanation"]["root"], "trust anchor 0").unwrap();
    assert_eq!(anchor["outcome"], "refused");
    assert_eq!(anchor["refused"]["at"], "intermediate 2");
    let output = network.output(evidence);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("[refused] CN=Root,O=Example (trust anchor 0)"),
        "{told}"
    );
    assert!(
        told.contains("intermediate 2: path.status_unavailable (RFC 5280 §6.1.3 (a)(3))"),
        "{told}"
    );
}

fn find<'t>(node: &'t Value, position: &str) -> Option<&'t Value> {
    if node["position"] == position {
        return Some(node);
    }
    let issuers = node["issuers"].as_array()?;
    issuers.iter().find_map(|it| find(it, position))
}
