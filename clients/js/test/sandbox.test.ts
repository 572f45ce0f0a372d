// The client against a real sandbox with its batcher: `toru dev`, which TORU_BIN names.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { transformSync } from "esbuild";
import type { TransactionRecord } from "../src/api.js";
import { toHex } from "../src/bytes.js";
import type { Client } from "../src/client.js";
import { connect } from "../src/client.js";
import { SecretKey } from "../src/keys.js";
import { textTicket } from "../src/names.js";
import type { Payment } from "../src/payment.js";
import { texts } from "../src/shape.js";
import { hashTransaction, signTransaction } from "../src/transaction.js";
import { ANSWERS, SCHEMAS } from "./document.js";
import { Served } from "./served.js";
import { refused } from "./support.js";

interface Sandbox {
  readonly endpoint: string;
  readonly rollup: string;
  readonly ticketer: string;
  readonly accounts: readonly { readonly name: string; readonly secret_key: string }[];
}

/** Whoever waits for as long hangs. Nothing here is expected to take any time. */
const HANGS_MS = 900_000;
const toru = process.env["TORU_BIN"];

async function sent(client: Client, payments: readonly Payment[]): Promise<TransactionRecord[]> {
  const last = new Map<string, TransactionRecord>();
  for await (const record of client.send(payments, { onRefused: (error) => assert.fail(error) })) {
    last.set(record.hash, record);
  }
  return payments.map((one) => last.get(one.signed.hash) as TransactionRecord);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 100));
}

/** Waits until an account has a final index. */
function settled(client: Client, address: string): Promise<void> {
  return until(async () => (await (await client.node.final()).index(address)) !== null);
}

const skip = toru === undefined ? "TORU_BIN does not say where toru is" : false;

