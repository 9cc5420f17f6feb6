//! Mails as people get them: rendered from templates, sent through SES.
//!
//! A new mail is a variant of [`domain::mail::Template`] and a message of its name in each `mail.ftl`. Its parameters
//! are the variables that the message uses; how each is made safe goes by its name (see [`render`]).

mod plain;
mod render;
mod ses;

pub use render::{RenderError, Rendered, render};
pub use ses::{Attachment, SendError, SesSender};
