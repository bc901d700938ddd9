/** Values that callers give, checked: what a header has no room for is an error and not cut off. */
import { ConntrackError } from "../errors.js";

/** Text is sent as UTF-8. */
export type Payload = string | ArrayLike<number>;

const NO_BYTES = new Uint8Array(0);

/** A number that fits the header field. @throws ConntrackError CT_BAD_OPTION */
export function field(name: string, value: number, most: number, least = 0): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new ConntrackError(
    "CT_BAD_OPTION",
    `${name}: expected a whole number from ${least} to ${most}, got ${value}`,
  );
}

/** What a name stands for; numbers stand for themselves. @throws ConntrackError CT_BAD_OPTION */
export function named(
  name: string,
  value: string | number,
  names: Readonly<Record<string, number>>,
  most: number,
): number {
  if (typeof value === "number") return field(name, value, most);
  if (Object.hasOwn(names, value)) return names[value] as number;
  throw new ConntrackError("CT_BAD_OPTION", `${name}: unknown name ${JSON.stringify(value)}`);
}

export function payloadBytes(payload: Payload | undefined): Uint8Array {
  if (payload === undefined) return NO_BYTES;
  if (typeof payload === "string") return new TextEncoder().encode(payload);
  return payload instanceof Uint8Array ? payload : Uint8Array.from(payload);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
