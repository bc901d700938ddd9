import { parseNumber } from "../../text/number.js";
import { extension } from "../extension.js";
import { quoted } from "../lexer.js";
import { flag, option, type Reader } from "../option.js";
import { words } from "../printers.js";
import { text } from "../readers.js";
import { badArgument } from "../rule-error.js";

export interface LogTarget {
  readonly name: "LOG";
  /** syslog severity, 0 to 7. */
  readonly level: number;
  /** Up to 29 bytes. */
  readonly prefix: string;
  readonly tcpSequence: boolean;
  readonly tcpOptions: boolean;
  readonly ipOptions: boolean;
  readonly uid: boolean;
  readonly macDecode: boolean;
}

const LEVELS = ["emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"];
const WARNING = 4;
const LONGEST_PREFIX = 29;

const level: Reader<number> = (word) => {
  const name = word.text === "panic" ? "emerg" : word.text;
  const value = parseNumber(name, 0, 7) ?? LEVELS.indexOf(name);
  if (value < 0) throw badArgument(word, `a number from 0 to 7 or one of ${LEVELS.join(", ")}`);
  return value;
};

const options = {
  "log-level": option(level),
  "log-prefix": option(text(1, LONGEST_PREFIX)),
  "log-tcp-sequence": flag(),
  "log-tcp-options": flag(),
  "log-ip-options": flag(),
  "log-uid": flag(),
  "log-macdecode": flag(),
};

export const log = extension<LogTarget, typeof options>({
  name: "LOG",
  options,

  build(given) {
    return {
      name: "LOG",
      level: given["log-level"]?.value ?? WARNING,
      prefix: given["log-prefix"]?.value ?? "",
      tcpSequence: given["log-tcp-sequence"] !== undefined,
      tcpOptions: given["log-tcp-options"] !== undefined,
      ipOptions: given["log-ip-options"] !== undefined,
      uid: given["log-uid"] !== undefined,
      macDecode: given["log-macdecode"] !== undefined,
    };
  },

  print({ level, prefix, tcpSequence, tcpOptions, ipOptions, uid, macDecode }) {
    return words(
      prefix !== "" && `--log-prefix ${quoted(prefix)}`,
      level !== WARNING && `--log-level ${level}`,
      tcpSequence && "--log-tcp-sequence",
      tcpOptions && "--log-tcp-options",
      ipOptions && "--log-ip-options",
      uid && "--log-uid",
      macDecode && "--log-macdecode",
    );
  },
});
