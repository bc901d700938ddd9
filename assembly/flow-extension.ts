/** What few flows have: kept out of the record, in rows of two cache lines that a flow points to. */
import { reserveBlocks } from "./arena";
import { Flow } from "./layout";
import { BLOCK } from "./limits";


@unmanaged
export class Extension {
  /** nf_conntrack_timestamp: when the flow was confirmed, in the caller's milliseconds; NaN = not noted. */
  start: f64;
  /** EventBit set of changes that a packet made which never got as far as being confirmed. */
  pendingChanges: u16;
  /** Number of the flow's helper, 0 = none. */
  helper: u16;
  /** The flow that announced this one, and the generation of its slot; 0 = none. */
  master: u32;
  masterGeneration: u32;
  /** Flows that this one announced and that live. */
  children: u32;
  /** Newest of the expectations that this flow has made, 0 = none. */
  expectations: u32;
  /** First of the GRE keys that this flow has entered, 0 = none (gre-keymap.ts). */
  greKeys: u32;
  /** Ids of the GRE call that ends with this flow, in network order: client's | server's << 16. */
  greCall: u32;
  /** The client's id as the server knows it: another one where the flow is translated. */
  greOutside: u16;
  /** 1: GRE calls hang on this flow. */
  leadsGreCalls: u8;
  /** `--ctevents` of the flow: EventBit set it tells of; meaningful when `eventsChosen`. */
  eventsChosen: u8;
  eventMask: u16;
  /** Timeout policy of the flow, 0 = the sysctls. */
  timeoutPolicy: u16;
  /** 128 labels. */
  labels0: u64;
  labels1: u64;
  /** Sequence adjustment of the original and the reply direction: position, offsets before and after it. */
  originalPosition: u32;
  originalBefore: i32;
  originalAfter: i32;
  replyPosition: u32;
  replyBefore: i32;
  replyAfter: i32;
}

const ROW: u32 = 128;
if (offsetof<Extension>() > ROW) ERROR("Extension");

/** Free rows, linked through their first word. */
const freeRows: usize = memory.data(8, 8);

/** The flow's extension, made when it has none; null when memory is out. */
export function extend(flow: Flow): Extension | null {
  if (flow.extension) return changetype<Extension>(flow.extension);
  if (!load<u32>(freeRows) && !addRows()) return null;
  const row = load<u32>(freeRows);
  store<u32>(freeRows, load<u32>(row));
  memory.fill(row, 0, ROW);
  changetype<Extension>(row).start = NaN;
  flow.extension = row;
  return changetype<Extension>(row);
}

/** Changes made by a packet that is dropped later, or INVALID after all, are told with the flow's next packet. */
export function postponeChanges(flow: Flow, changes: u16): void {
  const extension = extend(flow);
  if (extension) extension.pendingChanges |= changes;
}

// @ts-ignore: decorator
@inline
export function takePendingChanges(flow: Flow): u16 {
  const extension = changetype<Extension>(flow.extension);
  const changes = extension.pendingChanges;
  extension.pendingChanges = 0;
  return changes;
}

export function releaseExtension(flow: Flow): void {
  store<u32>(flow.extension, load<u32>(freeRows));
  store<u32>(freeRows, flow.extension);
  flow.extension = 0;
}

function addRows(): bool {
  const block = <u32>reserveBlocks(1);
  if (!block) return false;
  for (let row = block; row < block + BLOCK; row += ROW) {
    store<u32>(row, load<u32>(freeRows));
    store<u32>(freeRows, row);
  }
  return true;
}
