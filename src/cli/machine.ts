/** The machine that rules are for: rulesets, sets, devices, routes, as options say. */
import { type Command, InvalidArgumentError } from "commander";
import { type ConnlabelFlags, connlabelsOption } from "./connlabels.js";

export interface MachineFlags extends ConnlabelFlags {
  readonly rules?: string;
  readonly rules6?: string;
  readonly ipset?: string;
  readonly interface?: Readonly<Record<string, readonly string[]>>;
  readonly route?: readonly { readonly to: string; readonly dev: string }[];
}

export function addMachineOptions(command: Command): Command {
  return command
    .optionsGroup("Machine:")
    .option("--rules <file>", "what iptables-save printed")
    .option("--rules6 <file>", "what ip6tables-save printed")
    .option("--ipset <file>", "what ipset save printed")
    .addOption(connlabelsOption())
    .option(
      "--interface <name=addresses>",
      "a device, as lan=10.0.0.1/24,2001:db8::1/64 (repeatable)",
      addInterface,
    )
    .option("--route <network=device>", "a route, as default=wan (repeatable)", addRoute);
}

export function addInterface(
  text: string,
  before: Readonly<Record<string, readonly string[]>> = {},
): Record<string, readonly string[]> {
  const [name = "", addresses = ""] = text.split("=", 2);
  if (name === "") throw new InvalidArgumentError("expected NAME=ADDRESS/BITS,...");
  const all = [...(before[name] ?? []), ...addresses.split(",").filter((address) => address !== "")];
  return { ...before, [name]: all };
}

export function addRoute(
  text: string,
  before: readonly { readonly to: string; readonly dev: string }[] = [],
): { to: string; dev: string }[] {
  const match = /^([^=]+)=([^=]+)$/.exec(text);
  if (!match?.[1] || !match[2]) throw new InvalidArgumentError("expected NETWORK=DEVICE or default=DEVICE");
  return [...before, { to: match[1], dev: match[2] }];
}
