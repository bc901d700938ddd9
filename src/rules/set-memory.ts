/** The sets of an engine: filled from what `ipset save` prints, found by name, listed again. */
import {
  ElementFlag,
  ElementRecord,
  IfaceFlag,
  SetFlag,
  SetKey,
  SetPart,
  SetRecord,
} from "../../assembly/shared/ipset-record.js";
import { Family } from "../../assembly/shared/protocol.js";
import type { Engine } from "../engine/engine.js";
import { ConntrackError } from "../errors.js";
import type { IpSet, SetElement, SetValue } from "../ipset/sets.js";
import { readElements } from "./set-elements.js";

const PARTS = {
  ip: SetPart.IP,
  net: SetPart.NET,
  port: SetPart.PORT,
  mac: SetPart.MAC,
  iface: SetPart.IFACE,
  mark: SetPart.MARK,
  set: SetPart.SET,
} as const;

const ALL = 0xffffffff;
const ADDRESS_BYTES = 16;

/** A set and where the engine has it. */
interface Placed {
  readonly set: IpSet;
  readonly address: number;
  /** Comments of elements, by the address of their entry: valid where that is flagged. */
  readonly comments: Map<number, string>;
}

export class SetMemory {
  readonly #engine: Engine;
  #sets = new Map<string, Placed>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Address of a set, 0 for none. */
  addressOf(name: string): number {
    return this.#sets.get(name)?.address ?? 0;
  }

  familyOf(name: string): IpSet["family"] {
    return this.#sets.get(name)?.set.family;
  }

  /**
   * Replaces all sets between two packets. Sets of the same name keep their place, so that rules go on with them.
   * @param inUse names of sets that rules ask for and that therefore have to be among the new ones
   * @throws ConntrackError CT_BAD_SET, CT_ENGINE when there is no memory
   */
  load(sets: readonly IpSet[], inUse: ReadonlySet<string>): void {
    const { call } = this.#engine;
    this.#engine.placed++;
    const names = new Set(sets.map(({ name }) => name));
    for (const name of inUse) {
      if (!names.has(name)) throw new ConntrackError("CT_BAD_SET", `set "${name}" is in use by rules`);
    }
    const placed = new Map<string, Placed>();
    for (const set of sets) {
      const address = this.addressOf(set.name) || call.createSet() >>> 0;
      this.#engine.refresh();
      if (!address) throw noMemory(set);
      call.clearSet(address);
      placed.set(set.name, { set, address, comments: new Map() });
    }
    for (const [name, { address }] of this.#sets) if (!names.has(name)) call.destroySet(address);
    this.#sets = placed;
    for (const { set, address } of placed.values()) this.#describe(set, address);
    for (const one of placed.values()) for (const element of one.set.elements) this.#add(one, element);
  }

  /** The sets as they are now. */
  save(): IpSet[] {
    const names = new Map([...this.#sets.values()].map(({ set, address }) => [address, set.name]));
    return [...this.#sets.values()].map(({ set, address, comments }) => ({
      ...set,
      elements: readElements(this.#engine, { set, address, comments, names }),
    }));
  }

  #describe(set: IpSet, address: number): void {
    const view = this.#view();
    set.parts.forEach((part, i) => {
      view.setUint8(address + SetRecord.PARTS + i, PARTS[part]);
    });
    view.setUint8(address + SetRecord.PART_COUNT, set.parts.length);
    const family = set.family === "ipv6" ? Family.IPV6 : Family.IPV4;
    view.setUint8(address + SetRecord.FAMILY, set.family ? family : 0);
    const flags =
      (set.timeout !== undefined ? SetFlag.TIMEOUTS : 0) |
      (set.counters ? SetFlag.COUNTERS : 0) |
      (set.skbinfo ? SetFlag.SKBINFO : 0) |
      (set.hash?.forceAdd ? SetFlag.FORCEADD : 0) |
      (set.method === "bitmap" ? SetFlag.BITMAP : 0);
    view.setUint8(address + SetRecord.FLAGS, flags);
    view.setUint32(address + SetRecord.MAX_ELEMENTS, set.hash?.maxElements ?? ALL, true);
    view.setUint32(address + SetRecord.TIMEOUT, set.timeout ?? 0, true);
    view.setUint32(address + SetRecord.MARK_MASK, set.markMask ?? ALL, true);
    view.setUint32(address + SetRecord.RANGE_MIN, set.range?.min ?? 0, true);
    view.setUint32(address + SetRecord.RANGE_MAX, set.range?.max ?? ALL, true);
    const mask = new Uint8Array(ADDRESS_BYTES).fill(0xff);
    if (set.mask) mask.fill(0).set(set.mask.bytes);
    this.#engine.u8.set(mask, address + SetRecord.MASK);
  }

  #add({ set, address, comments }: Placed, element: SetElement): void {
    const { call } = this.#engine;
    this.#engine.u8.set(this.#keyOf(element.values), call.elementKeyAddress());
    const entry = call.addSetElement(address, element.timeout ?? set.timeout ?? 0) >>> 0;
    this.#engine.refresh();
    if (!entry) throw noMemory(set);
    const view = this.#view();
    const anyMac = element.values.some(({ kind, ...value }) => kind === "mac" && !("address" in value));
    const flags =
      view.getUint8(entry + ElementRecord.FLAGS) |
      (element.nomatch ? ElementFlag.NOMATCH : 0) |
      (anyMac ? ElementFlag.ANY_MAC : 0) |
      (element.comment === undefined ? 0 : ElementFlag.COMMENTED);
    if (element.comment !== undefined) comments.set(entry, element.comment);
    view.setUint8(entry + ElementRecord.FLAGS, flags);
    view.setBigUint64(entry + ElementRecord.PACKETS, element.packets, true);
    view.setBigUint64(entry + ElementRecord.BYTES, element.bytes, true);
    view.setUint32(entry + ElementRecord.MARK, element.mark?.value ?? 0, true);
    view.setUint32(entry + ElementRecord.MARK_MASK, element.mark?.mask ?? 0, true);
    view.setUint32(entry + ElementRecord.PRIORITY, element.priority ?? 0, true);
    view.setUint32(entry + ElementRecord.QUEUE, element.queue ?? 0, true);
    if (set.method === "list") call.linkMember(address, entry);
  }

