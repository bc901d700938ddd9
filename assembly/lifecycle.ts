/** How a flow enters the table and how it leaves it: the only places where index, slab and events meet. */
import { now, nowMs } from "./clock";
import { emitEvent } from "./event-ring";
import { hintFor } from "./flow";
import { extend, releaseExtension } from "./flow-extension";
import { insertEntry, removeEntry } from "./flow-table";
import { allocateFlow, freeFlow, hintOf } from "./flow-slab";
import { Flow, Kind, Packet } from "./layout";
import { Direction } from "./shared/ct-state";
import { EventBit, EventKind } from "./shared/event";
import { Family } from "./shared/protocol";
import { Stat } from "./shared/stat";
import { Status } from "./shared/status";
import { Sysctl } from "./shared/sysctl";
import { count } from "./stats";
import { sysctl } from "./sysctl";
import { setTuples } from "./tuple";
import { hashFlow } from "./tuple-hash";

/** A flow for the packet's tuple that nobody can find yet; null when memory is out. */
export function createFlow(packet: Packet): Flow | null {
  let kind: u32 = packet.family == Family.IPV6 ? Kind.IPV6 : 0;
  if (sysctl(Sysctl.ACCT)) kind |= Kind.COUNTERS;
  const flow = allocateFlow(kind);
  if (flow) setTuples(flow, packet);
  return flow;
}

/** Forgets a flow that was never confirmed: as if its packet had not been seen. */
// @ts-ignore: decorator
@inline
export function discardFlow(flow: Flow): void {
  freeFlow(flow);
}

/** Enters the flow into the table. False when the index has no room left. */
export function confirmFlow(flow: Flow, hash: u64): bool {
  if (!insertEntry(flow, Direction.ORIGINAL, hash)) {
    count(Stat.INSERT_FAILED);
    return false;
  }
  const replyHash = hashFlow(flow, Direction.REPLY);
  if (replyHash != hash && !insertEntry(flow, Direction.REPLY, replyHash)) {
    removeEntry(flow, Direction.ORIGINAL, hash);
    count(Stat.INSERT_FAILED);
    return false;
  }
  flow.status |= <u16>Status.CONFIRMED;
  store<u32>(hintOf(flow), hintFor(flow, now()));
  if (sysctl(Sysctl.TIMESTAMP)) {
    const extension = extend(flow);
    if (extension) extension.start = nowMs();
  }
  return true;
}

/** Takes the flow out of the table, tells of it and frees its place. */
export function destroyFlow(flow: Flow): void {
  const hash = hashFlow(flow, Direction.ORIGINAL);
  const replyHash = hashFlow(flow, Direction.REPLY);
  removeEntry(flow, Direction.ORIGINAL, hash);
  if (replyHash != hash) removeEntry(flow, Direction.REPLY, replyHash);
  flow.status |= <u16>Status.DYING;
  emitEvent(flow, EventKind.DESTROY, EventBit.DESTROY);
  if (flow.extension) releaseExtension(flow);
  freeFlow(flow);
}
