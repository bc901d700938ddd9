/** Sizes and offsets for TypeScript: the only way it learns them. */
import {
  COUNTERS_SIZE,
  Flow,
  Flow6,
  FLOW4_SIZE,
  FLOW6_SIZE,
  Kind,
  Packet,
  PacketFlag,
  Stage,
} from "./layout";
import { Route, ROUTE } from "./device";
import { HZ } from "./limits";
import { ANNOUNCER, Event, EventMore, MORE } from "./event-ring";
import { Expectation } from "./expectation";
import { Extension } from "./flow-extension";
import { Field, Filter, FILTER_SIZE } from "./flow-query";
import { Change, ChangeField, SETTABLE } from "./flow-update";
import { LogRecord } from "./log-ring";
import { Batch, ROW_SIZE, ROWS } from "./batch-memory";
import { Deal, DEALT_BYTES as DEALT, DEALT_PACKETS as PACKETS, Hand, HANDS } from "./deal";
import { MAX_TIMEOUT_POLICIES } from "./timeout";
import { GreFlow } from "./tracker/gre";
import { Part, SavedFlow } from "./snapshot/row";
import { SctpFlow } from "./tracker/sctp";
import { TcpFlow } from "./tracker/tcp-flow";

export const TICKS_PER_SECOND: u32 = HZ;

export const PACKET_SIZE: u32 = ROW_SIZE;
export const BATCH_ROWS: u32 = ROWS;
export const BATCH_TIMES: usize = offsetof<Batch>("times");
export const BATCH_DATA: usize = offsetof<Batch>("data");
export const BATCH_LENGTHS: usize = offsetof<Batch>("lengths");
export const BATCH_WIRE_LENGTHS: usize = offsetof<Batch>("wireLengths");
export const BATCH_CT_STATES: usize = offsetof<Batch>("ctStates");
export const BATCH_BYTES: usize = offsetof<Batch>("bytes");
export const PACKET_DATA: usize = offsetof<Packet>("data");
export const PACKET_LENGTH: usize = offsetof<Packet>("length");
export const PACKET_LINK: usize = offsetof<Packet>("link");
export const PACKET_HOOK: usize = offsetof<Packet>("hook");
export const PACKET_CONFIRM: usize = offsetof<Packet>("confirm");
export const PACKET_CT_STATE: usize = offsetof<Packet>("ctState");
export const PACKET_DIRECTION: usize = offsetof<Packet>("direction");
export const PACKET_VERDICT: usize = offsetof<Packet>("verdict");
export const PACKET_REASON: usize = offsetof<Packet>("reason");
export const PACKET_FLOW: usize = offsetof<Packet>("flow");
export const PACKET_GENERATION: usize = offsetof<Packet>("generation");
export const PACKET_NUMBERS: usize = offsetof<Packet>("a");

