//! Files that people get: an invoice as a PDF.
//!
//! Pure: the same invoice gives the same bytes. What comes out is tagged and fit for archives (PDF/A-2a, PDF/UA-1); whatever would
//! not be is an error, and no file.

mod font;
mod invoice;
mod sheet;

pub use invoice::{InvoiceDocument, pdf};

/// Why a document cannot be made: always a mistake of the program, which no retry mends.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A font that comes with the program cannot be read.
    #[error("a font cannot be read")]
    Font,
    /// The file would not be what it has to be.
    #[error("the PDF cannot be written: {0}")]
    Pdf(String),
}
