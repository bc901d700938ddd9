import type { AddressRange, Inverted } from "../values.js";

export interface IprangeMatch {
  readonly name: "iprange";
  readonly source?: Inverted<AddressRange>;
  readonly destination?: Inverted<AddressRange>;
}
