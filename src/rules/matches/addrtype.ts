import { extension } from "../extension.js";
import { flag, invertible } from "../option.js";
import { given, words } from "../printers.js";
import { abbreviatedList } from "../readers.js";
import { list } from "../sight.js";
import type { Inverted } from "../values.js";

/** Address types in the kernel's numbering (RTN_): the index is the type. */
export const ADDRESS_TYPES = [
  "UNSPEC",
  "UNICAST",
  "LOCAL",
  "BROADCAST",
  "ANYCAST",
  "MULTICAST",
  "BLACKHOLE",
  "UNREACHABLE",
  "PROHIBIT",
  "THROW",
  "NAT",
  "XRESOLVE",
] as const;
export type AddressType = (typeof ADDRESS_TYPES)[number];

export interface AddrtypeMatch {
  readonly name: "addrtype";
  /** Any of these. */
  readonly source?: Inverted<{ readonly types: readonly AddressType[] }>;
  readonly destination?: Inverted<{ readonly types: readonly AddressType[] }>;
  /** Only addresses of the interface that the packet comes in by or goes out by. */
  readonly limitInterface?: "in" | "out";
}

const types = abbreviatedList(...ADDRESS_TYPES);

const options = {
  "src-type": invertible(types),
  "dst-type": invertible(types),
  "limit-iface-in": flag(),
  "limit-iface-out": flag(),
};

/** Types of IPv4 routes that IPv6 has not. */
const IPV4_ONLY: readonly AddressType[] = ["BROADCAST", "BLACKHOLE", "PROHIBIT", "THROW", "NAT", "XRESOLVE"];

export const addrtype = extension<AddrtypeMatch, typeof options>({
  name: "addrtype",
  options,
  required: [["src-type", "dst-type"]],
  exclusive: [["limit-iface-in", "limit-iface-out"]],

  build(given) {
    const side = given["limit-iface-in"] ? "in" : given["limit-iface-out"] && "out";
    const [source, destination] = [given["src-type"], given["dst-type"]].map(
      (one) => one && { types: one.value, invert: one.invert },
    );
    return {
      name: "addrtype",
      ...(source && { source }),
      ...(destination && { destination }),
      ...(side && { limitInterface: side }),
    };
  },

  refusal({ source, destination, limitInterface }, { family, hooks }) {
    const types = [...(source?.types ?? []), ...(destination?.types ?? [])];
    const foreign = family === "ipv6" ? types.find((type) => IPV4_ONLY.includes(type)) : undefined;
    if (foreign) return `IPv6 has no address type ${foreign}`;
    const wrong = limitInterface === "in" ? ["OUTPUT", "POSTROUTING"] : ["INPUT", "PREROUTING"];
    const hook = limitInterface && [...hooks].find((one) => wrong.includes(one));
    return hook && `a packet in ${hook} has no interface that it goes ${limitInterface} by`;
  },

  seen({ source, destination, limitInterface }, sight, { a, b }) {
    const device = limitInterface && (sight.fields[limitInterface] ?? "none");
    return list(
      source && `source ${typed(sight.source, a)}`,
      destination && `destination ${typed(sight.destination, b)}`,
      device && `interface ${device}`,
    );
  },

  print({ source, destination, limitInterface }) {
    return words(
      given("--src-type", source, ({ types }) => types.join(",")),
      given("--dst-type", destination, ({ types }) => types.join(",")),
      limitInterface && `--limit-iface-${limitInterface}`,
    );
  },
});

/** `found`: the type and 1; 0 where the address itself, or another condition, has been enough. */
function typed(address: string, found: bigint): string {
  return found === 0n ? address : `${address} (${ADDRESS_TYPES[Number(found) - 1]})`;
}
