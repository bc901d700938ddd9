/**
 * The slice of the public API that a replay drives, as it sees it. What a build of the package may still lack is
 * optional here: a scenario that needs a missing feature differs with that reason instead of failing to compile.
 */
import type { TimeoutPolicy } from "../../src/index.js";

export interface FlowTuple {
  src: string;
  dst: string;
  sport?: number | undefined;
  dport?: number | undefined;
  type?: number | undefined;
  code?: number | undefined;
  icmpId?: number | undefined;
  srckey?: number | undefined;
  dstkey?: number | undefined;
}

export interface TcpView {
  state: string;
  scale: readonly [number, number];
  flags: readonly [number, number];
}

export interface SctpView {
  state: string;
  vtag: readonly [number, number];
}

export interface Counters {
  original: { packets: number | bigint; bytes: number | bigint };
  reply: { packets: number | bigint; bytes: number | bigint };
}

/** What flows and events have in common. */
export interface FlowFacts {
  readonly protocolNumber: number;
  readonly original: FlowTuple;
  readonly reply: FlowTuple;
  readonly status: number;
  readonly timeout: number;
  readonly mark: number;
  readonly zone: number;
  readonly zoneDirection?: string | undefined;
  readonly tcp?: TcpView | undefined;
  readonly sctp?: SctpView | undefined;
  readonly counters?: Counters | undefined;
}

/** The flow whose helper announced another one. */
export interface MasterView {
  readonly protocolNumber: number;
  readonly original: FlowTuple;
}

export interface FlowView extends FlowFacts {
  readonly helper?: string | undefined;
  readonly master?: MasterView | undefined;
}

export interface EventView extends FlowFacts {
  readonly kind: string;
  readonly changes: readonly string[];
  readonly helper?: string | undefined;
  /** In the NEW event of an expected flow and in events of expectations. */
  readonly master?: MasterView | undefined;
  /** Only in EXP_NEW and EXP_DESTROY. */
  readonly expectation?: ExpectationView | undefined;
}

export interface ExpectationView {
  readonly tuple: FlowTuple;
  readonly mask: FlowTuple;
  readonly flags: number;
  readonly class: number;
}

/** The outcome of one packet, from `Conntrack.track()` or `Firewall.process()`. */
export interface PacketResult {
  readonly ctState?: string | undefined;
  readonly direction?: string | undefined;
  readonly verdict: string;
  readonly reason?: string | undefined;
  explain?(): string;
  /** As emitted: after reassembly and refragmentation, NAT, mangling. */
  readonly packets?: readonly Uint8Array[] | undefined;
  /** What reassembly made of fragments, if this packet completed any. */
  readonly datagram?: Uint8Array | undefined;
  // firewall only
  readonly mark?: number | undefined;
  readonly path?: readonly string[] | undefined;
  readonly out?: string | undefined;
  readonly replies?: readonly ReplyView[] | undefined;
}

export interface ReplyView {
  readonly packet: Uint8Array;
  readonly out?: string | undefined;
  readonly path: readonly string[];
}

export interface ConntrackLike {
  track(
    packet: Uint8Array,
    options: { time: number; confirm?: boolean; timeoutPolicy?: string },
  ): PacketResult;
  addTimeoutPolicy?(name: string, policy: object): void;
  flows(): Iterable<FlowView>;
  procNetNfConntrack(options?: { time?: number }): string;
  procNetNfConntrackExpect?(options?: { time?: number }): string;
  stats(): Record<string, number>;
  /** Each an EventView: the package tells events of flows and of expectations apart, a replay asks each field. */
  drainEvents(): readonly object[];
  drainLog?(): readonly { readonly prefix: string }[];
  sysctls(): Record<string, number>;
  getSysctl(name: string): number;
  setSysctl(name: string, value: number): void;
  flush(): number;
  delete(filter: FilterLike): number;
  update(filter: FilterLike, changes: { mark?: number; timeout?: number; status?: number }): number;
  insert?(flow: InsertLike): unknown;
  addHelper?(helper: HelperLike): unknown;
  flushExpectations?(): number;
}

export interface HelperLike {
  name: string;
  protocol: "tcp" | "udp";
  port: number;
}

/** A filter on flows: ports and addresses of the original direction, as the `conntrack` tool has them. */
export interface FilterLike {
  protocol?: string;
  src?: string;
  dst?: string;
  sport?: number;
  dport?: number;
  mark?: number;
  zone?: number;
}

export interface InsertLike {
  protocol: string;
  original: FlowTuple;
  reply?: FlowTuple;
  timeout: number;
  state?: string;
  vtag?: [number, number];
  status?: number;
  mark?: number;
  zone?: number;
}

export interface FirewallOptions {
  sysctl: Record<string, number>;
  interfaces: Record<string, string[]>;
  routes: { to: string; dev: string }[];
  ipset?: string;
  timeoutPolicies?: Record<string, TimeoutPolicy>;
  /** Largest packet per device, where it is not the usual one. */
  mtu?: Record<string, number>;
}

export interface FirewallLike {
  readonly conntrack: ConntrackLike;
  process(packet: Uint8Array, options: { time: number; in?: string; local?: boolean }): PacketResult;
  saveSets?(options?: { time?: number }): string;
  save(options: { counters: boolean }): { ipv4?: string; ipv6?: string };
}

/** The package's exports, as far as they concern a replay. */
export interface ConntrackModule {
  Conntrack: {
    create(options: { sysctl: Record<string, number>; hashSeed?: Uint8Array }): Promise<ConntrackLike>;
  };
  Firewall?: {
    fromIptablesSave(
      rules: { ipv4?: string; ipv6?: string },
      options: FirewallOptions,
    ): Promise<FirewallLike>;
  };
}

/** A scenario needs something that the API does not offer (yet). */
export class MissingFeature extends Error {}