test("a sandbox with its batcher", { skip, timeout: HANGS_MS }, async (t) => {
  const data = mkdtempSync(join(tmpdir(), "toru-js-"));
  const running: Served<unknown>[] = [];
  const serve = async <T>(...args: readonly string[]): Promise<T> => {
    const one = new Served<T>(toru as string, args);
    running.unshift(one);
    return one.said;
  };
  try {
    const dev = await serve<Sandbox>("dev", "--rpc", "127.0.0.1:0", "--block-time", "1", "--json");
    const { endpoint: node, rollup, ticketer } = dev;
    // One of its own that waits for everybody, so that a slow machine makes no difference to what is signed together.
    const patient = ["--deadline-ms", "20000", "--quorum", "100"];
    const place = ["--endpoint", node, "--listen", "127.0.0.1:0", "--data", join(data, "batcher")];
    const { address } = await serve<{ readonly address: string }>("batcher", ...place, ...patient, "--json");
    const batcher = `http://${address}`;
    const ticket = textTicket(ticketer, "demo");
    const keys = dev.accounts.map((one) => SecretKey.fromText(one.secret_key));
    const [payer, receiver] = keys as [SecretKey, SecretKey];
    const client = await connect({ batcher, node, rollup, attempts: 8 });
    await settled(client, payer.address);

    const balance = async (who: string): Promise<bigint> => (await client.account(who)).head.balances[0]?.amount ?? 0n;

    await t.test("the types are those of the batcher's own document", async () => {
      interface Schema {
        readonly properties?: object;
        readonly required?: readonly string[];
      }
      interface Document {
        readonly paths: {
          [path: string]: { get: { responses: { 200: { content: { [type: string]: { schema: Schema } } } } } };
        };
        readonly components: { readonly schemas: { [name: string]: Schema } };
      }
      const document = (await (await fetch(`${batcher}/openapi.json`)).json()) as Document;
      /** Every name, and whether it has to be there. */
      const theirs = (one: Schema | undefined) =>
        Object.fromEntries(
          Object.keys(one?.properties ?? {}).map((name) => [
            name,
            one?.required?.includes(name) === true ? true : null,
          ]),
        );
      for (const [name, ours] of Object.entries(SCHEMAS)) {
        // An error without values is one with an empty list of them here.
        const excused = name === "ApiError" ? { values: true } : {};
        assert.deepEqual({ ...theirs(document.components.schemas[name]), ...excused }, ours, name);
      }
      for (const [path, ours] of Object.entries(ANSWERS)) {
        const answer = document.paths[path]?.get.responses[200].content["application/json"]?.schema;
        assert.deepEqual(theirs(answer), ours, path);
      }
    });

    await t.test("people pay at the same time and sign together; the second time nobody proves a key", async () => {
      for (const round of [0, 1]) {
        const payments = await Promise.all(
          keys.slice(0, 4).map(async (key, i) => {
            const to = (keys[i + 4] as SecretKey).address;
            return client.prepare(key, [{ to, amount: 5n + BigInt(i), ticket }]);
          }),
        );
        const proofs = payments.map(([one]) => one?.signed.signatures[0]?.proof !== undefined);
        assert.deepEqual(proofs, Array(4).fill(round === 0));
        const records = (await Promise.all(payments.map((one) => sent(client, one)))).flat();
        assert.deepEqual(
          records.map((one) => [one.result, one.cosigned]),
          Array(4).fill(["applied", true]),
          JSON.stringify(records, texts),
        );
        // Keys are registered once that is final.
        const before = (await client.node.final()).level;
        await until(async () => (await client.node.final()).level >= before + 4);
        // The result is under the batch's digest, in the node's state.
        const fates = await Promise.all(payments.flat().map((one) => client.settled(one.signed)));
        assert.deepEqual(
          fates.map((one) => one.fate === "applied" && one.at.level),
          records.map((one) => one.level),
        );
        const state = await client.node.final();
        assert.equal(await state.transactionResult(records[0]?.hash ?? ""), null);
        assert.equal((await state.batchResult(records[0]?.batch ?? ""))?.transactions, 4);
      }
      assert.equal(await balance((keys[4] as SecretKey).address), 1_000_010n);
    });

    await t.test("several payments of one account, one with a memo", async () => {
      const pay = { to: receiver.address, amount: 1n, ticket };
      const records = await sent(client, await client.prepare(payer, [pay, { ...pay, memo: "rent" }, pay]));
      assert.deepEqual(
        records.map((one) => one.result),
        ["applied", "applied", "applied"],
      );
    });

    await t.test("somebody new is paid, and pays", async () => {
      const carol = SecretKey.random();
      await sent(client, await client.prepare(payer, [{ to: carol.address, amount: 50n, ticket }]));
      await settled(client, carol.address);
      const [record] = await sent(client, await client.prepare(carol, [{ to: payer.address, amount: 7n, ticket }]));
      assert.equal(record?.result, "applied");
      assert.equal(await balance(carol.address), 43n);
    });

    await t.test("what is submitted again is the same", async () => {
      const payments = await client.prepare(payer, [{ to: receiver.address, amount: 2n, ticket }]);
      const before = await balance(receiver.address);
      const [first] = await sent(client, payments);
      const [again] = await client.submit(payments.map((one) => one.signed));
      assert.equal(again?.record?.hash, first?.hash);
      assert.deepEqual(again?.record?.receipt, first?.receipt);
      assert.equal((await client.record(first?.hash ?? "")).result, "applied");
      assert.equal((await balance(receiver.address)) - before, 2n);
    });

    await t.test("a withdrawal, and what a simulation says of it before", async () => {
      const [{ counter }, state] = [(await client.account(payer.address)).pending, await client.node.final()];
      const withdrawal = {
        ticket: (await state.ticket(ticket)) as number,
        contract: ticketer,
        entrypoint: "burn",
        receiver: "tz1KqTpEZ7Yob7QbPE4Hy4Wo8fHG8LhKxZSx",
        amount: 3n,
      };
      const signer = (await state.account(payer.address)).index as number;
      const operation = { signer, counter, memo: null, actions: [withdrawal] };
      const transaction = { expires: (await client.quote()).expires, operations: [operation] };
      const signed = await signTransaction(rollup, transaction, [payer]);
      const [simulated] = await client.simulate([signed.transaction]);
      assert.deepEqual(
        simulated?.outcomes?.map((one) => one.code),
        ["APPLIED"],
        JSON.stringify(simulated, texts),
      );
      const me = await state.account(payer.address);
      const [record] = await sent(client, [{ signer: payer, me, transaction, signed, fee: 0n }]);
      assert.equal(record?.result, "applied");
      assert.equal(record?.hash, toHex(hashTransaction(rollup, transaction)));
    });

    await t.test("refusals have the kernel's codes and values", async () => {
      const [much] = await client.prepare(payer, [{ to: receiver.address, amount: 10n ** 18n, ticket }]);
      const error = await refused(() => sent(client, [much as Payment]), "BALANCE_TOO_LOW");
      assert.equal(error.values["requested"], String(10n ** 18n));
      const [own] = await client.prepare(payer, [{ to: payer.address, amount: 1n, ticket }]);
      await refused(() => sent(client, [own as Payment]), "SELF_TRANSFER");
      const [good] = await client.prepare(payer, [{ to: receiver.address, amount: 1n, ticket }]);
      const { signed } = good as Payment;
      const forged = {
        ...signed,
        signatures: signed.signatures.map((one) => ({ ...one, signature: toHex(receiver.sign(new Uint8Array())) })),
      };
      const [result] = await client.submit([forged]);
      assert.equal(result?.error?.code, "WRONG_SIGNATURE");
      await refused(() => client.record("00".repeat(32)), "UNKNOWN_TRANSACTION");
    });

    await t.test("the node says what became of a payment, whoever signed it how", async () => {
      const pay = { to: receiver.address, amount: 1n, ticket, memo: "alone" };
      const [alone] = (await client.prepare(payer, [pay])) as [Payment];
      for await (const record of client.send([alone], { cosign: false })) assert.notEqual(record.cosigned, true);
      const fate = await client.settled(alone.signed);
      assert.equal(fate.fate, "applied", JSON.stringify(fate));
      // Another client finds what this one has co-signed, with the batcher's help, and believes it no more for that.
      const [shared] = (await client.prepare(payer, [pay])) as [Payment];
      await sent(client, [shared]);
      const anew = await connect({ batcher, node, rollup });
      assert.equal((await anew.settled(shared.signed)).fate, "applied");
      const again = () => anew.prepare(payer, [pay], { insteadOf: [shared.signed] });
      assert.equal((await refused(again, "MAY_STILL_APPLY")).values["fate"], "applied");
    });

    await t.test("what was never submitted is void after its last level, and may be paid anew", async () => {
      const state = await client.node.final();
      const me = await state.account(payer.address);
      const transfers = [{ to: receiver.address, amount: 9n }];
      const actions = [{ ticket: (await state.ticket(ticket)) as number, transfers }];
      const operation = { signer: me.index as number, counter: me.counter, memo: null, actions };
      const signed = await signTransaction(rollup, { expires: state.level + 3, operations: [operation] }, [payer]);
      const pay = { to: receiver.address, amount: 9n, ticket };
      const early = await refused(() => client.prepare(payer, [pay], { insteadOf: [signed] }), "MAY_STILL_APPLY");
      assert.equal(early.values["fate"], "open");
      assert.deepEqual(await client.settled(signed), { fate: "never", level: (await client.fate(signed)).level });
      const before = await balance(receiver.address);
      const [record] = await sent(client, await client.prepare(payer, [pay], { insteadOf: [signed] }));
      assert.equal(record?.result, "applied");
      assert.equal((await balance(receiver.address)) - before, 9n);
    });

    await t.test("the example pays, by the batcher that the sandbox has", async () => {
      const example = fileURLToPath(new URL("../../examples/pay.mjs", import.meta.url));
      const before = await balance(receiver.address);
      const { stdout } = await promisify(execFile)(process.execPath, [example, node, receiver.address, "11"]);
      assert.match(stdout, /applied in level [0-9]+/);
      assert.equal((await balance(receiver.address)) - before, 11n);
      const wrong = promisify(execFile)(process.execPath, [example, node, "nobody", "11"]);
      await assert.rejects(wrong, /error: INVALID_TEXT: .*nobody/);
    });

    await t.test("the code of the README pays, as it is written there", async () => {
      const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
      const code = /^```ts\n(.*?)^```/ms.exec(readme)?.[1] ?? "";
      const here = code
        .replace('batcher: "http://127.0.0.1:8932"', `batcher: "${batcher}"`)
        .replace('node: "http://127.0.0.1:8932"', `node: "${node}"`);
      assert.ok(here.includes(`batcher: "${batcher}"`) && here.includes(`node: "${node}"`), here);
      const file = new URL("../readme/pay.mjs", import.meta.url);
      mkdirSync(new URL(".", file), { recursive: true });
      writeFileSync(file, transformSync(here, { loader: "ts", format: "esm" }).code);
      const to = (keys[1] as SecretKey).address;
      const before = await balance(to);
      const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(file)]);
      assert.match(stdout, /^queued\n(.+\n)*applied\n(.+\n)*$/);
      assert.equal((await balance(to)) - before, 5n);
    });
  } finally {
    for (const one of running) await one.stop();
    rmSync(data, { recursive: true });
  }
});
