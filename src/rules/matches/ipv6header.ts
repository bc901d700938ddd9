import { Ipv6HeaderBit } from "../../../assembly/shared/header-records.js";
import { parseNumber } from "../../text/number.js";
import { splitWord } from "../../text/source.js";
import { extension } from "../extension.js";
import { flag, invertible, type Reader } from "../option.js";
import { given, words } from "../printers.js";
import { badArgument, named, ruleError } from "../rule-error.js";

export type Ipv6HeaderName = "hop-by-hop" | "dst" | "route" | "frag" | "auth" | "esp" | "none" | "prot";

export interface Ipv6headerMatch {
  readonly name: "ipv6header";
  readonly invert: boolean;
  readonly headers: readonly Ipv6HeaderName[];
  /** Further headers may be there. */
  readonly soft: boolean;
}

/** In the order in which they are printed. */
const HEADERS: readonly {
  readonly name: Ipv6HeaderName;
  readonly protocol: number;
  readonly names: readonly string[];
}[] = [
  { name: "hop-by-hop", protocol: 0, names: ["hop-by-hop", "hop", "hopopt"] },
  { name: "dst", protocol: 60, names: ["ipv6-opts", "dst"] },
  { name: "route", protocol: 43, names: ["ipv6-route", "route"] },
  { name: "frag", protocol: 44, names: ["ipv6-frag", "frag"] },
  { name: "auth", protocol: 51, names: ["ah", "auth"] },
  { name: "esp", protocol: 50, names: ["esp"] },
  { name: "none", protocol: 59, names: ["ipv6-nonxt", "none"] },
  { name: "prot", protocol: 255, names: ["protocol", "prot"] },
];

/** Under which the engine knows the headers. */
export const IPV6_HEADER_BITS: Readonly<Record<Ipv6HeaderName, Ipv6HeaderBit>> = {
  "hop-by-hop": Ipv6HeaderBit.HOP_BY_HOP,
  dst: Ipv6HeaderBit.DESTINATION,
  route: Ipv6HeaderBit.ROUTING,
  frag: Ipv6HeaderBit.FRAGMENT,
  auth: Ipv6HeaderBit.AUTHENTICATION,
  esp: Ipv6HeaderBit.ESP,
  none: Ipv6HeaderBit.NONE,
  prot: Ipv6HeaderBit.PROTOCOL,
};
const CUT = 0xffffffffn;

const headers: Reader<Ipv6HeaderName[]> = (word) => {
  const given = splitWord(word, ",")
    .filter((part) => part.text !== "")
    .map((part) => {
      const number = parseNumber(part.text, 0, 255);
      const found = HEADERS.find(({ protocol, names }) => protocol === number || names.includes(part.text));
      if (!found) {
        throw ruleError(
          part,
          `${named(part.text)} is no header`,
          "hop, dst, route, frag, auth, esp, none or prot",
        );
      }
      return found.name;
    });
  if (given.length === 0) throw badArgument(word, "a list of headers");
  return HEADERS.map(({ name }) => name).filter((name) => given.includes(name));
};

const options = { header: invertible(headers), soft: flag() };

export const ipv6header = extension<Ipv6headerMatch, typeof options>({
  name: "ipv6header",
  family: "ipv6",
  options,
  required: [["header"]],

  build({ header, soft }) {
    return {
      name: "ipv6header",
      invert: header?.invert ?? false,
      headers: header?.value ?? [],
      soft: soft !== undefined,
    };
  },

  seen(_, _sight, { a }) {
    const found = HEADERS.filter((one) => a & BigInt(IPV6_HEADER_BITS[one.name])).map(
      ({ names }) => names[0],
    );
    return a === CUT ? "headers cut off" : `headers ${found.join(",") || "none"}`;
  },

  print(match) {
    const names = match.headers.map((name) => HEADERS.find((one) => one.name === name)?.names[0]);
    return words(
      given("--header", match, () => names.join(",")),
      match.soft && "--soft",
    );
  },
});
