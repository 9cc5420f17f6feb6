//! Pictures that strangers send (R3, R7). Nothing of the file that came survives: its pixels are decoded within limits and
//! encoded anew, without places, names of cameras, or whatever else was put into it.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{crop_imm, thumbnail};
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageFormat, ImageReader, Limits,
};
use image::{GenericImageView, Rgb, RgbImage, RgbaImage};

/// The media types that are taken. What counts is what a file is, not what it is called.
pub const TAKEN: [&str; 4] = ["image/jpeg", "image/png", "image/webp", "image/gif"];
/// The media type of what [`square`] makes.
pub const MADE: &str = "image/jpeg";
/// The longest side of what [`square`] makes, in pixels.
pub const SIDE: u32 = 256;

const FORMATS: [ImageFormat; 4] = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif];
/// The longest side that is decoded.
const MAX_SIDE: u32 = 12_000;
/// Most pixels that are decoded: what the best of telephones make.
const MAX_PIXELS: u64 = 50_000_000;
/// Most bytes that a decoder may take at once. A function has twice as many.
const MAX_MEMORY: u64 = 400 << 20;
const QUALITY: u8 = 85;

/// Why a file becomes no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// It is none of the formats, or it is broken.
    #[error("this is no picture in JPEG, PNG, WebP or GIF")]
    Invalid,
    /// Decoded it would be too large, whatever its size as a file.
    #[error("this picture has more pixels than are taken")]
    TooLarge,
}

/// The middle of a picture, upright, as a square JPEG of at most [`SIDE`] pixels; of an animation the first frame. What is
/// transparent becomes white. Small pictures are not blown up.
///
/// Fails before it decodes anything when the head of the file announces too many pixels.
pub fn square(file: &[u8]) -> Result<Vec<u8>, PictureError> {
    let (picture, orientation) = decoded(file)?;
    let (width, height) = picture.dimensions();
    let whole = width.min(height);
    let middle = crop_imm(&picture, (width - whole) / 2, (height - whole) / 2, whole, whole);
    let side = whole.min(SIDE);
    // A square is turned as well after it was made small.
    let mut small = DynamicImage::ImageRgba8(thumbnail(&*middle, side, side));
    small.apply_orientation(orientation);
    encoded(&on_white(&small.into_rgba8()))
}

fn decoded(file: &[u8]) -> Result<(DynamicImage, Orientation), PictureError> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|_| PictureError::Invalid)?;
    if !reader.format().is_some_and(|format| FORMATS.contains(&format)) {
        return Err(PictureError::Invalid);
    }
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| failed(&error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_MEMORY {
        return Err(PictureError::TooLarge);
    }
    if width == 0 || height == 0 {
        return Err(PictureError::Invalid);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| failed(&error))?;
    Ok((picture, orientation))
}

const fn failed(error: &ImageError) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::TooLarge,
        _ => PictureError::Invalid,
    }
}

fn on_white(picture: &RgbaImage) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let alpha = u16::from(alpha);
        let mixed = |channel: u8| {
            let sum = u16::from(channel) * alpha + 255 * (255 - alpha);
            u8::try_from(sum / 255).unwrap_or(u8::MAX)
        };
        Rgb([mixed(red), mixed(green), mixed(blue)])
    })
}

fn encoded(picture: &RgbImage) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .map_err(|_| PictureError::Invalid)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
