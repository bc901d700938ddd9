/** Rows into the table of a new engine. */
import { extend, Extension } from "../flow-extension";
import { allocateFlow, countersOf, natLinksOf } from "../flow-slab";
import { touchChunk } from "../flow-table";
import { addGreKeys } from "../gre-call";
import { COUNTERS_SIZE, Flow, FLOW4_SIZE, Kind, ONE_WAY_ZONE, SLOT_KIND } from "../layout";
import { confirmFlow, forgetFlow, reserveFlows } from "../lifecycle";
import { Direction } from "../shared/ct-state";
import { Protocol } from "../shared/protocol";
import { SctpState } from "../shared/sctp-state";
import { Status } from "../shared/status";
import { TcpState } from "../shared/tcp-state";
import { addSource } from "../source-index";
import { timeoutPolicyCount } from "../timeout";
import { hashFlow } from "../tuple-hash";
import {
  addressBytes,
  copyAddresses,
  copyWords,
  EXTENSION_SIZE,
  HEAD,
  Part,
  place,
  rowBytes,
  SavedExtension,
  SavedFlow,
  WORDS,
} from "./row";

/** Rows whose index chunks are touched before any is needed, so that their misses overlap: a third of the time. */
const GROUP: u32 = 64;
const hashes: usize = memory.data(GROUP * 8, 8);

/** To be called before the first row is loaded: makes room for what is said to come, as far as so many bytes can hold it. */
export function expectFlows(flows: u32, bytes: u32): void {
  reserveFlows(min(flows, bytes / HEAD));
}

/**
 * Enters the rows in the buffer, up to the first that is not whole: returns the bytes of those that were entered. When
 * less than the largest row is left, all is well; otherwise rows are damaged, or there is no memory.
 */
export function loadFlows(bytes: u32): u32 {
  place.loaded = 0;
  place.linked = 0;
  let done: u32 = 0;
  for (let group = loadGroup(done, bytes); group; group = loadGroup(done, bytes)) done += group;
  return done;
}

/** Enters the next rows; returns their bytes, 0 for none. */
function loadGroup(first: u32, bytes: u32): u32 {
  let done = first;
  let rows: u32 = 0;
  while (rows < GROUP && bytes - done >= HEAD) {
    const at = <usize>place.buffer + done;
    const row = changetype<SavedFlow>(at);
    if (!isWhole(row, bytes - done) || !createFlow(row, at)) break;
    const hash = hashFlow(changetype<Flow>(row.address), Direction.ORIGINAL);
    store<u64>(hashes + ((<usize>rows) << 3), hash);
    rows++;
    done += row.bytes;
  }
  // On their own, so that nothing is between them that fills the processor's window.
  for (let i: u32 = 0; i < rows; i++) touchChunk(load<u64>(hashes + ((<usize>i) << 3)));
  let at = <usize>place.buffer + first;
  for (let i: u32 = 0; i < rows; i++) {
    const row = changetype<SavedFlow>(at);
    if (!enterFlow(row, load<u64>(hashes + ((<usize>i) << 3)))) return 0;
    place.loaded++;
    if (row.parts & Part.LINKED) place.linked++;
    at += row.bytes;
  }
  return done - first;
}

export function loadedFlows(): u32 {
  return place.loaded;
}

/** Of those, the ones that TypeScript has to look at. */
export function linkedFlows(): u32 {
  return place.linked;
}

/** A newer minor version may have written more than is known here. */
function isWhole(row: SavedFlow, left: u32): bool {
  return row.bytes <= left && !(row.bytes & 7) && row.bytes >= rowBytes(row.kind, row.parts);
}

/** A flow like the row's that nobody can find yet. */
function createFlow(row: SavedFlow, at: usize): bool {
  const kind = <u32>row.kind;
  if ((kind & ONE_WAY_ZONE) == ONE_WAY_ZONE || !hasValidState(row)) return false;
  const flow = allocateFlow(kind & SLOT_KIND);
  if (!flow) return false;
  flow.originalPorts = row.originalPorts;
  flow.replyPorts = row.replyPorts;
  flow.deadline = row.deadline;
  flow.mark = row.mark;
  flow.zone = row.zone;
  flow.protocol = row.protocol;
  flow.kind = row.kind;
  flow.status = <u16>(row.status & ~Status.CONFIRMED);
  copyWords(changetype<usize>(flow) + offsetof<Flow>(), at + WORDS);
  const from = at + HEAD;
  if (kind & Kind.IPV6) {
    copyAddresses(changetype<usize>(flow) + FLOW4_SIZE, from);
  } else {
    flow.originalAddress = load<u64>(from);
    flow.replyAddress = load<u64>(from, 8);
  }
  if (kind & Kind.COUNTERS) memory.copy(countersOf(flow), from + addressBytes(kind), COUNTERS_SIZE);
  row.address = <u32>changetype<usize>(flow);
  return true;
}

/** Enters the flow made of the row, with what else the row says of it. */
function enterFlow(row: SavedFlow, hash: u64): bool {
  const flow = changetype<Flow>(row.address);
  if (!confirmFlow(flow, hash)) {
    forgetFlow(flow);
    return false;
  }
  if (row.kind & Kind.NAT) {
    natLinksOf(flow).masqueradeDevice = row.masqueradeDevice;
    if (row.indexed) addSource(flow);
  }
  if (!(row.parts & Part.EXTENSION)) return true;
  const extension = changetype<usize>(row) + rowBytes(row.kind, row.parts) - EXTENSION_SIZE;
  return loadExtension(flow, changetype<SavedExtension>(extension), row.parts);
}

/** Trackers look their states up in tables. */
function hasValidState(row: SavedFlow): bool {
  const state = (<u32>row.words) & 15;
  if (row.protocol == Protocol.TCP) return state <= <u32>TcpState.SYN_SENT2;
  return row.protocol != Protocol.SCTP || state <= <u32>SctpState.HEARTBEAT_SENT;
}

function loadExtension(flow: Flow, from: SavedExtension, parts: u32): bool {
  if (<u32>from.timeoutPolicy > timeoutPolicyCount()) return false;
  const to = extend(flow);
  if (!to) return false;
  to.start = from.start;
  to.pendingChanges = from.pendingChanges;
  to.helper = from.helper;
  to.greCall = from.greCall;
  to.leadsGreCalls = from.leadsGreCalls;
  to.eventsChosen = from.eventsChosen;
  to.eventMask = from.eventMask;
  to.timeoutPolicy = from.timeoutPolicy;
  to.labels0 = from.labels0;
  to.labels1 = from.labels1;
  to.originalPosition = from.originalPosition;
  to.originalBefore = from.originalBefore;
  to.originalAfter = from.originalAfter;
  to.replyPosition = from.replyPosition;
  to.replyBefore = from.replyBefore;
  to.replyAfter = from.replyAfter;
  return !(parts & Part.GRE_KEYS) || addGreKeys(<u32>changetype<usize>(flow));
}

/** Name of the flow's master in the row at `offset` of the buffer, 0 for none. */
export function savedMaster(offset: u32): u32 {
  const row = changetype<SavedFlow>(place.buffer + offset);
  return changetype<SavedExtension>(place.buffer + offset + rowBytes(row.kind, row.parts) - EXTENSION_SIZE)
    .master;
}

/** Makes one flow the announcer of another. */
export function linkMaster(flow: u32, master: u32): void {
  const extension = extend(changetype<Flow>(flow));
  const above = extend(changetype<Flow>(master));
  if (!extension || !above) return;
  extension.master = master;
  extension.masterGeneration = changetype<Flow>(master).generation;
  above.children++;
}
