import { Protocol } from "../../../assembly/shared/protocol.js";
import { extension } from "../extension.js";
import { flag, invertible } from "../option.js";
import { given, words } from "../printers.js";
import { uint } from "../readers.js";
import { known, list } from "../sight.js";
import type { Inverted } from "../values.js";

export interface EcnMatch {
  readonly name: "ecn";
  readonly tcpCwr?: { readonly invert: boolean };
  readonly tcpEce?: { readonly invert: boolean };
  /** The two ECN bits of the IP header, 0 to 3. */
  readonly ipEct?: Inverted<{ readonly value: number }>;
}

const options = {
  "ecn-tcp-cwr": flag({ invertible: true }),
  "ecn-tcp-ece": flag({ invertible: true }),
  "ecn-ip-ect": invertible(uint(0, 3)),
};

export const ecn = extension<EcnMatch, typeof options>({
  name: "ecn",
  options,
  required: [["ecn-tcp-cwr", "ecn-tcp-ece", "ecn-ip-ect"]],

  build(given) {
    const { "ecn-tcp-cwr": cwr, "ecn-tcp-ece": ece, "ecn-ip-ect": ect } = given;
    return {
      name: "ecn",
      ...(cwr && { tcpCwr: { invert: cwr.invert } }),
      ...(ece && { tcpEce: { invert: ece.invert } }),
      ...(ect && { ipEct: { value: ect.value, invert: ect.invert } }),
    };
  },

  refusal({ tcpCwr, tcpEce }, { rule: { protocol } }) {
    const isTcp = protocol?.number === Protocol.TCP && !protocol.invert;
    return (tcpCwr || tcpEce) && !isTcp ? "the bits of TCP need -p tcp" : undefined;
  },

  seen({ tcpCwr, tcpEce, ipEct }, sight) {
    const flags = sight.transport8(13);
    const bit = (mask: number) => known(flags === undefined ? undefined : flags & mask ? "set" : "not set");
    return list(
      tcpEce && `ECE ${bit(0x40)}`,
      tcpCwr && `CWR ${bit(0x80)}`,
      ipEct && `ECN of IP ${sight.tos & 3}`,
    );
  },

  print({ tcpCwr, tcpEce, ipEct }) {
    return words(
      given("--ecn-tcp-ece", tcpEce),
      given("--ecn-tcp-cwr", tcpCwr),
      given("--ecn-ip-ect", ipEct, ({ value }) => value),
    );
  },
});
