import type { Conntrack, TrackResult } from "../../../src/index.js";
import { CLIENT, CLIENT6, latin1, SERVER, SERVER6, udp } from "./packets.js";

/** A message of these header lines, with its length. */
export function message(first: string, fields: readonly string[], body = ""): string {
  return `${[first, ...fields, `Content-Length: ${body.length}`].join("\r\n")}\r\n\r\n${body}`;
}

/** A session description: `streams` such as "audio 4000". */
export function description(address: string, ...streams: readonly string[]): string {
  const network = address.includes(":") ? "IP6" : "IP4";
  const lines = ["v=0", `o=- 1 1 IN ${network} ${address}`, "s=-", `c=IN ${network} ${address}`, "t=0 0"];
  return [...lines, ...streams.map((stream) => `m=${stream} RTP/AVP 0`), ""].join("\r\n");
}

export const invite = (body: string, number = 1) =>
  message("INVITE sip:bob@example.com SIP/2.0", [`CSeq: ${number} INVITE`], body);

export const register = (...fields: readonly string[]) =>
  message("REGISTER sip:example.com SIP/2.0", ["CSeq: 7 REGISTER", ...fields]);

export const answer = (code: number, cseq: string, fields: readonly string[] = [], body = "") =>
  message(`SIP/2.0 ${code} Whatever`, [`CSeq: ${cseq}`, ...fields], body);

/** Two ends that talk SIP over UDP. */
export class UdpCall {
  readonly #conntrack: Conntrack;
  readonly #client: string;
  readonly #server: string;
  readonly #port: number;

  constructor(conntrack: Conntrack, { ipv6 = false, port = 5060 } = {}) {
    this.#conntrack = conntrack;
    [this.#client, this.#server] = ipv6 ? [CLIENT6, SERVER6] : [CLIENT, SERVER];
    this.#port = port;
  }

  client(text: string, options: { time?: number; captured?: number } = {}): TrackResult {
    return this.#say({ src: this.#client, dst: this.#server, sport: this.#port, dport: 5060 }, text, options);
  }

  server(text: string, options: { time?: number; captured?: number } = {}): TrackResult {
    return this.#say({ src: this.#server, dst: this.#client, sport: 5060, dport: this.#port }, text, options);
  }

  /** `captured`: bytes of the text that the capture kept. */
  #say(
    ends: Parameters<typeof udp>[0],
    text: string,
    { time = 0, captured = text.length }: { time?: number; captured?: number },
  ): TrackResult {
    const packet = udp(ends, latin1(text));
    const kept = packet.subarray(0, packet.length - (text.length - captured));
    return this.#conntrack.track(kept, { time, wireLength: packet.length });
  }
}
