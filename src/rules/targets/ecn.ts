import { Protocol } from "../../../assembly/shared/protocol.js";
import { extension } from "../extension.js";
import { flag, option } from "../option.js";
import { words } from "../printers.js";
import { uint } from "../readers.js";

/** IPv4: what the bits of ECN become; undefined: what they are. */
export interface EcnTarget {
  readonly name: "ECN";
  readonly tcpCwr?: number;
  readonly tcpEce?: number;
  /** The two bits of the IP header, 0 to 3. */
  readonly ipEct?: number;
}

const options = {
  "ecn-tcp-remove": flag(),
  "ecn-tcp-cwr": option(uint(0, 1)),
  "ecn-tcp-ece": option(uint(0, 1)),
  "ecn-ip-ect": option(uint(0, 3)),
};

export const ecn = extension<EcnTarget, typeof options>({
  name: "ECN",
  family: "ipv4",
  options,
  required: [["ecn-tcp-remove", "ecn-tcp-cwr", "ecn-tcp-ece", "ecn-ip-ect"]],
  exclusive: [
    ["ecn-tcp-remove", "ecn-tcp-cwr"],
    ["ecn-tcp-remove", "ecn-tcp-ece"],
  ],
  tables: ["mangle"],

  build(given) {
    const remove = given["ecn-tcp-remove"];
    const cwr = remove ? 0 : given["ecn-tcp-cwr"]?.value;
    const ece = remove ? 0 : given["ecn-tcp-ece"]?.value;
    const ect = given["ecn-ip-ect"]?.value;
    return {
      name: "ECN",
      ...(cwr !== undefined && { tcpCwr: cwr }),
      ...(ece !== undefined && { tcpEce: ece }),
      ...(ect !== undefined && { ipEct: ect }),
    };
  },

  refusal({ tcpCwr, tcpEce }, { rule: { protocol } }) {
    const isTcp = protocol?.number === Protocol.TCP && !protocol.invert;
    const ofTcp = tcpCwr !== undefined || tcpEce !== undefined;
    return ofTcp && !isTcp ? "the bits of TCP need -p tcp" : undefined;
  },

  print({ tcpCwr, tcpEce, ipEct }) {
    const isRemoval = tcpCwr === 0 && tcpEce === 0 && ipEct === undefined;
    return words(
      isRemoval && "--ecn-tcp-remove",
      !isRemoval && tcpEce !== undefined && `--ecn-tcp-ece ${tcpEce}`,
      !isRemoval && tcpCwr !== undefined && `--ecn-tcp-cwr ${tcpCwr}`,
      ipEct !== undefined && `--ecn-ip-ect ${ipEct}`,
    );
  },
});
