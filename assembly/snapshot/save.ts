/** Flows of the table into rows. */
import { now } from "../clock";
import { Extension } from "../flow-extension";
import { isExpired } from "../flow";
import { countersOf, Extent, firstExtent, flowAt, natLinksOf } from "../flow-slab";
import { COUNTERS_SIZE, Flow, FLOW4_SIZE, Kind } from "../layout";
import { BLOCK } from "../limits";
import { Status } from "../shared/status";
import {
  addressBytes,
  BUFFER_BLOCKS,
  copyAddresses,
  copyWords,
  HEAD,
  LARGEST_ROW,
  Part,
  place,
  rowBytes,
  SavedExtension,
  SavedFlow,
  WORDS,
} from "./row";

function isSaved(flow: Flow, tick: u32): bool {
  return (flow.status & Status.CONFIRMED) != 0 && !isExpired(flow, tick);
}

/** Bytes of all rows. */
export function savedBytes(): f64 {
  let bytes: u64 = 0;
  const tick = now();
  for (let address = firstExtent(); address; address = changetype<Extent>(address).next) {
    const extent = changetype<Extent>(address);
    for (let slot: u32 = 0; slot < extent.slots; slot++) {
      const flow = flowAt(extent, slot);
      if (isSaved(flow, tick)) bytes += rowBytes(flow.kind, flow.extension ? Part.EXTENSION : 0);
    }
  }
  return <f64>bytes;
}

/** Fills the buffer with the next rows; returns their bytes, 0 when there are no more. */
export function saveFlows(): u32 {
  let at = <usize>place.buffer;
  const end = at + BUFFER_BLOCKS * BLOCK - LARGEST_ROW;
  const tick = now();
  while (place.extent) {
    const extent = changetype<Extent>(place.extent);
    while (place.slot < extent.slots) {
      if (at > end) return <u32>at - place.buffer;
      const flow = flowAt(extent, place.slot++);
      if (isSaved(flow, tick)) at += saveFlow(flow, at);
    }
    place.extent = extent.next;
    place.slot = 0;
  }
  return <u32>at - place.buffer;
}

function saveFlow(flow: Flow, at: usize): u32 {
  const row = changetype<SavedFlow>(at);
  const extension = changetype<Extension>(flow.extension);
  const parts = flow.extension ? partsOf(extension) : 0;
  const bytes = rowBytes(flow.kind, parts);
  row.name = <u32>changetype<usize>(flow);
  row.address = 0;
  row.bytes = bytes;
  row.originalPorts = flow.originalPorts;
  row.replyPorts = flow.replyPorts;
  row.deadline = flow.deadline;
  row.mark = flow.mark;
  row.status = flow.status;
  row.zone = flow.zone;
  row.protocol = flow.protocol;
  row.kind = flow.kind;
  row.parts = <u8>parts;
  row.indexed = 0;
  row.masqueradeDevice = 0;
  row.unused = 0;
  if (flow.kind & Kind.NAT) {
    row.indexed = <u8>natLinksOf(flow).indexed;
    row.masqueradeDevice = natLinksOf(flow).masqueradeDevice;
  }
  copyWords(at + WORDS, changetype<usize>(flow) + offsetof<Flow>());
  store<u32>(at, 0, HEAD - 4);
  at += HEAD;
  if (flow.kind & Kind.IPV6) {
    copyAddresses(at, changetype<usize>(flow) + FLOW4_SIZE);
  } else {
    store<u64>(at, flow.originalAddress);
    store<u64>(at, flow.replyAddress, 8);
  }
  at += addressBytes(flow.kind);
  if (flow.kind & Kind.COUNTERS) {
    memory.copy(at, countersOf(flow), COUNTERS_SIZE);
    at += COUNTERS_SIZE;
  }
  if (parts) saveExtension(extension, changetype<SavedExtension>(at));
  return bytes;
}

function partsOf(extension: Extension): u32 {
  let parts: u32 = Part.EXTENSION;
  if (masterOf(extension) || extension.children || extension.expectations || extension.helper)
    parts |= Part.LINKED;
  if (extension.greKeys) parts |= Part.GRE_KEYS;
  return parts;
}

/** The flow that announced this one, as long as it lives. */
function masterOf(extension: Extension): u32 {
  const master = changetype<Flow>(extension.master);
  return extension.master && master.generation == extension.masterGeneration ? extension.master : 0;
}

function saveExtension(from: Extension, to: SavedExtension): void {
  to.start = from.start;
  to.pendingChanges = from.pendingChanges;
  to.helper = from.helper;
  to.master = masterOf(from);
  to.greCall = from.greCall;
  to.leadsGreCalls = from.leadsGreCalls;
  to.eventsChosen = from.eventsChosen;
  to.eventMask = from.eventMask;
  to.timeoutPolicy = from.timeoutPolicy;
  to.unused = 0;
  to.labels0 = from.labels0;
  to.labels1 = from.labels1;
  to.originalPosition = from.originalPosition;
  to.originalBefore = from.originalBefore;
  to.originalAfter = from.originalAfter;
  to.replyPosition = from.replyPosition;
  to.replyBefore = from.replyBefore;
  to.replyAfter = from.replyAfter;
}
