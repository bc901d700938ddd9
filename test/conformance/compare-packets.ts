import { AGREED, type Comparer, type Difference, differs, equal, type Observation } from "./compare.js";
import { dissect } from "./dissect.js";
import { fromHex, type RecordedReply, type Scenario, type Step, toHex } from "./recording.js";
import { meaningOf } from "./why.js";

/** Bytes of a packet that the recording machine logs at most. */
const LOGGED = 65531;

/** What conntrack itself saw: the packet, without padding behind it, or the datagram made of fragments. */
export const compareTracked: Comparer = ({ step, packet, result }) => {
  if (!packet || !result || step.ct === undefined) return AGREED;
  const expected = step.pre === undefined ? packet : fromHex(step.pre);
  const found = result.datagram ?? result.packets?.[0];
  // tracked, and dropped by conntrack thereafter
  if (!found && result.verdict !== "ACCEPT") return AGREED;
  // the recorder's log holds no more of the longest datagrams
  const logged = (bytes: Uint8Array) => bytes.subarray(0, LOGGED);
  return comparePackets("tracked", [logged(expected)], found ? [logged(found)] : [], (bytes) => bytes);
};

/** Without rules only reassembly and refragmentation change what is emitted. Forwarding is not ours to do. */
export const compareEmitted: Comparer = ({ step, packet, result, lostLater }) => {
  // what gets lost behind tracking, by something that is not replayed, leaves tracking all the same
  if (!packet || !result || lostLater) return AGREED;
  // a packet for this machine is observed before its helper drops it
  const refused = meaningOf(step.why)?.codes.includes("HELPER_DROP") === true;
  const expected = step.out?.map(fromHex) ?? (emits(step.fate) && !refused ? [withoutPadding(packet)] : []);
  // what is delivered to this machine is not fragmented again
  const local = step.fate === "local" && result.datagram ? [result.datagram] : undefined;
  const found = local ?? result.packets ?? [];
  return comparePackets("out", withDrawnIds(step, expected), withDrawnIds(step, found), withoutHops);
};

/** Behind rules and routing, every byte of what is emitted counts. */
export const compareForwarded: Comparer = ({ step, packet, result }) => {
  if (!packet || !result) return AGREED;
  const expected = step.out?.map(fromHex) ?? (emits(step.fate) ? [passedOn(packet, step.fate)] : []);
  return comparePackets("out", expected, result.packets ?? [], withoutFragmentId);
};

/** What a REJECT sends, as far as it is emitted: the device it leaves by, the hooks it passes, its bytes. */
export const compareReplies: Comparer = ({ scenario, step, result }) => {
  if (!result) return AGREED;
  const kernel = attributed(step.replies ?? []).filter((reply) => emits(reply.fate));
  const ours = (result.replies ?? []).filter((reply) => reply.out !== undefined);
  if (kernel.length !== ours.length) {
    return differs("replies", `${kernel.length} emitted`, `${ours.length} emitted`);
  }
  return kernel.flatMap((reply, i) => {
    const mine = ours[i]!;
    return [
      ...(reply.oif === undefined ? AGREED : equal("reply device", reply.oif, mine.out)),
      ...equal("reply path", reply.path, [...mine.path]),
      ...compareReplyBytes(reply, mine.packet, isTranslated(scenario)),
    ];
  });
};

/** The recorder ascribes what is emitted to the first reply, even where that was refused and the answer to it was emitted. */
function attributed(replies: readonly RecordedReply[]): RecordedReply[] {
  const own = [...replies];
  for (const [i, { fate, oif, out, ...refused }] of replies.entries()) {
    const answer = replies.findIndex(({ gen }, j) => j > i && gen === out?.[0]);
    if (answer < 0) continue;
    own[i] = refused;
    own[answer] = { ...replies[answer]!, ...(fate && { fate }), ...(oif && { oif }) };
  }
  return own;
}

function isTranslated({ iptables }: Scenario): boolean {
  return Object.values(iptables ?? {}).some((text) => text.includes("*nat"));
}

/**
 * The checksum of a TCP reply is not filled in when it is generated, only when it leaves. One to this machine is not
 * recorded after that: what mangling and translation make of it is not known.
 */
function compareReplyBytes(reply: RecordedReply, ours: Uint8Array, translated: boolean): Difference[] {
  const emitted = reply.out?.[0];
  const neutral = (packet: Uint8Array) => {
    const bare = withoutErrorId(packet);
    if (emitted !== undefined) return bare;
    if (reply.fate !== "local") return withoutTcpChecksum(bare);
    return withoutTcpChecksum(translated ? withoutAddresses(withoutMarking(bare)) : withoutMarking(bare));
  };
  return comparePackets("reply packet", [fromHex(emitted ?? reply.gen)], [ours], neutral);
}

function emits(fate: string | undefined): boolean {
  return fate === "forward" || fate === "local" || fate === "sent";
}

