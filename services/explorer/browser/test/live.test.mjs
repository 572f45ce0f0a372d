// An open page changes with the chain: new levels come, and what is taken back goes.
import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";
import { launch, visitor } from "../lib/browser.mjs";
import { Sandbox } from "../lib/sandbox.mjs";

let sandbox;
let browser;

before(async () => {
  sandbox = await Sandbox.start();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await sandbox?.end();
});

test("an open page shows new levels without being asked for again", async () => {
  const { page, faults, go, context } = await visitor(browser, sandbox);
  await go("/");
  const loads = [];
  page.on("load", () => loads.push("again"));
  for (let round = 0; round < 3; round++) {
    await sandbox.mine();
    await page.waitForSelector(`h1:has-text("${await sandbox.head()}")`);
  }
  assert.deepEqual(loads, []);
  await context.close();
  assert.deepEqual(faults, []);
});

test("a revert under an open page takes back what it shows", async () => {
  const { page, faults, go, context } = await visitor(browser, sandbox);
  await sandbox.toru("dev", "snapshot", "before");
  const before = await sandbox.head();
  await sandbox.toru("send", "5", "demo", "dev0", "dev1", "--memo", "soon gone", "--via", "node", "--yes");
  await sandbox.mine();
  const level = await sandbox.head();
  const account = JSON.parse(await sandbox.toru("balance", "dev0", "--json")).account;
  const open = [
    { path: "/", shows: `h1:has-text("${before}")` },
    { path: `/account/${account}`, gone: "soon gone" },
    { path: `/level/${level}`, shows: "h1:has-text('404')" },
  ];
  for (const one of open) {
    one.visit = one === open[0] ? { page, go } : await visitor(browser, sandbox);
    await one.visit.go(one.path);
    if (one.gone) await one.visit.page.waitForSelector(`text=${one.gone}`);
  }
  await sandbox.toru("dev", "revert", "before");
  for (const { visit, shows, gone } of open) {
    if (shows) await visit.page.waitForSelector(shows);
    if (gone) await visit.page.waitForSelector(`text=${gone}`, { state: "detached" });
    await visit.context?.close();
  }
  await context.close();
  assert.deepEqual(faults, []);
});
