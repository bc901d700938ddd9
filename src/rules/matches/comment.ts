import { extension } from "../extension.js";
import { quoted } from "../lexer.js";
import { option } from "../option.js";
import { text } from "../readers.js";

export interface CommentMatch {
  readonly name: "comment";
  readonly comment: string;
}

const options = { comment: option(text(0, 255)) };

export const comment = extension<CommentMatch, typeof options>({
  name: "comment",
  options,
  required: [["comment"]],

  build(given) {
    return { name: "comment", comment: given.comment?.value ?? "" };
  },

  seen() {
    return "";
  },

  print({ comment }) {
    return `--comment ${quoted(comment)}`;
  },
});
