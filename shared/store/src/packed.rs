//! Bytes in fewer bytes: an item of over a kibibyte costs twice.

use brotli::enc::BrotliEncoderParams;

use crate::error::StoreError;

/// How hard it is tried to pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// As hard as it goes: for little that is packed once.
    Most,
    /// A tenth of that: for more that is packed again and again.
    Some,
}

/// Packs.
pub fn pack(mut plain: &[u8], effort: Effort) -> Result<Vec<u8>, StoreError> {
    let quality = match effort {
        Effort::Most => 11,
        Effort::Some => 5,
    };
    let params = BrotliEncoderParams { quality, size_hint: plain.len(), ..BrotliEncoderParams::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut plain, &mut packed, &params).map_err(|error| StoreError::Broken(error.to_string()))?;
    Ok(packed)
}

/// What was packed; none where nothing was.
pub fn unpack(mut packed: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    brotli::BrotliDecompress(&mut packed, &mut plain).ok()?;
    Some(plain)
}
