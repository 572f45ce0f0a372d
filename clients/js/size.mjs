// Prints what the package adds to a web page: everything in it and in what it depends on, minified, and as gzip.

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** More than this is too much for a page that only wants to pay. */
const GZIP_BYTES_MAX = 60_000;

const entry = fileURLToPath(new URL("src/index.ts", import.meta.url));
const options = { bundle: true, minify: true, format: "esm", platform: "browser", target: "es2022", write: false };
const { outputFiles, metafile } = await build({ ...options, entryPoints: [entry], metafile: true });
const [{ contents }] = outputFiles;
const [{ inputs }] = Object.values(metafile.outputs);
const own = Object.entries(inputs).reduce(
  (sum, [path, part]) => sum + (path.startsWith("src/") ? part.bytesInOutput : 0),
  0,
);
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const packed = gzipSync(contents, { level: 9 }).length;
console.log(`bundled: ${kB(contents.length)} minified, ${kB(packed)} as gzip`);
console.log(`of it our own code: ${kB(own)} minified`);
if (packed > GZIP_BYTES_MAX) {
  console.error(`error: ${packed} bytes as gzip (at most ${GZIP_BYTES_MAX})`);
  process.exitCode = 1;
}
