/** UDP and UDP-Lite: no states, two timeouts, and ASSURED for what looks like a stream. */
import { refresh } from "../flow";
import { Flow, FLOW4_SIZE, Packet } from "../layout";
import { HZ } from "../limits";
import { EventBit } from "../shared/event";
import { Protocol } from "../shared/protocol";
import { Status } from "../shared/status";
import { Sysctl } from "../shared/sysctl";
import { timeoutOf } from "../timeout";

/** A request and its answer are no stream: only traffic after this many seconds makes one. */
const STREAM_AFTER: u32 = 2;


@unmanaged
export class UdpFlow extends Flow {
  /** Tick after which two-way traffic counts as a stream. */
  streamStart: u32;
}

if (offsetof<UdpFlow>() > FLOW4_SIZE) ERROR("UdpFlow");

export function trackUdp(flow: UdpFlow, packet: Packet, direction: u32): void {
  const status = <u32>flow.status;
  if (!(status & Status.CONFIRMED)) flow.streamStart = packet.now + STREAM_AFTER * HZ;
  if (!(status & Status.SEEN_REPLY)) {
    refresh(flow, packet, direction, timeoutOf(flow, Sysctl.UDP_TIMEOUT));
    return;
  }
  // UDP-Lite takes any answered flow for a stream.
  const stream = flow.protocol == Protocol.UDPLITE || <i32>(packet.now - flow.streamStart) > 0;
  refresh(flow, packet, direction, timeoutOf(flow, stream ? Sysctl.UDP_TIMEOUT_STREAM : Sysctl.UDP_TIMEOUT));
  if (stream && !(status & (Status.ASSURED | Status.NAT_CLASH))) {
    flow.status = <u16>(status | Status.ASSURED);
    packet.changes |= <u16>EventBit.ASSURED;
  }
}
