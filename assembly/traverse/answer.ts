/** What a REJECT sends, and a router: packets of their own that go through OUTPUT and POSTROUTING, and wait here for JavaScript. */
import { reserveBlocks } from "../arena";
import { Flow, Packet, PacketFlag, Stage } from "../layout";
import { BLOCK } from "../limits";
import { rejectBuffer, rejectReply } from "../rule/reject";
import { CtState, Hook, Verdict } from "../shared/ct-state";
import { EventBit } from "../shared/event";
import { LinkType } from "../shared/link-type";
import { Family, Protocol } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { Status } from "../shared/status";
import { RejectRecord } from "../shared/target-record";
import { prepare, prepareHash } from "../track/prepare";
import { closeTcp } from "../tracker/tcp";
import { TcpFlow } from "../tracker/tcp-flow";

/** Types and codes (RFC 792, RFC 4443): type << 8 | code. */
const TIME_EXCEEDED4: u32 = 0x0b00;
const NETWORK_UNREACHABLE4: u32 = 0x0300;
const FRAGMENTATION_NEEDED4: u32 = 0x0304;
const TIME_EXCEEDED6: u32 = 0x0300;
const NO_ROUTE6: u32 = 0x0100;
const PACKET_TOO_BIG6: u32 = 0x0200;

/** An error is asked for as a rule asks for one: a record of the REJECT target. */
const errorTarget: usize = memory.data(RejectRecord.SIZE, 8);

/** An answer may be rejected itself, its answer's answer not any more: nothing answers ICMP errors. */
const MAX_ANSWERS: u32 = 4;
const ROW: u32 = (offsetof<Packet>() + 15) & ~15;
/** Answers quote at most 1280 bytes (RFC 4443 section 2.4). */
const BYTES: u32 = 2048;


@unmanaged
class Answers {
  count: u32;
  /** Rows, then room for the bytes of each; 0 as long as there has been none. */
  rows: u32;
}

const answers = changetype<Answers>(memory.data(offsetof<Answers>(), 4));
if (MAX_ANSWERS * (ROW + BYTES) > BLOCK) ERROR("answers");

// @ts-ignore: decorator
@inline
export function forgetAnswers(): void {
  answers.count = 0;
}

// @ts-ignore: decorator
@inline
export function answersWait(): bool {
  return answers.count != 0;
}

export function answerCount(): u32 {
  return answers.count;
}

/** Whether it is one of these. */
export function isAnswer(packet: Packet): bool {
  const at = <u32>changetype<usize>(packet);
  return answers.rows != 0 && at >= answers.rows && at < answerAt(MAX_ANSWERS);
}

/** Address of the row of answer `i`. */
export function answerAt(i: u32): u32 {
  return answers.rows + i * ROW;
}

/** The ICMP error that a router sends about a packet that it cannot forward; null when it sends none. */
export function makeError(packet: Packet): Packet | null {
  const six = packet.family == Family.IPV6;
  let kind: u32 = 0;
  if (packet.reason == Reason.TTL_EXCEEDED) kind = six ? TIME_EXCEEDED6 : TIME_EXCEEDED4;
  else if (packet.reason == Reason.NO_ROUTE) kind = six ? NO_ROUTE6 : NETWORK_UNREACHABLE4;
  else if (packet.reason == Reason.TOO_LONG) kind = six ? PACKET_TOO_BIG6 : FRAGMENTATION_NEEDED4;
  if (!kind || packet.hook == Hook.OUTPUT) return null;
  store<u8>(errorTarget, <u8>(kind >>> 8), RejectRecord.TYPE);
  store<u8>(errorTarget, <u8>kind, RejectRecord.CODE);
  // The MTU (RFC 1191 section 4, RFC 4443 section 3.2).
  store<u32>(errorTarget, packet.reason == Reason.TOO_LONG ? packet.b : 0, RejectRecord.REST);
  return makeAnswer(packet, <u32>errorTarget);
}

/** The answer that REJECT gives to a packet, ready to be sent; null when it gives none. */
export function makeAnswer(packet: Packet, target: u32): Packet | null {
  if (answers.count == MAX_ANSWERS) return null;
  if (!answers.rows) answers.rows = <u32>reserveBlocks(1);
  if (!answers.rows) return null;
  const bytes = answers.rows + MAX_ANSWERS * ROW + answers.count * BYTES;
  const length = rejectReply(packet, target);
  if (!length) return null;
  memory.copy(bytes, rejectBuffer(), length);
  const answer = changetype<Packet>(answerAt(answers.count++));
  memory.fill(changetype<usize>(answer), 0, ROW);
  answer.time = packet.time;
  answer.data = bytes;
  answer.length = length;
  answer.wireLength = length;
  answer.link = <u16>LinkType.RAW;
  answer.hook = <u8>Hook.OUTPUT;
  answer.confirm = 1;
  answer.flags = <u8>PacketFlag.GENERATED;
  // `-j TRACE` is about the packet, who asks for a trace wants it of the answer, too.
  if (packet.flags & PacketFlag.EXPLAINED) answer.flags |= <u8>PacketFlag.TRACE;
  if (packet.ctState == CtState.UNTRACKED) answer.flags |= <u8>PacketFlag.ANSWER;
  prepare(answer);
  prepareHash(answer);
  answer.now = packet.now;
  if (packet.flow) belongTo(answer, packet);
  return answer;
}

/** RELATED to the flow of the packet that it answers, in the other direction; a reset ends a TCP flow. */
function belongTo(answer: Packet, packet: Packet): void {
  const flow = changetype<Flow>(packet.flow);
  answer.flow = packet.flow;
  answer.generation = packet.generation;
  answer.ctState = <u8>CtState.RELATED;
  answer.direction = packet.direction ^ 1;
  answer.stage = <u8>Stage.ANSWER;
  answer.verdict = <u8>Verdict.ACCEPT;
  if (answer.protocol == Protocol.TCP && flow.protocol == Protocol.TCP && flow.status & Status.CONFIRMED) {
    if (closeTcp(changetype<TcpFlow>(packet.flow), packet.now)) packet.changes |= <u16>EventBit.PROTOINFO;
  }
}
