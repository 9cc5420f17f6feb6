//! Sheets of A4. All content is rows of cells: first placed, since each sheet says how many there are, then drawn and tagged.

use std::num::{NonZeroU16, NonZeroU32};

use krilla::color::luma;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};
use krilla::{Document, SerializeSettings};

use crate::Error;
use crate::font::Face;

/// A4 in points.
const PAGE: (f32, f32) = (595.28, 841.89);
/// The white around the content.
const MARGIN: f32 = 56.0;
/// How wide content may be.
pub(crate) const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
/// Where rows end, above the foot.
const BOTTOM: f32 = PAGE.1 - MARGIN - 24.0;
const FOOT: f32 = PAGE.1 - MARGIN;
const FOOT_SIZE: f32 = 8.0;
/// The height of a line, in sizes of its text.
const LEADING: f32 = 1.4;
/// From the top of a line to its foot, in sizes of its text.
const ASCENT: f32 = 1.07;
/// No cell gets higher.
const MOST_LINES: usize = 4;

/// What a row is to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The heading of the whole.
    Heading,
    /// A sentence, or a name and its value.
    Paragraph,
    /// The heads of a table's columns, said anew on every sheet.
    Columns,
    /// A row of the table.
    Entry,
    /// The row of the table with what it comes to: a name across all columns but the last.
    Sum,
}

/// A row of cells.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) role: Role,
    pub(crate) size: f32,
    /// Free space before it, in points.
    pub(crate) space: f32,
    /// Whether a line is drawn under it.
    pub(crate) ruled: bool,
    pub(crate) cells: Vec<Cell>,
}

/// A text in a column.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) text: String,
    /// From the left end of the content, in points.
    pub(crate) left: f32,
    pub(crate) width: f32,
    pub(crate) flush_right: bool,
    pub(crate) bold: bool,
}

/// What a document says of itself, and on the foot of every sheet.
pub(crate) struct About<'a> {
    pub(crate) title: String,
    pub(crate) language: &'a str,
    pub(crate) metadata: Metadata,
    /// The foot of a sheet: which, of how many.
    pub(crate) foot: &'a dyn Fn(usize, usize) -> String,
}

/// The rows as a file. The rows of a table follow each other.
pub(crate) fn file(about: About<'_>, rows: &[Row]) -> Result<Vec<u8>, Error> {
    let faces = Faces { regular: Face::regular()?, bold: Face::bold()? };
    let sheets = placed(&faces, rows);
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| Error::Pdf(format!("{error:?}")))?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let mut tree = Tree::new(&about);
    for (place, sheet) in sheets.iter().enumerate() {
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| Error::Pdf("the size of A4".to_owned()))?;
        let mut page = document.start_page_with(settings);
        let mut pen = Pen { faces: &faces, surface: page.surface() };
        for row in sheet {
            let ids = pen.row(row);
            tree.add(row, ids);
        }
        pen.foot(&(about.foot)(place + 1, sheets.len()));
        drop(pen);
        page.finish();
    }
    let mut outline = Outline::new();
    outline.push_child(OutlineNode::new(about.title, XyzDestination::new(0, Point::from_xy(MARGIN, MARGIN))));
    document.set_outline(outline);
    document.set_tag_tree(tree.finish());
    document.set_metadata(about.metadata);
    document.finish().map_err(|error| Error::Pdf(format!("{error:?}")))
}

/// How far it is from the first of so many lines to the one after them, in sizes of their text.
fn below(lines: usize) -> f32 {
    f32::from(u16::try_from(lines).unwrap_or(u16::MAX)) * LEADING
}

struct Faces {
    regular: Face,
    bold: Face,
}

impl Faces {
    const fn of(&self, cell: &Cell) -> &Face {
        if cell.bold { &self.bold } else { &self.regular }
    }
}

/// A row where it stands.
struct Placed<'a> {
    row: &'a Row,
    top: f32,
    height: f32,
    lines: Vec<Vec<String>>,
    /// Whether it was said on an earlier sheet.
    again: bool,
}

