/** Matchers for results of `firewall.process()`, as `expect.extend()` takes them. */
import type {
  CtStateName,
  FirewallResult,
  HookName,
  RejectType,
  RuleName,
  TableName,
  VerdictName,
} from "../index.js";
import { dissect } from "../packet/index.js";

/** A rule by its place; what is not given may be anything. Number 0 is the chain's policy. */
export interface RulePlace {
  readonly table?: TableName;
  readonly chain?: string;
  /** In its chain, from 1; 0 or "policy" for the chain's policy. */
  readonly number?: number | "policy";
}

/**
 * A rule by its place; by "filter FORWARD 3" or "filter FORWARD policy"; by its text as iptables-save prints it
 * ("-A FORWARD -i lan -j ACCEPT", "-P FORWARD DROP"); or by what its text looks like.
 */
export type RuleReference = RulePlace | string | RegExp;

/** What of a packet that leaves is looked at. */
export interface LeavingPacket {
  readonly src?: string;
  readonly dst?: string;
  readonly sport?: number;
  readonly dport?: number;
  readonly ttl?: number;
}

/** All work with `.not`, too. */
export interface FirewallMatchers<R = unknown> {
  /** It gets through. */
  toBeAccepted(): R;
  /** It is dropped without an answer. */
  toBeDropped(): R;
  /** It is dropped and answered; `type` as `--reject-with` has it: default any. */
  toBeRejected(type?: RejectType): R;
  /** The rule that dropped it, or the one of the filter table that let it pass. */
  toBeDecidedBy(rule: RuleReference): R;
  /** It matched this rule on its way. Needs `trace`. */
  toMatchRule(rule: RuleReference): R;
  toHaveCtState(state: CtStateName): R;
  /** All hooks that it enters, in order. */
  toHavePath(path: readonly HookName[]): R;
  /** It leaves, by this device. */
  toLeaveBy(device: string): R;
  /** It leaves or is delivered with these addresses, ports, TTL: what NAT and rules have made of it. */
  toLeaveAs(packet: LeavingPacket): R;
  /** The packet's own mark. */
  toHaveMark(mark: number): R;
}

interface Outcome {
  readonly pass: boolean;
  readonly message: () => string;
}

/** What a matcher found: whether it is so, what was asked, and what is there instead. */
interface Finding {
  readonly pass: boolean;
  /** Behind "expected the packet to", or with .not "not to". */
  readonly asked: string;
  readonly found: string;
}

type Check<A extends readonly unknown[]> = (result: FirewallResult, ...asked: A) => Finding;

/** Around a check: whether it can be made, and the message with all that is known of the packet. */
function matcher<A extends readonly unknown[]>(check: Check<A>) {
  return function (this: { readonly isNot?: boolean }, received: unknown, ...asked: A): Outcome {
    if (!isFirewallResult(received)) {
      throw new TypeError("expected what firewall.process() or firewall.result() returns");
    }
    const { pass, asked: what, found } = check(received, ...asked);
    const not = this?.isNot ? "not " : "";
    const message = () => `expected the packet ${not}to ${what}, ${found}\n\n${story(received)}`;
    return { pass, message };
  };
}

function isFirewallResult(value: unknown): value is FirewallResult {
  return typeof value === "object" && value !== null && "verdict" in value && "explainRules" in value;
}

function story(result: FirewallResult): string {
  const { ctState, direction, path, out, mark } = result;
  const facts = [
    `ct state ${ctState}${direction ? `, ${direction}` : ""}`,
    `path ${path.join(" > ") || "none"}`,
    ...(out === undefined ? [] : [`leaves by ${out}`]),
    ...(mark === 0 ? [] : [`mark 0x${mark.toString(16)}`]),
  ];
  // The rule itself says more.
  const why = result.reason === "RULE" ? "" : result.explain();
  const rules =
    result.explainRules({ short: true }) || "(with { trace: true } the rules that it met stand here)";
  return [facts.join("; "), ...(why === "" ? [] : [why]), rules].join("\n");
}

const WORDS: Readonly<Record<VerdictName, string>> = {
  ACCEPT: "accepted",
  DROP: "dropped",
  REJECT: "rejected",
  STOLEN: "held back as a fragment",
};

