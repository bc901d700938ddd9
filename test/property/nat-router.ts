/** A router that translates, between a network inside (lan0) and one outside (wan0), and what is true of it always. */
import { Protocol } from "../../assembly/shared/protocol.js";
import { Engine } from "../../src/engine/engine.js";
import { Firewall, type FirewallOptions } from "../../src/firewall.js";
import type { FirewallResult } from "../../src/firewall-result.js";
import type { Flow, FlowTuple } from "../../src/flow.js";
import { type Dissection, dissect, icmp, icmp6, sctp, tcp, udp } from "../../src/packet/index.js";
import { wrongChecksums } from "./checksums.js";
import { seedBytes } from "./harness.js";

export const ADDRESSES = {
  ipv4: { inside: "10.1.0.", outside: "203.0.113.", own: "198.51.100.1" },
  ipv6: { inside: "2001:db8:1::", outside: "2001:db8:2::", own: "2001:db8:ffff::1" },
} as const;

export type Family = keyof typeof ADDRESSES;
export type Kind = "tcp" | "udp" | "sctp" | "icmp";

/** One packet's ends; for ICMP the port is the id, the destination port is not used. */
export interface Ends {
  readonly kind: Kind;
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
}

export class Router {
  readonly firewall: Firewall;
  readonly engine: Engine;
  time = 1000;

  private constructor(firewall: Firewall, engine: Engine) {
    this.firewall = firewall;
    this.engine = engine;
  }

  /** `rules`: those of the nat table, for both families. */
  static async create(
    rules: { readonly ipv4?: readonly string[]; readonly ipv6?: readonly string[] },
    options: FirewallOptions = {},
  ): Promise<Router> {
    const create = Engine.create;
    let engine: Engine | undefined;
    Engine.create = async (...args) => {
      engine = await create.apply(Engine, args);
      return engine;
    };
    try {
      const firewall = await Firewall.fromIptablesSave(
        { ipv4: natTable(rules.ipv4 ?? []), ipv6: natTable(rules.ipv6 ?? []) },
        {
          hashSeed: seedBytes(7),
          interfaces: {
            lan0: ["10.1.0.1/16", "2001:db8:1::1/64"],
            wan0: ["198.51.100.1/24", "2001:db8:ffff::1/64"],
          },
          routes: [{ to: "default", dev: "wan0" }],
          ...options,
        },
      );
      if (!engine) throw new Error("no engine was made");
      return new Router(firewall, engine);
    } finally {
      Engine.create = create;
    }
  }

  /** Takes a packet through; what leaves must have right checksums. */
  send(packet: Uint8Array, from: "lan0" | "wan0"): FirewallResult {
    const result = this.firewall.process(packet, { time: this.time, in: from });
    for (const left of result.packets) {
      const wrong = wrongChecksums(left);
      if (wrong.length > 0) throw new Error(`wrong checksum: ${wrong.join(", ")}`);
    }
    return result;
  }

  /** Throws when two flows of a zone share a tuple, or the index has not an entry for each. */
  checkTuples(): void {
    this.firewall.conntrack.expire({ time: this.time });
    const seen = new Set<string>();
    let entries = 0;
    for (const flow of this.firewall.conntrack.flows()) {
      const tuples = [flow.original, flow.reply].map((tuple) => `${flow.protocolNumber} ${textOf(tuple)}`);
      // Who talks to himself from one port has one.
      for (const tuple of new Set(tuples)) {
        if (seen.has(tuple)) throw new Error(`two flows have ${tuple}`);
        seen.add(tuple);
      }
      entries += isInverse(flow) ? 1 : 2;
    }
    const found = this.engine.call.countEntries();
    if (found !== entries) throw new Error(`${entries} entries expected in the index, ${found} found`);
  }
}

function natTable(rules: readonly string[]): string {
  const chains = ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"].map((name) => `:${name} ACCEPT [0:0]`);
  return ["*nat", ...chains, ...rules, "COMMIT", ""].join("\n");
}

function textOf({ src, dst, sport, dport, icmpId, type }: FlowTuple): string {
  return `${src}:${sport ?? icmpId} ${dst}:${dport ?? type}`;
}

/** Whether a flow's reply is its original turned round: then both are found under one hash. */
function isInverse({ original, reply }: Flow): boolean {
  return (
    original.src === reply.dst &&
    original.dst === reply.src &&
    original.sport === reply.dport &&
    original.dport === reply.sport &&
    original.icmpId === reply.icmpId
  );
}

/** A packet that opens a connection between these ends. */
export function opening({ kind, src, dst, sport, dport }: Ends, payload: Uint8Array): Uint8Array {
  const ports = { src, dst, sport, dport };
  switch (kind) {
    case "tcp":
      return tcp({ ...ports, flags: "SYN", seq: 1000, window: 65535, payload: "" });
    case "udp":
      return udp({ ...ports, payload });
    case "sctp":
      return sctp({ ...ports, chunks: [{ type: "INIT", initiateTag: 5 }] });
    case "icmp":
      return echo({ src, dst, icmpId: sport, payload }, "echo-request");
  }
}

/** The first answer to a packet that has left. */
export function answering(left: Uint8Array, payload: Uint8Array): Uint8Array {
  const { src, dst, sport = 0, dport = 0, protocol, icmp: message } = dissected(left);
  const ports = { src: dst, dst: src, sport: dport, dport: sport };
  switch (protocol) {
    case Protocol.TCP:
      return tcp({ ...ports, flags: "SYN,ACK", seq: 5000, ack: 1001, window: 65535 });
    case Protocol.UDP:
      return udp({ ...ports, payload });
    case Protocol.SCTP:
      return sctp({ ...ports, tag: 5, chunks: [{ type: "INIT_ACK", initiateTag: 6 }] });
    default:
      return echo({ src: dst, dst: src, icmpId: message?.icmpId ?? 0, payload }, "echo-reply");
  }
}

function echo(
  fields: { src: string; dst: string; icmpId: number; payload: Uint8Array },
  type: "echo-request" | "echo-reply",
): Uint8Array {
  return fields.src.includes(":") ? icmp6({ ...fields, type }) : icmp({ ...fields, type });
}

export function dissected(packet: Uint8Array): Dissection {
  const headers = dissect(packet);
  if (!headers) throw new Error("no IP packet");
  return headers;
}

/** The packet's ends in one line, for comparisons. */
export function endsText(packet: Uint8Array): string {
  const { src, dst, sport, dport, icmp: message } = dissected(packet);
  return `${src}:${sport ?? message?.icmpId} > ${dst}:${dport ?? ""}`;
}

/** The same of the answer. */
export function inverseText(packet: Uint8Array): string {
  const { src, dst, sport, dport, icmp: message } = dissected(packet);
  return message ? `${dst}:${message.icmpId} > ${src}:` : `${dst}:${dport} > ${src}:${sport}`;
}
