/** A flow as a row of a table: the columns of CSV and Parquet. */
import { Status } from "../../assembly/shared/status.js";
import { addressText } from "../address.js";
import type { PrintedFlow } from "./printed-flow.js";

/** A flow of the table, or one that has ended. */
export interface FlowRow extends Omit<PrintedFlow, "use"> {
  /** When it ended, in milliseconds since the Unix epoch; undefined for one that lives. */
  readonly end?: number | undefined;
}

export type Cell = string | number | boolean | undefined;

export interface Column {
  readonly name: string;
  /** `number`: up to 2^53, fractions included; `uint32`: whole. */
  readonly type: "string" | "uint32" | "number" | "boolean";
  of(flow: FlowRow): Cell;
}

const column = (name: string, type: Column["type"], of: Column["of"]): Column => ({ name, type, of });

export const FLOW_COLUMNS: readonly Column[] = [
  column("id", "uint32", ({ id }) => id),
  column("family", "string", ({ family }) => family),
  column("protocol", "string", ({ protocol }) => protocol),
  column("protocolNumber", "uint32", ({ protocolNumber }) => protocolNumber),
  column("state", "string", ({ state }) => state),
  column("timeout", "uint32", ({ timeout }) => timeout),
  column("src", "string", ({ original }) => addressText(original.src)),
  column("dst", "string", ({ original }) => addressText(original.dst)),
  column("sport", "uint32", ({ original }) => original.sport),
  column("dport", "uint32", ({ original }) => original.dport),
  column("icmpType", "uint32", ({ original }) => original.type),
  column("icmpCode", "uint32", ({ original }) => original.code),
  column("icmpId", "uint32", ({ original }) => original.icmpId),
  column("srckey", "uint32", ({ original }) => original.srckey),
  column("dstkey", "uint32", ({ original }) => original.dstkey),
  column("replySrc", "string", ({ reply }) => addressText(reply.src)),
  column("replyDst", "string", ({ reply }) => addressText(reply.dst)),
  column("replySport", "uint32", ({ reply }) => reply.sport),
  column("replyDport", "uint32", ({ reply }) => reply.dport),
  column("seenReply", "boolean", ({ status }) => (status & Status.SEEN_REPLY) !== 0),
  column("assured", "boolean", ({ status }) => (status & Status.ASSURED) !== 0),
  column("status", "uint32", ({ status }) => status),
  column("mark", "uint32", ({ mark }) => mark),
  column("zone", "uint32", ({ zone }) => zone),
  column("helper", "string", ({ helper }) => helper),
  column("packets", "number", ({ counters }) => counters?.original.packets),
  column("bytes", "number", ({ counters }) => counters?.original.bytes),
  column("replyPackets", "number", ({ counters }) => counters?.reply.packets),
  column("replyBytes", "number", ({ counters }) => counters?.reply.bytes),
  column("start", "number", ({ start }) => start),
  column("end", "number", ({ end }) => end),
];

/** The first line of CSV (RFC 4180), without its end. */
export const CSV_HEAD: string = FLOW_COLUMNS.map(({ name }) => name).join(",");

/** One line of CSV, without its end. */
export function flowCsv(flow: FlowRow): string {
  return FLOW_COLUMNS.map(({ of }) => quoted(of(flow))).join(",");
}

function quoted(cell: Cell): string {
  if (typeof cell !== "string") return cell === undefined ? "" : `${cell}`;
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
