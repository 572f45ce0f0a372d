// How accounts, tickets and contracts are named in wire format v2.

import type { Reader } from "./bytes.js";
import { ascii, concat, fromHex, invalid, shown, small, toHex, u32 } from "./bytes.js";
import { fromText, kindOf, toText } from "./text.js";

/** An account: its index in the rollup's registry, or its address `tz4…`. Use an index only once it is final. */
export type AccountName = number | string;

/** A ticket in full. */
export interface Ticket {
  /** The contract that makes it: `KT1…`. */
  readonly ticketer: string;
  /** The type of its content. */
  readonly kind: "text" | "pair";
  /** Its content as Micheline, in hexadecimal: see {@link textTicket} and {@link pairTicket}. */
  readonly content: string;
}

/** A ticket: its index in the rollup's registry, or all of it. */
export type TicketName = number | Ticket;

const ENTRYPOINT = /^[A-Za-z0-9_.%@]{0,31}$/;
/** Names by index begin above the ways to name in full. */
const ACCOUNT_INDEX_FIRST = 2;
const TICKET_INDEX_FIRST = 1;
const TICKET_KINDS = ["text", "pair"] as const;
const CURVES = ["tz1", "tz2", "tz3", "tz4", "tz5"] as const;

/** A ticket whose content is a text. */
export function textTicket(ticketer: string, text: string): Ticket {
  const bytes = new TextEncoder().encode(text);
  return { ticketer, kind: "text", content: toHex(concat(Uint8Array.of(1), u32(bytes.length), bytes)) };
}

/** A ticket whose content is a number and, perhaps, bytes: that of a token's ticketer. */
export function pairTicket(ticketer: string, id: bigint, data: Uint8Array | null = null): Ticket {
  if (id < 0n) throw invalid("a number that is not negative", id);
  const number = [Number(id & 0x3fn)];
  for (let rest = id >> 6n; rest > 0n; rest >>= 7n) {
    number[number.length - 1] = (number[number.length - 1] as number) | 0x80;
    number.push(Number(rest & 0x7fn));
  }
  const option = data === null ? [Uint8Array.of(3, 6)] : [Uint8Array.of(5, 9, 10), u32(data.length), data];
  const head = Uint8Array.of(7, 7, 0, ...number);
  return { ticketer, kind: "pair", content: toHex(concat(head, ...option)) };
}

export function encodeAccount(name: AccountName): Uint8Array {
  if (typeof name === "string") return concat(Uint8Array.of(0), fromText("tz4", name));
  if (!Number.isSafeInteger(name) || name < 0) throw invalid("an account's index or its address tz4…", name);
  return small(name + ACCOUNT_INDEX_FIRST);
}

/** `registered` are the addresses of the batch's registrations; a transaction of its own has none. */
export function readAccount(from: Reader, registered: readonly string[]): AccountName {
  const start = from.offset;
  const number = from.small();
  if (number === 0) return toText("tz4", from.take(20));
  if (number >= ACCOUNT_INDEX_FIRST) return number - ACCOUNT_INDEX_FIRST;
  const address = registered[from.small()];
  if (address === undefined) throw from.malformed(start, "there is no such registration");
  return address;
}

export function encodeTicket(name: TicketName): Uint8Array {
  if (typeof name === "number") return small(name + TICKET_INDEX_FIRST, TICKET_INDEX_FIRST);
  const content = fromHex(name.content);
  const kind = TICKET_KINDS.indexOf(name.kind);
  if (kind < 0) throw invalid("the kind text or pair", name.kind);
  return concat(Uint8Array.of(0), fromText("KT1", name.ticketer), Uint8Array.of(kind), small(content.length), content);
}

export function readTicket(from: Reader): TicketName {
  const number = from.small();
  if (number >= TICKET_INDEX_FIRST) return number - TICKET_INDEX_FIRST;
  const ticketer = readContract(from);
  const kind = TICKET_KINDS[from.tag(0, 1)] as (typeof TICKET_KINDS)[number];
  const size = from.small();
  const start = from.offset;
  readContent(from, kind);
  if (from.offset - start !== size) throw from.malformed(start, "the ticket's content is not as long as it says");
  return { ticketer, kind, content: toHex(from.bytes.slice(start, from.offset)) };
}

/** Reads over a content in its one form. */
function readContent(from: Reader, kind: (typeof TICKET_KINDS)[number]): void {
  if (kind === "text") {
    from.tag(1);
    from.take(from.u32());
    return;
  }
  for (const byte of [7, 7, 0]) from.tag(byte);
  const start = from.offset;
  let byte = from.byte();
  if ((byte & 0x40) !== 0) throw from.malformed(start, "the number is negative");
  while (byte >= 0x80) {
    byte = from.byte();
    if (byte === 0) throw from.malformed(start, "the number is not in its shortest form");
  }
  if (from.tag(3, 5) === 3) {
    from.tag(6);
    return;
  }
  for (const byte of [9, 10]) from.tag(byte);
  from.take(from.u32());
}

export function readContract(from: Reader): string {
  return toText("KT1", from.take(20));
}

/** A name as it is written. Without letters it stands for `default`, which may be written out too. */
export function encodeEntrypoint(name: string): Uint8Array {
  if (!ENTRYPOINT.test(name)) throw invalid("an entrypoint: at most 31 letters, digits or _ . % @", name);
  return concat(Uint8Array.of(name.length), ascii(name));
}

export function readEntrypoint(from: Reader): string {
  const start = from.offset;
  const name = String.fromCharCode(...from.take(from.byte()));
  if (!ENTRYPOINT.test(name)) throw from.malformed(start, `the entrypoint ${shown(name)} is invalid`);
  return name;
}

/** The address that a contract is to pay, `tz1…` to `tz5…` or `KT1…`, as Micheline has it. */
export function encodeReceiver(address: string): Uint8Array {
  const kind = kindOf(address, ...CURVES, "KT1");
  const hash = fromText(kind, address);
  if (kind === "KT1") return concat(Uint8Array.of(1), hash, Uint8Array.of(0));
  return concat(Uint8Array.of(0, CURVES.indexOf(kind as (typeof CURVES)[number])), hash);
}

export function readReceiver(from: Reader): string {
  if (from.tag(0, 1) === 1) {
    const hash = from.take(20);
    from.tag(0);
    return toText("KT1", hash);
  }
  const curve = from.tag(0, 1, 2, 3, 4);
  return toText(CURVES[curve], from.take(20));
}
