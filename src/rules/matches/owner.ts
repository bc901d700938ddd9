import { parseNumber } from "../../text/number.js";
import { splitWord } from "../../text/source.js";
import { extension } from "../extension.js";
import { flag, invertible, type Reader } from "../option.js";
import { given, words } from "../printers.js";
import { badArgument, ruleError } from "../rule-error.js";
import { list } from "../sight.js";
import type { Inverted, Range } from "../values.js";

export interface OwnerMatch {
  readonly name: "owner";
  readonly uid?: Inverted<Range>;
  readonly gid?: Inverted<Range>;
  /** Supplementary groups count for `gid`, too. */
  readonly supplementaryGroups: boolean;
  readonly socketExists?: { readonly invert: boolean };
}

/** The highest number stands for nobody. */
export const LAST_ID = 0xfffffffe;

/** ID or ID-ID. Of names only root is known to all machines. */
const ids: Reader<Range> = (word) => {
  if (word.text === "root") return { min: 0, max: 0 };
  const [min, max] = splitWord(word, "-").map((part) => parseNumber(part.text, 0, LAST_ID));
  const parts = word.text.split("-").length;
  if (min === undefined || parts > 2 || (parts === 2 && max === undefined)) {
    throw badArgument(word, "a number, or two joined by a hyphen; names are not known here");
  }
  return { min, max: max ?? min };
};

const options = {
  "uid-owner": invertible(ids),
  "gid-owner": invertible(ids),
  "suppl-groups": flag(),
  "socket-exists": flag({ invertible: true }),
};

export const owner = extension<OwnerMatch, typeof options>({
  name: "owner",
  options,
  required: [["uid-owner", "gid-owner", "socket-exists"]],
  hooks: ["OUTPUT", "POSTROUTING"],

  build(given) {
    const { "uid-owner": uid, "gid-owner": gid, "socket-exists": socket, "suppl-groups": groups } = given;
    if (groups && !gid) throw ruleError(groups.word, "--suppl-groups needs --gid-owner");
    return {
      name: "owner",
      ...(uid && { uid: { ...uid.value, invert: uid.invert } }),
      ...(gid && { gid: { ...gid.value, invert: gid.invert } }),
      supplementaryGroups: groups !== undefined,
      ...(socket && { socketExists: { invert: socket.invert } }),
    };
  },

  refusal({ uid, gid }) {
    const reversed = [uid, gid].some((ids) => ids && ids.min > ids.max);
    return reversed ? "the range of ids ends before it begins" : undefined;
  },

  seen({ uid, gid }, { fields: { owner } }) {
    if (!owner) return "not sent by this machine";
    return list(uid && `uid ${owner.uid}`, gid && `gid ${owner.gid}`) || "sent by this machine";
  },

  print({ uid, gid, supplementaryGroups, socketExists }) {
    return words(
      given("--socket-exists", socketExists),
      given("--uid-owner", uid, printIds),
      given("--gid-owner", gid, printIds),
      supplementaryGroups && "--suppl-groups",
    );
  },
});

function printIds({ min, max }: Range): string {
  return min === max ? `${min}` : `${min}-${max}`;
}
