import { Protocol } from "../../../assembly/shared/protocol.js";
import { splitWord } from "../../text/source.js";
import { extension } from "../extension.js";
import { option, type Reader } from "../option.js";
import { given, printRange, words } from "../printers.js";
import { readPort } from "../readers.js";
import { ruleError } from "../rule-error.js";
import type { Range } from "../values.js";

export interface MultiportMatch {
  readonly name: "multiport";
  readonly invert: boolean;
  readonly ports: "source" | "destination" | "either";
  readonly ranges: readonly Range[];
}

/** A range takes two places. */
const PLACES = 15;
const DCCP = 33;
const PROTOCOLS = [Protocol.TCP, Protocol.UDP, Protocol.UDPLITE, Protocol.SCTP, DCCP];

const ports: Reader<Range[]> = (word, { protocol }) => {
  if (protocol === undefined)
    throw ruleError(word, "-p has to stand in front", "-p tcp, udp, udplite, sctp or dccp");
  let places = 0;
  return splitWord(word, ",").map((part) => {
    const [from, to, more] = splitWord(part, ":");
    places += to ? 2 : 1;
    if (places > PLACES)
      throw ruleError(part, `there is room for ${PLACES} ports; a range takes the room of two`);
    if (!from || more) throw ruleError(part, "a range has two ends");
    const min = readPort(from, protocol);
    const max = to ? readPort(to, protocol) : min;
    if (to && min >= max) throw ruleError(part, "the range ends before it begins");
    return { min, max };
  });
};

const options = {
  "source-ports": option(ports, { aliases: ["sports", "source-port", "sport"], invertible: true }),
  "destination-ports": option(ports, { aliases: ["dports", "destination-port", "dport"], invertible: true }),
  ports: option(ports, { aliases: ["port"], invertible: true }),
};
const all = ["source-ports", "destination-ports", "ports"] as const;

export const multiport = extension<MultiportMatch, typeof options>({
  name: "multiport",
  options,
  required: [all],
  exclusive: [all],
  protocols: PROTOCOLS,

  build(given) {
    const { "source-ports": source, "destination-ports": destination, ports: either } = given;
    const one = source ?? destination ?? either;
    return {
      name: "multiport",
      invert: one?.invert ?? false,
      ports: source ? "source" : destination ? "destination" : "either",
      ranges: one?.value ?? [],
    };
  },

  seen({ ports }, sight) {
    return sight.ports({
      sourcePort: ports !== "destination",
      destinationPort: ports !== "source",
    });
  },

  print(match) {
    const name = { source: "--sports", destination: "--dports", either: "--ports" }[match.ports];
    return words(given(name, match, ({ ranges }) => ranges.map(printRange).join(",")));
  },
});
