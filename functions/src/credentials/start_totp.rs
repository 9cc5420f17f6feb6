//! `POST /v1/me/totp`

use std::fmt::Write as _;

use domain::Stamp;
use domain::rules::two_factor::begin;
use domain::totp::TotpSecret;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use qrcode::{Color, EcLevel, QrCode};
use schemars::JsonSchema;
use serde::Serialize;

use crate::load::{self, NoQuery};
use crate::second_factor;

/// What authenticator apps show the code under.
const PRODUCT: &str = "Roster";
/// Most characters of the login, and of the account, that an app shows: a QR code holds no more in every script.
const MAX_LABEL: usize = 60;
/// Octets of a picture, filled up with spaces; those of long names have more.
const SVG_OCTETS: usize = 5_120;
/// White modules around a QR code, as its standard asks.
const QUIET: usize = 4;

/// Begins to set up a second factor. It is on once the app's first code is confirmed.
#[derive(Debug)]
pub struct Start;

/// What an authenticator app needs: shown this once.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TotpSetup {
    /// For apps without a camera: base32.
    secret: String,
    /// `otpauth://totp/…`
    otpauth_uri: String,
    /// The URI as a QR code: an SVG document.
    qr_svg: String,
}

impl Endpoint for Start {
    const NAME: &'static str = "totp_start";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = TotpSetup;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let (account, user) = (&caller.account, &caller.user);
        let credential = load::credential(context, user).await?;
        let secret = TotpSecret::fresh(stamp);
        let locked = second_factor::lock(context, user, &secret).await?;
        let change = begin(account, user, &credential, locked, stamp)?;
        let short = |text: &str| text.chars().take(MAX_LABEL).collect::<String>();
        let label = format!("{} ({})", short(&user.login), short(&account.name));
        let otpauth_uri =
            secret.uri(PRODUCT, &label).ok_or_else(|| Problem::internal("an otpauth URI cannot be written"))?;
        let qr_svg = drawn(&otpauth_uri)?;
        let setup = TotpSetup { secret: secret.base32(), otpauth_uri, qr_svg };
        Ok(Decision::write(change, Reply::json(&setup)?))
    }
}

/// A text as a QR code: an SVG document that scales. Each run of dark modules is one stroke, which takes a quarter of what a
/// square for each module takes: the answer is kept for as long as its idempotency key.
fn drawn(text: &str) -> Result<String, Problem> {
    let code =
        QrCode::with_error_correction_level(text, EcLevel::L).map_err(|error| Problem::internal(error.to_string()))?;
    let width = code.width();
    let mut strokes = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, next| one == next) {
            if run[0] == Color::Dark {
                // Writing to a string cannot fail.
                let _ = write!(strokes, "M{} {}.5h{}", x + QUIET, y + QUIET, run.len());
            }
            x += run.len();
        }
    }
    let edge = width + 2 * QUIET;
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {edge} {edge}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{edge}v{edge}H0z\"/><path stroke=\"#000\" d=\"{strokes}\"/></svg>"
    );
    // As long for one secret as for another: what it costs to keep does not depend on chance.
    Ok(format!("{svg:<SVG_OCTETS$}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_dark_module_is_drawn_once() {
        let text = "otpauth://totp/Roster:olga%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Roster";
        let code = QrCode::with_error_correction_level(text, EcLevel::L).unwrap();
        let svg = drawn(text).unwrap();
        let strokes = svg.split("d=\"").nth(2).unwrap().split('"').next().unwrap();
        let mut dark = std::collections::BTreeSet::new();
        for stroke in strokes.split('M').skip(1) {
            let (place, length) = stroke.split_once(".5h").unwrap();
            let (x, y) = place.split_once(' ').unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            for step in 0..length.parse::<usize>().unwrap() {
                assert!(dark.insert((x + step - QUIET, y - QUIET)), "drawn twice");
            }
        }
        for (index, color) in code.to_colors().into_iter().enumerate() {
            let place = (index % code.width(), index / code.width());
            assert_eq!(dark.contains(&place), color == Color::Dark, "{place:?}");
        }
        assert!(svg.len() < 8_000, "{}", svg.len());
    }
}
