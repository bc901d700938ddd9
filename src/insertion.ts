/** A flow to be put into the table from outside: its original tuple, written where the engine reads it. */
import { Family, Protocol } from "../assembly/shared/protocol.js";
import { SctpState } from "../assembly/shared/sctp-state.js";
import { TcpState } from "../assembly/shared/tcp-state.js";
import { parseAddress } from "./address.js";
import type { Engine } from "./engine/engine.js";
import type { FlowTuple } from "./flow.js";
import { writeLabels } from "./labels.js";
import { badOption, wholeNumber } from "./option-value.js";
import { numberOfProtocol } from "./protocol.js";

export interface Insertion {
  /** A name that /proc/net/nf_conntrack uses, or a number from 0 to 255. */
  readonly protocol: string | number;
  readonly original: FlowTuple;
  /** Default: the inverse of the original one. Another one makes the flow a translated one. */
  readonly reply?: FlowTuple;
  /** Default 0. */
  readonly zone?: number;
  /** Whole seconds from now. */
  readonly timeout: number;
  /** Of TCP or SCTP; default ESTABLISHED. */
  readonly state?: string;
  /** Verification tags of SCTP expected in original and reply packets; default 0, not known. */
  readonly vtag?: readonly [number, number];
  /** Of the IPS_ bits SEEN_REPLY, ASSURED and FIXED_TIMEOUT count. */
  readonly status?: number;
  readonly mark?: number;
  /** Numbers of labels, 0 to 127. */
  readonly labels?: readonly number[];
}

/** Of what stands behind the original tuple: labels, tags, the reply tuple. */
const MORE_BYTES = 64;

/**
 * True when the flow was entered; false when its tuple is taken or there is no room.
 * @throws ConntrackError CT_BAD_OPTION
 */
export function insertFlow(engine: Engine, flow: Insertion): boolean {
  const { call, layout, u8 } = engine;
  const { original } = flow;
  const protocol = typeof flow.protocol === "number" ? flow.protocol : numberOfProtocol(flow.protocol);
  if (protocol === undefined || !(Number.isInteger(protocol) && protocol >= 0 && protocol <= 255)) {
    throw bad("protocol", flow.protocol, "a protocol's name or number");
  }
  const states: Readonly<Record<string, string | number>> = protocol === Protocol.SCTP ? SctpState : TcpState;
  const state = states[flow.state ?? "ESTABLISHED"];
  if (typeof state !== "number") throw bad("state", flow.state, "the name of a state of the protocol");
  const longest = Math.floor(0x7fffffff / layout.TICKS_PER_SECOND);
  const timeout = whole("timeout", flow.timeout, longest);
  const at = call.insertedAddress();
  const view = new DataView(u8.buffer, at, layout.PACKET_SIZE);
  u8.fill(0, at, at + layout.PACKET_SIZE);
  view.setUint8(layout.PACKET_PROTOCOL, protocol);
  view.setUint16(layout.PACKET_ZONE, whole("zone", flow.zone ?? 0, 0xffff), true);
  const { family, addresses, ports } = tupleBytes(original);
  view.setUint8(layout.PACKET_FAMILY, family === "ipv6" ? Family.IPV6 : Family.IPV4);
  u8.set(addresses, at + (family === "ipv6" ? layout.PACKET_SRC6 : layout.PACKET_ADDRESS));
  u8.set(ports, at + layout.PACKET_PORTS);
  const mark = whole("mark", flow.mark ?? 0, 0xffffffff);
  const more = new DataView(u8.buffer, call.insertedMoreAddress(), MORE_BYTES);
  writeLabels(more, 0, flow.labels ?? []);
  const [originalTag, replyTag] = flow.vtag ?? [0, 0];
  more.setUint32(16, whole("vtag", originalTag, 0xffffffff), false);
  more.setUint32(20, whole("vtag", replyTag, 0xffffffff), false);
  more.setUint32(24, flow.reply ? 1 : 0, true);
  if (flow.reply) {
    const reply = tupleBytes(flow.reply);
    if (reply.family !== family) throw bad("reply", flow.reply.src, `an ${family} address`);
    u8.set(reply.ports, more.byteOffset + 28);
    u8.set(reply.addresses, more.byteOffset + 32);
  }
  return call.insertFlow(timeout, whole("status", flow.status ?? 0, 0xffff), state, mark) !== 0;
}

/** A tuple in network order: source and destination, two ports or what stands in their place. */
function tupleBytes(tuple: FlowTuple) {
  const src = parseAddress(tuple.src);
  const dst = parseAddress(tuple.dst);
  if (src.family !== dst.family) throw bad("dst", tuple.dst, `an ${src.family} address`);
  const first = whole("port", tuple.sport ?? tuple.icmpId ?? tuple.srckey ?? 0, 0xffff);
  const typeAndCode = ((tuple.type ?? 0) << 8) | (tuple.code ?? 0);
  const second = whole("port", tuple.dport ?? tuple.dstkey ?? typeAndCode, 0xffff);
  const ports = [first >>> 8, first & 255, second >>> 8, second & 255];
  return { family: src.family, addresses: [...src.address, ...dst.address], ports };
}

const whole = (name: string, value: number, max: number) => wholeNumber(`insert ${name}`, value, max);

const bad = (name: string, value: unknown, expected: string) => badOption(`insert ${name}`, value, expected);