/// The rows on their sheets. A row is never divided.
fn placed<'a>(faces: &Faces, rows: &'a [Row]) -> Vec<Vec<Placed<'a>>> {
    let mut sheets = vec![Vec::new()];
    let mut columns: Option<&Row> = None;
    let mut top = MARGIN;
    let put = |row: &'a Row, again: bool, top: &mut f32, sheets: &mut Vec<Vec<Placed<'a>>>| {
        let cut = |cell: &Cell| faces.of(cell).lines(&cell.text, row.size, cell.width, MOST_LINES);
        let lines: Vec<_> = row.cells.iter().map(cut).collect();
        let height = below(lines.iter().map(Vec::len).max().unwrap_or(0).max(1)) * row.size;
        let fits = *top + row.space + height <= BOTTOM;
        if fits && let Some(sheet) = sheets.last_mut() {
            sheet.push(Placed { row, top: *top + row.space, height, lines, again });
            *top += row.space + height;
        }
        fits
    };
    for row in rows {
        if row.role == Role::Columns {
            columns = Some(row);
        }
        if !put(row, false, &mut top, &mut sheets) {
            sheets.push(Vec::new());
            top = MARGIN;
            if let Some(columns) = columns.filter(|_| matches!(row.role, Role::Entry | Role::Sum)) {
                put(columns, true, &mut top, &mut sheets);
            }
            put(row, false, &mut top, &mut sheets);
        }
    }
    sheets
}

struct Pen<'a> {
    faces: &'a Faces,
    surface: Surface<'a>,
}

impl Pen<'_> {
    /// Draws a row; the marks of its cells, none where it has been said before.
    fn row(&mut self, placed: &Placed<'_>) -> Vec<Identifier> {
        let row = placed.row;
        let mut ids = Vec::new();
        for (cell, lines) in row.cells.iter().zip(&placed.lines) {
            let id = self.surface.start_tagged(if placed.again {
                ContentTag::Artifact(Artifact::with_kind(ArtifactType::PaginationOther))
            } else {
                ContentTag::Span(SpanTag::empty())
            });
            for (place, line) in lines.iter().enumerate() {
                let face = self.faces.of(cell);
                let rest = if cell.flush_right { cell.width - face.width(line, row.size) } else { 0.0 };
                let foot = placed.top + row.size * (ASCENT + below(place));
                self.text(face, MARGIN + cell.left + rest, foot, line, row.size);
            }
            self.surface.end_tagged();
            if !placed.again {
                ids.push(id);
            }
        }
        if row.ruled {
            self.rule(placed.top + placed.height + 2.0);
        }
        ids
    }

    fn foot(&mut self, text: &str) {
        let face = &self.faces.regular;
        let kept = face.lines(text, FOOT_SIZE, WIDTH, 1).concat();
        self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
        self.text(face, MARGIN, FOOT, &kept, FOOT_SIZE);
        self.surface.end_tagged();
    }

    fn text(&mut self, face: &Face, x: f32, y: f32, line: &str, size: f32) {
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill { paint: luma::Color::black().into(), ..Fill::default() }));
        self.surface.draw_glyphs(Point::from_xy(x, y), &face.glyphs(line), face.font(), line, size, false);
    }

    fn rule(&mut self, y: f32) {
        let mut path = PathBuilder::new();
        path.move_to(MARGIN, y);
        path.line_to(MARGIN + WIDTH, y);
        let Some(path) = path.finish() else { return };
        self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        self.surface.set_fill(None);
        let paint = luma::Color::new(160).into();
        self.surface.set_stroke(Some(Stroke { paint, width: 0.5, ..Stroke::default() }));
        self.surface.draw_path(&path);
        self.surface.end_tagged();
    }
}

/// What the document is to a reader who does not see it.
struct Tree {
    root: TagTree,
    table: TagGroup,
    title: String,
}

impl Tree {
    fn new(about: &About<'_>) -> Self {
        let root = TagTree::new().with_lang(Some(about.language.to_owned()));
        Self { root, table: TagGroup::new(Tag::Table), title: about.title.clone() }
    }

    fn add(&mut self, placed: &Placed<'_>, ids: Vec<Identifier>) {
        if placed.again {
            return;
        }
        let group = |tag: TagKind, ids: Vec<Identifier>| {
            let mut group = TagGroup::new(tag);
            for id in ids {
                group.push(id);
            }
            group
        };
        let names = ids.len().saturating_sub(1);
        let span = u32::try_from(crate::invoice::COLUMNS.len() - 1).ok().and_then(NonZeroU32::new);
        let cell = |place: usize| match placed.row.role {
            Role::Columns => Tag::TH(TableHeaderScope::Column).into(),
            Role::Sum if place < names => Tag::TD.with_col_span(span).into(),
            _ => TagKind::from(Tag::TD),
        };
        match placed.row.role {
            Role::Heading => {
                self.root.push(group(Tag::Hn(NonZeroU16::MIN, Some(self.title.clone())).into(), ids));
            }
            Role::Paragraph => self.root.push(group(Tag::P.into(), ids)),
            Role::Columns | Role::Entry | Role::Sum => {
                let mut row = TagGroup::new(Tag::TR);
                for (place, id) in ids.into_iter().enumerate() {
                    row.push(group(cell(place), vec![id]));
                }
                self.table.push(row);
            }
        }
    }

    fn finish(mut self) -> TagTree {
        self.root.push(self.table);
        self.root
    }
}
