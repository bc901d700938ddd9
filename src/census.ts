/** How many flows there are of each kind, counted without looking at them one by one from here. */
import { Protocol } from "../assembly/shared/protocol.js";
import { SctpState } from "../assembly/shared/sctp-state.js";
import { TcpState } from "../assembly/shared/tcp-state.js";
import type { Engine } from "./engine/engine.js";
import { nameOfProtocol } from "./protocol.js";

export interface StateCount {
  /** As /proc names it. */
  readonly protocol: string;
  readonly protocolNumber: number;
  /** Name of the TCP or SCTP state; undefined for protocols without states. */
  readonly state: string | undefined;
  readonly flows: number;
}

/** Those of several tables together. */
export function addCounts(tables: readonly (readonly StateCount[])[]): StateCount[] {
  const sums = new Map<number, StateCount>();
  for (const count of tables.flat()) {
    const states = NAMES.get(count.protocolNumber);
    const at = Object.entries(states ?? {}).find(([, name]) => name === count.state)?.[0] ?? 0;
    const word = count.protocolNumber * STATES + Number(at);
    sums.set(word, { ...count, flows: count.flows + (sums.get(word)?.flows ?? 0) });
  }
  return [...sums].sort(([a], [b]) => a - b).map(([, count]) => count);
}

const PROTOCOLS = 256;
const STATES = 16;
const NAMES: ReadonlyMap<number, Readonly<Record<number, string>>> = new Map<
  number,
  Readonly<Record<number, string>>
>([
  [Protocol.TCP, TcpState],
  [Protocol.SCTP, SctpState],
]);

/** Of the flows that match the filter written last; by protocol, then by state. */
export function readCensus(engine: Engine): StateCount[] {
  const { call, u32 } = engine;
  const first = (call.countByState() >>> 0) >>> 2;
  const counts: StateCount[] = [];
  for (let word = 0; word < PROTOCOLS * STATES; word++) {
    const flows = u32[first + word] ?? 0;
    if (flows === 0) continue;
    const protocolNumber = word >>> 4;
    const state = NAMES.get(protocolNumber)?.[word % STATES];
    counts.push({ protocol: nameOfProtocol(protocolNumber), protocolNumber, state, flows });
  }
  return counts;
}
