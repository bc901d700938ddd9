import { AGREED, type Comparer, type Difference, differs, equal } from "./compare.js";
import type { Step } from "./recording.js";
import { isLogged, meaningOf, type Why } from "./why.js";

/** Connection state, as rules see it. No state in the recording: the packet never got that far. */
export const compareState: Comparer = ({ step, result }) =>
  result && step.ct ? equal("ct", lastState(step)[0]?.toUpperCase(), result.ctState) : AGREED;

export const compareDirection: Comparer = ({ step, result }) =>
  result && step.ct ? equal("dir", lastState(step)[1], result.direction) : AGREED;

/** State and direction; what is invalid is tracked once more when it comes back over lo. */
function lastState({ ct, ct2, dir }: Step): (string | undefined)[] {
  return ct === "invalid" && ct2 !== undefined ? ct2.split(" ") : [ct, dir];
}

/** What tracking (and rules) let happen to the packet. */
export const compareFate: Comparer = ({ step, result, lostLater }) => {
  if (!result || step.fate === undefined) return AGREED;
  const allowed = lostLater ? ["ACCEPT"] : verdictsFor(step);
  if (allowed.includes(result.verdict)) return AGREED;
  const ours = result.reason ? `${result.verdict} (${result.reason})` : result.verdict;
  return differs("fate", `${step.fate}: ${allowed.join(" or ")}`, ours);
};

function verdictsFor(step: Step): string[] {
  switch (step.fate) {
    case "local":
      // seen at INPUT's beginning; helpers run at its end, and one that drops says so
      return meaningOf(step.why)?.codes.includes("HELPER_DROP") ? ["DROP"] : ["ACCEPT"];
    case "forward":
    case "sent":
      return ["ACCEPT"];
    case "frag-held":
      return ["STOLEN"];
    case "ip-drop":
    case "ct-drop":
    case "route-drop":
      return ["DROP"];
    case "pre-drop":
    case "in-drop":
    case "out-drop":
    case "post-drop":
      // a REJECT does not answer everything, hence may look like a DROP
      if (step.replies?.length) return ["REJECT"];
      return step.drop === undefined ? ["DROP"] : ["DROP", "REJECT"];
    default:
      return [`(a fate unknown to this runner)`];
  }
}

/** Reasons of a router's, not of tracking's. */
const LATER = ["TTL_EXCEEDED", "NO_ROUTE", "NOT_FORWARDED", "TOO_LONG"];

/** The kernel's reason for finding a packet invalid or ignoring it, if it gave one; and none if it gave none. */
export const compareReason: Comparer = ({ step, result, conntrack }) => {
  if (!result) return AGREED;
  // What is logged of an answer is no reason of the packet's own.
  const ofAnswer = step.ct !== "invalid" && step.replies?.some((reply) => reply.ct === "invalid") === true;
  // What comes back over lo has been tracked twice.
  const ofTracking = step.why?.filter((text) => !text.startsWith(TRACE));
  const texts = step.ct2 === "invalid" ? ofTracking?.toReversed() : ofTracking;
  const wasOnce = step.ct === "invalid" && step.ct2 !== undefined && step.ct2 !== "invalid";
  const why = ofAnswer || wasOnce || !texts?.length ? undefined : meaningOf(texts);
  const ours = result.reason;
  if (!why) {
    const loose = conntrack.getSysctl("nf_conntrack_tcp_loose") !== 0;
    return ours !== undefined && isLogged(ours, loose) ? differs("why", "nothing logged", ours) : AGREED;
  }
  // Why it does not get on says more than what tracking found before, which the log has, too.
  if (ours !== undefined && LATER.includes(ours)) return AGREED;
  // Only the first of two times was spoken of.
  if (step.ct2 === "invalid" && ours !== undefined && !isLogged(ours, true)) return AGREED;
  if (ours === undefined || !why.codes.includes(ours)) {
    return differs("why", `${why.codes.join(" or ")} (${step.why?.join("; ")})`, ours);
  }
  return compareFacts(why.facts, result.explain?.() ?? "", step.why?.join("; ") ?? "");
};

/** The kernel's own words, where the recording machine was told to log them. */
export const compareLog: Comparer = ({ step, result, log }) => {
  if (!result || !log) return AGREED;
  return equal("log", spoken(step.why ?? []), spoken(log));
};

const TRACE = "TRACE: ";

/** What tracking and TRACE say. Of helpers the last word: Linux tells of the steps that failed before it, too. */
function spoken(texts: readonly string[]): string[] {
  const told = texts.filter((text) => text.startsWith("nf_ct_") || text.startsWith(TRACE));
  return told.filter((text, i) => !isHelpers(text) || !told.slice(i + 1).some(isHelpers));
}

function isHelpers(text: string): boolean {
  return text.startsWith("nf_ct_") && !text.startsWith("nf_ct_proto_");
}

const STATE_NAME =
  /\b(?:NONE|SYN_SENT2?|SYN_RECV|ESTABLISHED|FIN_WAIT|CLOSE_WAIT|LAST_ACK|TIME_WAIT|CLOSE)\b/g;

/** Bounds, tags and states must be the same where our words have any. */
function compareFacts(facts: Why["facts"], explanation: string, kernel: string): Difference[] {
  const numbers = (explanation.match(/\b(?:0x[0-9a-f]+|\d+)\b/g) ?? []).map(Number);
  const states: string[] = explanation.match(STATE_NAME) ?? [];
  for (const fact of facts) {
    const said: (number | string)[] = typeof fact === "number" ? numbers : states;
    if (said.length > 0 && !said.includes(fact)) return differs("why", kernel, explanation);
  }
  return AGREED;
}
