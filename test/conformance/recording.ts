/**
 * What a recording of the Linux kernel's connection tracking holds: a header line, then one scenario per line.
 * Keys that are absent in a line mean "none", "not recorded" or the kernel's default.
 */
import type { TimeoutPolicy } from "../../src/index.js";

/** First line of a recording. */
export interface RecordingHeader {
  format: string;
  version: number;
  kernel?: string;
  source?: string;
  /** Devices with their addresses, and the device of the default route, per value of a scenario's `topo`. */
  topo?: Record<string, Topology>;
}

export interface Topology {
  dev: Record<string, string[]>;
  default: string;
}

export interface Scenario {
  name: string;
  note?: string;
  sysctl?: Record<string, number>;
  /** nft ruleset in force, beside the observation points. */
  rules?: string;
  /** iptables-save text per IP version: the scenario runs in firewall mode. */
  iptables?: Partial<Record<"4" | "6", string>>;
  iptables_after?: Partial<Record<"4" | "6", string>>;
  ipset?: string;
  topo?: string;
  /** Further `ip` commands of the set-up. */
  setup?: string[];
  max?: number;
  buckets?: number;
  /** A timeout policy that all packets of its protocol had from `-j CT --timeout`. */
  timeouts?: { protocol: string; timeouts: Record<string, number> };
  /** Timeout policies by name, for `-j CT --timeout`. */
  timeoutPolicies?: Record<string, TimeoutPolicy>;
  steps: Step[];
  stat?: Record<string, number>;
}

export interface Step {
  i: number;
  /** Microseconds since the scenario's start. */
  t?: number;
  note?: string;
  /** The packet, hex, from its IP header on. */
  in?: string;
  cmd?: string;
  cmd_out?: string;
  sysctl?: Record<string, number>;
  iif?: string;
  ct?: string;
  dir?: string;
  ct2?: string;
  fate?: string;
  drop?: string;
  path?: string[];
  oif?: string;
  mark?: number;
  out?: string[];
  pre?: string;
  replies?: RecordedReply[];
  why?: string[];
  table?: string[];
  ctnl?: (NetlinkFlow | null)[];
  expect?: string[];
  ev?: RecordedEvent[];
}

/** What a REJECT sent. */
export interface RecordedReply {
  gen: string;
  out?: string[];
  ct?: string;
  dir?: string;
  path?: string[];
  fate?: string;
  oif?: string;
  mark?: number;
}

/** An entry as ctnetlink shows it. Tuples are `PROTO SRC [SPORT] DST [DPORT]`. */
export interface NetlinkFlow {
  orig: string;
  reply: string;
  status: number;
  timeout?: number;
  mark?: number;
  zone?: number;
  tcp?: { state: string; ws?: [number, number]; fl?: [number, number] };
  sctp?: { state: string; vtag?: [number, number] };
  helper?: string;
  master?: string;
  /** [packets, bytes] */
  acct_o?: [number, number];
  acct_r?: [number, number];
}

export interface RecordedFlowEvent extends NetlinkFlow {
  ev: "NEW" | "UPDATE" | "DESTROY";
}

export interface RecordedExpectEvent {
  ev: "EXP_NEW" | "EXP_DESTROY";
  master: string;
  tuple: string;
  mask: string;
  timeout?: number;
  flags: number;
  class: number;
  helper?: string;
}

export type RecordedEvent = RecordedFlowEvent | RecordedExpectEvent;

export interface Recording {
  header: RecordingHeader;
  scenarios: AsyncIterable<Scenario>;
}

const FORMAT = "kernel-ct-trace";

/** Reads a recording from its bytes as they arrive, plain or gzip; holds one line at a time. */
export async function readRecording(bytes: ReadableStream<Uint8Array>): Promise<Recording> {
  const lines = readLines(await unpack(bytes));
  const first = await lines.next();
  const header = first.done ? undefined : (JSON.parse(first.value) as RecordingHeader);
  if (header?.format !== FORMAT || header.version !== 1) {
    throw new Error(`not a recording: the first line lacks "format":"${FORMAT}","version":1`);
  }
  return { header, scenarios: parseScenarios(lines) };
}

/** Goes by the content: a web server may have unpacked the file on the way. */
async function unpack(bytes: ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  const reader = bytes.getReader();
  let next = await reader.read();
  const gzip = next.value?.[0] === 0x1f && next.value[1] === 0x8b;
  const whole = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (next.done) return controller.close();
      controller.enqueue(next.value);
      next = await reader.read();
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return gzip ? whole.pipeThrough(gunzip()) : whole;
}

/** The stream types of the platforms differ in how they spell "bytes"; what flows is the same. */
function gunzip(): ReadableWritablePair<Uint8Array, Uint8Array> {
  return new DecompressionStream("gzip") as unknown as ReadableWritablePair<Uint8Array, Uint8Array>;
}

async function* parseScenarios(lines: AsyncIterable<string>): AsyncIterable<Scenario> {
  for await (const line of lines) yield JSON.parse(line) as Scenario;
}

async function* readLines(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const reader = bytes.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    const parts = (done ? decoder.decode() : decoder.decode(value, { stream: true })).split("\n");
    parts[0] = rest + parts[0];
    rest = parts.pop()!;
    for (const line of parts) if (line !== "") yield line;
    if (done) break;
  }
  if (rest !== "") yield rest;
}

/** `tcp/open/refused` belongs to `tcp`; the translated and the rule sets are grouped one level deeper. */
export function groupOf(name: string): string {
  const parts = name.split("/");
  const depth = parts[0] === "ipt" || parts[0] === "rules" ? 2 : 1;
  return parts.slice(0, depth).join("/");
}

export function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

export function toHex(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}
