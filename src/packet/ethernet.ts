import { ConntrackError } from "../errors.js";
import { field, viewOf } from "./fields.js";

export interface EthernetFields {
  /** Six bytes in hexadecimal, with colons; default 02:00:00:00:00:01. */
  readonly src?: string;
  /** Default 02:00:00:00:00:02. */
  readonly dst?: string;
  /** 802.1Q VLAN, 0 to 4095; default: no tag. */
  readonly vlan?: number;
}

const VLAN_TAG = 0x8100;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;

/**
 * An Ethernet frame around an IP packet, not padded and without a frame check sequence.
 * @throws ConntrackError CT_BAD_OPTION for an address that is none, or what is no IP packet
 */
export function ethernet(packet: Uint8Array, fields: EthernetFields = {}): Uint8Array<ArrayBuffer> {
  const version = (packet[0] ?? 0) >> 4;
  if (version !== 4 && version !== 6)
    throw new ConntrackError("CT_BAD_OPTION", "the frame's content is no IP packet");
  const { vlan } = fields;
  const header = vlan === undefined ? 14 : 18;
  const frame = new Uint8Array(header + packet.length);
  const view = viewOf(frame);
  frame.set(macBytes("dst", fields.dst ?? "02:00:00:00:00:02"));
  frame.set(macBytes("src", fields.src ?? "02:00:00:00:00:01"), 6);
  if (vlan !== undefined) {
    view.setUint16(12, VLAN_TAG);
    view.setUint16(14, field("vlan", vlan, 4095));
  }
  view.setUint16(header - 2, version === 6 ? IPV6 : IPV4);
  frame.set(packet, header);
  return frame;
}

function macBytes(name: string, text: string): number[] {
  if (/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text))
    return text.split(":").map((byte) => Number.parseInt(byte, 16));
  throw new ConntrackError("CT_BAD_OPTION", `${name}: ${JSON.stringify(text)} is not an Ethernet address`);
}
