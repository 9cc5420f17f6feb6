//! Names of this machine, as the header `Host` gives them.

/// Whether this is the loopback, by name or number, with or without a port.
pub(crate) fn is_loopback(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, "0"),
    };
    let number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    number && (host.eq_ignore_ascii_case("localhost") || host == "127.0.0.1" || host == "[::1]")
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_names_of_this_machine_are_the_loopback() {
        for own in ["localhost", "LocalHost:3000", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:3000"] {
            assert!(is_loopback(own), "{own}");
        }
        for foreign in [
            "",
            ":3000",
            "evil.example",
            "localhost.evil.example",
            "localhost:",
            "localhost:99999",
            "localhost:+80",
            "127.0.0.1.evil.example",
            "user@localhost",
            "[::1",
            "[::2]:3000",
            "localhost:80:80",
        ] {
            assert!(!is_loopback(foreign), "{foreign}");
        }
    }
}
