export type Ipv6HeaderName = "hop-by-hop" | "dst" | "route" | "frag" | "auth" | "esp" | "none" | "prot";

export interface Ipv6headerMatch {
  readonly name: "ipv6header";
  readonly invert: boolean;
  readonly headers: readonly Ipv6HeaderName[];
  /** Further headers may be there. */
  readonly soft: boolean;
}
