/** Changes to flows from outside, as ctnetlink makes them for `conntrack -U`. */
import { now } from "./clock";
import { emitEvent } from "./event-ring";
import { setTimeout } from "./flow";
import { replaceLabels } from "./flow-labels";
import { nextFlow, startWalk } from "./flow-query";
import { Flow } from "./layout";
import { EventBit, EventKind } from "./shared/event";
import { Protocol } from "./shared/protocol";
import { Status } from "./shared/status";

/** What is to be changed: filled in by the caller of updateFlows(). A field counts when its bit is set in `fields`. */
@unmanaged
export class Change {
  fields: u32;
  mark: u32;
  /** Bits of the mark that are replaced. */
  markMask: u32;
  seconds: u32;
  labels0: u64;
  labels1: u64;
  /** Labels that are replaced. */
  labelMask0: u64;
  labelMask1: u64;
  status: u32;
}

/** Bits of Change.fields. */
export enum ChangeField {
  MARK = 1,
  TIMEOUT = 2,
  STATUS = 4,
  LABELS = 8,
}

export const change = changetype<Change>(memory.data(offsetof<Change>(), 8));

/** The status bits that may be set from outside; none may be cleared. */
export const SETTABLE: u32 = Status.SEEN_REPLY | Status.ASSURED | Status.FIXED_TIMEOUT;

/** Changes all flows that match the filter. Returns how many. */
export function updateFlows(): u32 {
  let updated: u32 = 0;
  startWalk(0, 0);
  for (let flow = nextFlow(); flow; flow = nextFlow()) {
    update(changetype<Flow>(flow));
    updated++;
  }
  return updated;
}

function update(flow: Flow): void {
  const fields = change.fields;
  if (fields & ChangeField.TIMEOUT) setTimeout(flow, now(), change.seconds);
  if (fields & ChangeField.STATUS) flow.status |= <u16>(change.status & SETTABLE);
  if (fields & ChangeField.MARK) flow.mark = (flow.mark & ~change.markMask) ^ change.mark;
  if (fields & ChangeField.LABELS) {
    replaceLabels(flow, change.labels0, change.labels1, change.labelMask0, change.labelMask1);
  }
  emitEvent(flow, EventKind.UPDATE, changesFromOutside(flow, (fields & ChangeField.LABELS) != 0));
}

/** ctnetlink tells of everything at once, changed or not. */
export function changesFromOutside(flow: Flow, labels: bool): u32 {
  let changes: u32 = EventBit.REPLY | EventBit.ASSURED | EventBit.MARK;
  if (flow.protocol == Protocol.TCP || flow.protocol == Protocol.SCTP) changes |= EventBit.PROTOINFO;
  return labels ? changes | EventBit.LABEL : changes;
}

/** What a helper does to its flow's timer: `seconds` from now, unless the timeout is fixed. */
export function refreshFlow(flow: u32, seconds: u32): void {
  const target = changetype<Flow>(flow);
  if (!(target.status & Status.FIXED_TIMEOUT)) setTimeout(target, now(), seconds);
}
