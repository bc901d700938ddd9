/** What rules ask of addresses, protocols, ports and devices, as intervals of numbers: what a classifier can tell them apart by. */
import { Dimension } from "../../../assembly/shared/classifier-record.js";
import { Protocol } from "../../../assembly/shared/protocol.js";
import type { Rule } from "../ruleset.js";
import type { AddressBytes, InterfacePattern, Inverted, Network, Range } from "../values.js";
import { deviceName } from "./device-name.js";
import { addressNumber } from "./matches/iprange.js";

/** Both ends belong to it. */
export interface Interval {
  readonly min: bigint;
  readonly max: bigint;
}

/** The values of a dimension that a rule may match; undefined: any. Too many are no harm, too few are. */
export function intervalsOf(rule: Rule, dimension: Dimension): readonly Interval[] | undefined {
  switch (dimension) {
    case Dimension.SOURCE:
      return addressesOf(rule, rule.source, "source");
    case Dimension.DESTINATION:
      return addressesOf(rule, rule.destination, "destination");
    case Dimension.PROTOCOL: {
      const { protocol } = rule;
      return protocol && !protocol.invert
        ? [{ min: BigInt(protocol.number), max: BigInt(protocol.number) }]
        : undefined;
    }
    case Dimension.IN:
      return namesOf(rule.in);
    case Dimension.OUT:
      return namesOf(rule.out);
    default:
      return portsOf(rule, dimension === Dimension.SOURCE_PORT ? "source" : "destination");
  }
}

type End = "source" | "destination";

function addressesOf(rule: Rule, network: Inverted<Network> | undefined, end: End): Interval[] | undefined {
  if (network && !network.invert) {
    const interval = networkInterval(network);
    if (interval) return [interval];
  }
  for (const match of rule.matches) {
    const range = match.name === "iprange" ? match[end] : undefined;
    if (range && !range.invert) return [{ min: addressNumber(range.min), max: addressNumber(range.max) }];
  }
  return undefined;
}

/** A mask with holes makes no interval. */
function networkInterval({ address, mask }: Network): Interval | undefined {
  const bits = BigInt(8 * mask.length);
  const hosts = (1n << bits) - 1n - addressNumber(mask);
  if ((hosts & (hosts + 1n)) !== 0n || hosts + 1n === 1n << bits) return undefined;
  const min = addressNumber(address as AddressBytes);
  return { min, max: min | hosts };
}

/** Names as numbers of 16 bytes: a pattern stands for all that begin like it. */
function namesOf(pattern: Inverted<InterfacePattern> | undefined): Interval[] | undefined {
  if (!pattern || pattern.invert) return undefined;
  const { bytes, compared } = deviceName(pattern);
  const rest = (1n << BigInt(8 * (bytes.length - compared))) - 1n;
  const min = addressNumber([...bytes]);
  return compared === 0 ? undefined : [{ min, max: min | rest }];
}

const WITH_PORTS: readonly number[] = [
  Protocol.TCP,
  Protocol.UDP,
  Protocol.UDPLITE,
  Protocol.SCTP,
  Protocol.DCCP,
];

function portsOf(rule: Rule, end: End): readonly Interval[] | undefined {
  const { protocol } = rule;
  if (!protocol || protocol.invert || !WITH_PORTS.includes(protocol.number)) return undefined;
  for (const match of rule.matches) {
    const ranges = portRanges(match, end);
    if (ranges) return ranges.map(({ min, max }) => ({ min: BigInt(min), max: BigInt(max) }));
  }
  return undefined;
}

function portRanges(match: Rule["matches"][number], end: End): readonly Range[] | undefined {
  switch (match.name) {
    case "tcp":
    case "udp":
    case "sctp": {
      const range = end === "source" ? match.sourcePort : match.destinationPort;
      return range && !range.invert ? [range] : undefined;
    }
    case "multiport":
      return match.ports === end && !match.invert ? match.ranges : undefined;
    default:
      return undefined;
  }
}
