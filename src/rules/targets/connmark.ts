import { hex } from "../../text/number.js";
import { extension } from "../extension.js";
import { givenChange, MARK_CHANGES, markOptions, printChange } from "../mark-options.js";
import { flag, option } from "../option.js";
import { words } from "../printers.js";
import { U32_MAX, uint } from "../readers.js";

/**
 * set: ct = (ct & ~ctMask) ^ value; save: ct = (ct & ~ctMask) ^ (shift(mark) & nfMask);
 * restore: mark = (mark & ~nfMask) ^ shift(ct & ctMask).
 */
export interface ConnmarkTarget {
  readonly name: "CONNMARK";
  readonly operation: "set" | "save" | "restore";
  /** Of "set". */
  readonly value: number;
  readonly ctMask: number;
  readonly nfMask: number;
  /** Bits to the left; negative: to the right. */
  readonly shift: number;
}

const bits = uint(0, U32_MAX);

const options = {
  ...markOptions,
  "save-mark": flag(),
  "restore-mark": flag(),
  nfmask: option(bits),
  ctmask: option(bits),
  mask: option(bits),
  "left-shift-mark": option(bits),
  "right-shift-mark": option(bits),
};
const OPERATIONS = [...MARK_CHANGES, "save-mark", "restore-mark"] as const;

export const connmark = extension<ConnmarkTarget, typeof options>({
  name: "CONNMARK",
  options,
  required: [OPERATIONS],
  exclusive: [OPERATIONS, ["mask", "nfmask"], ["mask", "ctmask"], ["left-shift-mark", "right-shift-mark"]],

  build(given) {
    const change = givenChange(given);
    const mask = given.mask?.value;
    const left = given["left-shift-mark"]?.value ?? 0;
    const right = given["right-shift-mark"]?.value ?? 0;
    const shift = left - right;
    if (change) {
      // --set-mark and --mask: an old way to write VALUE/MASK.
      const ctMask = mask ?? change.mask;
      return { name: "CONNMARK", operation: "set", value: change.value, ctMask, nfMask: U32_MAX, shift };
    }
    return {
      name: "CONNMARK",
      operation: given["save-mark"] ? "save" : "restore",
      value: 0,
      ctMask: mask ?? given.ctmask?.value ?? U32_MAX,
      nfMask: mask ?? given.nfmask?.value ?? U32_MAX,
      shift,
    };
  },

  refusal({ shift }) {
    return Math.abs(shift) > 31 ? "32 bits cannot be shifted by more than 31" : undefined;
  },

  print({ operation, value, ctMask, nfMask, shift }) {
    return words(
      operation === "set"
        ? printChange({ value, mask: ctMask })
        : `--${operation}-mark --nfmask ${hex(nfMask)} --ctmask ${hex(ctMask)}`,
      shift > 0 && `--left-shift-mark ${shift}`,
      shift < 0 && `--right-shift-mark ${-shift}`,
    );
  },
});
