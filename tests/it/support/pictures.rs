//! Pictures, and how a browser uploads one.

use std::io::Cursor;

use bytes::Bytes;
use http::Request;
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::Value;

use super::answer::Answer;
use super::client::Client;

/// A picture of one colour.
pub fn png(colour: [u8; 3]) -> Vec<u8> {
    encoded(colour, ImageFormat::Png)
}

/// A photograph of one colour, with the place where it was taken in its EXIF.
pub fn photograph(colour: [u8; 3]) -> Vec<u8> {
    let plain = encoded(colour, ImageFormat::Jpeg);
    let exif = b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0GPS 50.4501N 30.5234E";
    let size = u16::try_from(exif.len() + 2).expect("small").to_be_bytes();
    [&plain[..2], b"\xff\xe1", &size, exif, &plain[2..]].concat()
}

fn encoded(colour: [u8; 3], format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_pixel(320, 200, Rgb(colour)).write_to(&mut bytes, format).expect("a picture");
    bytes.into_inner()
}

/// The colour of a picture's middle, roughly.
pub fn colour(picture: &[u8]) -> [u8; 3] {
    let picture = image::load_from_memory(picture).expect("a picture").into_rgb8();
    picture.get_pixel(picture.width() / 2, picture.height() / 2).0.map(|channel| if channel > 127 { 255 } else { 0 })
}

impl Client {
    /// Asks for a form.
    pub async fn form(&self) -> Value {
        self.post("/v1/avatars", serde_json::json!({})).await.expect(201)
    }

    /// Posts a form as a browser does: its fields, then these, then the file.
    pub async fn submit(&self, form: &Value, more: &[(&str, &str)], file: &[u8]) -> Answer {
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in form["upload"]["fields"].as_object().expect("fields") {
            fields.push((name.clone(), value.as_str().expect("a text").to_owned()));
        }
        // A field that is given anew takes the place of the form's own.
        for (name, value) in more {
            fields.retain(|(known, _)| known != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        body.extend(b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"me.png\"\r\n\r\n");
        body.extend(file);
        body.extend(b"\r\n--x--\r\n");
        let request = Request::post(path(form["upload"]["url"].as_str().expect("an address")))
            .header("content-type", "multipart/form-data; boundary=x")
            .body(Bytes::from(body));
        self.cloud.call(request.expect("a request")).await
    }

    /// Uploads a file; the id to use it by.
    pub async fn upload(&self, file: &[u8]) -> String {
        let form = self.form().await;
        let answer = self.submit(&form, &[("Content-Type", "image/png")], file).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
        form["id"].as_str().expect("an id").to_owned()
    }

    /// Loads a picture as a page does, without a session.
    pub async fn picture(&self, user: &Value) -> Answer {
        self.cloud.public().get(path(user["avatar_url"].as_str().expect("a picture"))).await
    }
}

/// The path of an address of this cloud.
fn path(address: &str) -> &str {
    address.strip_prefix("http://127.0.0.1:3000").expect("an address of this cloud")
}
