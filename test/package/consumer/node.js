// The same code in Node, Deno and Bun.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Conntrack } from "conntrack-wasm/inline";
import { lines } from "./page.js";

console.log(await lines());
Conntrack.createSync();
const { version } = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve("conntrack-wasm/package.json"), "utf8"),
);
if (!/^\d/.test(version)) throw new Error(version);
