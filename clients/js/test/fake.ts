// A batcher and a node in one small server, honest unless a test makes it lie: it takes payments, offers a batch of
// them, waits for signatures of the batch and verifies them, and has everything applied.

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ed25519 } from "@noble/curves/ed25519.js";
import type { TransactionRecord } from "../src/api.js";
import { decodeBatch, hashBatch, signedOfBatch } from "../src/batch.js";
import { concat, fromHex, toHex, u32 } from "../src/bytes.js";
import { verify } from "../src/keys.js";
import { acceptance } from "../src/receipt.js";
import { texts } from "../src/shape.js";
import { fromText, toText } from "../src/text.js";
import type { SignedTransaction } from "../src/transaction.js";
import { decodeTransaction, hashTransaction } from "../src/transaction.js";
import { encodeContent, ROLLUP } from "./support.js";

export type Json = { [name: string]: unknown };
/** What is answered in place of the honest answer to a path. `undefined` leaves the connection without any. */
export type Answer = {
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
};
type Lie = (honest: Json, request: { readonly path: string; readonly body: Json }) => unknown;

export const LEVEL = 1000;
export const BLOCK = `B${"K".repeat(50)}`;
const SECRET = new Uint8Array(32).fill(9);
export const ACCEPTANCE_KEY = toText("edpk", ed25519.getPublicKey(SECRET));

export class Fake {
  /** Instead of the honest answer to paths that begin so. */
  readonly lies = new Map<string, Lie>();
  /** Bytes that are answered as they are, one for each request of a path, before anything honest is. */
  readonly raw = new Map<string, (Answer | "hang up" | "say nothing")[]>();
  /** The final level, and the head two levels later. */
  level = LEVEL;
  /** Called for every stream that is opened, with how many there were. */
  onStream: (opened: number) => void = () => undefined;
  /** Durable storage, without `/toru/state`. */
  readonly values = new Map<string, Uint8Array>();
  readonly requests: { readonly path: string; readonly headers: IncomingMessage["headers"]; readonly body: Json }[] =
    [];
  readonly records = new Map<string, TransactionRecord>();
  /** Accounts whose signatures of a batch came, and were good. */
  readonly cosigned: string[] = [];
  /** What the offered batch is made of: by default all that was submitted. */
  content: (submitted: readonly SignedTransaction[]) => Uint8Array = (submitted) =>
    encodeContent({ transactions: submitted.map((one) => fromHex(one.transaction)) });
  /** Whether the batch is applied although nobody signs it. */
  impatient = false;
  readonly #streams = new Set<ServerResponse>();
  readonly #keys = new Map<string, string>();
  #server: Server | null = null;
  readonly #told: string[] = [];
  #opened = 0;
  #offered: { readonly id: string; readonly content: string; readonly hashes: readonly string[] } | null = null;

  /** The id of the batch that was offered last. */
  get offered(): string {
    return this.#offered?.id ?? "";
  }

