import type { CtState } from "../../../assembly/shared/ct-state.js";
import { extension } from "../extension.js";
import { invertible } from "../option.js";
import { given, words } from "../printers.js";
import { abbreviatedList } from "../readers.js";

export interface StateMatch {
  readonly name: "state";
  readonly invert: boolean;
  /** Any of these; in canonical order. */
  readonly states: readonly (keyof typeof CtState)[];
}

const options = {
  state: invertible(abbreviatedList("INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED")),
};

export const state = extension<StateMatch, typeof options>({
  name: "state",
  options,
  required: [["state"]],

  build({ state }) {
    return { name: "state", invert: state?.invert ?? false, states: state?.value ?? [] };
  },

  seen(_, { fields: { ctState } }) {
    return `ct state ${ctState}`;
  },

  print(match) {
    return words(given("--state", match, ({ states }) => states.join(",")));
  },
});
