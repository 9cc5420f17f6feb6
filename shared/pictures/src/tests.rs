use image::codecs::gif::GifEncoder;
use image::{Frame, Rgba};

use super::*;

/// Red on the left, blue on the right, all of it solid.
fn halves(width: u32, height: u32) -> DynamicImage {
    let pixel = |x, _| if x < width / 2 { Rgba([255, 0, 0, 255]) } else { Rgba([0, 0, 255, 255]) };
    DynamicImage::ImageRgba8(RgbaImage::from_fn(width, height, pixel))
}

fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = if format == ImageFormat::Jpeg { picture.to_rgb8().into() } else { picture.clone() };
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn made(file: &[u8]) -> RgbImage {
    let bytes = square(file).unwrap();
    assert_eq!(image::guess_format(&bytes).unwrap(), ImageFormat::Jpeg);
    image::load_from_memory(&bytes).unwrap().into_rgb8()
}

/// The colour at a place, by what it has most of.
fn hue(picture: &RgbImage, x: u32, y: u32) -> char {
    match picture.get_pixel(x, y).0 {
        [red, green, blue] if red > 200 && green > 200 && blue > 200 => 'w',
        [red, green, blue] if red > 150 && green < 100 && blue < 100 => 'r',
        [red, green, blue] if blue > 150 && red < 100 && green < 100 => 'b',
        other => panic!("{other:?}"),
    }
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// A JPEG with an orientation and a place in its EXIF, as a telephone writes it.
fn photograph(picture: &DynamicImage, orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif.extend(b"GPS 50.4501N 30.5234E");
    segment(picture, 0xe1, &exif)
}

fn segment(picture: &DynamicImage, marker: u8, content: &[u8]) -> Vec<u8> {
    let plain = file(picture, ImageFormat::Jpeg);
    let size = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], &[0xff, marker], &size, content, &plain[2..]].concat()
}

/// A PNG that announces a size and has nothing of it.
fn announced(width: u32, height: u32) -> Vec<u8> {
    let head = [b"IHDR".as_slice(), &width.to_be_bytes(), &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    let mut crc = u32::MAX;
    for byte in &head {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    let data = b"\0\0\0\0IDAT\x35\xaf\x06\x1e";
    [b"\x89PNG\r\n\x1a\n\0\0\0\x0d".as_slice(), &head, &(!crc).to_be_bytes(), data].concat()
}

#[test]
fn every_format_becomes_the_middle_as_a_square() {
    for format in FORMATS {
        let picture = made(&file(&halves(800, 400), format));
        assert_eq!(picture.dimensions(), (SIDE, SIDE), "{format:?}");
        assert_eq!((hue(&picture, 10, 128), hue(&picture, 245, 128)), ('r', 'b'), "{format:?}");
        let small = made(&file(&halves(31, 77), format));
        assert_eq!(small.dimensions(), (31, 31), "{format:?}");
    }
    assert_eq!(made(&file(&halves(1, 1), ImageFormat::Png)).dimensions(), (1, 1));
}

#[test]
fn what_is_transparent_becomes_white() {
    let clear = DynamicImage::ImageRgba8(RgbaImage::from_pixel(300, 300, Rgba([0, 0, 0, 0])));
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        assert_eq!(hue(&made(&file(&clear, format)), 100, 100), 'w');
    }
}

#[test]
fn a_photograph_is_turned_upright_and_tells_no_place() {
    // What lies left is to be up, right or down, as the camera was held.
    for (orientation, first, place) in
        [(1, 'r', (10, 128)), (3, 'r', (245, 128)), (6, 'r', (128, 10)), (8, 'r', (128, 245)), (2, 'b', (10, 128))]
    {
        let photograph = photograph(&halves(600, 600), orientation);
        assert!(contains(&photograph, b"GPS 50.4501N"));
        assert_eq!(hue(&made(&photograph), place.0, place.1), first, "{orientation}");
        let bytes = square(&photograph).unwrap();
        assert!(!contains(&bytes, b"GPS") && !contains(&bytes, b"Exif"), "{orientation}");
    }
}

#[test]
fn nothing_that_was_put_into_a_file_survives() {
    let picture = halves(300, 300);
    let script = b"<script>alert(1)</script><?php system($_GET[0]); ?>";
    let appended = [file(&picture, ImageFormat::Png), script.to_vec()].concat();
    let commented = segment(&picture, 0xfe, script);
    let profiled = segment(&picture, 0xe2, &[b"ICC_PROFILE\0\x01\x01".as_slice(), script].concat());
    for smuggler in [appended, commented, profiled] {
        assert!(contains(&smuggler, script));
        assert!(!contains(&square(&smuggler).unwrap(), b"script"));
    }
}

#[test]
fn of_an_animation_the_first_frame_is_taken() {
    let mut bytes = Vec::new();
    let colours = [[255, 0, 0, 255], [0, 0, 255, 255], [255, 255, 255, 255]];
    let frames = colours.map(|colour| Frame::new(RgbaImage::from_pixel(300, 300, Rgba(colour))));
    GifEncoder::new(&mut bytes).encode_frames(frames).unwrap();
    assert_eq!(hue(&made(&bytes), 128, 128), 'r');
}

#[test]
fn what_is_no_picture_is_refused() {
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
    let png = file(&halves(300, 300), ImageFormat::Png);
    let noise: Vec<u8> = (0..10_u32 << 20).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (what, bytes) in [
        ("nothing", b"".as_slice()),
        ("text", b"This is a text that is called picture.png"),
        ("SVG", svg),
        ("HTML", b"<!doctype html><script>alert(1)</script>"),
        ("PDF", b"%PDF-1.7\n"),
        ("BMP", b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0\0\0\0\0\x04\0\0\0"),
        ("TIFF", b"II*\0\x08\0\0\0\0\0"),
        ("a PNG's first bytes", &png[..8]),
        ("half a PNG", &png[..png.len() / 2]),
        ("a JPEG's first bytes", b"\xff\xd8\xff\xe0"),
        ("a GIF's first bytes", b"GIF89a"),
        ("a WebP's first bytes", b"RIFF\0\0\0\0WEBPVP8 "),
        ("ten megabytes of noise", &noise),
    ] {
        assert_eq!(square(bytes).err(), Some(PictureError::Invalid), "{what}");
    }
}

/// A picture that would take gigabytes is refused by its first bytes.
#[test]
fn what_would_be_too_large_is_refused_before_it_is_decoded() {
    let webp = [b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f".as_slice(), &(12_499_u32 + (99 << 14)).to_le_bytes(), &[0; 9]]
        .concat();
    let gif = b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x4c\x01\0;";
    for (what, bytes) in [
        ("PNG", announced(50_000, 50_000)),
        ("PNG of one long side", announced(12_001, 1)),
        ("PNG of many pixels", announced(11_000, 11_000)),
        ("WebP", webp),
        ("GIF", gif.to_vec()),
    ] {
        assert_eq!(square(&bytes).err(), Some(PictureError::TooLarge), "{what}");
    }
}

#[test]
fn damage_anywhere_is_borne() {
    for format in FORMATS {
        let whole = file(&halves(40, 30), format);
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            // Whatever comes of it, it comes back.
            let _ = square(&damaged);
            let _ = square(&whole[..at]);
        }
    }
}