  async start(): Promise<string> {
    const server = createServer((request, response) => void this.#serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#server = server;
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  /** Makes the node say that an account has an index, and is registered. */
  knows(address: string, index: number, counter = 0): void {
    this.values.set("/version", u32(1));
    const accounts = Math.max(index + 1, Number(`0x${toHex(this.values.get("/counts")?.slice(0, 4) ?? u32(0))}`));
    this.values.set("/counts", concat(u32(accounts), u32(1)));
    this.values.set(`/addresses/${toHex(fromText("tz4", address))}`, u32(index));
    const keys = this.values.get("/keys/0000000") ?? new Uint8Array(2037);
    keys[index * 97] = 2;
    this.values.set("/keys/0000000", keys);
    const main = this.values.get("/main/0000000") ?? new Uint8Array(2048);
    main.set(u32(counter).reverse(), index * 16);
    this.values.set("/main/0000000", main);
  }

  /** Sends an event to every stream. */
  tell(event: string, data: unknown): void {
    const id = this.#told.length + 1;
    this.#told.push(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data, texts)}\n\n`);
    for (const stream of this.#streams) stream.write(this.#told.at(-1));
  }

  /** Ends every stream in the middle. */
  interrupt(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
  }

  sign(record: Pick<TransactionRecord, "hash" | "received" | "promised">): TransactionRecord["receipt"] {
    return { key: ACCEPTANCE_KEY, signature: toHex(ed25519.sign(acceptance(ROLLUP, record), SECRET)) };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const path = request.url ?? "";
    const body = text === "" ? {} : (JSON.parse(text) as Json);
    this.requests.push({ path, headers: request.headers, body });
    const key = [...this.raw.keys()].find((one) => path.startsWith(one));
    const raw = key === undefined ? undefined : this.raw.get(key)?.shift();
    if (raw === "hang up") {
      request.socket.destroy();
    } else if (raw === "say nothing") {
      // The client has to give up, or the end of the server ends it.
    } else if (raw !== undefined) {
      response.writeHead(raw.status ?? 200, raw.headers).end(raw.body);
    } else if (path.startsWith("/v1/events")) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.flushHeaders();
      const seen = request.headers["last-event-id"];
      if (seen !== undefined) for (const missed of this.#told.slice(Number(seen))) response.write(missed);
      this.#streams.add(response);
      this.#opened += 1;
      this.onStream(this.#opened);
    } else {
      const honest = this.#answer(path, body);
      const lie = [...this.lies].find(([start]) => path.startsWith(start))?.[1];
      const said =
        lie === undefined ? honest : lie(JSON.parse(JSON.stringify(honest, texts) ?? "null") as Json, { path, body });
      const status = typeof said === "object" && said !== null && "error" in said ? 404 : 200;
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(said, texts));
      if (path === "/v1/transactions") setTimeout(() => this.#offer(body), 5);
    }
  }

  #answer(path: string, body: Json): unknown {
    const [, last = ""] = /([^/]*)$/.exec(path) ?? [];
    if (path === "/v1/quote") {
      return {
        rollup: ROLLUP,
        level: this.level + 2,
        account: null,
        fees: [],
        expires: 1260,
        round_ms: 800,
        window_ms: 150,
        max_wait_ms: 1000,
        promised_levels: 10,
        acceptance_key: ACCEPTANCE_KEY,
        limits: {
          transactions_per_request: 1000,
          pending_per_account: 1000,
          gap: 64,
          gap_ms: 60_000,
          pending: 50_000,
          max_valid_levels: 14_400,
          transactions_per_second: 500,
          streams_per_address: 32,
        },
      };
    }
    if (path === "/v1/transactions") {
      return { results: (body["transactions"] as SignedTransaction[]).map((one) => this.#take(one)) };
    }
    if (path.startsWith("/v1/transactions/")) {
      const none = { error: { code: "UNKNOWN_TRANSACTION", message: "nobody submitted it", values: {} } };
      return this.records.get(last) ?? none;
    }
    if (path.startsWith("/v1/accounts/")) {
      const view = { level: this.level, counter: "7", balances: [] };
      return { account: last, index: null, final: view, head: view, pending: view, transactions: [] };
    }
    if (path.endsWith("/signatures"))
      return this.#signed(body["signatures"] as { account: string; signature: string }[]);
    if (path.startsWith("/v1/batches/")) return this.#batch(last);
    if (path === "/v1/simulate")
      return {
        results: (body["transactions"] as unknown[]).map(() => ({ hash: "00".repeat(32), outcomes: [], error: null })),
      };
    if (path === "/global/smart_rollup_address") return ROLLUP;
    if (path === "/global/block/finalized/hash") return BLOCK;
    if (path === `/global/block/${BLOCK}/level`) return this.level;
    const [, durable] =
      new RegExp(`^/global/block/${BLOCK}/durable/wasm_2_0_0/value\\?key=/toru/state(.*)$`).exec(path) ?? [];
    const value = this.values.get(durable ?? "");
    return value === undefined ? null : toHex(value);
  }

  #batch(id: string): Json {
    const content = this.#offered?.content ?? "";
    const transactions = decodeBatch(fromHex(content)).transactions;
    return {
      id,
      stage: "offered",
      content,
      deadline_ms: 0,
      signers: transactions.length,
      signed: 0,
      transactions: transactions.map((one) => toHex(hashTransaction(ROLLUP, one))),
      message: null,
      level: null,
      index: null,
      bytes: null,
      individual: 0,
    };
  }

  #take(signed: SignedTransaction): Json {
    const { hash } = signed;
    if (hash !== toHex(hashTransaction(ROLLUP, decodeTransaction(fromHex(signed.transaction))))) {
      return { hash, error: { code: "MALFORMED", message: "the hash is of something else", values: {} } };
    }
    for (const { account, key } of signed.signatures) this.#keys.set(account, key);
    const levels = { hash, received: this.level + 2, promised: this.level + 12 };
    const record: TransactionRecord = {
      ...levels,
      stage: "queued",
      result: null,
      accounts: [],
      expires: 1260,
      receipt: this.sign(levels),
      batch: null,
      cosigned: null,
      deadline_ms: null,
      message: null,
      level: null,
      index: null,
      transaction: null,
      outcomes: [],
      waits_for: null,
      why: null,
    };
    this.records.set(hash, this.records.get(hash) ?? record);
    return { hash, record: this.records.get(hash) };
  }

  #offer(body: Json): void {
    const submitted = body["transactions"] as SignedTransaction[];
    const content = this.content(submitted);
    const id = toHex(hashBatch(ROLLUP, content));
    this.#offered = { id, content: toHex(content), hashes: submitted.map((one) => one.hash) };
    const accounts = [...new Set(submitted.flatMap((one) => one.signatures.map((by) => by.account)))];
    const honest = { batch: id, content: toHex(content), deadline_ms: 0, closes_in_ms: 800, accounts };
    this.move("offered");
    const lie = this.lies.get("offer");
    this.tell("offer", lie === undefined ? honest : lie(honest, { path: "offer", body }));
    if (this.impatient) setTimeout(() => this.apply(), 50);
  }

  #signed(signatures: readonly { readonly account: string; readonly signature: string }[]): Json {
    const results = signatures.map(({ account, signature }) => {
      const signed = signedOfBatch(fromHex(this.#offered?.id ?? ""));
      const good = verify(this.#keys.get(account) ?? "", signed, fromHex(signature));
      if (good) this.cosigned.push(account);
      return { account, error: good ? null : { code: "WRONG_SIGNATURE", message: "no", values: {} } };
    });
    setTimeout(() => this.apply(), 5);
    return { results };
  }

  apply(): void {
    this.move("sealed");
    this.move("applied", { result: "applied", level: this.level + 3 });
    this.move("final");
  }

  move(stage: TransactionRecord["stage"], more: Partial<TransactionRecord> = {}): void {
    for (const hash of this.#offered?.hashes ?? []) {
      const record = this.records.get(hash);
      if (record === undefined) continue;
      this.records.set(hash, { ...record, ...more, stage });
      this.tell("transaction", this.records.get(hash));
    }
  }
}
