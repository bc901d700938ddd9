import { Conntrack, type Helper, type TrackResult } from "../../../src/index.js";
import { ACK, CLIENT, type Ends, FIN, latin1, RST, SERVER, SYN, tcp } from "./packets.js";

export async function trackerWith(
  ...helpers: readonly ({ name: string; protocol?: "tcp" | "udp"; port?: number } | Helper)[]
): Promise<Conntrack> {
  const conntrack = await Conntrack.create({ sysctl: { nf_conntrack_checksum: 0 } });
  for (const helper of helpers) conntrack.addHelper(helper);
  return conntrack;
}

/** Lines of the listing of expectations without their seconds, newest or not: in the order of their text. */
export function announced(conntrack: Conntrack): string[] {
  const lines = conntrack.procNetNfConntrackExpect().split("\n");
  return lines
    .filter((line) => line !== "")
    .map((line) => line.slice(line.indexOf(" ") + 1))
    .sort();
}

/** A TCP connection, seen from between its ends. */
export class Session {
  readonly #conntrack: Conntrack;
  readonly #forth: Ends;
  readonly #back: Ends;
  #clientSeq = 1000;
  #serverSeq = 5000;

  constructor(
    conntrack: Conntrack,
    { client = CLIENT, server = SERVER, clientPort = 40000, serverPort = 21 } = {},
  ) {
    this.#conntrack = conntrack;
    this.#forth = { src: client, dst: server, sport: clientPort, dport: serverPort };
    this.#back = { src: server, dst: client, sport: serverPort, dport: clientPort };
    this.#track(tcp(this.#forth, { flags: SYN, seq: this.#clientSeq++ }));
    this.#track(tcp(this.#back, { flags: SYN | ACK, seq: this.#serverSeq++, ack: this.#clientSeq }));
    this.#track(tcp(this.#forth, { flags: ACK, seq: this.#clientSeq, ack: this.#serverSeq }));
  }

  #track(packet: Uint8Array, wireLength = packet.length): TrackResult {
    return this.#conntrack.track(packet, { time: 0, wireLength });
  }

  /** A segment of the client. `captured`: bytes of it that the capture kept. */
  client(data: string | Uint8Array, captured?: number): TrackResult {
    const payload = typeof data === "string" ? latin1(data) : data;
    const packet = tcp(this.#forth, { flags: ACK, seq: this.#clientSeq, ack: this.#serverSeq, payload });
    this.#clientSeq += payload.length;
    const cut = captured === undefined ? 0 : payload.length - captured;
    return this.#track(packet.subarray(0, packet.length - cut), packet.length);
  }

  server(data: string | Uint8Array): TrackResult {
    const payload = typeof data === "string" ? latin1(data) : data;
    const packet = tcp(this.#back, { flags: ACK, seq: this.#serverSeq, ack: this.#clientSeq, payload });
    this.#serverSeq += payload.length;
    return this.#track(packet);
  }

  reset(): void {
    this.#track(tcp(this.#forth, { flags: RST | ACK, seq: this.#clientSeq, ack: this.#serverSeq }));
  }

  close(): void {
    this.#track(tcp(this.#forth, { flags: FIN | ACK, seq: this.#clientSeq++, ack: this.#serverSeq }));
    this.#track(tcp(this.#back, { flags: FIN | ACK, seq: this.#serverSeq++, ack: this.#clientSeq }));
    this.#track(tcp(this.#forth, { flags: ACK, seq: this.#clientSeq, ack: this.#serverSeq }));
  }
}
