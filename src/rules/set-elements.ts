/** The elements of a set as the engine has them now. */
import {
  ElementFlag,
  ElementRecord,
  IfaceFlag,
  SetKey,
  SetRecord,
} from "../../assembly/shared/ipset-record.js";
import { TICKS_PER_SECOND } from "../../assembly/shared/ticks.js";
import type { Engine } from "../engine/engine.js";
import type { IpSet, SetElement, SetPart, SetValue } from "../ipset/sets.js";
import type { AddressBytes } from "./values.js";

/** A set in the engine. */
export interface SetPlace {
  readonly set: IpSet;
  readonly address: number;
  readonly comments: ReadonlyMap<number, string>;
  /** Names of sets by their addresses, for lists. */
  readonly names: ReadonlyMap<number, string>;
}

const ADDRESS_BYTES = 16;

/** Members of a list in their order; others by what they are, where Linux prints those of a hash in any order. */
export function readElements(engine: Engine, place: SetPlace): SetElement[] {
  const { set, address } = place;
  const view = new DataView(engine.u8.buffer);
  if (set.method === "list") {
    const found: SetElement[] = [];
    const first = view.getUint32(address + SetRecord.FIRST_MEMBER, true);
    for (let entry = first; entry; entry = view.getUint32(entry + ElementRecord.NEXT_MEMBER, true)) {
      const element = readElement(view, entry, engine.call.currentTick() >>> 0, place);
      if (element) found.push(element);
    }
    return found;
  }
  const found: { readonly key: string; readonly element: SetElement }[] = [];
  const tick = engine.call.currentTick() >>> 0;
  const next = (entry: number) => engine.call.nextElement(address, entry) >>> 0;
  for (let entry = next(0); entry; entry = next(entry)) {
    const element = readElement(view, entry, tick, place);
    if (element) found.push({ key: sortKey(view, entry + ElementRecord.KEY), element });
  }
  return found.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ element }) => element);
}

/** Undefined when its time is over. */
function readElement(view: DataView, entry: number, tick: number, place: SetPlace): SetElement | undefined {
  const { set, comments } = place;
  const flags = view.getUint8(entry + ElementRecord.FLAGS);
  const left = (view.getUint32(entry + ElementRecord.EXPIRES, true) - tick) | 0;
  const timed = (flags & ElementFlag.TIMED) !== 0;
  if (timed && left <= 0) return undefined;
  const comment = flags & ElementFlag.COMMENTED ? comments.get(entry) : undefined;
  const mark = {
    value: view.getUint32(entry + ElementRecord.MARK, true),
    mask: view.getUint32(entry + ElementRecord.MARK_MASK, true),
  };
  return {
    values: readValues(view, entry + ElementRecord.KEY, flags, place),
    nomatch: (flags & ElementFlag.NOMATCH) !== 0,
    // 0 means forever.
    ...(set.timeout !== undefined && {
      timeout: timed ? Math.max(1, Math.floor(left / TICKS_PER_SECOND)) : 0,
    }),
    packets: view.getBigUint64(entry + ElementRecord.PACKETS, true),
    bytes: view.getBigUint64(entry + ElementRecord.BYTES, true),
    ...(comment !== undefined && { comment }),
    ...((mark.value || mark.mask) && { mark }),
    priority: view.getUint32(entry + ElementRecord.PRIORITY, true),
    queue: view.getUint32(entry + ElementRecord.QUEUE, true),
    line: 0,
    column: 0,
  };
}

function readValues(view: DataView, key: number, flags: number, { set, names }: SetPlace): SetValue[] {
  const bytes = (at: number, length: number) => [...new Uint8Array(view.buffer, key + at, length)];
  let addresses = 0;
  const read = (part: SetPart): SetValue => {
    switch (part) {
      case "ip":
      case "net": {
        const i = addresses++;
        const length = set.family === "ipv6" ? ADDRESS_BYTES : 4;
        const address = bytes(SetKey.ADDRESS + ADDRESS_BYTES * i, length) as AddressBytes;
        return part === "ip"
          ? { kind: part, address }
          : { kind: part, address, prefix: view.getUint8(key + SetKey.PREFIX + i) };
      }
      case "port": {
        const port = view.getUint16(key + SetKey.PORT, true);
        if (set.method === "bitmap") return { kind: part, port };
        return { kind: part, protocol: view.getUint8(key + SetKey.PROTOCOL), port };
      }
      case "mac":
        return flags & ElementFlag.ANY_MAC
          ? { kind: part }
          : { kind: part, address: bytes(SetKey.SECOND, 6) };
      case "iface": {
        const name = new TextDecoder().decode(Uint8Array.from(bytes(SetKey.SECOND, ADDRESS_BYTES)));
        const kinds = view.getUint8(key + SetKey.IFACE);
        return {
          kind: part,
          name: name.replace(/\0.*$/s, ""),
          prefix: (kinds & IfaceFlag.PREFIX) !== 0,
          physical: (kinds & IfaceFlag.PHYSICAL) !== 0,
        };
      }
      case "mark":
        return { kind: part, mark: view.getUint32(key + SetKey.SECOND, true) };
      default:
        return { kind: part, set: names.get(view.getUint32(key + SetKey.SECOND, true)) ?? "" };
    }
  };
  return set.parts.map(read);
}

function sortKey(view: DataView, key: number): string {
  const bytes = [...new Uint8Array(view.buffer, key, SetKey.SIZE)];
  // The port lies in memory with its lower half first.
  [bytes[SetKey.PORT], bytes[SetKey.PORT + 1]] = [bytes[SetKey.PORT + 1]!, bytes[SetKey.PORT]!];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
