//! The files that pages refer to, each under a name that has its hash, so that browsers keep it.

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Response};
use encoding::blake2b_256;

use crate::limits::ASSET_SECONDS;

/// A file.
#[derive(Debug)]
pub(crate) struct Asset {
    name: &'static str,
    extension: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
}

/// htmx 2.0.11, minified, of the package htmx.org: see assets/README.md.
const HTMX: &[u8] = include_bytes!("../assets/htmx.min.js");
/// Its extension for server-sent events, 2.2.4, of the package htmx-ext-sse.
const SSE: &[u8] = include_bytes!("../assets/htmx-sse.min.js");

static ALL: [Asset; 5] = [
    Asset { name: "htmx", extension: "js", media_type: JAVASCRIPT, bytes: HTMX },
    Asset { name: "htmx-sse", extension: "js", media_type: JAVASCRIPT, bytes: SSE },
    Asset {
        name: "explorer",
        extension: "js",
        media_type: JAVASCRIPT,
        bytes: include_bytes!("../assets/explorer.js"),
    },
    Asset {
        name: "explorer",
        extension: "css",
        media_type: "text/css; charset=utf-8",
        bytes: include_bytes!("../assets/explorer.css"),
    },
    Asset {
        name: "icon",
        extension: "svg",
        media_type: "image/svg+xml",
        bytes: include_bytes!("../assets/icon.svg"),
    },
];

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// The paths of all of them, for the frame of every page.
#[derive(Debug)]
pub(crate) struct AssetPaths {
    /// htmx.
    pub htmx: String,
    /// Its extension.
    pub sse: String,
    /// What else a page does with JavaScript.
    pub script: String,
    /// The stylesheet.
    pub style: String,
    /// The icon.
    pub icon: String,
}

/// Where they are.
pub(crate) static PATHS: LazyLock<AssetPaths> = LazyLock::new(|| {
    let [htmx, sse, script, style, icon] = ALL.each_ref().map(Asset::path);
    AssetPaths { htmx, sse, script, style, icon }
});

impl Asset {
    fn file(&self) -> String {
        /// Digits of the hash: enough to tell one version from another.
        const DIGITS: usize = 16;
        let hash = blake2b_256(&[self.bytes]).to_string();
        format!("{}-{}.{}", self.name, hash.get(..DIGITS).unwrap_or_default(), self.extension)
    }

    fn path(&self) -> String {
        format!("/assets/{}", self.file())
    }
}

/// The file of a name with its hash, as it is answered; nothing for any other name.
pub(crate) fn asset(file: &str) -> Option<Response<Body>> {
    let found = ALL.iter().find(|asset| asset.file() == file)?;
    let mut response = Response::new(Body::from(found.bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(found.media_type));
    let keep = format!("public, max-age={ASSET_SECONDS}, immutable");
    headers.extend(HeaderValue::from_str(&keep).ok().map(|value| (CACHE_CONTROL, value)));
    Some(response)
}
