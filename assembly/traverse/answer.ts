/** What a REJECT sends: packets of their own that go through OUTPUT and POSTROUTING, and wait here for JavaScript. */
import { reserveBlocks } from "../arena";
import { Flow, Packet, Stage } from "../layout";
import { BLOCK } from "../limits";
import { rejectBuffer, rejectReply } from "../rule/reject";
import { CtState, Hook, Verdict } from "../shared/ct-state";
import { LinkType } from "../shared/link-type";
import { Protocol } from "../shared/protocol";
import { Status } from "../shared/status";
import { prepare, prepareHash } from "../track/prepare";
import { closeTcp } from "../tracker/tcp";
import { TcpFlow } from "../tracker/tcp-flow";

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

/** Address of the row of answer `i`. */
export function answerAt(i: u32): u32 {
  return answers.rows + i * ROW;
}

/** The row of the answer to a packet, ready to be sent; null when the target gives none. */
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
  answer.flags = packet.flags;
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
    closeTcp(changetype<TcpFlow>(packet.flow), packet.now);
  }
}
