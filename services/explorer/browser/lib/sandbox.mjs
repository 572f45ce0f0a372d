// A sandbox in a process of its own, with its explorer, and what a user does with it at the command line.
import { strict as assert } from "node:assert";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);
const toru = process.env.TORU_BIN ?? "../../../target/release/toru";
/** How long anything is waited for: it ends a test that hangs. */
const LONG_MS = 60_000;

export class Sandbox {
  /** Starts one whose levels come on demand. */
  static async start(options = []) {
    const folder = await mkdtemp(join(tmpdir(), "toru-browser-"));
    const args = ["dev", "--rpc", "127.0.0.1:0", "--block-time", "0"];
    args.push("--commitment-period", "2", "--challenge-window", "3", ...options);
    const process_ = spawn(toru, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
    for await (const line of createInterface({ input: process_.stdout })) {
      const found = line.match(/http:\/\/(\S+)/);
      if (found) return new Sandbox(process_, folder, found[1]);
    }
    throw new Error("the sandbox does not say where it serves");
  }

  constructor(process_, folder, at) {
    Object.assign(this, { process: process_, folder, at, url: `http://${at}` });
    // Nobody reads what else it says.
    process_.stdout.resume();
  }

  async end() {
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGTERM");
    await gone;
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Runs a command of a user of it; what it prints. */
  async toru(...args) {
    const env = { ...process.env, TORU_ENDPOINT: this.at, XDG_DATA_HOME: join(this.folder, "data") };
    return (await run(toru, args, { cwd: this.folder, env })).stdout;
  }

  async get(path) {
    return (await fetch(`${this.url}${path}`)).json();
  }

  /** Bakes levels, and waits until the history has them. */
  async mine(levels = 1) {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ levels });
    const answer = await fetch(`${this.url}/dev/mine`, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(await answer.text());
    await this.caughtUp();
  }

  /** Waits until the history is where the node is. */
  async caughtUp() {
    await until("a history that has every level", async () => {
      const [head, told] = await Promise.all([this.get("/global/tezos_level"), this.get("/history/status")]);
      return told.last?.level === head;
    });
  }

  /** The last level. */
  async head() {
    return this.get("/global/tezos_level");
  }

  /** Payments of several people, one that fails, a withdrawal, a held deposit: something on every page. */
  async fill() {
    const pay = (...args) => this.toru("send", ...args, "--via", "node", "--yes");
    await pay("1250", "demo", "dev0", "dev1", "--memo", "rent for November");
    await pay("30", "demo", "dev2", "dev3");
    await this.mine();
    await pay("7", "demo", "dev1", "dev0", "--memo", "change");
    await this.toru("withdraw", "20", "demo", "--from", "dev2", "--to", "bootstrap1", "--via", "node", "--yes");
    await this.mine();
    // Through the batcher, signed together.
    await this.toru("send", "2", "demo", "dev1", "dev4", "--yes");
    // It is for nobody, so that it is held.
    await this.deposit("x".repeat(36), text("demo"));
    await this.mine();
  }

  /** Deposits five of a ticket of the sandbox's own ticketer, for an account of 36 characters. */
  async deposit(receiver, content) {
    const panel = await (await fetch(`${this.url}/control`)).text();
    const good = panel.match(/payload&#34;:&#34;([0-9a-f]+)/)[1];
    // Left (Pair receiver (Pair ticketer (Pair content amount))), in digits of Micheline.
    const [before, after] = [18, 90];
    const ticketer = good.slice(after, after + 58);
    const branch = content.isPair ? "05080505" : "0505";
    const payload = `${branch}0707${node("01", Buffer.from(receiver))}${ticketer}0707${content.micheline}0005`;
    if (!content.isPair) assert.equal(payload.slice(0, before), good.slice(0, before));
    const sender = panel.match(/sender&#34;:&#34;(KT1\w+)/)[1];
    const body = JSON.stringify({ payload, sender, source: "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU" });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${this.url}/dev/deposit`, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(await answer.text());
  }
}

/** A node of Micheline that has a length: its tag, and its bytes. */
function node(tag, bytes) {
  return tag + bytes.length.toString(16).padStart(8, "0") + bytes.toString("hex");
}

/** The content of a ticket that is a text. */
export function text(words) {
  return { isPair: false, micheline: node("01", Buffer.from(words)) };
}

/** The content of a ticket that has a number and what its bytes say, as JSON. */
export function facts(id, said) {
  const bytes = node("0a", Buffer.from(JSON.stringify(said)));
  return { isPair: true, micheline: `070700${id.toString(16).padStart(2, "0")}0509${bytes}` };
}

/** Waits until something holds. */
export async function until(what, holds) {
  const end = Date.now() + LONG_MS;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