export const FLOW_ORIGINAL_ADDRESS: usize = offsetof<Flow>("originalAddress");
export const FLOW_ORIGINAL_PORTS: usize = offsetof<Flow>("originalPorts");
export const FLOW_REPLY_PORTS: usize = offsetof<Flow>("replyPorts");
export const FLOW_REPLY_ADDRESS: usize = offsetof<Flow>("replyAddress");
export const FLOW_DEADLINE: usize = offsetof<Flow>("deadline");
export const FLOW_STATUS: usize = offsetof<Flow>("status");
export const FLOW_PROTOCOL: usize = offsetof<Flow>("protocol");
export const FLOW_KIND: usize = offsetof<Flow>("kind");
export const FLOW_ZONE: usize = offsetof<Flow>("zone");
export const FLOW_GENERATION: usize = offsetof<Flow>("generation");
export const FLOW_EXTENSION: usize = offsetof<Flow>("extension");
export const EXTENSION_HELPER: usize = offsetof<Extension>("helper");
export const EXTENSION_MASTER: usize = offsetof<Extension>("master");
export const EXTENSION_CHILDREN: usize = offsetof<Extension>("children");
export const EXTENSION_EXPECTATIONS: usize = offsetof<Extension>("expectations");
export const EXTENSION_START: usize = offsetof<Extension>("start");
export const FLOW_MARK: usize = offsetof<Flow>("mark");
/** Each tracker with states keeps them in the low four bits of this byte. */
export const FLOW_STATE: usize = offsetof<Flow>();
export const FLOW_KIND_IPV6: u32 = Kind.IPV6;
export const FLOW_KIND_COUNTERS: u32 = Kind.COUNTERS;
export const FLOW_KIND_ZONE_ORIGINAL: u32 = Kind.ZONE_ORIGINAL;
export const FLOW_KIND_ZONE_REPLY: u32 = Kind.ZONE_REPLY;
export const PACKET_IN_DEVICE: usize = offsetof<Packet>("inDevice");
export const PACKET_OUT_DEVICE: usize = offsetof<Packet>("outDevice");
export const PACKET_MARK: usize = offsetof<Packet>("mark");
export const PACKET_RULE: usize = offsetof<Packet>("rule");
export const PACKET_PATH: usize = offsetof<Packet>("path");
export const PACKET_AT: usize = offsetof<Packet>("at");
export const PACKET_PRIORITY: usize = offsetof<Packet>("priority");
export const PACKET_TRACED: u32 = PacketFlag.TRACE | PacketFlag.EXPLAINED;
export const PACKET_FLAGS: usize = offsetof<Packet>("flags");
export const PACKET_TABLE: usize = offsetof<Packet>("table");
export const FLOW4_BYTES: u32 = FLOW4_SIZE;
export const FLOW6_BYTES: u32 = FLOW6_SIZE;
export const FLOW6_ORIGINAL: usize = FLOW4_SIZE + offsetof<Flow6>("originalSrc0");
export const FLOW6_REPLY: usize = FLOW4_SIZE + offsetof<Flow6>("replySrc0");
export const TCP_SCALES: usize = offsetof<TcpFlow>("scales");
export const TCP_FLAGS: usize = offsetof<TcpFlow>("originalFlags");
/** Four words a side. */
export const TCP_PEERS: usize = offsetof<TcpFlow>("originalPeer");
export const SCTP_TAGS: usize = offsetof<SctpFlow>("originalTag");
export const GRE_TIMEOUT: usize = offsetof<GreFlow>("timeout");
export const GRE_STREAM_TIMEOUT: usize = offsetof<GreFlow>("streamTimeout");
/** In a row of a snapshot. */
export const SAVED_NAME: usize = offsetof<SavedFlow>("name");
export const SAVED_ADDRESS: usize = offsetof<SavedFlow>("address");
export const SAVED_BYTES: usize = offsetof<SavedFlow>("bytes");
export const SAVED_PARTS: usize = offsetof<SavedFlow>("parts");
export const PART_LINKED: u32 = Part.LINKED;
export const COUNTERS_BYTES: u32 = COUNTERS_SIZE;

export const EVENT_TIME: usize = offsetof<Event>("time");
export const EVENT_KIND: usize = offsetof<Event>("kind");
export const EVENT_CHANGES: usize = offsetof<Event>("changes");
export const EVENT_TIMEOUT: usize = offsetof<Event>("timeout");
export const EVENT_FLOW: usize = offsetof<Event>("flow");
export const EVENT_SIZE: usize = offsetof<Event>("size");
export const EVENT_COPY: usize = offsetof<Event>("copy");
export const EVENT_MORE: usize = MORE;
export const EVENT_COUNTERS: usize = MORE + offsetof<EventMore>("counters0");
export const EVENT_START: usize = MORE + offsetof<EventMore>("start");

