import { Protocol } from "../../../assembly/shared/protocol.js";
import { extension } from "../extension.js";
import { TCP_SYN } from "../matches/tcp.js";
import { flag, option } from "../option.js";
import { words } from "../printers.js";
import { uint } from "../readers.js";
import type { Rule } from "../ruleset.js";

export interface TcpmssTarget {
  readonly name: "TCPMSS";
  readonly mss: number | "path MTU";
}

/** What remains of 65535 bytes beside the shortest headers. */
const LARGEST = { ipv4: 65535 - 20, ipv6: 65535 - 40 };

const options = {
  "set-mss": option((word, context) => uint(0, LARGEST[context.family])(word, context)),
  "clamp-mss-to-pmtu": flag(),
};

export const tcpmss = extension<TcpmssTarget, typeof options>({
  name: "TCPMSS",
  options,
  required: [["set-mss", "clamp-mss-to-pmtu"]],
  protocols: [Protocol.TCP],

  build(given) {
    return { name: "TCPMSS", mss: given["clamp-mss-to-pmtu"] ? "path MTU" : (given["set-mss"]?.value ?? 0) };
  },

  refusal({ mss }, { rule, hooks }) {
    const wrong = ["PREROUTING", "INPUT"] as const;
    const hook = mss === "path MTU" && wrong.find((one) => hooks.has(one));
    if (hook) return `a packet in ${hook} has no path MTU`;
    return matchesSyn(rule)
      ? undefined
      : "only segments with SYN can be changed: --syn or --tcp-flags SYN,RST SYN";
  },

  print({ mss }) {
    return mss === "path MTU" ? "--clamp-mss-to-pmtu" : words("--set-mss", `${mss}`);
  },
});

function matchesSyn({ matches }: Rule): boolean {
  return matches.some((match) => {
    const flags = match.name === "tcp" ? match.flags : undefined;
    return flags !== undefined && !flags.invert && (flags.value & TCP_SYN) !== 0;
  });
}
