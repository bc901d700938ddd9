import { SetUse as UseRecord } from "../../../assembly/shared/ipset-record.js";
import type { SetUse } from "../set-dimensions.js";
import { badRule, type EncodeContext } from "./context.js";

/** Which set a rule asks, and for what of the packet. */
export function writeSetUse({ image, resources, rule, needs }: EncodeContext, at: number, use: SetUse): void {
  const address = resources.set(use.set);
  if (!address) throw badRule(rule, `set "${use.set}" does not exist`);
  needs.sets.add(use.set);
  const sources = use.dimensions.reduce((bits, end, i) => (end === "src" ? bits | (1 << i) : bits), 0);
  image.u32(at + UseRecord.SET, address);
  image.u8(at + UseRecord.SOURCES, sources);
  image.u8(at + UseRecord.DIMENSIONS, use.dimensions.length);
}
