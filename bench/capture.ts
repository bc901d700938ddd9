/**
 * A capture for the PCAP workload. Connections of TCP and exchanges of UDP, 25 packets each on average: many short
 * ones and a few long ones, a tenth of them under way at any time and taking turns at random. TCP connections open,
 * carry data both ways and close; sequence numbers and checksums are right. Payloads are zeros, 0 to 400 bytes, some
 * 1400. However many packets, it lasts 20 seconds, less than any flow's timeout, so all flows are there at its end.
 */

import { closeSync, openSync, writeSync } from "node:fs";
import { PcapWriter } from "../src/pcap/index.js";
import { fold, sum16 } from "./checksum.js";
import { Random } from "./random.js";

const PACKETS_PER_FLOW = 25;
/** Enough to open a connection and to close it. */
const FEWEST_PACKETS = 7;
const UNDER_WAY_PART = 0.1;
const UDP_PART = 0.2;
const STEEPNESS = 0.9;
const START_MS = 1_700_000_000_000;
const DURATION_MS = 20_000;
const PIECE_PACKETS = 4096;

const LONG_PAYLOAD = 1400;
const SHORT_PAYLOADS = 400;
const IP = 14;
const TRANSPORT = 34;
const TCP_BYTES = 20;
const UDP_BYTES = 8;
const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;
const FIN = 0x01;
const SYN = 0x02;
const PSH = 0x08;
const ACK = 0x10;
const TCP_PORTS = [443, 80, 8443, 22];
const UDP_PORTS = [9999, 40000];

interface Side {
  address: number;
  port: number;
  /** Of the next byte it sends. */
  seq: number;
}

interface Exchange {
  udp: boolean;
  client: Side;
  server: Side;
  sent: number;
  packets: number;
}

class FrameWriter {
  readonly #bytes = new Uint8Array(TRANSPORT + TCP_BYTES + LONG_PAYLOAD);
  readonly #view = new DataView(this.#bytes.buffer);

  constructor() {
    this.#bytes.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00, 0x45]);
    this.#view.setUint16(IP + 6, 0x4000); // don't fragment
    this.#view.setUint8(IP + 8, 64);
  }

  /** Valid until the next call, as is that of udp(). */
  tcp(from: Side, to: Side, flags: number, payload: number): Uint8Array {
    const view = this.#view;
    view.setUint32(TRANSPORT + 4, from.seq);
    view.setUint32(TRANSPORT + 8, (flags & ACK) === 0 ? 0 : to.seq);
    view.setUint16(TRANSPORT + 12, 0x5000 | flags);
    view.setUint16(TRANSPORT + 14, 0xffff);
    view.setUint16(TRANSPORT + 18, 0);
    from.seq = (from.seq + payload + ((flags & (SYN | FIN)) === 0 ? 0 : 1)) >>> 0;
    return this.#finish(PROTOCOL_TCP, from, to, TCP_BYTES, payload, TRANSPORT + 16);
  }

  udp(from: Side, to: Side, payload: number): Uint8Array {
    // What a TCP header may have left behind the UDP header.
    this.#bytes.fill(0, TRANSPORT + UDP_BYTES, TRANSPORT + TCP_BYTES);
    this.#view.setUint16(TRANSPORT + 4, UDP_BYTES + payload);
    return this.#finish(PROTOCOL_UDP, from, to, UDP_BYTES, payload, TRANSPORT + 6);
  }

  #finish(
    protocol: number,
    from: Side,
    to: Side,
    header: number,
    payload: number,
    checksumAt: number,
  ): Uint8Array {
    const view = this.#view;
    view.setUint16(IP + 2, TRANSPORT - IP + header + payload);
    view.setUint8(IP + 9, protocol);
    view.setUint32(IP + 12, from.address);
    view.setUint32(IP + 16, to.address);
    view.setUint16(IP + 10, 0);
    view.setUint16(IP + 10, fold(sum16(view, IP, TRANSPORT)));
    view.setUint16(TRANSPORT, from.port);
    view.setUint16(TRANSPORT + 2, to.port);
    view.setUint16(checksumAt, 0);
    // Zeros add nothing, so the payload is left out of the sum.
    const pseudo = sum16(view, IP + 12, TRANSPORT) + protocol + header + payload;
    // A UDP checksum of 0 would mean that there is none.
    view.setUint16(checksumAt, fold(pseudo + sum16(view, TRANSPORT, TRANSPORT + header)) || 0xffff);
    return this.#bytes.subarray(0, TRANSPORT + header + payload);
  }
}

