// The code of README.md: whoever copies it has the right names and types.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { OWN_CODES } from "../src/error.js";

// This file runs as build/test/readme.test.js.
const package_ = new URL("../../", import.meta.url);
const path = (name: string) => fileURLToPath(new URL(name, package_));

test("every code of an error is thrown somewhere, and explained in the README", () => {
  const sources = readdirSync(path("src")).map((name) => readFileSync(path(`src/${name}`), "utf8"));
  const thrown = sources.flatMap((text) =>
    [...text.matchAll(/new ToruError\(\s*"([A-Z_]+)"/g)].map((one) => one[1] ?? ""),
  );
  assert.deepEqual([...new Set(thrown)].sort(), [...OWN_CODES].sort());
  const readme = readFileSync(path("README.md"), "utf8");
  const missing = OWN_CODES.filter((code) => !new RegExp(`^\\| .*\`${code}\`.* \\|`, "m").test(readme));
  assert.deepEqual(missing, []);
});

test("the code of the README has the types that it says", () => {
  const blocks = [...readFileSync(path("README.md"), "utf8").matchAll(/^```ts\n(.*?)^```/gms)].map(
    (one) => one[1] ?? "",
  );
  assert.ok(blocks.length >= 2, "the README has no code");
  mkdirSync(path("build/readme"), { recursive: true });
  writeFileSync(path("build/readme/readme.ts"), blocks.join("\n"));
  const config = {
    extends: "../../tsconfig.json",
    compilerOptions: { noEmit: true, rootDir: "../.." },
    include: [],
    files: ["readme.ts"],
  };
  writeFileSync(path("build/readme/tsconfig.json"), JSON.stringify(config));
  try {
    execFileSync(process.execPath, [path("node_modules/.bin/tsc"), "--project", path("build/readme")], {
      encoding: "utf8",
    });
  } catch (error) {
    assert.fail(String((error as { stdout?: unknown }).stdout));
  }
});
