/** Which flows are meant: conditions that the engine checks while it walks the table. */
import { Family } from "../assembly/shared/protocol.js";
import { Status } from "../assembly/shared/status.js";
import { TcpState } from "../assembly/shared/tcp-state.js";
import { parseAddressRange } from "./address.js";
import type { Engine } from "./engine/engine.js";
import { writeLabels } from "./labels.js";
import { badOption, wholeNumber } from "./option-value.js";
import { numberOfProtocol } from "./protocol.js";

/** All given conditions must hold. Addresses may be ranges in CIDR notation. */
export interface FlowFilter {
  readonly family?: "ipv4" | "ipv6";
  /** A name that /proc/net/nf_conntrack uses, or a number from 0 to 255. */
  readonly protocol?: string | number;
  /** TCP state; implies protocol tcp. */
  readonly state?: keyof typeof TcpState;
  readonly zone?: number;
  readonly mark?: number;
  /** Bits of the mark that count; default all. */
  readonly markMask?: number;
  /** Numbers of labels that the flow must have, all of them. */
  readonly labels?: readonly number[];
  readonly assured?: boolean;
  readonly seenReply?: boolean;
  /** Original direction. */
  readonly src?: string;
  readonly dst?: string;
  readonly sport?: number;
  readonly dport?: number;
  /** Reply direction: source and destination of the answers. */
  readonly replySrc?: string;
  readonly replyDst?: string;
  readonly replySport?: number;
  readonly replyDport?: number;
}

const TCP = 6;
const ADDRESSES = ["src", "dst", "replySrc", "replyDst"] as const;
const PORTS = ["sport", "dport", "replySport", "replyDport"] as const;

/**
 * Writes the filter where the engine's next walk reads it.
 * @throws ConntrackError CT_BAD_OPTION
 */
export function writeFilter(engine: Engine, filter: FlowFilter): void {
  const { layout, u8 } = engine;
  const base = engine.call.filterAddress();
  u8.fill(0, base, base + layout.FILTER_BYTES);
  const view = new DataView(u8.buffer, base, layout.FILTER_BYTES);
  let fields = 0;

  let family = filter.family;
  ADDRESSES.forEach((name, i) => {
    const text = filter[name];
    if (text === undefined) return;
    const range = parseAddressRange(text);
    if (family && family !== range.family) bad(name, text, `an ${family} address`);
    family = range.family;
    u8.set(range.address, base + layout.FILTER_ADDRESSES + 32 * i);
    u8.set(range.mask, base + layout.FILTER_ADDRESSES + 32 * i + 16);
    fields |= layout.FIELD_ADDRESSES << i;
  });
  PORTS.forEach((name, i) => {
    const port = filter[name];
    if (port === undefined) return;
    view.setUint16(layout.FILTER_PORTS + 2 * i, whole(name, port, 0xffff), false);
    fields |= layout.FIELD_PORTS << i;
  });
  if (family !== undefined) {
    if (family !== "ipv4" && family !== "ipv6") throw bad("family", family, "ipv4 or ipv6");
    view.setUint8(layout.FILTER_FAMILY, family === "ipv4" ? Family.IPV4 : Family.IPV6);
    fields |= layout.FIELD_FAMILY;
  }
  const protocol = filter.protocol ?? (filter.state === undefined ? undefined : TCP);
  if (protocol !== undefined) {
    const number = typeof protocol === "number" ? protocol : numberOfProtocol(protocol);
    if (number === undefined) throw bad("protocol", protocol, "a protocol's name or number");
    view.setUint8(layout.FILTER_PROTOCOL, whole("protocol", number, 255));
    fields |= layout.FIELD_PROTOCOL;
  }
  if (filter.state !== undefined) {
    const state: TcpState | undefined = TcpState[filter.state];
    if (typeof state !== "number") throw bad("state", filter.state, "the name of a TCP state");
    view.setUint8(layout.FILTER_STATE, state);
    fields |= layout.FIELD_STATE;
  }
  if (filter.zone !== undefined) {
    view.setUint16(layout.FILTER_ZONE, whole("zone", filter.zone, 0xffff), true);
    fields |= layout.FIELD_ZONE;
  }
  if (filter.mark !== undefined) {
    const mask = whole("markMask", filter.markMask ?? 0xffffffff, 0xffffffff);
    view.setUint32(layout.FILTER_MARK, (whole("mark", filter.mark, 0xffffffff) & mask) >>> 0, true);
    view.setUint32(layout.FILTER_MARK_MASK, mask, true);
    fields |= layout.FIELD_MARK;
  }
  if (filter.labels !== undefined) {
    writeLabels(view, layout.FILTER_LABELS, filter.labels);
    if (filter.labels.length > 0) fields |= layout.FIELD_LABELS;
  }
  let mask = 0;
  let status = 0;
  for (const [wanted, bit] of [
    [filter.assured, Status.ASSURED],
    [filter.seenReply, Status.SEEN_REPLY],
  ] as const) {
    if (wanted === undefined) continue;
    mask |= bit;
    if (wanted) status |= bit;
  }
  if (mask) {
    view.setUint16(layout.FILTER_STATUS_MASK, mask, true);
    view.setUint16(layout.FILTER_STATUS, status, true);
    fields |= layout.FIELD_STATUS;
  }
  view.setUint32(layout.FILTER_FIELDS, fields, true);
}

const whole = (name: string, value: number, max: number) => wholeNumber(`filter ${name}`, value, max);

const bad = (name: string, value: unknown, expected: string) => badOption(`filter ${name}`, value, expected);
