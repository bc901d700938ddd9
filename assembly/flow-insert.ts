/** Flows put into the table from outside, as ctnetlink does for conntrackd and `conntrack -I`. */
import { now } from "./clock";
import { emitEvent } from "./event-ring";
import { isExpired, setTimeout } from "./flow";
import { findFlow } from "./flow-table";
import { flowsInUse } from "./flow-slab";
import { Packet } from "./layout";
import { confirmFlow, createFlow, destroyFlow, discardFlow } from "./lifecycle";
import { Direction } from "./shared/ct-state";
import { EventBit, EventKind } from "./shared/event";
import { Protocol } from "./shared/protocol";
import { Stat } from "./shared/stat";
import { Status } from "./shared/status";
import { Sysctl } from "./shared/sysctl";
import { TcpFlag } from "./shared/tcp-state";
import { count } from "./stats";
import { sysctl } from "./sysctl";
import { setFlags, setState, TcpFlow } from "./tracker/tcp-flow";
import { isInvertible } from "./tuple";
import { hashPacket } from "./tuple-hash";

/** The original tuple of the flow to insert: filled in by the caller like a packet's. */
export const inserted = changetype<Packet>(memory.data(offsetof<Packet>(), 16));

/** The bits that may be set from outside. */
const SETTABLE: u32 = Status.SEEN_REPLY | Status.ASSURED | Status.FIXED_TIMEOUT;

/** Address of the new flow; 0 when the tuple is taken, cannot be inverted, or there is no room. */
export function insertFlow(seconds: u32, status: u32, state: u32, mark: u32): u32 {
  if (!isInvertible(inserted)) return 0;
  const max = sysctl(Sysctl.MAX);
  if (max && flowsInUse() >= max) return 0;
  const hash = hashPacket(inserted);
  const taken = findFlow(hash, inserted);
  if (taken) {
    if (!isExpired(taken, now())) return 0;
    destroyFlow(taken);
  }
  const flow = createFlow(inserted);
  if (!flow) return 0;
  flow.status = <u16>(status & SETTABLE);
  flow.mark = mark;
  if (flow.protocol == Protocol.TCP) {
    const tcp = changetype<TcpFlow>(flow);
    setState(tcp, state);
    // Nothing is known of the windows.
    setFlags(tcp, Direction.ORIGINAL, TcpFlag.SACK_PERM | TcpFlag.BE_LIBERAL);
    setFlags(tcp, Direction.REPLY, TcpFlag.SACK_PERM | TcpFlag.BE_LIBERAL);
  }
  setTimeout(flow, now(), seconds);
  if (!confirmFlow(flow, hash)) {
    discardFlow(flow);
    return 0;
  }
  count(Stat.INSERT);
  // ctnetlink tells of everything at once, set or not.
  emitEvent(flow, EventKind.NEW, EventBit.NEW | EventBit.ASSURED | EventBit.PROTOINFO | EventBit.MARK);
  return <u32>changetype<usize>(flow);
}
