// Addresses and keys as people write them: base58 with a prefix that says what it is, and a checksum.

import { sha256 } from "@noble/hashes/sha2.js";
import { concat, same, shown } from "./bytes.js";
import { ToruError } from "./error.js";

const LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/** No text of ours is longer. A bound, because reading base58 takes time that grows with the square of its length. */
const TEXT_LETTERS_MAX = 200;

/** What a text can stand for: the bytes before it in base58, and its own size. The prefixes are Octez's. */
const KINDS = {
  tz1: [[6, 161, 159], 20],
  tz2: [[6, 161, 161], 20],
  tz3: [[6, 161, 164], 20],
  tz4: [[6, 161, 166], 20],
  tz5: [[6, 161, 169], 20],
  KT1: [[2, 90, 121], 20],
  sr1: [[6, 124, 117], 20],
  BLpk: [[6, 149, 135, 204], 48],
  BLsk: [[3, 150, 192, 40], 32],
  edpk: [[13, 15, 37, 217], 32],
} as const;

export type Kind = keyof typeof KINDS;

function checksum(bytes: Uint8Array): Uint8Array {
  return sha256(sha256(bytes)).slice(0, 4);
}

export function toText(kind: Kind, bytes: Uint8Array): string {
  const whole = concat(Uint8Array.from(KINDS[kind][0]), bytes);
  let number = concat(whole, checksum(whole)).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let text = "";
  // No prefix begins with a zero byte, so there are no leading ones to keep.
  for (; number > 0n; number /= 58n) text = LETTERS.charAt(Number(number % 58n)) + text;
  return text;
}

/** The bytes of a text of this kind. The text of a secret key is in no error. */
export function fromText(kind: Kind, text: string): Uint8Array {
  const [prefix, size] = KINDS[kind];
  const secret = kind === "BLsk";
  const fail = (why: string) =>
    new ToruError("INVALID_TEXT", `${why}: ${secret ? `a text ${kind}…` : shown(text)}`, secret ? {} : { text });
  if (typeof text !== "string" || text.length > TEXT_LETTERS_MAX) throw fail(`expected a text ${kind}…`);
  let number = 0n;
  for (const letter of text) {
    const digit = LETTERS.indexOf(letter);
    if (digit < 0) throw fail("this has a letter that base58 does not have");
    number = number * 58n + BigInt(digit);
  }
  const whole = new Uint8Array(prefix.length + size + 4);
  for (let at = whole.length - 1; at >= 0; at--, number >>= 8n) whole[at] = Number(number & 0xffn);
  const body = whole.slice(0, -4);
  const right = prefix.every((byte, i) => byte === whole[i]);
  if (!right) throw fail(`expected a text ${kind}…`);
  if (!same(checksum(body), whole.slice(-4))) throw fail("the checksum is wrong, so this has a mistake");
  const bytes = body.slice(prefix.length);
  // Ones before a text add nothing to its number, and what does not fit into the bytes is dropped above.
  if (toText(kind, bytes) !== text) throw fail(`expected a text ${kind}…`);
  return bytes;
}

/** Which of these kinds a text is of. */
export function kindOf(text: string, ...kinds: readonly Kind[]): Kind {
  const kind = kinds.find((one) => String(text).startsWith(one));
  if (kind === undefined) {
    throw new ToruError("INVALID_TEXT", `expected a text ${kinds.join("…, ")}…: ${shown(text)}`, { text });
  }
  return kind;
}