function comparePackets(
  aspect: string,
  kernel: readonly Uint8Array[],
  ours: readonly Uint8Array[],
  neutral: (packet: Uint8Array) => Uint8Array,
): Difference[] {
  const left = kernel.map((packet) => toHex(neutral(packet)));
  const right = ours.map((packet) => toHex(neutral(packet)));
  if (left.join() === right.join()) return AGREED;
  const tell = (packets: readonly Uint8Array[], texts: string[]) =>
    packets.map((packet, i) => `${dissect(packet).summary} ${texts[i]}`).join(", ") || "nothing emitted";
  return differs(aspect, tell(kernel, left), tell(ours, right));
}

function isIpv4(packet: Uint8Array): boolean {
  return packet.length >= 20 && packet[0]! >> 4 === 4;
}

/** The packet as this machine passes it on: one hop less if it was forwarded. */
function passedOn(packet: Uint8Array, fate: string | undefined): Uint8Array {
  const copy = packet.slice();
  if (fate !== "forward") return copy;
  if (!isIpv4(copy)) {
    copy[7]!--;
    return copy;
  }
  copy[8]!--;
  // RFC 1624: the header lost 0x0100 in one word, so its checksum gains that
  const sum = ((copy[10]! << 8) | copy[11]!) + 0x100;
  const folded = (sum & 0xffff) + (sum >> 16);
  copy[10] = folded >> 8;
  copy[11] = folded & 0xff;
  return copy;
}

/** Without what forwarding changes. */
function withoutHops(packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  if (isIpv4(copy)) {
    copy[8] = 0;
    copy[10] = copy[11] = 0;
  } else copy[7] = 0;
  return copy;
}

/** Without what TOS, DSCP, TTL and HL change. */
function withoutMarking(packet: Uint8Array): Uint8Array {
  const copy = withoutHops(packet);
  if (isIpv4(copy)) copy[1] = 0;
  else copy.set([0x60, copy[1]! & 0x0f]);
  return copy;
}

/** Without what NAT changes: of an error its kind remains, of a reset what its sequence says. */
function withoutAddresses(packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  const four = isIpv4(copy);
  const at = four ? 20 : 40;
  copy.fill(0, four ? 12 : 8, at);
  if (copy[four ? 9 : 6] === 6) copy.fill(0, at, at + 4);
  else copy.fill(0, at + 2);
  return copy;
}

function withoutPadding(packet: Uint8Array): Uint8Array {
  const length = isIpv4(packet) ? (packet[2]! << 8) | packet[3]! : 40 + ((packet[4]! << 8) | packet[5]!);
  return packet.subarray(0, length);
}

/**
 * The kernel draws the id of an IPv6 packet that it fragments: any will do, if all its pieces have it. Ids become
 * their number in the order in which they turn up.
 */
function withDrawnIds(step: Step, packets: readonly Uint8Array[]): Uint8Array[] {
  const isDatagram = step.pre !== undefined;
  const ids = new Map<number, number>();
  return packets.map((packet) => {
    const copy = packet.slice();
    const at = isDatagram && !isIpv4(copy) ? fragmentHeaderOf(copy) : undefined;
    if (at !== undefined) {
      const view = new DataView(copy.buffer);
      const id = view.getUint32(at + 4);
      if (!ids.has(id)) ids.set(id, ids.size);
      view.setUint32(at + 4, ids.get(id)!);
    }
    return copy;
  });
}

/** Where an IPv6 packet's fragment header begins. */
function fragmentHeaderOf(packet: Uint8Array): number | undefined {
  const FRAGMENT = 44;
  const BEFORE_IT = [0, 43, 60];
  let next = packet[6]!;
  let at = 40;
  while (BEFORE_IT.includes(next) && at + 8 <= packet.length) {
    next = packet[at]!;
    at += (packet[at + 1]! + 1) * 8;
  }
  return next === FRAGMENT && at + 8 <= packet.length ? at : undefined;
}

/** The kernel draws the id of an IPv6 packet that it fragments. */
function withoutFragmentId(packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  const at = isIpv4(copy) ? undefined : fragmentHeaderOf(copy);
  if (at !== undefined) copy.fill(0, at + 4, at + 8);
  return copy;
}

/** IPv4 errors get a random id, which their header checksum covers. */
function withoutErrorId(packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  if (isIpv4(copy) && copy[9] === 1) {
    copy.fill(0, 4, 6);
    copy.fill(0, 10, 12);
  }
  return copy;
}

function withoutTcpChecksum(packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  const at = isIpv4(copy) ? (copy[0]! & 15) * 4 : 40;
  if (copy[isIpv4(copy) ? 9 : 6] === 6) copy.fill(0, at + 16, at + 18);
  return copy;
}

/** Which packet a difference is about. */
export function summarize(seen: Pick<Observation, "step" | "packet">): string {
  if (seen.packet) return dissect(seen.packet).summary;
  if (seen.step.cmd) return seen.step.cmd;
  return `sysctl ${JSON.stringify(seen.step.sysctl ?? {})}`;
}