/** How many packets each flow gets, `packets` in all, in random order: the n-th longest as 1 / n ** STEEPNESS. */
function shares(packets: number, flows: number, random: Random): number[] {
  const weights = Array.from({ length: flows }, (_, rank) => (rank + 1) ** -STEEPNESS);
  for (let i = flows - 1; i > 0; i--) {
    const other = Math.floor(random.fraction() * (i + 1));
    [weights[i], weights[other]] = [weights[other]!, weights[i]!];
  }
  const spare = packets - FEWEST_PACKETS * flows;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const counts = weights.map((weight) => FEWEST_PACKETS + Math.floor((spare * weight) / total));
  const rest = packets - counts.reduce((sum, count) => sum + count, 0);
  for (let i = 0; i < rest; i++) counts[i % flows]!++;
  return counts;
}

function openExchange(flow: number, packets: number, random: Random): Exchange {
  const udp = random.fraction() < UDP_PART;
  const ports = udp ? UDP_PORTS : TCP_PORTS;
  return {
    udp,
    client: { address: 0x0a000000 + flow, port: 32768 + (flow % 28000), seq: random.word() },
    server: {
      address: 0xc0a80000 + (random.word() >>> 20),
      port: ports[flow % ports.length]!,
      seq: random.word(),
    },
    sent: 0,
    packets,
  };
}

function payloadBytes(random: Random): number {
  const kind = random.fraction();
  if (kind < 0.05) return LONG_PAYLOAD;
  return kind < 0.35 ? 0 : Math.floor(kind * SHORT_PAYLOADS);
}

/** The next packet of an exchange. */
function nextFrame(exchange: Exchange, random: Random, writer: FrameWriter): Uint8Array {
  const { udp, client, server, packets } = exchange;
  const step = exchange.sent++;
  if (udp) {
    return step % 2 === 0
      ? writer.udp(client, server, payloadBytes(random))
      : writer.udp(server, client, payloadBytes(random));
  }
  if (step === 0) return writer.tcp(client, server, SYN, 0);
  if (step === 1) return writer.tcp(server, client, SYN | ACK, 0);
  if (step === 2) return writer.tcp(client, server, ACK, 0);
  if (step === packets - 4) return writer.tcp(client, server, FIN | ACK, 0);
  if (step === packets - 3) return writer.tcp(server, client, ACK, 0);
  if (step === packets - 2) return writer.tcp(server, client, FIN | ACK, 0);
  if (step === packets - 1) return writer.tcp(client, server, ACK, 0);
  const payload = payloadBytes(random);
  const flags = payload === 0 ? ACK : PSH | ACK;
  return random.fraction() < 0.4
    ? writer.tcp(client, server, flags, payload)
    : writer.tcp(server, client, flags, payload);
}

/** How many flows a capture of so many packets has. */
export function flowsIn(packets: number): number {
  return Math.max(1, Math.floor(packets / PACKETS_PER_FLOW));
}

/** A capture of so many packets, always the same one, piece by piece. */
export function* capturePieces(packets: number): Generator<Uint8Array, void, undefined> {
  const random = new Random(1);
  const flows = flowsIn(packets);
  const counts = shares(packets, flows, random);
  const atOnce = Math.max(1, Math.ceil(flows * UNDER_WAY_PART));
  const frames = new FrameWriter();
  const capture = new PcapWriter();
  const underWay: Exchange[] = [];
  let opened = 0;
  for (let i = 0; i < packets; i++) {
    while (underWay.length < atOnce && opened < flows) {
      underWay.push(openExchange(opened, counts[opened]!, random));
      opened++;
    }
    const pick = Math.floor(random.fraction() * underWay.length);
    const exchange = underWay[pick]!;
    const time = START_MS + (i / packets) * DURATION_MS;
    capture.write({ bytes: nextFrame(exchange, random, frames), time });
    if (exchange.sent === exchange.packets) {
      const last = underWay.pop()!;
      if (last !== exchange) underWay[pick] = last;
    }
    if (i % PIECE_PACKETS === PIECE_PACKETS - 1) yield capture.take();
  }
  yield capture.take();
}

/** Writes that capture to a file. */
export function writeCapture(path: string, packets: number): void {
  const file = openSync(path, "w");
  try {
    for (const piece of capturePieces(packets)) writeSync(file, piece);
  } finally {
    closeSync(file);
  }
}
