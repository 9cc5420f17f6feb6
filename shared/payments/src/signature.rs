//! The signature of Stripe's events.

use ring::hmac;

/// For how long a signature is good, in either direction of the clock.
pub const TOLERANCE_SECONDS: i64 = 300;
/// Most signatures that are looked at: Stripe sends two while a secret is being changed.
const MOST: usize = 8;

/// Whether Stripe has signed this body, with this secret, a moment ago. `header` is `Stripe-Signature`
/// (`t=1492774577,v1=5257a869…,v1=…`), `now` is in seconds since 1970. The time within the header is signed as well, so
/// an event that somebody has overheard is worth nothing after five minutes.
pub fn verify(secret: &[u8], header: &str, body: &[u8], now: i64) -> bool {
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let Some((_, time)) = parts().find(|(name, _)| *name == "t") else { return false };
    let fresh = time.parse::<i64>().is_ok_and(|at| now.abs_diff(at) <= TOLERANCE_SECONDS.unsigned_abs());
    if !fresh {
        return false;
    }
    let signed = [time.as_bytes(), b".", body].concat();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let signatures = parts().filter(|(name, _)| *name == "v1").take(MOST);
    signatures.filter_map(|(_, text)| octets(text)).any(|tag| hmac::verify(&key, &signed, &tag).is_ok())
}

/// What hexadecimal digits stand for.
fn octets(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let pair = |[high, low]: &[u8; 2]| u8::try_from(digit(*high)? * 16 + digit(*low)?).ok();
    if rest.is_empty() { pairs.iter().map(pair).collect() } else { None }
}
