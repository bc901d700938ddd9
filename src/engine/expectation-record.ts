/** Reads and writes expectations in the engine's memory. */
import { ExpectationFlag } from "../../assembly/shared/expectation-flag.js";
import { Family, Protocol } from "../../assembly/shared/protocol.js";
import { ipv4Text, ipv6Text, parseAddressRange } from "../address.js";
import type { FlowTuple } from "../flow.js";
import type { Expect } from "../helpers/helper.js";
import type { Engine } from "./engine.js";

const PROTOCOLS = { tcp: Protocol.TCP, udp: Protocol.UDP, gre: Protocol.GRE } as const;

export class ExpectationRecord {
  readonly #engine: Engine;
  readonly #at: number;

  /** `at`: where its bytes are, in its place or in an event's copy. */
  constructor(engine: Engine, at: number) {
    this.#engine = engine;
    this.#at = at;
  }

  get id(): number {
    return this.#u32(this.#engine.layout.EXPECTATION_ID);
  }
  get family(): "ipv4" | "ipv6" {
    return this.#u8(this.#engine.layout.EXPECTATION_PROTOCOL + 1) === Family.IPV6 ? "ipv6" : "ipv4";
  }
  get protocol(): number {
    return this.#u8(this.#engine.layout.EXPECTATION_PROTOCOL);
  }
  get flags(): number {
    return this.#u8(this.#engine.layout.EXPECTATION_FLAGS);
  }
  get class(): number {
    return this.#u8(this.#engine.layout.EXPECTATION_POLICY);
  }
  get helper(): number {
    return this.#u16(this.#engine.layout.EXPECTATION_HELPER);
  }
  /** Number of the helper that the expected flow gets, 0 for none. */
  get childHelper(): number {
    return this.#u16(this.#engine.layout.EXPECTATION_HELPER + 2);
  }
  get deadline(): number {
    return this.#u32(this.#engine.layout.EXPECTATION_DEADLINE);
  }
  set deadline(tick: number) {
    this.#engine.u32[(this.#at + this.#engine.layout.EXPECTATION_DEADLINE) >>> 2] = tick;
  }
  get eitherEnd(): boolean {
    return this.#u8(this.#engine.layout.EXPECTATION_EITHER_END) !== 0;
  }
  get follow(): number {
    return this.#u8(this.#engine.layout.EXPECTATION_FOLLOW);
  }
  get followPort(): number {
    return this.#port(this.#engine.layout.EXPECTATION_FOLLOW_PORT);
  }
  get followAddress(): string {
    return this.#address(this.#engine.layout.EXPECTATION_FOLLOW_ADDRESS);
  }
  get zone(): number {
    return this.#u16(this.#engine.layout.EXPECTATION_ZONE);
  }
  /** Whole seconds left. */
  get timeout(): number {
    return this.#secondsTo(this.#engine.call.currentTick());
  }
  /** Whole seconds that were left at `time`, in the caller's milliseconds. */
  timeoutAt(time: number): number {
    const tick = Math.floor((time * this.#engine.layout.TICKS_PER_SECOND) / 1000);
    return this.#secondsTo(Number(BigInt.asIntN(32, BigInt(tick))));
  }
  #secondsTo(tick: number): number {
    const ticks = (this.#u32(this.#engine.layout.EXPECTATION_DEADLINE) - tick) | 0;
    return Math.floor(Math.max(0, ticks) / this.#engine.layout.TICKS_PER_SECOND);
  }
  get master(): { address: number; generation: number } {
    const at = this.#engine.layout.EXPECTATION_MASTER;
    return { address: this.#u32(at), generation: this.#u32(at + 4) };
  }
  get nextOfMaster(): number {
    return this.#u32(this.#engine.layout.EXPECTATION_NEXT_OF_MASTER);
  }
  get tuple(): FlowTuple {
    const { EXPECTATION_SOURCE, EXPECTATION_DESTINATION, EXPECTATION_PORTS } = this.#engine.layout;
    return this.#tuple(
      this.#address(EXPECTATION_SOURCE),
      this.#address(EXPECTATION_DESTINATION),
      this.#port(EXPECTATION_PORTS),
      this.#port(EXPECTATION_PORTS + 4),
    );
  }
  /** Where the expected flow is led, if elsewhere than it goes to. */
  get ledTo(): { address: string; port: number } | undefined {
    const { EXPECTATION_FOLLOW, EXPECTATION_FOLLOW_ADDRESS, EXPECTATION_FOLLOW_PORT } = this.#engine.layout;
    if (this.#u8(EXPECTATION_FOLLOW) === 0) return undefined;
    const [address, port] = [this.#address(EXPECTATION_FOLLOW_ADDRESS), this.#port(EXPECTATION_FOLLOW_PORT)];
    const { EXPECTATION_DESTINATION, EXPECTATION_PORTS } = this.#engine.layout;
    const same =
      address === this.#address(EXPECTATION_DESTINATION) && port === this.#port(EXPECTATION_PORTS + 4);
    const unspecified = address === "0.0.0.0" || address === "::";
    return same || unspecified ? undefined : { address, port };
  }
  /** The destination is always compared in full. */
  get mask(): FlowTuple {
    const { EXPECTATION_SOURCE_MASK, EXPECTATION_PORTS } = this.#engine.layout;
    const full = this.family === "ipv6" ? "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" : "255.255.255.255";
    return this.#tuple(
      this.#address(EXPECTATION_SOURCE_MASK),
      full,
      this.#port(EXPECTATION_PORTS + 2),
      0xffff,
    );
  }

  #tuple(src: string, dst: string, from: number, to: number): FlowTuple {
    if (this.protocol === Protocol.GRE) return { src, dst, srckey: from, dstkey: to };
    return { src, dst, sport: from, dport: to };
  }
  #address(offset: number): string {
    const { u8 } = this.#engine;
    return this.family === "ipv6" ? ipv6Text(u8, this.#at + offset) : ipv4Text(u8, this.#at + offset);
  }
  #port(offset: number): number {
    return (this.#u8(offset) << 8) | this.#u8(offset + 1);
  }
  #u8(offset: number): number {
    return this.#engine.u8[this.#at + offset] ?? 0;
  }
  #u16(offset: number): number {
    return this.#engine.u16[(this.#at + offset) >>> 1] ?? 0;
  }
  #u32(offset: number): number {
    return this.#engine.u32[(this.#at + offset) >>> 2] ?? 0;
  }
}

