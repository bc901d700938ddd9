/** What `conntrack -U` changes about flows, written where the engine reads it. */
import type { Engine } from "./engine/engine.js";
import { writeLabels } from "./labels.js";
import { badOption, wholeNumber } from "./option-value.js";

export interface FlowChanges {
  /** 0 to 2^32 - 1. */
  readonly mark?: number;
  /** Bits of the mark that are replaced; default all. The others are inverted where `mark` has ones, as in Linux. */
  readonly markMask?: number;
  /** Whole seconds from now. */
  readonly timeout?: number;
  /** IPS_ bits to be set, of SEEN_REPLY, ASSURED and FIXED_TIMEOUT; none can be cleared. */
  readonly status?: number;
  /** Numbers from 0 to 127 of the labels to be set. */
  readonly labels?: readonly number[];
  /** The labels that are replaced: those of them that are not in `labels` are cleared. Default all. */
  readonly labelMask?: readonly number[];
}

/** @throws ConntrackError CT_BAD_OPTION */
export function writeChanges(engine: Engine, changes: FlowChanges): void {
  const { layout, u8, call } = engine;
  const at = call.changeAddress();
  u8.fill(0, at, at + layout.CHANGE_BYTES);
  const view = new DataView(u8.buffer, at, layout.CHANGE_BYTES);
  let fields = 0;
  const word = (offset: number, name: string, value: number, max: number) =>
    view.setUint32(offset, whole(name, value, max), true);
  if (changes.mark !== undefined) {
    word(layout.CHANGE_MARK, "mark", changes.mark, 0xffffffff);
    word(layout.CHANGE_MARK_MASK, "markMask", changes.markMask ?? 0xffffffff, 0xffffffff);
    fields |= layout.CHANGES_MARK;
  }
  if (changes.timeout !== undefined) {
    const longest = Math.floor(0x7fffffff / layout.TICKS_PER_SECOND);
    word(layout.CHANGE_SECONDS, "timeout", changes.timeout, longest);
    fields |= layout.CHANGES_TIMEOUT;
  }
  if (changes.status !== undefined) {
    const settable = layout.STATUS_SETTABLE;
    if (changes.status & ~settable) {
      throw bad("status", changes.status, `bits of 0x${settable.toString(16)}`);
    }
    word(layout.CHANGE_STATUS, "status", changes.status, settable);
    fields |= layout.CHANGES_STATUS;
  }
  if (changes.labels !== undefined) {
    writeLabels(view, layout.CHANGE_LABELS, changes.labels);
    if (changes.labelMask) writeLabels(view, layout.CHANGE_LABEL_MASK, changes.labelMask);
    else for (let i = 0; i < 16; i++) view.setUint8(layout.CHANGE_LABEL_MASK + i, 0xff);
    fields |= layout.CHANGES_LABELS;
  }
  view.setUint32(layout.CHANGE_FIELDS, fields, true);
}

const whole = (name: string, value: number, max: number) => wholeNumber(`update ${name}`, value, max);

const bad = (name: string, value: unknown, expected: string) => badOption(`update ${name}`, value, expected);
