import base64 from "#engine-bytes";

/** The engine module out of the code itself. */
export function inlineModule(): WebAssembly.Module {
  return new WebAssembly.Module(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
}
