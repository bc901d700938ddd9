import type { Inverted, Range } from "../values.js";

export interface UdpMatch {
  readonly name: "udp";
  readonly sourcePort?: Inverted<Range>;
  readonly destinationPort?: Inverted<Range>;
}
