/** GRE: its two timeouts are copied into the flow when it begins. */
import { refresh } from "../flow";
import { Flow, FLOW4_SIZE, Packet } from "../layout";
import { EventBit } from "../shared/event";
import { Status } from "../shared/status";
import { Sysctl } from "../shared/sysctl";
import { timeoutOf } from "../timeout";


@unmanaged
export class GreFlow extends Flow {
  /** Seconds. */
  timeout: u32;
  streamTimeout: u32;
}

if (offsetof<GreFlow>() > FLOW4_SIZE) ERROR("GreFlow");

export function trackGre(flow: GreFlow, packet: Packet, direction: u32): void {
  const status = <u32>flow.status;
  if (!(status & Status.CONFIRMED)) {
    flow.timeout = timeoutOf(flow, Sysctl.GRE_TIMEOUT);
    flow.streamTimeout = timeoutOf(flow, Sysctl.GRE_TIMEOUT_STREAM);
  }
  if (!(status & Status.SEEN_REPLY)) {
    refresh(flow, packet, direction, flow.timeout);
    return;
  }
  refresh(flow, packet, direction, flow.streamTimeout);
  if (!(status & (Status.ASSURED | Status.NAT_CLASH))) {
    flow.status = <u16>(status | Status.ASSURED);
    packet.changes |= <u16>EventBit.ASSURED;
  }
}
