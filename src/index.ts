export { CtState } from "../assembly/shared/ct-state.js";
export { LinkType } from "../assembly/shared/link-type.js";
export { Status } from "../assembly/shared/status.js";
export { TcpState } from "../assembly/shared/tcp-state.js";
export type { Batch } from "./batch.js";
export type { BatchOptions } from "./batch-options.js";
export type { StateCount } from "./census.js";
export type { Checkpoint } from "./checkpoint.js";
export { Conntrack, type ConntrackMemory, type TrackOptions } from "./conntrack.js";
export type { ConntrackOptions } from "./conntrack-options.js";
export { ConntrackError, type ErrorCode } from "./errors.js";
export type { ConntrackEvent, EventChange, ExpectationEvent, FlowEvent } from "./events.js";
export {
  Firewall,
  type FirewallBatchOptions,
  type FirewallOptions,
  type ProcessOptions,
  type RulesetTexts,
} from "./firewall.js";
export type { FirewallResult, Reply } from "./firewall-result.js";
export type { Flow, FlowCounters, FlowInfo, FlowTuple, ZoneDirection } from "./flow.js";
export type { FlowFilter } from "./flow-filter.js";
export type { FlowChanges } from "./flow-update.js";
export type { HelperFailure } from "./helper-runner.js";
export type { Helper, HelperContext } from "./helpers/helper.js";
export type { Insertion } from "./insertion.js";
export type { LogEntry } from "./log.js";
export type { NetworkOptions, RouteOption } from "./network.js";
export type { PacketArray } from "./packet-array.js";
export type { CtStateName, DirectionName, ReasonCode, TrackResult, VerdictName } from "./result.js";
export type { MatchOutcome, RuleVisit } from "./rules/explanation.js";
export type { RuleName } from "./rules/program.js";
export type { HookName, TableName } from "./rules/ruleset.js";
export type { RejectType } from "./rules/targets/reject.js";
export type { ShardedFlow } from "./sharded/shard.js";
export type { ShardedBatch } from "./sharded/sharded-batch.js";
export { ShardedConntrack, type ShardedConntrackOptions } from "./sharded/sharded-conntrack.js";
export type { ConntrackStats } from "./stats.js";
export type { Port, PortCounters } from "./stream/port.js";
export type { FirewallStream, PortOptions, StreamCounters, StreamOptions } from "./stream/stream.js";
export { SourceError } from "./text/source.js";
export type { TimeoutPolicy, TimeoutProtocol } from "./timeout-policy.js";