  /** The bytes by which the engine knows an element. */
  #keyOf(values: readonly SetValue[]): Uint8Array {
    const key = new Uint8Array(SetKey.SIZE);
    const view = new DataView(key.buffer);
    let addresses = 0;
    for (const value of values) {
      switch (value.kind) {
        case "ip":
        case "net":
          key.set(value.address, SetKey.ADDRESS + ADDRESS_BYTES * addresses);
          if (value.kind === "net") key[SetKey.PREFIX + addresses] = value.prefix;
          addresses++;
          break;
        case "port":
          view.setUint16(SetKey.PORT, value.port, true);
          key[SetKey.PROTOCOL] = value.protocol ?? 0;
          break;
        case "mac":
          key.set(value.address ?? [], SetKey.SECOND);
          break;
        case "iface":
          key.set(new TextEncoder().encode(value.name), SetKey.SECOND);
          key[SetKey.IFACE] =
            (value.prefix ? IfaceFlag.PREFIX : 0) | (value.physical ? IfaceFlag.PHYSICAL : 0);
          break;
        case "mark":
          view.setUint32(SetKey.SECOND, value.mark, true);
          break;
        case "set": {
          const member = this.addressOf(value.set);
          if (!member) throw new ConntrackError("CT_BAD_SET", `set "${value.set}" does not exist`);
          view.setUint32(SetKey.SECOND, member, true);
        }
      }
    }
    return key;
  }

  #view(): DataView {
    return new DataView(this.#engine.u8.buffer);
  }
}

function noMemory({ name }: IpSet): ConntrackError {
  return new ConntrackError("CT_ENGINE", `no memory for set "${name}"`);
}
