import { instantiate } from "@assemblyscript/loader";
import { loadModule } from "#engine-module";
import { ConntrackError } from "../errors.js";
import type { EngineExports } from "./exports.js";

let compiled: Promise<WebAssembly.Module> | undefined;

/** A fresh engine: its own memory, its own key. The module is compiled once. */
export async function instantiateEngine(): Promise<EngineExports> {
  try {
    compiled ??= loadModule();
    const { instance } = await instantiate(await compiled, {});
    return instance.exports as unknown as EngineExports;
  } catch (cause) {
    compiled = undefined;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ConntrackError("CT_ENGINE", `the engine module could not be instantiated: ${message}`);
  }
}
