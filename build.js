// The engine goes where the compiled loader expects it: beside itself.
import { chmodSync, copyFileSync } from "node:fs";

copyFileSync("src/engine/engine.wasm", "dist/src/engine/engine.wasm");
chmodSync("dist/src/cli/main.js", 0o755);
