import { extension } from "../extension.js";
import { flag, option } from "../option.js";
import { words } from "../printers.js";
import { uint } from "../readers.js";
import { ruleError } from "../rule-error.js";
import { printSetUse, readSetUse, type SetUse } from "../set-dimensions.js";

export interface SetTarget {
  readonly name: "SET";
  readonly add?: SetUse & {
    /** An element that is there already gets its timeout anew. */
    readonly exist: boolean;
    /** Seconds; undefined: the set's default. */
    readonly timeout?: number;
  };
  readonly delete?: SetUse;
  /** Sets mark, priority and queue of the packet from the element. */
  readonly map?: SetUse & {
    readonly mark: boolean;
    readonly priority: boolean;
    readonly queue: boolean;
  };
}

const LONGEST_TIMEOUT = 0xfffffffe;

const options = {
  "add-set": option(readSetUse),
  "del-set": option(readSetUse),
  "map-set": option(readSetUse),
  exist: flag(),
  timeout: option(uint(0, LONGEST_TIMEOUT)),
  "map-mark": flag(),
  "map-prio": flag(),
  "map-queue": flag(),
};

export const set = extension<SetTarget, typeof options>({
  name: "SET",
  options,
  required: [["add-set", "del-set", "map-set"]],

  build(given) {
    const { "add-set": add, "del-set": del, "map-set": map, exist, timeout } = given;
    const { "map-mark": mark, "map-prio": priority, "map-queue": queue } = given;
    if (map && !mark && !priority && !queue) {
      throw ruleError(map.word, "nothing is taken from the set", "--map-mark, --map-prio or --map-queue");
    }
    return {
      name: "SET",
      ...(add && {
        add: { ...add.value, exist: exist !== undefined, ...(timeout && { timeout: timeout.value }) },
      }),
      ...(del && { delete: del.value }),
      ...(map && {
        map: {
          ...map.value,
          mark: mark !== undefined,
          priority: priority !== undefined,
          queue: queue !== undefined,
        },
      }),
    };
  },

  refusal({ map }, { table, hooks }) {
    if (!map) return undefined;
    if (table !== "mangle") return "--map-set belongs into the table mangle";
    const early = hooks.has("PREROUTING") || hooks.has("INPUT");
    return map.priority && early ? "--map-prio belongs into FORWARD, OUTPUT or POSTROUTING" : undefined;
  },

  print({ add, delete: del, map }) {
    return words(
      add && `--add-set ${printSetUse(add)}`,
      add?.exist && "--exist",
      add?.timeout !== undefined && `--timeout ${add.timeout}`,
      del && `--del-set ${printSetUse(del)}`,
      map && `--map-set ${printSetUse(map)}`,
      map?.mark && "--map-mark",
      map?.priority && "--map-prio",
      map?.queue && "--map-queue",
    );
  },
});
