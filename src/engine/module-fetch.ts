/** The compiled engine module, fetched from beside this file. */
export async function loadModule(): Promise<WebAssembly.Module> {
  const response = await fetch(new URL("./engine.wasm", import.meta.url));
  if (!response.ok) throw new Error(`engine.wasm: HTTP ${response.status}`);
  return WebAssembly.compile(await response.arrayBuffer());
}
