// The engine goes where the compiled loader expects it: beside itself.
import { copyFileSync } from "node:fs";

copyFileSync("src/engine/engine.wasm", "dist/src/engine/engine.wasm");
