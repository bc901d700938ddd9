import { readFile } from "node:fs/promises";

/** The compiled engine module, read from beside this file. */
export async function loadModule(): Promise<WebAssembly.Module> {
  const bytes = await readFile(new URL("./engine.wasm", import.meta.url));
  return WebAssembly.compile(bytes);
}
