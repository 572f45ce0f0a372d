//! Web pages over a rollup, made of its history and of what its node says now.
//!
//! A request is answered in this order:
//!
//! 1. `router` takes it to a line of `routes`, on a thread that may block, as the index and the node are asked there.
//!    `site` has what all pages are made with, and how many may be made at once.
//! 2. `look` has what the node says of its `head`, or why it does not: one of those who ask at once asks the node, for
//!    all. What a batcher and layer 1 say is `shared` too.
//! 3. A page of `pages` reads what the request names (`visit`), asks the index in one view, and fills its template in
//!    `templates/`. What is shown everywhere is in `parts` and `draw`, and `frame` is what stands around a page.
//! 4. `answer` adds the headers, and `failure` says why there is no page: that is a page too.
//!
//! Texts of strangers get into a page as `text::Text` alone.
//!
//! To add a page: a file in `pages/` with a function that takes a `Visit` and gives an `Answer`, its template, which
//! extends `base.html`, a line in `routes`, and, if all pages are to lead to it, one in `frame`. What changes with the
//! chain stands in the block `live`.

#![warn(clippy::missing_errors_doc)]

mod answer;
mod assets;
mod backing;
mod batcher;
mod bytes;
mod control;
mod draw;
mod events;
mod executable;
mod failure;
mod forecast;
mod frame;
mod head;
mod history_filter;
mod holdings;
pub mod limits;
mod look;
mod moves;
mod options;
mod pages;
mod parts;
mod queue;
mod router;
mod routes;
mod seen;
mod shared;
mod site;
mod text;
mod times;
mod visit;

pub use control::{Call, Commands, Ran};
pub use options::ExplorerOptions;
pub use router::{SITE, router};
