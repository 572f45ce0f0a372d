// BLS keys in the suite with proofs of possession: keys in G1, signatures in G2, texts as Octez writes them.

import { bls12_381 } from "@noble/curves/bls12-381.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { blake2b } from "@noble/hashes/blake2.js";
import { toHex } from "./bytes.js";
import { ToruError } from "./error.js";
import { fromText, toText } from "./text.js";

const bls = bls12_381.longSignatures;
const SIGNATURE_TAG = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
const PROOF_TAG = "BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/** Whoever can sign for an account: a {@link SecretKey}, or something that asks one that is elsewhere. */
export interface Signer {
  /** `tz4…` */
  readonly address: string;
  /** `BLpk…` */
  readonly key: string;
  /** The signature (96 bytes) over these bytes. */
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** The proof that somebody has the secret of {@link key} (96 bytes). */
  proof(): Uint8Array | Promise<Uint8Array>;
}

/** The address `tz4…` of a compressed public key of 48 bytes. */
export function addressOf(key: Uint8Array): string {
  return toText("tz4", blake2b(key, { dkLen: 20 }));
}

/** A secret key in memory. It is in no JSON and in no error. */
export class SecretKey implements Signer {
  /** The scalar, big-endian. */
  readonly #scalar: Uint8Array;
  readonly #public: Uint8Array;
  readonly address: string;
  readonly key: string;

  private constructor(scalar: Uint8Array) {
    this.#scalar = scalar;
    this.#public = bls.getPublicKey(scalar).toBytes();
    this.address = addressOf(this.#public);
    this.key = toText("BLpk", this.#public);
  }

  /** A new key, from the platform's randomness. */
  static random(): SecretKey {
    return new SecretKey(bls.keygen().secretKey);
  }

  /** A key of Octez: `BLsk…`. Octez writes the scalar with its lowest byte first. */
  static fromText(text: string): SecretKey {
    const scalar = fromText("BLsk", text).reverse();
    if (!bls12_381.fields.Fr.isValidNot0(BigInt(`0x${toHex(scalar)}`))) {
      throw new ToruError("INVALID_TEXT", "the secret key is invalid: it is 0 or too large");
    }
    return new SecretKey(scalar);
  }

  /** The key as `BLsk…`, for Octez and for a file that nobody else reads. */
  toSecretText(): string {
    return toText("BLsk", this.#scalar.slice().reverse());
  }

  sign(bytes: Uint8Array): Uint8Array {
    return bls.sign(bls.hash(bytes, SIGNATURE_TAG), this.#scalar).toBytes();
  }

  proof(): Uint8Array {
    return bls.sign(bls.hash(this.#public, PROOF_TAG), this.#scalar).toBytes();
  }
}

function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    // The libraries throw for an invalid point. The signature is invalid then.
    return false;
  }
}

/** Whether a signature over these bytes is of this key `BLpk…`. */
export function verify(key: string, bytes: Uint8Array, signature: Uint8Array): boolean {
  const point = fromText("BLpk", key);
  return holds(() => bls.verify(signature, bls.hash(bytes, SIGNATURE_TAG), point));
}

/** Whether a proof of possession is of this key `BLpk…`. */
export function verifyProof(key: string, proof: Uint8Array): boolean {
  const point = fromText("BLpk", key);
  return holds(() => bls.verify(proof, bls.hash(point, PROOF_TAG), point));
}

/** Whether an ed25519 signature over these bytes is of this key `edpk…`: by RFC 8032, as others will check it. */
export function verifyEd25519(key: string, bytes: Uint8Array, signature: Uint8Array): boolean {
  const point = fromText("edpk", key);
  return holds(() => ed25519.verify(signature, bytes, point, { zip215: false }));
}
