//! Golden bytes from elsewhere: what a client in Python, written from docs/protocol.md alone and
//! signing with py_ecc, made of the same batches (`testing/elsewhere/`, `docs/vectors/v2.json`).

use std::collections::HashMap;

use bls::{SecretKey, Signature};
use client::{Assembly, registration, sign, sign_individually};
use encoding::RollupAddress;
use inbox::v2::{Batch, IndividuallySigned, Registration, decode_transaction};
use serde::Deserialize;

const VECTORS: &str = include_str!("../../../docs/vectors/v2.json");

#[derive(Deserialize)]
struct Vectors {
    rollup: Rollup,
    keys: Vec<Key>,
    batches: Vec<Golden>,
}

#[derive(Deserialize)]
struct Rollup {
    address: String,
    hash: String,
}

#[derive(Deserialize)]
struct Key {
    name: String,
    secret: String,
    public_key: String,
    address: String,
    proof: String,
}

#[derive(Deserialize)]
struct Golden {
    name: String,
    bytes: String,
    digest: String,
    signings: Vec<Signing>,
    aggregate: String,
}

#[derive(Deserialize)]
struct Signing {
    signer: String,
    transaction: usize,
    late: bool,
    own: Option<String>,
    digest: String,
    signed: String,
    signature: String,
}

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).expect("hex")
}

fn vectors() -> (Vectors, RollupAddress, HashMap<String, SecretKey>) {
    let vectors: Vectors = serde_json::from_str(VECTORS).expect("of this form");
    let rollup = RollupAddress(bytes(&vectors.rollup.hash).try_into().expect("20 bytes"));
    let secret = |key: &Key| {
        let mut secret: [u8; 32] = bytes(&key.secret).try_into().expect("32 bytes");
        // Big-endian, as py_ecc shows a number.
        secret.reverse();
        (key.name.clone(), SecretKey::from_little_endian(&secret).expect("a key"))
    };
    let secrets = vectors.keys.iter().map(secret).collect();
    (vectors, rollup, secrets)
}

#[test]
fn keys_addresses_and_proofs() {
    let (vectors, rollup, secrets) = vectors();
    assert_eq!(rollup.to_string(), vectors.rollup.address);
    for key in &vectors.keys {
        let secret = &secrets[&key.name];
        let Registration { key: public, proof } = registration(secret);
        assert_eq!(hex::encode(public), key.public_key, "{}", key.name);
        assert_eq!(hex::encode(proof), key.proof, "{}", key.name);
        assert_eq!(secret.public_key().address().to_string(), key.address, "{}", key.name);
    }
}

#[test]
fn batches_digests_and_signatures() {
    let (vectors, rollup, secrets) = vectors();
    for golden in &vectors.batches {
        let name = &golden.name;
        let body = bytes(&golden.bytes);
        let batch = Batch::decode(&body).expect(name);
        assert_eq!(hex::encode(batch.encode()), golden.bytes, "{name}");
        let signing_payload = batch.signing_payload(&rollup);
        assert_eq!(hex::encode(signing_payload.digest.0), golden.digest, "{name}");
        assert_eq!(batch.signing_payload_of_bytes(&body, &rollup), signing_payload, "{name}");

        assert_eq!(batch.signings(), golden.signings.len(), "{name}");
        let unsigned = Batch {
            individually_signed: IndividuallySigned::Nobody,
            signature: None,
            ..batch.clone()
        };
        let mut assembly = Assembly::new(unsigned, rollup);
        let signings =
            batch.each_signing().zip(batch.each_individually_signed()).zip(&golden.signings);
        for (number, ((signing, late), golden)) in signings.enumerate() {
            assert_eq!((signing.transaction, late), (golden.transaction, golden.late), "{name}");
            let secret = &secrets[&golden.signer];
            let (signing_payload, signature) = if late {
                let own = bytes(golden.own.as_ref().expect("the transaction"));
                let own = decode_transaction(&own).expect(name);
                assert_eq!(Some(hex::encode(own.encode())), golden.own, "{name}");
                let in_batch = batch.signing_payload_of_transaction(golden.transaction, &rollup);
                assert_eq!(in_batch, Some(own.signing_payload(&rollup)), "{name}");
                (own.signing_payload(&rollup), sign_individually(secret, &own, &rollup))
            } else {
                (signing_payload, sign(secret, &signing_payload))
            };
            assert_eq!(hex::encode(signing_payload.digest.0), golden.digest, "{name}");
            assert_eq!(hex::encode(signing_payload.to_sign()), golden.signed, "{name}");
            assert_eq!(hex::encode(signature.to_compressed()), golden.signature, "{name}");
            let given: fn(&mut Assembly, usize, Signature) =
                if late { Assembly::individual_signature } else { Assembly::batch_signature };
            given(&mut assembly, number, signature);
        }
        let sealed = assembly.sealed().expect(name);
        let aggregate = sealed.signature.map(hex::encode).unwrap_or_default();
        assert_eq!(aggregate, golden.aggregate, "{name}");
        assert_eq!(sealed, batch, "{name}");
    }
}
