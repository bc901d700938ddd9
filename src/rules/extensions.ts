/** All matches and targets, by name. */
import type { Word } from "../text/source.js";
import type { Extension, MatchExtension } from "./extension.js";
import { MATCHES, type Match } from "./matches/index.js";
import { named, ruleError, UnsupportedRuleError } from "./rule-error.js";
import type { RuleFamily } from "./ruleset.js";
import { TARGETS, type Target } from "./targets/index.js";

/** Of iptables, not of this library. */
const UNSUPPORTED_MATCHES: ReadonlySet<string> = new Set(
  `bpf cgroup cluster cpu dccp devgroup eui64 ipcomp ipvs l2tp mh nfacct osf physdev policy rateest realm
  rpfilter socket srh`.split(/\s+/),
);
const UNSUPPORTED_TARGETS: ReadonlySet<string> = new Set(
  `AUDIT CLUSTERIP CONNSECMARK DNPT HMARK IDLETIMER LED NFQUEUE QUEUE RATEEST SECMARK SNPT SYNPROXY TEE TPROXY
  ULOG`.split(/\s+/),
);

function byName<Kind extends Extension<Match> | Extension<Target>>(
  extensions: readonly Kind[],
): ReadonlyMap<string, readonly Kind[]> {
  const map = new Map<string, Kind[]>();
  for (const extension of extensions) {
    for (const name of [extension.name, ...(extension.aliases ?? [])]) {
      map.set(name, [...(map.get(name) ?? []), extension]);
    }
  }
  return map;
}

const matches = byName(MATCHES);
const targets = byName(TARGETS);

function ofFamily<Kind extends { readonly family?: RuleFamily }>(
  found: readonly Kind[] = [],
  family: RuleFamily,
): Kind | undefined {
  return found.find((one) => (one.family ?? family) === family);
}

/** By the name that its data has. */
export function matchNamed(name: Match["name"], family: RuleFamily): MatchExtension<Match> | undefined {
  return ofFamily(matches.get(name), family);
}

export function targetNamed(name: Target["name"], family: RuleFamily): Extension<Target> | undefined {
  return ofFamily(targets.get(name), family);
}

/** @throws SourceError */
export function requireMatch(name: Word, family: RuleFamily): Extension<Match> {
  const known = matches.get(name.text);
  const extension = ofFamily(known, family);
  if (extension) return extension;
  if (UNSUPPORTED_MATCHES.has(name.text)) throw new UnsupportedRuleError(name, "match", name.text);
  throw ruleError(name, missing(name.text, "match", family, known !== undefined));
}

/** @throws SourceError */
export function requireTarget(name: Word, family: RuleFamily): Extension<Target> {
  const known = targets.get(name.text);
  const extension = ofFamily(known, family);
  if (extension) return extension;
  if (UNSUPPORTED_TARGETS.has(name.text)) throw new UnsupportedRuleError(name, "target", name.text);
  throw ruleError(name, missing(name.text, "target or chain", family, known !== undefined));
}

function missing(name: string, what: string, family: RuleFamily, otherFamily: boolean): string {
  const version = family === "ipv4" ? "IPv4" : "IPv6";
  return otherFamily ? `${version} has no ${what} ${name}` : `no ${what} is called ${named(name)}`;
}

/**
 * The match that a protocol brings with it.
 * @throws SourceError when Linux has one that is not supported
 */
export function matchOfProtocol(name: string, family: RuleFamily, word: Word): Extension<Match> | undefined {
  const extension = ofFamily(matches.get(name), family);
  if (extension) return extension;
  const linuxName = name === "mobility-header" ? "mh" : name;
  if (UNSUPPORTED_MATCHES.has(linuxName)) throw new UnsupportedRuleError(word, "match", linuxName);
  return undefined;
}

export function isTargetName(name: string): boolean {
  return targets.has(name) || UNSUPPORTED_TARGETS.has(name);
}
