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

test("a level that comes between a page and its stream is shown", async () => {
  const { page, faults, go, context } = await visitor(browser, sandbox);
  await page.route(
    "**/events?*",
    async (route) => {
      await sandbox.mine();
      await route.continue();
    },
    { times: 1 },
  );
  await go("/");
  await page.waitForSelector(`h1:has-text("${await sandbox.head()}")`);
  // So is one that comes while the page is being asked for again.
  await page.route(
    `${sandbox.url}/`,
    async (route) => {
      const response = await route.fetch();
      await sandbox.mine();
      await route.fulfill({ response });
    },
    { times: 1 },
  );
  const before = await sandbox.head();
  await sandbox.mine();
  await page.waitForSelector(`h1:has-text("${before + 2}")`);
  await context.close();
  assert.deepEqual(faults, []);
});

test("what somebody has selected stays, and the page follows once they are done", async () => {
  const { page, faults, go, context } = await visitor(browser, sandbox);
  await go("/");
  const before = await sandbox.head();
  const selects = () => getSelection().selectAllChildren(document.querySelector("#live h1"));
  await page.evaluate(selects);
  const told = page.waitForEvent("console", (message) => message.text() === "told");
  await page.evaluate(() => {
    new EventSource("/events").addEventListener("changed", () => console.log("told"));
  });
  await sandbox.mine();
  await told;
  assert.match(await page.textContent("#live h1"), new RegExp(`\\b${before}\\b`));
  await page.evaluate(() => getSelection().removeAllRanges());
  await page.waitForSelector(`h1:has-text("${before + 1}")`);
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
