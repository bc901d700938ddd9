/** Flows put into the table from outside, as ctnetlink does for conntrackd and `conntrack -I`. */
import { now } from "./clock";
import { emitEvent } from "./event-ring";
import { isExpired, setTimeout } from "./flow";
import { findFlow } from "./flow-table";
import { replaceLabels } from "./flow-labels";
import { flowsInUse } from "./flow-slab";
import { changesFromOutside, SETTABLE } from "./flow-update";
import { Flow, Flow6, Kind, Packet } from "./layout";
import { confirmFlow, createFlow, destroyFlow, forgetFlow } from "./lifecycle";
import { Direction } from "./shared/ct-state";
import { EventBit, EventKind } from "./shared/event";
import { Protocol } from "./shared/protocol";
import { Stat } from "./shared/stat";
import { Status } from "./shared/status";
import { Sysctl } from "./shared/sysctl";
import { TcpFlag, TcpState } from "./shared/tcp-state";
import { addSource } from "./source-index";
import { count } from "./stats";
import { sysctl } from "./sysctl";
import { SctpFlow } from "./tracker/sctp";
import { setFlags, setState, TcpFlow } from "./tracker/tcp-flow";
import { flow6, isInvertible } from "./tuple";
import { hashPacket } from "./tuple-hash";

/** The original tuple of the flow to insert: filled in by the caller like a packet's. */
export const inserted = changetype<Packet>(memory.data(offsetof<Packet>(), 16));

/** Labels of that flow; SCTP's verification tags and the reply tuple, in network order. */
@unmanaged
export class InsertedMore {
  labels0: u64;
  labels1: u64;
  originalTag: u32;
  replyTag: u32;
  /** Not 0: the flow is translated, its reply tuple is the one that follows. IPv4 addresses in the first eight bytes. */
  translated: u32;
  replyPorts: u32;
  replySrc0: u64;
  replySrc1: u64;
  replyDst0: u64;
  replyDst1: u64;
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
  if (insertedMore.translated && !translate(flow)) {
    forgetFlow(flow);
    return 0;
  }
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
    forgetFlow(flow);
    return 0;
  }
  count(Stat.INSERT);
  emitEvent(flow, EventKind.NEW, EventBit.NEW | changesFromOutside(flow, labelled));
  return <u32>changetype<usize>(flow);
}

/** Gives the flow the reply tuple that was asked for. False when another flow has it. */
function translate(flow: Flow): bool {
  const more = insertedMore;
  const six = (flow.kind & Kind.IPV6) != 0;
  // From here on `inserted` is the reply tuple, to be looked for.
  inserted.ports = more.replyPorts;
  if (six) {
    inserted.src0 = more.replySrc0;
    inserted.src1 = more.replySrc1;
    inserted.dst0 = more.replyDst0;
    inserted.dst1 = more.replyDst1;
  } else {
    inserted.address = more.replySrc0;
  }
  const taken = findFlow(hashPacket(inserted), inserted);
  if (taken && !isExpired(taken, now())) return false;
  if (taken) destroyFlow(taken);
  flow.status |= <u16>(statusOf(flow, six) | Status.SRC_NAT_DONE | Status.DST_NAT_DONE);
  flow.replyPorts = more.replyPorts;
  if (six)
    memory.copy(
      changetype<usize>(flow6(flow)) + offsetof<Flow6>("replySrc0"),
      changetype<usize>(more) + offsetof<InsertedMore>("replySrc0"),
      32,
    );
  else flow.replyAddress = more.replySrc0;
  if (flow.kind & Kind.NAT) addSource(flow);
  return true;
}

/** Which ends the wanted reply tuple translates: the flow still has the inverse one. */
function statusOf(flow: Flow, six: bool): u32 {
  const more = insertedMore;
  const ports = flow.replyPorts ^ more.replyPorts;
  // An id of ICMP stands in the same place in both tuples, and belongs to whoever asks.
  const icmp = flow.protocol == Protocol.ICMP || flow.protocol == Protocol.ICMPV6;
  let source = (icmp ? ports : ports >>> 16) != 0;
  let destination = !icmp && (ports & 0xffff) != 0;
  if (six) {
    const was = flow6(flow);
    source = source || was.replyDst0 != more.replyDst0 || was.replyDst1 != more.replyDst1;
    destination = destination || was.replySrc0 != more.replySrc0 || was.replySrc1 != more.replySrc1;
  } else {
    const address = flow.replyAddress ^ more.replySrc0;
    source = source || address >>> 32 != 0;
    destination = destination || <u32>address != 0;
  }
  return (source ? Status.SRC_NAT : 0) | (destination ? Status.DST_NAT : 0);
}
