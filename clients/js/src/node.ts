// What has to be known for certain: a rollup node that you trust is asked for it, at a level that no reorganisation
// of layer 1 undoes.

import { blake2b } from "@noble/hashes/blake2.js";
import { invalidAnswer, text } from "./answers.js";
import { ascii, concat, fromHex, toHex } from "./bytes.js";
import type { Me } from "./check.js";
import { ToruError } from "./error.js";
import type { HttpOptions } from "./http.js";
import { Http } from "./http.js";
import type { Ticket } from "./names.js";
import { fromText } from "./text.js";

/** The layout of the durable storage that this reads. */
const LAYOUT = 1;
const STATE = "/toru/state";
const KEYS_IN_PAGE = 21;
const KEY_BYTES = 97;
const KEY_IS_REGISTERED = 2;
const COUNTERS_IN_PAGE = 512;
const COUNTER_IS_LARGE = 0xffffffffn;

/** An account at a final level. */
export interface FinalAccount extends Me {
  /** Whether its key is registered, so that it can sign. */
  readonly registered: boolean;
  /** The counter that its next operation carries. */
  readonly counter: bigint;
}

/** The state at the end of one final block. */
export interface FinalState {
  readonly level: number;
  account(address: string): Promise<FinalAccount>;
  /** The index of a ticket, or `null` if the rollup has never held it. */
  ticket(ticket: Ticket): Promise<number | null>;
}

/** A rollup node. Whoever runs it can lie about indexes, and so about who is paid: use one that you trust. */
export class RollupNode {
  readonly #http: Http;

  constructor(url: string, options: HttpOptions = {}) {
    this.#http = new Http(url, options);
  }

  /** The address of its rollup, `sr1…`. */
  async rollup(): Promise<string> {
    return text(await this.#http.get("/global/smart_rollup_address"), "the address of a rollup", /^sr1/);
  }

  /** The state at the last level that is final. */
  async final(): Promise<FinalState> {
    const block = text(
      await this.#http.get("/global/block/finalized/hash"),
      "the hash of a block",
      /^B[1-9A-Za-z]{50}$/,
    );
    const level = await this.#http.get(`/global/block/${block}/level`);
    if (!Number.isSafeInteger(level)) throw invalidAnswer("a level", level);
    const read = (path: string) => this.#value(block, `${STATE}${path}`);
    const version = await read("/version");
    if (version !== null && number(version, 0, 4) !== BigInt(LAYOUT)) {
      const values = { expected: LAYOUT, found: toHex(version) };
      throw new ToruError("UNKNOWN_LAYOUT", `the state has another layout than ${LAYOUT}`, values);
    }
    // Before its first message the rollup has no state, and nobody has an account.
    const accounts = version === null ? 0 : Number(number(await read("/counts"), 0, 4));
    return {
      level: level as number,
      account: (address) => finalAccount(read, address, accounts),
      ticket: async (ticket) => index(await read(`/tickets/index/${toHex(hashTicket(ticket))}`)),
    };
  }

  async #value(block: string, key: string): Promise<Uint8Array | null> {
    const path = `/global/block/${block}/durable/wasm_2_0_0/value?key=${key}`;
    const value = await this.#http.get(path);
    return value === null ? null : fromHex(text(value, "a value in hexadecimal", /^([0-9a-f]{2})*$/));
  }
}

async function finalAccount(
  read: (path: string) => Promise<Uint8Array | null>,
  address: string,
  accounts: number,
): Promise<FinalAccount> {
  const own = index(await read(`/addresses/${toHex(fromText("tz4", address))}`));
  if (own === null) return { address, index: null, accounts, registered: false, counter: 0n };
  const [keys, counters] = await Promise.all([
    read(`/keys/${Math.floor(own / KEYS_IN_PAGE)}`),
    read(`/counters/${Math.floor(own / COUNTERS_IN_PAGE)}`),
  ]);
  const registered = number(keys, (own % KEYS_IN_PAGE) * KEY_BYTES, 1) === BigInt(KEY_IS_REGISTERED);
  const counter = number(counters, (own % COUNTERS_IN_PAGE) * 4, 4);
  const large = counter === COUNTER_IS_LARGE ? number(await read(`/counters/large/${own}`), 0, 8) : counter;
  return { address, index: own, accounts, registered, counter: large };
}

/** The number at a place of a value. A page that does not exist is zeros. */
function number(bytes: Uint8Array | null, at: number, size: number): bigint {
  if (bytes === null) return 0n;
  if (bytes.length < at + size) throw invalidAnswer(`a value of at least ${at + size} bytes`, toHex(bytes));
  return BigInt(`0x${toHex(bytes.slice(at, at + size))}`);
}

function index(bytes: Uint8Array | null): number | null {
  return bytes === null ? null : Number(number(bytes, 0, 4));
}

function hashTicket(ticket: Ticket): Uint8Array {
  const kind = Uint8Array.of(ticket.kind === "text" ? 0 : 1);
  const whole = concat(ascii("toru ticket"), fromText("KT1", ticket.ticketer), kind, fromHex(ticket.content));
  return blake2b(whole, { dkLen: 32 });
}
