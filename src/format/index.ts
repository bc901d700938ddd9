export type { FlowCounters, FlowInfo, FlowTuple } from "../flow.js";
export { numberOfProtocol } from "../protocol.js";
export { labelOf, parseConnlabels } from "../text/connlabels.js";
export { type Column, CSV_HEAD, FLOW_COLUMNS, type FlowRow, flowCsv } from "./columns.js";
export {
  conntrackExpectEventLine,
  conntrackExpectLine,
  type ListedExpectation,
  type ListedExpectationEvent,
} from "./conntrack-expect.js";
export { conntrackEventLine, conntrackLine } from "./conntrack-line.js";
export { conntrackEventSave, conntrackSave } from "./conntrack-save.js";
export { conntrackEventXml, conntrackXml, XML_HEAD, XML_TAIL } from "./conntrack-xml.js";
export { insertionOf } from "./insertion.js";
export { eventJson, expectationEventJson, flowJson } from "./json.js";
export { kernelLogLine, type LogContext, type LogDetail } from "./kernel-log.js";
export { LineWriter } from "./line-writer.js";
export type { ConntrackOptions, ListedEvent, ListedFlow } from "./listed-flow.js";
export { parseListing, parseListingLine } from "./listing.js";
export type { PrintedFlow, PrintedTuple } from "./printed-flow.js";
export {
  type ExpectationInfo,
  expectationLine,
  legacyProcLine,
  procLine,
  writeLegacyProc,
  writeProc,
} from "./proc.js";
export { conntrackStatsLine, procStat, prometheusText } from "./stat.js";
