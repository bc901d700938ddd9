/** Shows the helper of a translated flow damaged and random payloads, and looks at the packets that leave. */
import { expect } from "vitest";
import { Conntrack } from "../../src/conntrack.js";
import { Firewall } from "../../src/firewall.js";
import { dissect, tcp, udp } from "../../src/packet/index.js";
import { masqueradeWith, NETWORK, OUTSIDE } from "../unit/helpers/masquerade.js";
import { CLIENT, SERVER } from "../unit/helpers/packets.js";
import { seededRandom } from "../unit/pcap/collect.js";
import { anyPayload, type HelperFuzz } from "./helper-payloads.js";

const SEED = 0x5eed;
const PAYLOADS = 800;
/** A new connection after so many payloads. */
const PER_CONNECTION = 25;
const MACHINE = { ...NETWORK, mtu: { lan0: 65535, wan0: 65535 } };

/** One end of a connection: what it has sent and what has come, on its side of the machine. */
class End {
  readonly device: string;
  readonly ends: { src: string; dst: string; sport: number; dport: number };
  sent: number;
  received = 0;
  /** Sees the packets on this side. */
  readonly #witness: Conntrack;

  constructor(device: string, ends: End["ends"], first: number, witness: Conntrack) {
    this.device = device;
    this.ends = ends;
    this.sent = first;
    this.#witness = witness;
  }

  send(protocol: "tcp" | "udp", payload: Uint8Array, flags = "ACK"): Uint8Array {
    const seq = this.sent >>> 0;
    const packet =
      protocol === "udp"
        ? udp({ ...this.ends, payload })
        : tcp({ ...this.ends, flags, seq, ack: flags === "SYN" ? 0 : this.received >>> 0, payload });
    this.sent += payload.length + (flags.includes("SYN") ? 1 : 0);
    this.#look(packet);
    return packet;
  }

  receive(packet: Uint8Array): void {
    this.#look(packet);
    const { tcp: header, at } = dissect(packet) ?? {};
    if (!header || !at) return;
    this.received = header.seq + at.end - at.payload + (header.flags.includes("SYN") ? 1 : 0);
  }

  #look(packet: Uint8Array): void {
    const { ctState, reason } = this.#witness.track(packet, { time: 0 });
    expect(ctState, reason).not.toBe("INVALID");
  }
}

const NOTHING = new Uint8Array();

/** Packets that leave are such that each side sees a sound connection, with right checksums and sequence numbers. */
export async function fuzzTranslated(fuzz: HelperFuzz): Promise<void> {
  const random = seededRandom(SEED);
  const { protocol, port } = fuzz;
  const ipv4 = masqueradeWith(fuzz.name, fuzz.protocol, fuzz.port);
  const firewall = await Firewall.fromIptablesSave({ ipv4 }, MACHINE);
  const [inside, outside] = [await Conntrack.create(), await Conntrack.create()];
  let ends: readonly [client: End, server: End] | undefined;
  let changed = 0;
  /** False when the packet was dropped. */
  const pass = (from: End, to: End, packet: Uint8Array): boolean => {
    const [out] = firewall.process(packet, { time: 0, in: from.device }).packets;
    if (!out) return false;
    const [before, after] = [packet, out].map((one) => one.subarray(dissect(one)?.at.payload));
    if (Buffer.compare(before!, after!) !== 0) changed++;
    to.receive(out);
    return true;
  };
  for (let n = 0; n < PAYLOADS; n++) {
    if (n % PER_CONNECTION === 0) {
      for (const tracker of [firewall.conntrack, inside, outside]) tracker.flush();
      const sport = 1024 + n;
      const client = new End("lan0", { src: CLIENT, dst: SERVER, sport, dport: port }, 1000, inside);
      const server = new End("wan0", { src: SERVER, dst: OUTSIDE, sport: port, dport: sport }, 5000, outside);
      pass(client, server, client.send(protocol, NOTHING, "SYN"));
      pass(server, client, server.send(protocol, NOTHING, "SYN,ACK"));
      pass(client, server, client.send(protocol, NOTHING));
      ends = [client, server];
    }
    const [client, server] = ends!;
    const fromClient = random(2) === 0;
    const [from, to] = fromClient ? [client, server] : [server, client];
    const { sent } = from;
    // What the helper refused has to come again.
    if (!pass(from, to, from.send(protocol, anyPayload(fuzz, fromClient, random)))) from.sent = sent;
    pass(to, from, to.send(protocol, NOTHING));
  }
  expect(firewall.conntrack.takeHelperFailures()).toEqual([]);
  // Helpers got far enough, often enough, for the run to mean something.
  expect(changed).toBeGreaterThan(PAYLOADS / 100);
}
