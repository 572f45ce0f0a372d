//! Requests for a held deposit: from the contract that made it, or signed by the tz4 behind it.

use encoding::{
    Entrypoint, Kt1Address, Layer1Address, Malformed, Parsed, RollupAddress, expect, fail, padded,
    read, whole,
};

/// The first byte of the bytes that a contract sends.
const RECLAIM: u8 = 0x00;
/// The contract is handed a bare ticket.
const BARE: u8 = 0x00;
/// The contract is to pay a receiver, who follows.
const WITH_RECEIVER: u8 = 0x01;
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
    /// Its entrypoint.
    pub entrypoint: Entrypoint,
    /// Whom the contract is to pay; without a receiver it is handed a bare ticket, which names nobody.
    pub receiver: Option<Layer1Address>,
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
        let receiver = match self.receiver {
            None => vec![BARE],
            Some(receiver) => [&[WITH_RECEIVER][..], &receiver.to_bytes_22()].concat(),
        };
        [&number[..], &self.destination.0, &length.to_be_bytes(), name, &receiver].concat()
    }

    fn read(input: &[u8]) -> Parsed<'_, Request> {
        let (rest, number) = expect("the number of a held deposit, 8 bytes", read::take(8))(input)?;
        let number = number.iter().fold(0, |n: u64, byte| n << 8 | u64::from(*byte));
        let (rest, destination) = read::kt1_20(rest)?;
        let (after, name) = read::sized(rest)?;
        let Some(entrypoint) = Entrypoint::new(name) else {
            return fail(rest, "an entrypoint: at most 31 letters, digits or _ . % @");
        };
        const WHAT: &str = "00, or 01 and the receiver";
        let (rest, named) = expect(WHAT, read::byte)(after)?;
        let (rest, receiver) = match named {
            BARE => (rest, None),
            WITH_RECEIVER => {
                Layer1Address::read_known(rest).map(|(rest, receiver)| (rest, Some(receiver)))?
            }
            _ => return fail(after, WHAT),
        };
        Ok((rest, Request { number, destination, entrypoint, receiver }))
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
    ///
    /// # Errors
    /// When the bytes are malformed: at which offset, and what was expected there.
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

    /// Reads the body of an external message, which may be padded with zeros.
    ///
    /// # Errors
    /// When the bytes are malformed: at which offset, and what was expected there.
    pub fn decode(body: &[u8]) -> Result<Signed, Malformed> {
        let (signed, _) = padded(body, |input| {
            let (rest, request) = Request::read(input)?;
            let (after_key, key) = expect("a 48-byte public key", read::take(48))(rest)?;
            let (after, signature) = expect("a 96-byte signature", read::take(96))(after_key)?;
            match (key.try_into(), signature.try_into()) {
                (Ok(key), Ok(signature)) => Ok((after, Signed { request, key, signature })),
                _ => fail(rest, "a public key and a signature"),
            }
        })?;
        Ok(signed)
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
            receiver: None,
        }
    }

    #[test]
    fn a_receiver_is_an_address_that_layer_1_has() {
        let receiver = Layer1Address::Contract(Kt1Address([5; 20]));
        let request = Request { receiver: Some(receiver), ..request() };
        let bytes = request.to_bytes();
        assert_eq!(Request::from_bytes(&bytes), Ok(request.clone()));
        let mut unknown = bytes.clone();
        let at = bytes.len() - 22;
        unknown[at] = 2;
        assert!(Request::from_bytes(&unknown).is_err());
        unknown[at - 1] = 2;
        assert_eq!(Request::from_bytes(&unknown).map_err(|error| error.at), Err(at - 1));
    }

    #[test]
    fn golden_bytes() {
        let hex = format!("000000000000000007{}000000046275726e00", "44".repeat(20));
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
        let padded = Signed { request: request(), key: [1; 48], signature: [2; 96] };
        assert_eq!(Signed::decode(&[&bytes[..], &[0; 9]].concat()), Ok(padded));
        let wrong = Signed::decode(&[&bytes[..], &[0, 0, 1, 0]].concat());
        assert_eq!(wrong.map_err(|error| error.at), Err(bytes.len() + 2));
        assert!(Request::from_bytes(&[1]).is_err());
    }
}
