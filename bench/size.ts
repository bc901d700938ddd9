import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Options } from "./options.js";
import type { Row } from "./rows.js";

/** What a browser has to load of the engine. */
export async function* size(_: Options): AsyncGenerator<Row> {
  const engine = readFileSync(new URL("../dist/src/engine/engine.wasm", import.meta.url));
  const value = gzipSync(engine, { level: 9 }).length;
  yield { workload: "size", flows: 0, value, unit: "bytes, gzip", floor: null, jsMap: null, spread: {} };
}
