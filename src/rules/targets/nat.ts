import { Protocol } from "../../../assembly/shared/protocol.js";
import { formatIp } from "../../text/ip-address.js";
import { partOf, splitWord, type Word } from "../../text/source.js";
import { extension } from "../extension.js";
import { flag, type GivenOption, type Options, option, type Reader } from "../option.js";
import { words } from "../printers.js";
import { readAddressRange, readPort } from "../readers.js";
import { badArgument, ruleError } from "../rule-error.js";
import type { HookName, RuleFamily } from "../ruleset.js";
import type { AddressRange, Range } from "../values.js";

/** What a NAT target chooses from. Ports in host order; `ports` also stands for ICMP ids. */
export interface NatRange {
  readonly addresses?: AddressRange;
  readonly ports?: Range;
  /** DNAT: the original destination port minus this is the place in `ports`. */
  readonly basePort?: number;
  readonly random: boolean;
  readonly randomFully: boolean;
  readonly persistent: boolean;
}

export interface NatTarget extends NatRange {
  readonly name: "SNAT" | "DNAT" | "MASQUERADE" | "REDIRECT";
}

type To = Pick<NatRange, "addresses" | "ports" | "basePort">;

const DCCP = 33;
const WITH_PORTS: readonly number[] = [Protocol.ICMP, Protocol.TCP, Protocol.UDP, Protocol.SCTP, DCCP];

/** PORT or PORT-PORT, and where ports can be shifted PORT-PORT/BASE. */
function readPorts(word: Word, protocol: number | undefined, canShift: boolean): To {
  if (protocol === undefined || !WITH_PORTS.includes(protocol)) {
    throw ruleError(word, "ports need a protocol that has them, in front", "-p tcp, udp, sctp or dccp");
  }
  // The name of a service may contain hyphens.
  if (/^[a-z]/i.test(word.text)) {
    const port = readPort(word, undefined);
    return { ports: { min: port, max: port } };
  }
  const slash = canShift ? word.text.indexOf("/") : -1;
  const [from = word, to, more] = splitWord(slash < 0 ? word : partOf(word, 0, slash), "-");
  if (more) throw badArgument(word, "a port, or two joined by a hyphen");
  const min = readPort(from, undefined);
  const max = to ? readPort(to, undefined) : min;
  if (min > max) throw ruleError(word, "the range ends before it begins");
  if (slash < 0) return { ports: { min, max } };
  if (!to) throw ruleError(partOf(word, slash), "only a range of ports can be shifted");
  const base = partOf(word, slash + 1);
  const basePort = readPort(base, undefined);
  if (basePort === 0) throw badArgument(base, "a port from 1 to 65535");
  return { ports: { min, max }, basePort };
}

/** Where the ports of ADDRESSES:PORTS begin, behind the colon. IPv6 addresses in front of ports stand in brackets. */
function portsAt({ text }: Word, family: RuleFamily): number | undefined {
  if (family === "ipv6" && text.startsWith("[")) {
    return text.includes("]:") ? text.indexOf("]:") + 2 : undefined;
  }
  const colon =
    family === "ipv6" && (!text.startsWith(":") || text.startsWith("::")) ? -1 : text.indexOf(":");
  return colon < 0 ? undefined : colon + 1;
}

/** ADDRESSES, ADDRESSES:PORTS or :PORTS. */
function to(canShift: boolean): Reader<To> {
  return (word, { family, protocol }) => {
    const at = portsAt(word, family);
    let addresses = partOf(word, 0, at === undefined ? undefined : at - 1);
    if (family === "ipv6" && addresses.text.startsWith("[")) {
      if (!addresses.text.endsWith("]")) throw badArgument(word, "[ADDRESSES]:PORTS");
      addresses = partOf(addresses, 1, addresses.text.length - 1);
    }
    return {
      ...((addresses.text !== "" || at === undefined) && { addresses: readAddressRange(addresses, family) }),
      ...(at !== undefined && readPorts(partOf(word, at), protocol, canShift)),
    };
  };
}

const toPorts: Reader<To> = (word, { protocol }) => readPorts(word, protocol, false);

interface Definition {
  readonly name: NatTarget["name"];
  readonly hooks: readonly HookName[];
  /** The option that says what to choose from, and whether it has to be there. */
  readonly to: string;
  readonly required: boolean;
  readonly options: Options;
}

function define({ name, hooks, to, required, options }: Definition) {
  return extension<NatTarget, Options>({
    name,
    options,
    required: required ? [[to]] : [],
    tables: ["nat"],
    hooks,

    build(given) {
      const range = given[to] as GivenOption<To> | undefined;
      return {
        name,
        ...range?.value,
        random: given.random !== undefined,
        randomFully: given["random-fully"] !== undefined,
        persistent: given.persistent !== undefined,
      };
    },

    print(target) {
      const range = printRange(target, name === "SNAT" || name === "DNAT");
      return words(
        range !== "" && `--${to} ${range}`,
        target.random && "--random",
        target.randomFully && "--random-fully",
        target.persistent && "--persistent",
      );
    },
  });
}

function printRange({ addresses, ports, basePort }: NatRange, withColon: boolean): string {
  const from = addresses ? formatIp(addresses.min) : "";
  const last = addresses ? formatIp(addresses.max) : "";
  const both = from === last ? from : `${from}-${last}`;
  if (!ports) return both;
  const span = ports.min === ports.max ? `${ports.min}` : `${ports.min}-${ports.max}`;
  const shifted = basePort === undefined ? span : `${span}/${basePort}`;
  const isIpv6 = addresses?.min.length === 16;
  return `${isIpv6 ? `[${both}]` : both}${withColon ? ":" : ""}${shifted}`;
}

const [random, randomFully, persistent] = [flag(), flag(), flag()];

export const snat = define({
  name: "SNAT",
  hooks: ["POSTROUTING", "INPUT"],
  to: "to-source",
  required: true,
  options: { "to-source": option(to(false)), random, "random-fully": randomFully, persistent },
});

export const dnat = define({
  name: "DNAT",
  hooks: ["PREROUTING", "OUTPUT"],
  to: "to-destination",
  required: true,
  options: { "to-destination": option(to(true)), random, persistent },
});

export const masquerade = define({
  name: "MASQUERADE",
  hooks: ["POSTROUTING"],
  to: "to-ports",
  required: false,
  options: { "to-ports": option(toPorts), random, "random-fully": randomFully },
});

export const redirect = define({
  name: "REDIRECT",
  hooks: ["PREROUTING", "OUTPUT"],
  to: "to-ports",
  required: false,
  options: { "to-ports": option(toPorts), random },
});