export const EXPECTATION_SOURCE: usize = offsetof<Expectation>("source0");
export const EXPECTATION_SOURCE_MASK: usize = offsetof<Expectation>("sourceMask0");
export const EXPECTATION_DESTINATION: usize = offsetof<Expectation>("destination0");
export const EXPECTATION_PORTS: usize = offsetof<Expectation>("sourcePort");
export const EXPECTATION_ZONE: usize = offsetof<Expectation>("zone");
export const EXPECTATION_PROTOCOL: usize = offsetof<Expectation>("protocol");
export const EXPECTATION_FLAGS: usize = offsetof<Expectation>("flags");
export const EXPECTATION_POLICY: usize = offsetof<Expectation>("policy");
export const EXPECTATION_HELPER: usize = offsetof<Expectation>("helper");
export const EXPECTATION_DEADLINE: usize = offsetof<Expectation>("deadline");
export const EXPECTATION_MASTER: usize = offsetof<Expectation>("master");
export const EXPECTATION_NEXT_OF_MASTER: usize = offsetof<Expectation>("nextOfMaster");
export const EXPECTATION_ID: usize = offsetof<Expectation>("id");
export const EXPECTATION_EITHER_END: usize = offsetof<Expectation>("eitherEnd");
export const EXPECTATION_FOLLOW: usize = offsetof<Expectation>("follow");
export const EXPECTATION_FOLLOW_PORT: usize = offsetof<Expectation>("followPort");
export const EXPECTATION_FOLLOW_ADDRESS: usize = offsetof<Expectation>("followAddress0");
export const EXPECTATION_BYTES: u32 = offsetof<Expectation>();
export const PACKET_STAGE: usize = offsetof<Packet>("stage");
/** First of the stages in which a packet waits for its helper. */
export const STAGE_PAUSED: u32 = Stage.PAUSED_KNOWN;
export const PACKET_ADDRESS: usize = offsetof<Packet>("address");
export const PACKET_PORTS: usize = offsetof<Packet>("ports");
export const PACKET_PROTOCOL: usize = offsetof<Packet>("protocol");
export const PACKET_FAMILY: usize = offsetof<Packet>("family");
export const PACKET_ZONE: usize = offsetof<Packet>("zone");
export const PACKET_SRC6: usize = offsetof<Packet>("src0");
export const PACKET_L3: usize = offsetof<Packet>("l3");
export const PACKET_L3_LENGTH: usize = offsetof<Packet>("l3Length");
export const PACKET_L4: usize = offsetof<Packet>("l4");
export const PACKET_L4_LENGTH: usize = offsetof<Packet>("l4Length");
export const PACKET_L4_CAPTURED: usize = offsetof<Packet>("l4Captured");
export const EVENT_HELPER: usize = MORE + offsetof<EventMore>("helper");
export const EVENT_MASTER: usize = MORE + offsetof<EventMore>("master");
export const EVENT_ANNOUNCER: usize = ANNOUNCER;

export const ROUTE_SIZE: u32 = ROUTE;
export const ROUTE_TO: usize = offsetof<Route>("to0");
export const ROUTE_MASK: usize = offsetof<Route>("mask0");
export const ROUTE_SOURCE: usize = offsetof<Route>("source0");
export const ROUTE_FAMILY: usize = offsetof<Route>("family");
export const ROUTE_TYPE: usize = offsetof<Route>("type");
export const ROUTE_DEVICE: usize = offsetof<Route>("device");

export const FILTER_BYTES: u32 = FILTER_SIZE;
export const FILTER_FIELDS: usize = offsetof<Filter>("fields");
export const FILTER_FAMILY: usize = offsetof<Filter>("family");
export const FILTER_PROTOCOL: usize = offsetof<Filter>("protocol");
export const FILTER_STATE: usize = offsetof<Filter>("state");
export const FILTER_ZONE: usize = offsetof<Filter>("zone");
export const FILTER_STATUS_MASK: usize = offsetof<Filter>("statusMask");
export const FILTER_STATUS: usize = offsetof<Filter>("status");
export const FILTER_PORTS: usize = offsetof<Filter>("originalSport");
export const FILTER_MARK: usize = offsetof<Filter>("mark");
export const FILTER_MARK_MASK: usize = offsetof<Filter>("markMask");
export const FILTER_ADDRESSES: usize = offsetof<Filter>("address");
export const FIELD_FAMILY: u32 = Field.FAMILY;
export const FIELD_PROTOCOL: u32 = Field.PROTOCOL;
export const FIELD_STATE: u32 = Field.STATE;
export const FIELD_ZONE: u32 = Field.ZONE;
export const FIELD_STATUS: u32 = Field.STATUS;
export const FIELD_MARK: u32 = Field.MARK;
/** The four ports' bits follow one another, as do the four addresses'. */
export const FIELD_PORTS: u32 = Field.ORIGINAL_SPORT;
export const FIELD_ADDRESSES: u32 = Field.ORIGINAL_SRC;

