/** Random walks: a few connections between a few hosts, most of their packets in order, some not. */
import fc from "fast-check";
import { icmp, icmp6, icmpError, ip, sctp, tcp, udp } from "../../src/packet/index.js";
import type { Walk } from "./kernel.js";

const CLIENTS = [
  ["10.1.0.2", "203.0.113.10"],
  ["10.1.0.3", "203.0.113.10"],
  ["2001:db8:1::2", "2001:db8:2::10"],
] as const;

const ROUTERS = ["203.0.113.254", "2001:db8:2::254"] as const;

const FLAGS = [
  "SYN",
  "SYN,ACK",
  "ACK",
  "ACK,PSH",
  "FIN,ACK",
  "RST",
  "RST,ACK",
  "ACK,URG",
  "FIN",
  "NONE",
  "SYN,FIN",
];
const CHUNKS = [
  "INIT",
  "INIT_ACK",
  "COOKIE_ECHO",
  "COOKIE_ACK",
  "DATA",
  "SACK",
  "SHUTDOWN",
  "SHUTDOWN_ACK",
] as const;

const number = (min: number, max: number) => fc.integer({ min, max });

/** Mostly 0: the number that fits. */
const offBy = fc.oneof(
  { weight: 8, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.constantFrom(-1, 1, -1000, 1000, 70_000, -70_000, 0x7fffffff) },
);

const common = { host: number(0, CLIENTS.length - 1), port: number(0, 2), reply: fc.boolean() };

const segment = fc.record({
  ...common,
  kind: fc.constant("tcp" as const),
  flags: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...FLAGS.slice(0, 5)) },
    { weight: 2, arbitrary: fc.constantFrom(...FLAGS) },
  ),
  length: fc.constantFrom(0, 0, 1, 100, 1400),
  seq: offBy,
  ack: offBy,
  window: fc.constantFrom(65535, 65535, 0, 1, 500),
  scale: fc.option(number(0, 14), { nil: undefined }),
});

const other = fc.record({
  ...common,
  kind: fc.constantFrom("udp", "echo", "sctp", "gre", "unknown", "error"),
  chunk: fc.constantFrom(...CHUNKS),
  tag: fc.constantFrom(0, 7, 9),
  code: fc.constantFrom(0, 0, 0, 1),
  /** Of an error: how many packets ago the one was that it quotes. */
  ago: number(1, 5),
  error: fc.constantFrom("host-unreachable", "port-unreachable", "ttl-exceeded", "fragmentation-needed"),
});

type Segment = typeof segment extends fc.Arbitrary<infer T> ? T : never;
type Other = typeof other extends fc.Arbitrary<infer T> ? T : never;

export const walks: fc.Arbitrary<Walk> = fc
  .record({
    sysctl: fc.record(
      {
        nf_conntrack_tcp_loose: number(0, 1),
        nf_conntrack_tcp_be_liberal: number(0, 1),
        nf_conntrack_tcp_ignore_invalid_rst: number(0, 1),
        nf_conntrack_acct: number(0, 1),
        nf_conntrack_tcp_max_retrans: number(0, 3),
      },
      { requiredKeys: [] },
    ),
    packets: fc.array(
      fc.record({
        wait: fc.oneof(
          { weight: 100, arbitrary: fc.constant(0) },
          { weight: 1, arbitrary: fc.constant(2100) },
        ),
        what: fc.oneof({ weight: 3, arbitrary: segment }, { weight: 1, arbitrary: other }),
      }),
      { minLength: 1, maxLength: 40, size: "max" },
    ),
  })
  .map(({ sysctl, packets }) => {
    const builder = new Builder();
    return { sysctl, packets: packets.map(({ wait, what }) => ({ wait, in: builder.packet(what) })) };
  });

/** Knows which sequence numbers come next. */
class Builder {
  readonly #next = new Map<string, number>();
  readonly #sent: Uint8Array[] = [];

  packet(what: Segment | Other): string {
    const packet = what.kind === "tcp" ? this.#segment(what as Segment) : this.#other(what as Other);
    this.#sent.push(packet);
    return Buffer.from(packet).toString("hex");
  }

  #segment({ host, port, reply, flags, length, seq, ack, window, scale }: Segment): Uint8Array {
    const name = (side: boolean) => `${host} ${port} ${side}`;
    const next = this.#next.get(name(reply)) ?? (reply ? 5000 : 1000);
    const expected = this.#next.get(name(!reply)) ?? (reply ? 1000 : 5000);
    const opens = flags.includes("SYN");
    if (!seq) this.#next.set(name(reply), (next + length + Number(opens || flags.includes("FIN"))) >>> 0);
    return tcp({
      ...this.#ends(host, port, reply, 80),
      flags,
      seq: (next + seq) >>> 0,
      ack: flags.includes("ACK") ? (expected + ack) >>> 0 : 0,
      window,
      payload: new Uint8Array(length),
      ...(opens && scale !== undefined && { options: { windowScale: scale } }),
    });
  }

  #other({ kind, host, port, reply, chunk, tag, code, ago, error }: Other): Uint8Array {
    const { src, dst, sport, dport } = this.#ends(host, port, reply, 53);
    const quoted = this.#sent.at(-ago);
    if (kind === "error" && quoted)
      return icmpError(quoted, { src: ROUTERS[quoted[0]! >> 4 === 6 ? 1 : 0], error });
    if (kind === "echo") {
      const type = reply ? "echo-reply" : "echo-request";
      return (src.includes(":") ? icmp6 : icmp)({ src, dst, type, code, icmpId: port });
    }
    if (kind === "sctp") {
      const initiateTag = chunk.startsWith("INIT") ? { initiateTag: reply ? 7 : 9 } : {};
      return sctp({ src, dst, sport, dport, tag, chunks: [{ type: chunk, ...initiateTag }] });
    }
    if (kind === "gre") return ip({ src, dst, protocol: 47, payload: [0, 0, 8, 0, 1, 2, 3, 4] });
    if (kind === "unknown") return ip({ src, dst, protocol: 99, payload: "x" });
    return udp({ src, dst, sport, dport, payload: "x" });
  }

  #ends(host: number, port: number, reply: boolean, service: number) {
    const [client, server] = CLIENTS[host]!;
    const clientPort = 40_000 + port;
    return reply
      ? { src: server, dst: client, sport: service, dport: clientPort }
      : { src: client, dst: server, sport: clientPort, dport: service };
  }
}
