/** Flows put into the table from outside, as ctnetlink does for conntrackd and `conntrack -I`. */
import { now } from "./clock";
import { emitEvent } from "./event-ring";
import { isExpired, setTimeout } from "./flow";
import { findFlow } from "./flow-table";
import { replaceLabels } from "./flow-labels";
import { flowsInUse } from "./flow-slab";
import { changesFromOutside, SETTABLE } from "./flow-update";
import { Packet } from "./layout";
import { confirmFlow, createFlow, destroyFlow, discardFlow } from "./lifecycle";
import { Direction } from "./shared/ct-state";
import { EventBit, EventKind } from "./shared/event";
import { Protocol } from "./shared/protocol";
import { Stat } from "./shared/stat";
import { Sysctl } from "./shared/sysctl";
import { TcpFlag, TcpState } from "./shared/tcp-state";
import { count } from "./stats";
import { sysctl } from "./sysctl";
import { SctpFlow } from "./tracker/sctp";
import { setFlags, setState, TcpFlow } from "./tracker/tcp-flow";
import { isInvertible } from "./tuple";
import { hashPacket } from "./tuple-hash";

/** The original tuple of the flow to insert: filled in by the caller like a packet's. */
export const inserted = changetype<Packet>(memory.data(offsetof<Packet>(), 16));

/** Labels of that flow, and SCTP's verification tags, in network order. */
@unmanaged
export class InsertedMore {
  labels0: u64;
  labels1: u64;
  originalTag: u32;
  replyTag: u32;
}

export const insertedMore = changetype<InsertedMore>(memory.data(offsetof<InsertedMore>(), 8));

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
    // Nothing is known of the windows; a connection that is over may be opened anew.
    const closed: u32 = state >= <u32>TcpState.TIME_WAIT ? TcpFlag.CLOSE_INIT : 0;
    setFlags(tcp, Direction.ORIGINAL, TcpFlag.SACK_PERM | TcpFlag.BE_LIBERAL | closed);
    setFlags(tcp, Direction.REPLY, TcpFlag.SACK_PERM | TcpFlag.BE_LIBERAL | closed);
  } else if (flow.protocol == Protocol.SCTP) {
    const sctp = changetype<SctpFlow>(flow);
    sctp.stage = <u8>state;
    sctp.originalTag = insertedMore.originalTag;
    sctp.replyTag = insertedMore.replyTag;
  }
  const labelled = (insertedMore.labels0 | insertedMore.labels1) != 0;
  if (labelled) replaceLabels(flow, insertedMore.labels0, insertedMore.labels1, u64.MAX_VALUE, u64.MAX_VALUE);
  setTimeout(flow, now(), seconds);
  if (!confirmFlow(flow, hash)) {
    discardFlow(flow);
    return 0;
  }
  count(Stat.INSERT);
  emitEvent(flow, EventKind.NEW, EventBit.NEW | changesFromOutside(flow, labelled));
  return <u32>changetype<usize>(flow);
}