export const LOG_RECORD_BYTES: u32 = offsetof<LogRecord>();
export const LOG_RECORD_TIME: usize = offsetof<LogRecord>("time");
export const LOG_RECORD_KIND: usize = offsetof<LogRecord>("kind");
export const LOG_RECORD_HOOK: usize = offsetof<LogRecord>("hook");
export const LOG_RECORD_FAMILY: usize = offsetof<LogRecord>("family");
export const LOG_RECORD_PROTOCOL: usize = offsetof<LogRecord>("protocol");
export const LOG_RECORD_SUBJECT: usize = offsetof<LogRecord>("subject");
export const LOG_RECORD_NUMBERS: usize = offsetof<LogRecord>("a");
export const LOG_RECORD_MARK: usize = offsetof<LogRecord>("mark");
export const LOG_RECORD_DEVICES: usize = offsetof<LogRecord>("inDevice");
export const LOG_RECORD_LENGTH: usize = offsetof<LogRecord>("bytes");
export const LOG_RECORD_OWNER: usize = offsetof<LogRecord>("owned");
export const LOG_RECORD_LINK_LENGTH: usize = offsetof<LogRecord>("linkBytes");

export const EXTENSION_LABELS: usize = offsetof<Extension>("labels0");
export const EVENT_LABELS: usize = MORE + offsetof<EventMore>("labels0");
export const FILTER_LABELS: usize = offsetof<Filter>("labels0");
export const FIELD_LABELS: u32 = Field.LABELS;
export const CHANGE_BYTES: u32 = offsetof<Change>();
export const CHANGE_FIELDS: usize = offsetof<Change>("fields");
export const CHANGE_MARK: usize = offsetof<Change>("mark");
export const CHANGE_MARK_MASK: usize = offsetof<Change>("markMask");
export const CHANGE_SECONDS: usize = offsetof<Change>("seconds");
export const CHANGE_STATUS: usize = offsetof<Change>("status");
export const CHANGE_LABELS: usize = offsetof<Change>("labels0");
export const CHANGE_LABEL_MASK: usize = offsetof<Change>("labelMask0");
export const CHANGES_MARK: u32 = ChangeField.MARK;
export const CHANGES_TIMEOUT: u32 = ChangeField.TIMEOUT;
export const CHANGES_STATUS: u32 = ChangeField.STATUS;
export const CHANGES_LABELS: u32 = ChangeField.LABELS;
export const STATUS_SETTABLE: u32 = SETTABLE;
export const TIMEOUT_POLICIES: u32 = MAX_TIMEOUT_POLICIES;
export const PACKET_TEMPLATE: usize = offsetof<Packet>("template");
export const DEALT_PACKETS: u32 = PACKETS;
export const DEALT_BYTES: u32 = DEALT;
export const DEAL_LATEST: usize = offsetof<Deal>("latest");
export const DEAL_SIZE: usize = offsetof<Deal>("bytes");
export const DEAL_CUT: usize = offsetof<Deal>("cut");
export const DEAL_HANDS: u32 = HANDS;
export const HAND_SIZE: usize = offsetof<Hand>();
export const HAND_COLUMNS: usize = offsetof<Hand>("columns");
export const HAND_PACKETS: usize = offsetof<Hand>("packets");
export const HAND_COUNT: usize = offsetof<Hand>("count");
