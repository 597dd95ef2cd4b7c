use super::*;

fn verdict(result: Result<bool, Failure>) -> Option<bool> {
    result.ok()
}

#[test]
fn dns_constraint_covers_the_host_and_what_is_below() {
    for (name, base, permitted, excluded) in [
        ("host.example.com", "example.com", Some(true), Some(true)),
        ("EXAMPLE.com", "example.COM", Some(true), Some(true)),
        ("badexample.com", "example.com", Some(false), Some(false)),
        ("com", "example.com", Some(false), Some(false)),
        ("anything.test", "", Some(true), Some(true)),
        ("*.example.com", "example.com", Some(true), Some(true)),
        ("*.example.com", "a.example.com", Some(false), Some(true)),
        ("*.example.com", "a.b.example.com", Some(false), Some(false)),
        ("example.com", ".example.com", Some(false), Some(false)),
        ("a.example.com", ".example.com", Some(true), Some(true)),
        ("*.example.com", ".example.com", Some(true), Some(true)),
        ("exa mple.com", "example.com", None, None),
    ] {
        assert_eq!(
            verdict(dns(name, base, Side::Permitted)),
            permitted,
            "{name} in {base}"
        );
        assert_eq!(
            verdict(dns(name, base, Side::Excluded)),
            excluded,
            "{name} in {base}"
        );
    }
}

#[test]
fn uri_constraint_is_about_the_host() {
    for (name, base, expected) in [
        (
            "https://id.kasane.example/facility/1/1",
            "id.kasane.example",
            Some(true),
        ),
        (
            "https://id.kasane.example/facility/1/1",
            "kasane.example",
            Some(false),
        ),
        (
            "https://id.kasane.example/facility/1/1",
            ".kasane.example",
            Some(true),
        ),
        ("https://kasane.example/", ".kasane.example", Some(false)),
        (
            "https://u@kasane.example:8443?q#f",
            "kasane.example",
            Some(true),
        ),
        (
            "https://evil.example/@kasane.example",
            "kasane.example",
            Some(false),
        ),
        ("https://127.0.0.1/", "kasane.example", None),
        ("https://[::1]/", "kasane.example", None),
        ("https://kasane.example:http/", "kasane.example", None),
        ("urn:kasane:1", "kasane.example", None),
    ] {
        assert_eq!(verdict(uri(name, base)), expected, "{name} in {base}");
    }
}

#[test]
fn mailbox_constraint_has_three_forms() {
    for (name, base, expected) in [
        ("a@example.com", "a@Example.com", Some(true)),
        ("A@example.com", "a@example.com", Some(false)),
        ("a@example.com", "example.com", Some(true)),
        ("a@b.example.com", "example.com", Some(false)),
        ("a@b.example.com", ".example.com", Some(true)),
        ("a@example.com", ".example.com", Some(false)),
        ("example.com", "example.com", None),
        ("", ".example.com", None),
    ] {
        assert_eq!(verdict(mailbox(name, base)), expected, "{name} in {base}");
    }
}

#[test]
fn address_constraint_is_a_prefix() {
    let net = [192, 0, 2, 0, 255, 255, 255, 0];
    assert_eq!(verdict(address(&[192, 0, 2, 9], &net)), Some(true));
    assert_eq!(verdict(address(&[192, 0, 3, 9], &net)), Some(false));
    assert_eq!(verdict(address(&[0; 16], &net)), Some(false));
    assert_eq!(
        verdict(address(&[192, 0, 2, 9], &[192, 0, 2, 0, 255, 0, 255, 0])),
        None
    );
    assert_eq!(
        verdict(address(&[192, 0, 2, 9], &[192, 0, 2, 0, 255, 255, 253, 0])),
        None
    );
    assert_eq!(verdict(address(&[192, 0, 2, 9], &[192, 0, 2, 0])), None);
    assert_eq!(verdict(address(&[9, 9, 9, 9], &[0; 8])), Some(true));
}
