// A program that serves until it is stopped, and that never outlives the test.

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const GRACE_MS = 60_000;
/** What ends a process without its exit handlers, unless somebody listens. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
/** Programs that have not ended yet. Nobody stops them if the test's own process ends early. */
const running = new Set<ChildProcess>();

process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const [signal, code] of Object.entries(SIGNALS)) process.once(signal, () => process.exit(code));

export class Served<T> {
  readonly #child: ChildProcess;
  /** Fulfilled once it has ended, however that was. */
  readonly #ended: Promise<string>;
  /** The first line that it prints. Fails if it ends before, cannot be started, or prints something else. */
  readonly said: Promise<T>;

  constructor(program: string, args: readonly string[]) {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signal) => resolve(`it ended with ${code ?? signal}`));
    });
    running.add(child);
    void this.#ended.then(() => running.delete(child));
    this.said = this.#first(`${program} ${args.join(" ")}`);
    // Whoever awaits it is told; without anybody it is no reason to end the process.
    this.said.catch(() => undefined);
  }

  async #first(what: string): Promise<T> {
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    const line = once(lines, "line") as Promise<[string]>;
    const found = await Promise.race([line, this.#ended]);
    if (typeof found === "string") throw new Error(`${what}: ${found}`);
    return JSON.parse(found[0]) as T;
  }

  /** Asks it to end, and ends it if it does not. */
  async stop(graceMs = GRACE_MS): Promise<void> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), graceMs);
    this.#child.kill("SIGINT");
    await this.#ended;
    clearTimeout(timer);
  }
}
