export type { FlowCounters, FlowInfo, FlowTuple } from "../flow.js";
export { flowJson } from "./json.js";
export { kernelLogLine, type LogContext, type LogDetail } from "./kernel-log.js";
export { type ExpectationInfo, expectationLine, legacyProcLine, procLine } from "./proc.js";
