/** What the conntrack tool's forms share: a flow with all that they print of it, and how the tool names things. */
import ipaddr from "ipaddr.js";
import { Protocol } from "../../assembly/shared/protocol.js";
import { type Address, addressText } from "../address.js";
import type { FlowInfo } from "../flow.js";

/** A flow of the table. What is undefined is not printed. */
export interface ListedFlow extends FlowInfo {
  readonly helper?: string | undefined;
}

export type EventKind = "NEW" | "UPDATE" | "DESTROY";

/** A flow as it was when something happened to it. */
export interface ListedEvent extends Omit<ListedFlow, "use"> {
  readonly kind: EventKind;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** What changed, under the names of `CT --ctevents`. */
  readonly changes: readonly string[];
}

/** `-o` of the conntrack tool. */
export interface ConntrackOptions {
  /** The address family in front. */
  readonly extended?: boolean;
  readonly id?: boolean;
  /** When flows began and ended, as ctime(3) writes it: needs nf_conntrack_timestamp. */
  readonly ktimestamp?: boolean;
  /** Events only: when it happened. */
  readonly timestamp?: boolean;
  /** Names of labels by number, as connlabel.conf(5) has them; labels without a name are not printed. */
  readonly labels?: ReadonlyMap<number, string>;
}

const DCCP = 33;

/** The tool has names of its own: DCCP has one although today's kernels do not track it. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [Protocol.ICMP, "icmp"],
  [Protocol.TCP, "tcp"],
  [Protocol.UDP, "udp"],
  [DCCP, "dccp"],
  [Protocol.GRE, "gre"],
  [Protocol.ICMPV6, "icmpv6"],
  [Protocol.SCTP, "sctp"],
  [Protocol.UDPLITE, "udplite"],
]);

/** Undefined for a protocol without a name. */
export function toolProtocol(number: number): string | undefined {
  return NAMES.get(number);
}

/** Ports of one direction; DCCP has them printed although nobody looks at them. */
export function portsOf(
  protocol: number,
  { sport, dport }: { readonly sport?: number | undefined; readonly dport?: number | undefined },
): { sport: number; dport: number } | undefined {
  if (protocol === DCCP) return { sport: 0, dport: 0 };
  return sport === undefined ? undefined : { sport, dport: dport ?? 0 };
}

export function isDccp(protocol: number): boolean {
  return protocol === DCCP;
}

/** As inet_ntop(3) writes addresses: IPv4 in the last 32 bits of IPv6 ones is dotted. */
export function toolAddress(address: Address): string {
  const text = addressText(address);
  if (!text.startsWith("::")) return text;
  const { parts } = ipaddr.IPv6.parse(text);
  const zeros = parts.findIndex((part) => part !== 0);
  const mapped = zeros === 5 && parts[5] === 0xffff;
  if (zeros !== 6 && !mapped) return text;
  const [high = 0, low = 0] = parts.slice(6);
  return `::${mapped ? "ffff:" : ""}${high >>> 8}.${high & 255}.${low >>> 8}.${low & 255}`;
}

export function labelNames(flow: Pick<ListedFlow, "labels">, names: ReadonlyMap<number, string>): string[] {
  return flow.labels.flatMap((label) => names.get(label) ?? []);
}

/** Events tell of a mark when it is set or has changed. */
export function tellsMark(event: ListedEvent): boolean {
  return event.mark !== 0 || event.changes.includes("mark");
}

/** Events tell of labels when they have changed. */
export function tellsLabels(event: ListedEvent): boolean {
  return event.kind !== "DESTROY" && event.changes.includes("label");
}

/** Events tell of a state when it has changed; that of a flow's end always. */
export function tellsState(event: ListedEvent): boolean {
  return event.kind === "DESTROY" || event.changes.includes("protoinfo");
}
