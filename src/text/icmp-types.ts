/** Types of ICMP by the names that iptables has for them. */

export interface IcmpTypeName {
  readonly name: string;
  /** Undefined: any. */
  readonly type?: number;
  /** Undefined: any. */
  readonly code?: number;
}

/** Each row is a type with its names, then those of its codes from 0 on ("-": none). */
function types(...rows: readonly (readonly [type: number, names: string, codes?: string])[]): IcmpTypeName[] {
  return rows.flatMap(([type, names, codes = ""]) => [
    ...names.split(" ").map((name) => ({ name, type })),
    ...codes.split(" ").flatMap((name, code) => (name === "-" || name === "" ? [] : [{ name, type, code }])),
  ]);
}

export const ICMP_TYPES: readonly IcmpTypeName[] = [
  { name: "any" },
  ...types(
    [0, "echo-reply pong"],
    [
      3,
      "destination-unreachable",
      "network-unreachable host-unreachable protocol-unreachable port-unreachable fragmentation-needed " +
        "source-route-failed network-unknown host-unknown - network-prohibited host-prohibited " +
        "TOS-network-unreachable TOS-host-unreachable communication-prohibited host-precedence-violation " +
        "precedence-cutoff",
    ],
    [4, "source-quench"],
    [5, "redirect", "network-redirect host-redirect TOS-network-redirect TOS-host-redirect"],
    [8, "echo-request ping"],
    [9, "router-advertisement"],
    [10, "router-solicitation"],
    [11, "time-exceeded ttl-exceeded", "ttl-zero-during-transit ttl-zero-during-reassembly"],
    [12, "parameter-problem", "ip-header-bad required-option-missing"],
    [13, "timestamp-request"],
    [14, "timestamp-reply"],
    [17, "address-mask-request"],
    [18, "address-mask-reply"],
  ),
];

export const ICMP6_TYPES: readonly IcmpTypeName[] = types(
  [
    1,
    "destination-unreachable",
    "no-route communication-prohibited beyond-scope address-unreachable port-unreachable failed-policy reject-route",
  ],
  [2, "packet-too-big"],
  [3, "time-exceeded ttl-exceeded", "ttl-zero-during-transit ttl-zero-during-reassembly"],
  [4, "parameter-problem", "bad-header unknown-header-type unknown-option"],
  [128, "echo-request ping"],
  [129, "echo-reply pong"],
  [133, "router-solicitation"],
  [134, "router-advertisement"],
  [135, "neighbour-solicitation neighbor-solicitation"],
  [136, "neighbour-advertisement neighbor-advertisement"],
  [137, "redirect"],
);
