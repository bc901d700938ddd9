/** Files that are read whole. */
import { readFileSync } from "node:fs";
import { InputError } from "./fail.js";

/** `file`: a path, or "-" for standard input. @throws InputError */
export function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file === "-" ? 0 : file);
  } catch (error) {
    throw new InputError((error as Error).message);
  }
}

/** The same as text. */
export function readText(file: string): string {
  return new TextDecoder().decode(readBytes(file));
}