/** Who announces it. */
export interface Announcing {
  readonly zone: number;
  readonly master: number;
  readonly generation: number;
  readonly helper: number;
  readonly childHelper: number;
  /** Follow set: how the announced flow is translated. */
  readonly follow: number;
}

/**
 * Writes an expectation to where the engine adds it from.
 * @throws ConntrackError CT_BAD_OPTION for text that is no address
 */
export function writeWanted(engine: Engine, wanted: Expect, of: Announcing): void {
  const { layout, u8 } = engine;
  const at = engine.call.wantedAddress();
  u8.fill(0, at, at + layout.EXPECTATION_BYTES);
  const view = new DataView(u8.buffer, at, layout.EXPECTATION_BYTES);
  const destination = parseAddressRange(wanted.destination.address);
  u8.set(destination.address, at + layout.EXPECTATION_DESTINATION);
  view.setUint16(layout.EXPECTATION_PORTS + 4, wanted.destination.port, false);
  const { address, mask, port } = wanted.source ?? {};
  if (address !== undefined) {
    const source = parseAddressRange(address);
    u8.set(source.address, at + layout.EXPECTATION_SOURCE);
    const compared = mask === undefined ? source.mask : parseAddressRange(mask).address;
    u8.set(compared, at + layout.EXPECTATION_SOURCE_MASK);
  }
  if (port !== undefined) {
    view.setUint16(layout.EXPECTATION_PORTS, port, false);
    view.setUint16(layout.EXPECTATION_PORTS + 2, 0xffff, false);
  }
  view.setUint16(layout.EXPECTATION_ZONE, of.zone, true);
  view.setUint8(layout.EXPECTATION_PROTOCOL, PROTOCOLS[wanted.protocol]);
  view.setUint8(layout.EXPECTATION_PROTOCOL + 1, destination.family === "ipv6" ? Family.IPV6 : Family.IPV4);
  const flags =
    (wanted.permanent ? ExpectationFlag.PERMANENT : 0) | (wanted.inactive ? ExpectationFlag.INACTIVE : 0);
  view.setUint8(layout.EXPECTATION_FLAGS, flags);
  view.setUint8(layout.EXPECTATION_EITHER_END, wanted.eitherEnd ? 1 : 0);
  view.setUint8(layout.EXPECTATION_POLICY, wanted.class ?? 0);
  view.setUint16(layout.EXPECTATION_HELPER, of.helper, true);
  view.setUint16(layout.EXPECTATION_HELPER + 2, of.childHelper, true);
  view.setUint32(layout.EXPECTATION_MASTER, of.master, true);
  view.setUint32(layout.EXPECTATION_MASTER + 4, of.generation, true);
  if (!wanted.follow) return;
  view.setUint8(layout.EXPECTATION_FOLLOW, of.follow);
  view.setUint16(layout.EXPECTATION_FOLLOW_PORT, wanted.follow.port, false);
  const { address: to } = wanted.follow;
  if (to !== undefined) u8.set(parseAddressRange(to).address, at + layout.EXPECTATION_FOLLOW_ADDRESS);
}
