import { instantiateSync } from "@assemblyscript/loader";
import { loadModule } from "#engine-module";
import { ConntrackError } from "../errors.js";
import type { EngineExports } from "./exports.js";

let loading: Promise<WebAssembly.Module> | undefined;
let compiled: WebAssembly.Module | undefined;

/** Makes all engines from this module from now on: none has to be loaded. */
export function useModule(module: WebAssembly.Module): void {
  compiled = module;
}

/** The module that engines are made from, loaded once. */
export async function engineModule(): Promise<WebAssembly.Module> {
  try {
    if (!compiled) {
      loading ??= loadModule();
      compiled = await loading;
    }
    return compiled;
  } catch (cause) {
    loading = undefined;
    throw failure(cause);
  }
}

/** A fresh engine: its own memory, its own key. */
export async function instantiateEngine(): Promise<EngineExports> {
  return instantiateModule(await engineModule());
}

/** The same at once. Needs the module to be there. */
export function instantiateEngineSync(): EngineExports {
  if (compiled) return instantiateModule(compiled);
  const message = "the engine is not loaded yet: import conntrack-wasm/inline, or await the first one";
  throw new ConntrackError("CT_ENGINE", message);
}

/** At once: the compiler has done its work, and the loader's other way makes Node load fetch(), which takes 30 ms. */
function instantiateModule(module: WebAssembly.Module): EngineExports {
  try {
    return instantiateSync(module, {}).instance.exports as unknown as EngineExports;
  } catch (cause) {
    throw failure(cause);
  }
}

function failure(cause: unknown): ConntrackError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ConntrackError("CT_ENGINE", `the engine module could not be instantiated: ${message}`);
}
