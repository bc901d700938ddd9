/** Sizes and offsets for TypeScript: the only way it learns them. */
import { COUNTERS_SIZE, Flow, Flow6, FLOW4_SIZE, FLOW6_SIZE, Kind, Packet } from "./layout";
import { HZ } from "./limits";
import { Event, EVENT_SIZE } from "./event-ring";
import { Extension } from "./flow-extension";
import { Field, Filter, FILTER_SIZE } from "./flow-query";
import { ROW_SIZE } from "./batch";
import { GreFlow } from "./tracker/gre";
import { SctpFlow } from "./tracker/sctp";
import { TcpFlow } from "./tracker/tcp-flow";

export const TICKS_PER_SECOND: u32 = HZ;

export const PACKET_SIZE: u32 = ROW_SIZE;
export const PACKET_TIME: usize = offsetof<Packet>("time");
export const PACKET_DATA: usize = offsetof<Packet>("data");
export const PACKET_LENGTH: usize = offsetof<Packet>("length");
export const PACKET_WIRE_LENGTH: usize = offsetof<Packet>("wireLength");
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
export const EXTENSION_START: usize = offsetof<Extension>("start");
export const FLOW_MARK: usize = offsetof<Flow>("mark");
/** Each tracker with states keeps them in the low four bits of this byte. */
export const FLOW_STATE: usize = offsetof<Flow>();
export const FLOW_KIND_IPV6: u32 = Kind.IPV6;
export const FLOW_KIND_COUNTERS: u32 = Kind.COUNTERS;
export const FLOW4_BYTES: u32 = FLOW4_SIZE;
export const FLOW6_BYTES: u32 = FLOW6_SIZE;
export const FLOW6_ORIGINAL: usize = FLOW4_SIZE + offsetof<Flow6>("originalSrc0");
export const FLOW6_REPLY: usize = FLOW4_SIZE + offsetof<Flow6>("replySrc0");
export const TCP_SCALES: usize = offsetof<TcpFlow>("scales");
export const TCP_FLAGS: usize = offsetof<TcpFlow>("originalFlags");
export const SCTP_TAGS: usize = offsetof<SctpFlow>("originalTag");
export const GRE_TIMEOUT: usize = offsetof<GreFlow>("timeout");
export const GRE_STREAM_TIMEOUT: usize = offsetof<GreFlow>("streamTimeout");
export const COUNTERS_BYTES: u32 = COUNTERS_SIZE;

export const EVENT_BYTES: u32 = EVENT_SIZE;
export const EVENT_TIME: usize = offsetof<Event>("time");
export const EVENT_KIND: usize = offsetof<Event>("kind");
export const EVENT_CHANGES: usize = offsetof<Event>("changes");
export const EVENT_TIMEOUT: usize = offsetof<Event>("timeout");
export const EVENT_FLOW: usize = offsetof<Event>("flow");
export const EVENT_COUNTERS: usize = offsetof<Event>("counters0");
export const EVENT_START: usize = offsetof<Event>("start");
export const EVENT_COPY: usize = offsetof<Event>("copy");

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
