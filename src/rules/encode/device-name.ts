/** Names of devices as the engine compares them: 16 bytes, of which a pattern asks for the first few. */
import type { InterfacePattern } from "../values.js";

export const DEVICE_NAME = 16;

export interface DeviceName {
  /** Padded with zeros. */
  readonly bytes: Uint8Array;
  /** How many of them count. A whole name includes the zero that ends it. */
  readonly compared: number;
}

export function deviceName({ name, prefix }: InterfacePattern): DeviceName {
  const text = new TextEncoder().encode(name);
  const bytes = new Uint8Array(DEVICE_NAME);
  bytes.set(text);
  return { bytes, compared: Math.min(DEVICE_NAME, text.length + (prefix ? 0 : 1)) };
}
