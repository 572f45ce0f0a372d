// A program that a test starts is over when the test is, whatever the program does.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import test from "node:test";
import { Served } from "./served.js";

interface Said {
  readonly port: number;
}

const node = (code: string) => new Served<Said>(process.execPath, ["--eval", code]);
/** A program that answers at a port, and says at which. */
const SERVES = `require("node:net").createServer((one) => one.end()).listen(0, "127.0.0.1", function () {
  console.log(JSON.stringify({ port: this.address().port }));
});`;

/** Whether anybody answers there. */
async function isThere(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const found = new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  });
  return found.finally(() => socket.destroy());
}

test("it says its first line, and is gone once it is stopped", async () => {
  const one = node(SERVES);
  const { port } = await one.said;
  assert.ok(await isThere(port));
  await one.stop();
  assert.ok(!(await isThere(port)));
  await one.stop();
});

test("one that ends before it says anything is told, and there is nothing to stop", async () => {
  const one = node("process.exit(7)");
  await assert.rejects(one.said, /it ended with 7/);
  await one.stop();
});

test("one that says something else is told, and can be stopped", async () => {
  const one = node(`console.log("hello"); ${SERVES}`);
  await assert.rejects(one.said, SyntaxError);
  await one.stop();
});

test("one that does not want to end is ended", async () => {
  const one = node(`process.on("SIGINT", () => undefined); ${SERVES}`);
  const { port } = await one.said;
  await one.stop(50);
  assert.ok(!(await isThere(port)));
});

test("one that cannot be started is told", async () => {
  const one = new Served("/no/such/program", []);
  await assert.rejects(one.said, /ENOENT/);
  await one.stop();
});

for (const how of ["process.exit(0)", 'process.kill(process.pid, "SIGTERM")', 'throw new Error("on purpose")']) {
  test(`a process that ends early leaves nothing behind: ${how}`, async () => {
    const served = new URL("./served.js", import.meta.url).href;
    const outer = `
      const { Served } = await import(${JSON.stringify(served)});
      const one = new Served(process.execPath, ["--eval", ${JSON.stringify(SERVES)}]);
      console.log(JSON.stringify(await one.said));
      process.stdin.once("end", () => { ${how}; }).resume();`;
    const args = ["--input-type=module", "--eval", outer];
    const parent = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "ignore"] });
    const ended = once(parent, "exit");
    const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
    const { port } = JSON.parse(line) as Said;
    assert.ok(await isThere(port));
    parent.stdin.end();
    await ended;
    while (await isThere(port)) await new Promise((resolve) => setTimeout(resolve, 20));
  });
}
