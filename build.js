// The engine goes where the compiled loaders expect it: beside themselves, as a file and as text.
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";

const engine = "src/engine/engine.wasm";
copyFileSync(engine, `dist/${engine}`);
const base64 = readFileSync(engine).toString("base64");
writeFileSync("dist/src/engine/engine-bytes.js", `export default "${base64}";\n`);
chmodSync("dist/src/cli/main.js", 0o755);
