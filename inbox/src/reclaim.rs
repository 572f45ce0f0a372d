//! Requests for a held deposit: from the contract that made it, or signed by the tz4 behind it.

use encoding::{
    Entrypoint, Kt1Address, Malformed, Parsed, RollupAddress, expect, fail, read, whole,
};

/// The first byte of the bytes that a contract sends.
const RECLAIM: u8 = 0x00;
/// What a signer signs begins with this, so that it is nothing but a request: no operation of this
/// rollup, and none of layer 1, whose watermarks are small numbers.
const DOMAIN: &[u8] = b"toru reclaim";

/// Which deposit is to go where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its number among the held ones.
    pub number: u64,
    /// The contract that is to get the ticket.
    pub destination: Kt1Address,
    /// Its entrypoint, which takes the ticket alone.
    pub entrypoint: Entrypoint,
}

/// A request with the key and the signature of the tz4 that was the deposit's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// What is asked for.
    pub request: Request,
    /// The compressed public key.
    pub key: [u8; 48],
    /// The compressed signature of [`Request::signed_bytes`], proof-of-possession suite.
    pub signature: [u8; 96],
}

impl Request {
    fn write(&self) -> Vec<u8> {
        let name = self.entrypoint.as_bytes();
        // An entrypoint has at most 31 bytes.
        let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
        let number = self.number.to_be_bytes();
        [&number[..], &self.destination.0, &length.to_be_bytes(), name].concat()
    }

    fn read(input: &[u8]) -> Parsed<'_, Request> {
        let (rest, number) = expect("the number of a held deposit, 8 bytes", read::take(8))(input)?;
        let number = number.iter().fold(0, |n: u64, byte| n << 8 | u64::from(*byte));
        let (rest, destination) = read::kt1_20(rest)?;
        let (after, name) = read::sized(rest)?;
        match Entrypoint::new(name) {
            Some(entrypoint) => Ok((after, Request { number, destination, entrypoint })),
            None => fail(rest, "an entrypoint: at most 31 letters, digits or _ . % @"),
        }
    }

    /// What the signer signs: a tag, the rollup's own address, the request.
    pub fn signed_bytes(&self, rollup: &RollupAddress) -> Vec<u8> {
        [DOMAIN, &rollup.0, &self.write()].concat()
    }

    /// The bytes that a contract sends to ask for it.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&[RECLAIM][..], &self.write()].concat()
    }

    /// Reads the bytes that a contract sent.
    pub fn from_bytes(bytes: &[u8]) -> Result<Request, Malformed> {
        whole(bytes, |input| {
            let (rest, _) = read::tag(&[RECLAIM], "00, a request for a held deposit")(input)?;
            Request::read(rest)
        })
    }
}

impl Signed {
    /// The body of the external message.
    pub fn encode(&self) -> Vec<u8> {
        [&self.request.write()[..], &self.key, &self.signature].concat()
    }

    /// Reads the body of an external message.
    pub fn decode(body: &[u8]) -> Result<Signed, Malformed> {
        whole(body, |input| {
            let (rest, request) = Request::read(input)?;
            let (after_key, key) = expect("a 48-byte public key", read::take(48))(rest)?;
            let (after, signature) = expect("a 96-byte signature", read::take(96))(after_key)?;
            match (key.try_into(), signature.try_into()) {
                (Ok(key), Ok(signature)) => Ok((after, Signed { request, key, signature })),
                _ => fail(rest, "a public key and a signature"),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request {
            number: 7,
            destination: Kt1Address([0x44; 20]),
            entrypoint: Entrypoint::new(b"burn").expect("a name"),
        }
    }

    #[test]
    fn golden_bytes() {
        let hex = format!("000000000000000007{}000000046275726e", "44".repeat(20));
        assert_eq!(hex::encode(request().to_bytes()), hex);
        assert_eq!(Request::from_bytes(&request().to_bytes()), Ok(request()));
        let signed = hex::encode(request().signed_bytes(&RollupAddress([1; 20])));
        let tag = hex::encode("toru reclaim");
        assert_eq!(signed, format!("{tag}{}{}", "01".repeat(20), &hex[2..]));
    }

    #[test]
    fn signed_there_and_back_and_every_cut_is_malformed() {
        let signed = Signed { request: request(), key: [1; 48], signature: [2; 96] };
        let bytes = signed.encode();
        assert_eq!(Signed::decode(&bytes), Ok(signed));
        for end in 0..bytes.len() {
            assert!(Signed::decode(&bytes[..end]).is_err(), "{end}");
        }
        assert!(Signed::decode(&[&bytes[..], &[0]].concat()).is_err());
        assert!(Request::from_bytes(&[1]).is_err());
    }
}
