/** A packet as rules see it at one place on its way, for explanations: what each match says it has seen. */
import type { CtState, Direction } from "../../assembly/shared/ct-state.js";
import { formatIp } from "../text/ip-address.js";
import { protocolName } from "../text/protocols.js";
import { words } from "./printers.js";
import type { HookName, RuleFamily } from "./ruleset.js";

/** One direction of a flow; ports only where the protocol has them. */
interface SeenTuple {
  readonly src: string;
  readonly dst: string;
  readonly sport?: number | undefined;
  readonly dport?: number | undefined;
}

/** The flow that rules take the packet to belong to. */
export interface SeenFlow {
  /** What `-j CT` has prepared, before there is a flow. */
  readonly template: boolean;
  readonly protocol: number;
  /** IPS_ bits. */
  readonly status: number;
  readonly mark: number;
  /** Whole seconds left. */
  readonly timeout: number;
  readonly original: SeenTuple;
  readonly reply: SeenTuple;
}

export interface SightFields {
  readonly family: RuleFamily;
  readonly hook: HookName;
  readonly protocol: number;
  readonly ctState: keyof typeof CtState;
  readonly direction: keyof typeof Direction;
  readonly flow: SeenFlow | undefined;
  readonly mark: number;
  readonly in: string | undefined;
  readonly out: string | undefined;
  /** Bytes of the packet, from the IP header on. */
  readonly length: number;
  /** The beginning of them. */
  readonly bytes: Uint8Array;
  /** Where the transport header begins. */
  readonly transport: number;
  readonly ethernet: Uint8Array | undefined;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Of packets of this machine. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

/** What the engine adds where the packet does not show it; which numbers these are each match knows. */
export interface Seen {
  readonly a: bigint;
  readonly b: bigint;
  /** Whether the match has held. */
  readonly matched: boolean;
}

export class Sight {
  readonly #view: DataView;

  constructor(readonly fields: SightFields) {
    const { bytes } = fields;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get source(): string {
    return this.#address(this.fields.family === "ipv4" ? 12 : 8);
  }

  get destination(): string {
    return this.#address(this.fields.family === "ipv4" ? 16 : 24);
  }

  #address(at: number): string {
    const { family, bytes } = this.fields;
    return formatIp([...bytes.subarray(at, at + (family === "ipv4" ? 4 : 16))]);
  }

  /** The byte at an offset; undefined where it is not known. */
  u8(at: number): number | undefined {
    return at < this.#view.byteLength ? this.#view.getUint8(at) : undefined;
  }

  u16(at: number): number | undefined {
    return at + 2 <= this.#view.byteLength ? this.#view.getUint16(at) : undefined;
  }

  u32(at: number): number | undefined {
    return at + 4 <= this.#view.byteLength ? this.#view.getUint32(at) : undefined;
  }

  /** A byte, or more, of the transport header. */
  transport8(at: number): number | undefined {
    return this.u8(this.fields.transport + at);
  }

  transport16(at: number): number | undefined {
    return this.u16(this.fields.transport + at);
  }

  transport32(at: number): number | undefined {
    return this.u32(this.fields.transport + at);
  }

  get sport(): number | undefined {
    return this.transport16(0);
  }

  get dport(): number | undefined {
    return this.transport16(2);
  }

  /** The byte of DSCP and ECN. */
  get tos(): number {
    const word = this.u16(0) ?? 0;
    return this.fields.family === "ipv4" ? word & 0xff : (word >> 4) & 0xff;
  }

  get hopLimit(): number {
    return this.u8(this.fields.family === "ipv4" ? 8 : 7) ?? 0;
  }

  /** Of IPv4: bytes in front of this fragment's. */
  get fragmentOffset(): number {
    return ((this.u16(6) ?? 0) & 0x1fff) * 8;
  }

  /** "source port 4000": of the ports that a match asks for. */
  ports(asked: { readonly sourcePort?: unknown; readonly destinationPort?: unknown }): string {
    return list(
      asked.sourcePort && `source port ${known(this.sport)}`,
      asked.destinationPort && `destination port ${known(this.dport)}`,
    );
  }
}

/** What is there, with commas. */
export function list(...parts: readonly unknown[]): string {
  return parts.filter((part) => typeof part === "string" && part !== "").join(", ");
}

/** For what a packet is too short for. */
export function known(value: string | number | undefined): string {
  return value === undefined ? "cut off" : `${value}`;
}

export function protocolText(number: number): string {
  return words("protocol", protocolName(number) ?? `${number}`);
}

/** "0.4", "12": one digit behind the point where it says something. */
export function ratio(a: bigint, b: bigint): string {
  return b === 0n ? "no end of" : `${Math.floor((Number(a) / Number(b)) * 10) / 10}`;
}
