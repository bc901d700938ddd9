/** How long a TCP flow lives after a segment: the timeout of its state, or less when something looks wrong. */
import { HZ } from "../limits";
import { Sysctl } from "../shared/sysctl";
import { TcpClass, TcpFlag, TcpState } from "../shared/tcp-state";
import { sysctl } from "../sysctl";
import { timeoutOf } from "../timeout";
import { bothFlags, TcpFlow } from "./tcp-flow";

/** What may look wrong, as bits of a number. */
const WINDOW_CLOSED: u32 = 1;
const UNACKNOWLEDGED: u32 = 2;
const GIVEN_UP: u32 = 4;
const CASES: u32 = 8;
const STATES: u32 = TcpState.SYN_SENT2 + 1;

/** Ticks that a flow without a policy of its own lives after an ACK or a FIN: one for each state and case. */
const afterAck: usize = memory.data(STATES * CASES * 4, 16);

/** To be called when sysctls have changed. */
export function deriveTimeouts(): void {
  for (let state: u32 = 0; state < STATES; state++) {
    for (let signs: u32 = 0; signs < CASES; signs++) {
      const seconds = timeoutWith(
        signs,
        TcpClass.ACK,
        sysctl(Sysctl.TCP_TIMEOUT + state),
        sysctl(Sysctl.TCP_TIMEOUT_MAX_RETRANS),
        sysctl(Sysctl.TCP_TIMEOUT_UNACKNOWLEDGED),
        0,
      );
      store<u32>(afterAck + ((state * CASES + signs) << 2), seconds * HZ);
    }
  }
}

/** The same as timeoutAfter(), in ticks, looked up, as 3 ns are a lot on the way of most packets. */
// @ts-ignore: decorator
@inline
export function ticksAfterAck(flow: TcpFlow, state: u32): u32 {
  return load<u32>(afterAck + ((state * CASES + signsOf(flow)) << 2));
}

/** Seconds that a flow lives after a segment. */
// @ts-ignore: decorator
@inline
export function timeoutAfter(flow: TcpFlow, state: u32, segmentClass: u32): u32 {
  const signs = signsOf(flow);
  const timeout = timeoutOf(flow, Sysctl.TCP_TIMEOUT + state);
  return signs || segmentClass == TcpClass.RST ? lowered(flow, signs, state, segmentClass) : timeout;
}

function lowered(flow: TcpFlow, signs: u32, state: u32, segmentClass: u32): u32 {
  return timeoutWith(
    signs,
    segmentClass,
    timeoutOf(flow, Sysctl.TCP_TIMEOUT + state),
    timeoutOf(flow, Sysctl.TCP_TIMEOUT_MAX_RETRANS),
    timeoutOf(flow, Sysctl.TCP_TIMEOUT_UNACKNOWLEDGED),
    timeoutOf(flow, Sysctl.TCP_TIMEOUT_CLOSE),
  );
}

/** Without branches: data and retransmissions come at random. */
// @ts-ignore: decorator
@inline
function signsOf(flow: TcpFlow): u32 {
  const givenUp = <u32>flow.retransmissions >= sysctl(Sysctl.TCP_MAX_RETRANS);
  const flags = bothFlags(flow);
  const unacknowledged = (flags | (flags >>> 8)) & TcpFlag.DATA_UNACKNOWLEDGED;
  return (
    (<u32>(flow.lastWindow == 0) * WINDOW_CLOSED) |
    (unacknowledged / (TcpFlag.DATA_UNACKNOWLEDGED / UNACKNOWLEDGED)) |
    (<u32>givenUp * GIVEN_UP)
  );
}

// @ts-ignore: decorator
@inline
function timeoutWith(
  signs: u32,
  segmentClass: u32,
  timeout: u32,
  retransmitting: u32,
  unanswered: u32,
  closed: u32,
): u32 {
  if (signs & GIVEN_UP && timeout > retransmitting) return retransmitting;
  if (segmentClass == TcpClass.RST) return closed;
  if (signs & UNACKNOWLEDGED && timeout > unanswered) return unanswered;
  if (signs & WINDOW_CLOSED && timeout > retransmitting) return retransmitting;
  return timeout;
}
