import { extension } from "../extension.js";

export interface VerdictTarget {
  readonly name: "ACCEPT" | "DROP" | "RETURN";
}

const options = {};

export const verdicts = (["ACCEPT", "DROP", "RETURN"] as const).map((name) =>
  extension<VerdictTarget, typeof options>({
    name,
    options,

    refusal(_, { table }) {
      return name === "DROP" && table === "nat" ? "the table nat is not for filtering" : undefined;
    },

    build() {
      return { name };
    },

    print() {
      return "";
    },
  }),
);
