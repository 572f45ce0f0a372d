//! Who asks: the address whose limits count.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::ClientAddress;
use axum::http::{Extensions, HeaderMap};

/// What a proxy adds the address to that it was called from. The last one is its own word.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// From where.
    pub address: IpAddr,
    /// Whether the limits of an address are for it. Who is on this machine could take all of it anyway.
    pub is_limited: bool,
}

impl Client {
    /// Who asks. A proxy tells it in a header, which anybody else could write as they like.
    #[must_use]
    pub fn of(extensions: &Extensions, headers: &HeaderMap, behind_proxy: bool) -> Self {
        let peer = extensions.get::<ClientAddress>().map(|address| address.0);
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        if behind_proxy {
            let address = forwarded_for(headers).unwrap_or(peer);
            return Self { address, is_limited: true };
        }
        Self { address: peer, is_limited: !peer.is_loopback() }
    }
}

fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all(FORWARDED_FOR).iter().next_back()?.to_str().ok()?;
    let last = last.rsplit(',').next()?.trim();
    let bare = last.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(last);
    let with_port = || last.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address = bare.parse::<IpAddr>().ok().or_else(with_port)?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str], behind_proxy: bool) -> (String, bool) {
        let mut extensions = Extensions::new();
        extensions.insert(ClientAddress(peer.parse().unwrap()));
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        let client = Client::of(&extensions, &headers, behind_proxy);
        (client.address.to_string(), client.is_limited)
    }

    #[test]
    fn a_header_counts_behind_a_proxy_alone_and_only_what_that_has_added() {
        let own = |address: &str, is_limited| (address.to_owned(), is_limited);
        assert_eq!(client("127.0.0.1", &["9.9.9.9"], false), own("127.0.0.1", false));
        assert_eq!(client("10.0.0.1", &["9.9.9.9"], false), own("10.0.0.1", true));
        assert_eq!(client("127.0.0.1", &["9.9.9.9"], true), own("9.9.9.9", true));
        assert_eq!(client("127.0.0.1", &["1.1.1.1, 9.9.9.9"], true), own("9.9.9.9", true));
        assert_eq!(client("127.0.0.1", &["1.1.1.1", "9.9.9.9:80"], true), own("9.9.9.9", true));
        assert_eq!(client("127.0.0.1", &["[2001:db8::1]:80"], true), own("2001:db8::1", true));
        assert_eq!(client("127.0.0.1", &["[2001:db8::1]"], true), own("2001:db8::1", true));
        assert_eq!(client("127.0.0.1", &["x"], true), own("127.0.0.1", true));
        assert_eq!(client("127.0.0.1", &[], true), own("127.0.0.1", true));
    }
}
