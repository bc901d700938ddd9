/** How long a TCP flow lives after a segment: the timeout of its state, or less when something looks wrong. */
import { HINT_HORIZON, HZ } from "../limits";
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

/** Timeouts of ESTABLISHED flows after an ACK, in seconds, one for each case. */
const established: usize = memory.data(CASES * 4, 16);

/** Whether none of them is so short that it concerns the flow's hint: see setTimeout(). */
const isLong: usize = memory.data(4, 4);

/** To be called when sysctls have changed. */
export function deriveTimeouts(): void {
  let shortest: u32 = 0xffffffff;
  for (let signs: u32 = 0; signs < CASES; signs++) {
    const seconds = timeoutWith(
      signs,
      TcpClass.ACK,
      sysctl(Sysctl.TCP_TIMEOUT + TcpState.ESTABLISHED),
      sysctl(Sysctl.TCP_TIMEOUT_MAX_RETRANS),
      sysctl(Sysctl.TCP_TIMEOUT_UNACKNOWLEDGED),
      0,
    );
    store<u32>(established + (signs << 2), seconds);
    shortest = min(shortest, seconds);
  }
  store<u32>(isLong, <u32>(shortest >= HINT_HORIZON / HZ));
}

/** After a segment that is no reset. */
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

// @ts-ignore: decorator
@inline
export function establishedIsLong(): bool {
  return load<u32>(isLong) != 0;
}

/** The same after an ACK in ESTABLISHED, without a policy of its own: looked up, as 3 ns are a lot there. */
// @ts-ignore: decorator
@inline
export function establishedTimeout(flow: TcpFlow): u32 {
  return load<u32>(established + (signsOf(flow) << 2));
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
