// Bytes as wire format v2 has them: hexadecimal, numbers, amounts, and a reader that refuses every second way to
// write the same thing.

import { ToruError } from "./error.js";

/** The largest amount, balance and counter. */
export const U64_MAX = 2n ** 64n - 1n;
/** The upper bound of counts, indexes and other varints that are not counters or amounts. */
const U32_END = 2n ** 32n;
/** Levels fit into a signed integer of 32 bits. */
export const LEVEL_MAX = 2 ** 31 - 1;

const AMOUNT_MANTISSA_MAX = 2047n;
/** An amount that begins with this power, and mantissa 0, goes on as a varint. */
const AMOUNT_ESCAPE = 31;

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

export function fromHex(text: string, size?: number): Uint8Array {
  const pairs = typeof text === "string" && /^([0-9a-f]{2})*$/.test(text) ? (text.match(/../g) ?? []) : null;
  if (pairs === null || (size !== undefined && pairs.length !== size)) {
    const what = size === undefined ? "bytes" : `${size} bytes`;
    throw new ToruError("INVALID_TEXT", `expected ${what} in lowercase hexadecimal: ${shown(text)}`, { text });
  }
  return Uint8Array.from(pairs, (pair) => parseInt(pair, 16));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** A number for an error message, cut off where it gets long. */
export function shown(value: unknown): string {
  const text = String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

export function varint(value: bigint | number): Uint8Array {
  let rest = BigInt(value);
  if (rest < 0n || rest > U64_MAX) throw invalid("a number from 0 to 2^64 - 1", value);
  const bytes: number[] = [];
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

/** A varint below 2^32: an index, a count. */
export function small(value: number, least = 0): Uint8Array {
  if (!Number.isSafeInteger(value) || value < least || BigInt(value) >= U32_END) {
    throw invalid(`a whole number from ${least} to 2^32 - 1`, value);
  }
  return varint(value);
}

export function level(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0 || value > LEVEL_MAX) throw invalid("a level below 2^31", value);
  return u32(value);
}

/** The short form of an amount, if it has one. */
function short(value: bigint): number | null {
  let [mantissa, power] = [value, 0];
  while (mantissa > 0n && mantissa % 10n === 0n) [mantissa, power] = [mantissa / 10n, power + 1];
  return mantissa <= AMOUNT_MANTISSA_MAX ? (Number(mantissa) << 5) | power : null;
}

export function amount(value: bigint): Uint8Array {
  if (typeof value !== "bigint" || value < 0n || value > U64_MAX) {
    throw invalid("an amount as a bigint from 0 to 2^64 - 1", value);
  }
  const packed = short(value);
  if (packed === null) return concat(Uint8Array.of(0, AMOUNT_ESCAPE), varint(value));
  return Uint8Array.of(packed >>> 8, packed);
}

export function invalid(expected: string, value: unknown): ToruError {
  return new ToruError("INVALID_VALUE", `expected ${expected}: ${shown(value)}`, { expected, value });
}

/** Reads bytes from front to back. Every error is `MALFORMED`, with the offset at which the wrong thing begins. */
export class Reader {
  readonly bytes: Uint8Array;
  offset = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The bytes do not go on in any of the ways that the format has. */
  malformed(offset: number, why: string): ToruError {
    return new ToruError("MALFORMED", `the bytes are malformed at ${offset}: ${why}`, { offset });
  }

  take(size: number): Uint8Array {
    if (size > this.bytes.length - this.offset) {
      throw this.malformed(this.offset, `${size} bytes expected, ${this.bytes.length - this.offset} are left`);
    }
    this.offset += size;
    return this.bytes.slice(this.offset - size, this.offset);
  }

  byte(): number {
    return this.take(1)[0] as number;
  }

  u32(): number {
    return this.take(4).reduce((value, byte) => value * 256 + byte, 0);
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }

  /** One of the values that a byte may have. */
  tag<T extends number>(...allowed: readonly T[]): T {
    const from = this.offset;
    const byte = this.byte();
    const found = allowed.find((one) => one === byte);
    if (found === undefined) throw this.malformed(from, `${byte} is not one of ${allowed.join(", ")}`);
    return found;
  }

  varint(end: bigint = U64_MAX + 1n): bigint {
    const from = this.offset;
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (value >= end) throw this.malformed(from, `the number is not below ${end}`);
      if (byte < 0x80) {
        if (byte === 0 && shift > 0n) throw this.malformed(from, "the number is not in its shortest form");
        return value;
      }
      if (shift > 63n) throw this.malformed(from, "the number is not in its shortest form");
    }
  }

  small(): number {
    return Number(this.varint(U32_END));
  }

  /** How many there are, at least one. */
  count(): number {
    const from = this.offset;
    const count = this.small();
    if (count === 0) throw this.malformed(from, "a count is at least 1");
    return count;
  }

  level(): number {
    const from = this.offset;
    const value = this.u32();
    if (value > LEVEL_MAX) throw this.malformed(from, "a level is below 2^31");
    return value;
  }

  amount(): bigint {
    const from = this.offset;
    const packed = this.byte() * 256 + this.byte();
    const [mantissa, power] = [packed >>> 5, packed & 31];
    if (packed === AMOUNT_ESCAPE) {
      const value = this.varint();
      if (short(value) !== null) throw this.malformed(from, "the amount has a shorter form");
      return value;
    }
    const value = BigInt(mantissa) * 10n ** BigInt(power);
    if (value > U64_MAX || short(value) !== packed) {
      throw this.malformed(from, "the amount is too large, or not in its one form");
    }
    return value;
  }

  end(): void {
    if (this.offset !== this.bytes.length) {
      throw this.malformed(this.offset, `${this.bytes.length - this.offset} bytes are left over`);
    }
  }
}
