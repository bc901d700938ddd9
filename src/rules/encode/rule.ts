/** A rule: its head, addresses and devices, matches, target. */
import { RULE_ALIGNMENT, RuleCheck, RuleRecord } from "../../../assembly/shared/rule-record.js";
import type { InterfacePattern, Inverted, Network } from "../values.js";
import type { EncodeContext } from "./context.js";
import { DEVICE_NAME, deviceName } from "./device-name.js";
import { encodeMatch } from "./match.js";
import { encodeTarget } from "./target.js";

/** Offset of the rule. Where it leads on to is not written yet. */
export function encodeRule(context: EncodeContext, number: number): number {
  const { image, rule } = context;
  const at = image.reserve(RuleRecord.SIZE, RULE_ALIGNMENT);
  image.u64(at + RuleRecord.COUNTERS, rule.packets);
  image.u64(at + RuleRecord.COUNTERS + 8, rule.bytes);
  image.u32(at + RuleRecord.NUMBER, number);
  encodeChecks(context, at);
  image.u16(at + RuleRecord.MATCHES, image.length - at);
  for (const match of rule.matches) encodeMatch(match, context);
  const target = image.length;
  image.pointer(at + RuleRecord.TARGET, target);
  image.u8(at + RuleRecord.ACTION, encodeTarget(rule.target, context));
  return at;
}

/** The conditions before the matches. */
function encodeChecks({ image, rule, family }: EncodeContext, at: number): void {
  const { source, destination, in: input, out: output, protocol, fragment } = rule;
  let checks = rule.unsupported ? RuleCheck.NEVER : 0;
  let inverted = 0;
  const check = (condition: { readonly invert: boolean } | undefined, bit: RuleCheck) => {
    if (!condition) return;
    checks |= bit;
    if (condition.invert) inverted |= bit;
  };
  check(source, RuleCheck.SOURCE);
  check(destination, RuleCheck.DESTINATION);
  check(input, RuleCheck.IN);
  check(output, RuleCheck.OUT);
  check(protocol, RuleCheck.PROTOCOL);
  check(fragment, RuleCheck.FRAGMENT);
  image.u8(at + RuleRecord.CHECKS, checks);
  image.u8(at + RuleRecord.INVERTED, inverted);
  image.u8(at + RuleRecord.PROTOCOL, protocol?.number ?? 0);
  if (source || destination) {
    const size = family === "ipv4" ? 4 : 16;
    const addresses = image.reserve(4 * size, 8);
    const write = (network: Inverted<Network> | undefined, to: number) => {
      if (!network) return;
      image.bytes(to, network.address);
      image.bytes(to + size, network.mask);
    };
    write(source, addresses);
    write(destination, addresses + 2 * size);
  }
  if (input || output) {
    const devices = image.reserve(4 * DEVICE_NAME, 8);
    const write = (pattern: Inverted<InterfacePattern> | undefined, to: number) => {
      if (!pattern) return;
      const { bytes, compared } = deviceName(pattern);
      image.bytes(to, bytes);
      image.bytes(to + DEVICE_NAME, new Uint8Array(compared).fill(255));
    };
    write(input, devices);
    write(output, devices + 2 * DEVICE_NAME);
  }
}
