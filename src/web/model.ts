/** What the page and its worker say to each other. */
import type { ConntrackStats, CtStateName, DirectionName, FlowTuple, VerdictName } from "../index.js";

/** How a capture is to be tracked. */
export interface Settings {
  /** Those that differ from Linux's defaults. */
  readonly sysctl: Readonly<Record<string, number>>;
  /** Names of bundled helpers that are attached to their ports. */
  readonly helpers: readonly string[];
  /** Undefined: tracking alone. */
  readonly rules?: Rules | undefined;
}

export interface Rules {
  /** What iptables-save and ip6tables-save print; empty for no rules. */
  readonly ipv4: string;
  readonly ipv6: string;
  /** What `ipset save` prints; empty for no sets. */
  readonly ipset: string;
  /** See Machine. */
  readonly devices: string;
  readonly arrivals: string;
}

export const CT_STATES = ["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"] as const;

export interface ReasonCount {
  readonly reason: string;
  readonly packets: number;
  /** Of the first such packet: when, and in words why. */
  readonly time: number;
  readonly explanation: string;
  readonly ctState: CtStateName;
  readonly verdict: VerdictName;
}

/** Bins of equal width from the first packet on. */
export interface Timeline {
  /** Milliseconds since the Unix epoch, and milliseconds. */
  readonly start: number;
  readonly width: number;
  readonly bins: number;
  /** Packets in each bin, by ct state, and DROP. */
  readonly packets: Readonly<Record<string, readonly number[]>>;
  /** Flows in the table at the end of each bin, by "protocol STATE". */
  readonly flows: Readonly<Record<string, readonly number[]>>;
  /** Flows evicted so far, at the end of each bin. */
  readonly earlyDrops: readonly number[];
}

/** A capture, tracked from its first packet to its last. */
export interface Summary {
  readonly name: string;
  readonly bytes: number;
  readonly packets: number;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly states: Readonly<Record<CtStateName, number>>;
  readonly dropped: number;
  readonly rejected: number;
  readonly held: number;
  readonly notIp: number;
  readonly reasons: readonly ReasonCount[];
  readonly stats: ConntrackStats;
  readonly timeline: Timeline;
  /** The rules with what they counted, as iptables-save -c prints them. */
  readonly counted: { readonly ipv4?: string; readonly ipv6?: string } | undefined;
  /** What is wrong with the capture, from where on nothing could be read. */
  readonly error: string | undefined;
}

export const SORT_KEYS = ["none", "protocol", "timeout", "state", "src", "dst", "sport", "dport"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface TableQuery {
  /** See query.ts. */
  readonly filter: string;
  readonly sort: SortKey;
  readonly descending: boolean;
}

export interface TableInfo {
  /** Flows that match, and flows in the table. */
  readonly rows: number;
  readonly flows: number;
  /** Moment of the table. */
  readonly time: number;
  /** Packets tracked by then. */
  readonly packets: number;
}

export interface TableRow {
  readonly id: number;
  /** As /proc/net/nf_conntrack prints it. */
  readonly line: string;
}

/** A packet of a flow, and the flow as the packet left it. */
export interface PacketRecord {
  /** Position in the capture, from 1. */
  readonly number: number;
  readonly time: number;
  readonly direction: DirectionName | undefined;
  readonly ctState: CtStateName;
  readonly verdict: VerdictName;
  readonly reason: string | undefined;
  readonly explanation: string;
  readonly src: string;
  readonly dst: string;
  /** What the packet is: TCP flags, ICMP type, SCTP chunks ... */
  readonly kind: string;
  readonly seq: number | undefined;
  readonly ack: number | undefined;
  readonly window: number | undefined;
  /** Bytes of payload. */
  readonly length: number;
  readonly after: FlowMoment | undefined;
  /** Of a machine with rules: the one that decided, and where the packet leaves. */
  readonly rule: string | undefined;
  readonly out: string | undefined;
}

export interface FlowMoment {
  /** TCP or SCTP state; for others UNREPLIED, REPLIED or ASSURED. */
  readonly state: string;
  /** Seconds left. */
  readonly timeout: number;
  readonly seenReply: boolean;
  readonly assured: boolean;
  readonly line: string;
}

export interface Life {
  readonly id: number;
  readonly protocol: string;
  readonly protocolNumber: number;
  readonly original: FlowTuple;
  readonly reply: FlowTuple;
  readonly helper: string | undefined;
  /** The first of them, at most MOST_LIFE_PACKETS. */
  readonly packets: readonly PacketRecord[];
  readonly total: number;
  /** How it ended within the capture. */
  readonly end: { readonly time: number; readonly why: "timeout" | "packet" | "evicted" } | undefined;
}

export const MOST_LIFE_PACKETS = 5000;

export interface Progress {
  readonly what: "track" | "seek" | "life" | "sort" | "export";
  /** 0 to 1. */
  readonly done: number;
}