function placeOf({ table, chain, number }: RuleName): string {
  return `${table} ${chain} ${number || "policy"}`;
}

/** "it was dropped by filter FORWARD policy (-P FORWARD DROP)" */
function fate({ verdict, rule, replies }: FirewallResult): string {
  const answer = replies[0]?.with;
  const how = verdict === "REJECT" && answer ? ` with ${answer}` : "";
  return `it was ${WORDS[verdict]}${how}${rule ? ` by ${placeOf(rule)} (${rule.text})` : ""}`;
}

function matches(rule: RuleName, asked: RuleReference): boolean {
  if (asked instanceof RegExp)
    return new RegExp(asked.source, asked.flags.replace(/[gy]/g, "")).test(rule.text);
  if (typeof asked === "string") return asked === rule.text || asked === placeOf(rule);
  const { table = rule.table, chain = rule.chain, number = rule.number } = asked;
  return table === rule.table && chain === rule.chain && (number === "policy" ? 0 : number) === rule.number;
}

function named(asked: RuleReference): string {
  if (typeof asked === "string" || asked instanceof RegExp) return `${asked}`;
  const { table, chain, number } = asked;
  const words = [table, chain, number === 0 ? "policy" : number];
  return words.filter((word) => word !== undefined).join(" ") || "any rule";
}

const beJudged = (wanted: VerdictName) =>
  matcher((result) => ({
    pass: result.verdict === wanted,
    asked: `be ${WORDS[wanted]}`,
    found: `but ${fate(result)}`,
  }));

export const firewallMatchers = {
  toBeAccepted: beJudged("ACCEPT"),
  toBeDropped: beJudged("DROP"),

  toBeRejected: matcher((result, type?: RejectType) => ({
    pass: result.verdict === "REJECT" && (type === undefined || result.replies[0]?.with === type),
    asked: `be rejected${type === undefined ? "" : ` with ${type}`}`,
    found: `but ${fate(result)}`,
  })),

  toBeDecidedBy: matcher((result, rule: RuleReference) => ({
    pass: result.rule !== undefined && matches(result.rule, rule),
    asked: `be decided by ${named(rule)}`,
    found: result.rule ? `but ${fate(result)}` : `but no rule was asked: ${fate(result)}`,
  })),

  toMatchRule: matcher((result, rule: RuleReference) => {
    if (result.rules.length === 0) {
      throw new TypeError(
        "toMatchRule() needs a packet that was processed with { trace: true } and met rules",
      );
    }
    return {
      pass: result.rules.some((visit) => visit.outcome === "matches" && matches(visit, rule)),
      asked: `match the rule ${named(rule)}`,
      found: `but ${fate(result)}`,
    };
  }),

  toHaveCtState: matcher((result, state: CtStateName) => ({
    pass: result.ctState === state,
    asked: `have the ct state ${state}`,
    found: `but it is ${result.ctState}`,
  })),

  toHavePath: matcher((result, path: readonly HookName[]) => ({
    pass: result.path.join() === path.join(),
    asked: `have the path ${path.join(" > ") || "none"}`,
    found: `but it is ${result.path.join(" > ") || "none"}`,
  })),

  toLeaveBy: matcher((result, device: string) => ({
    pass: result.out === device,
    asked: `leave by ${device}`,
    found:
      result.out === undefined ? `but ${fate(result)} and does not leave` : `but it leaves by ${result.out}`,
  })),

  toLeaveAs: matcher((result, packet: LeavingPacket) => {
    const bytes = result.packets[0];
    const there = bytes && dissect(bytes);
    const names = Object.keys(packet) as (keyof LeavingPacket)[];
    const list = (of: LeavingPacket) => names.map((name) => `${name} ${of[name] ?? "none"}`).join(", ");
    return {
      pass: there !== undefined && names.every((name) => there[name] === packet[name]),
      asked: `leave as ${list(packet)}`,
      found: there ? `but it leaves as ${list(there)}` : `but ${fate(result)}`,
    };
  }),

  toHaveMark: matcher((result, mark: number) => ({
    pass: result.mark === mark,
    asked: `have the mark 0x${mark.toString(16)}`,
    found: `but it is 0x${result.mark.toString(16)}`,
  })),
};
