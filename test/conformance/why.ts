/**
 * The kernel's log texts for packets it finds invalid or ignores, and the stable reason code that says the same.
 * The one place to touch when a tracker or helper with reasons of its own is added.
 */
interface Meaning {
  /** The message without its `nf_ct_proto_N: ` prefix; groups are the facts to find again in our explanation. */
  pattern: RegExp;
  /** Any of these is right: we may tell apart what the kernel says in one way. */
  codes: readonly string[];
}

const TAG = "SCTP_VTAG";

const PROTOCOLS: Record<string, readonly Meaning[]> = {
  nf_ct_proto_1: [
    { pattern: /^short packet$/, codes: ["ICMP_SHORT"] },
    { pattern: /^bad hw icmp checksum$/, codes: ["ICMP_CHECKSUM"] },
    { pattern: /^invalid icmp type$/, codes: ["ICMP_TYPE"] },
    { pattern: /^outer daddr \S+ != inner \S+$/, codes: ["ICMP_ERROR_ADDRESS"] },
  ],
  nf_ct_proto_6: [
    { pattern: /^truncated packet$/, codes: ["TCP_TRUNCATED", "TCP_SHORT"] },
    { pattern: /^bad checksum$/, codes: ["TCP_CHECKSUM"] },
    { pattern: /^invalid tcp flag combination$/, codes: ["TCP_FLAGS"] },
    { pattern: /^invalid new$/, codes: ["TCP_INVALID_NEW"] },
    { pattern: /^invalid rst$/, codes: ["TCP_INVALID_RST"] },
    { pattern: /^packet \(index \d+\) in dir \d ignored, state (\w+)$/, codes: ["TCP_IGNORED"] },
    { pattern: /^packet \(index \d+\) in dir \d invalid, state (\w+)$/, codes: ["TCP_INVALID_TRANSITION"] },
    { pattern: /^challenge-ack ignored$/, codes: ["TCP_CHALLENGE_ACK"] },
    { pattern: /^(\d+) bytes more than expected$/, codes: ["TCP_OVERSHOT"] },
    { pattern: /^SEQ is over upper bound (\d+) /, codes: ["TCP_SEQ_OVER"] },
    { pattern: /^ACK is over upper bound (\d+) /, codes: ["TCP_ACK_OVER"] },
    { pattern: /^SEQ is under lower bound (\d+) /, codes: ["TCP_SEQ_UNDER"] },
    { pattern: /^ignored ACK under lower bound (\d+) /, codes: ["TCP_ACK_UNDER"] },
  ],
  nf_ct_proto_17: [
    { pattern: /^short packet$/, codes: ["UDP_SHORT"] },
    { pattern: /^truncated\/malformed packet$/, codes: ["UDP_LENGTH"] },
    { pattern: /^bad checksum$/, codes: ["UDP_CHECKSUM"] },
  ],
  nf_ct_proto_58: [
    { pattern: /^short packet$/, codes: ["ICMPV6_SHORT"] },
    { pattern: /^ICMPv6 checksum failed$/, codes: ["ICMPV6_CHECKSUM"] },
    { pattern: /^short redirect$/, codes: ["ICMPV6_REDIRECT_SHORT"] },
    { pattern: /^invalid saddr or hoplimit for redirect$/, codes: ["ICMPV6_REDIRECT_SOURCE"] },
    { pattern: /^redirect without options$/, codes: ["ICMPV6_REDIRECT_OPTIONS"] },
    { pattern: /^outer daddr \S+ != inner \S+$/, codes: ["ICMP_ERROR_ADDRESS"] },
  ],
  nf_ct_proto_132: [
    { pattern: /^nf_ct_sctp: short packet$/, codes: ["SCTP_SHORT"] },
    { pattern: /^nf_ct_sctp: bad CRC$/, codes: ["SCTP_CHECKSUM"] },
    { pattern: /^do_basic_checks failed\. /, codes: ["SCTP_CHUNKS"] },
    { pattern: /^verification tag check failed (\w+) vs (\w+) for dir \d$/, codes: [TAG] },
    { pattern: /^Invalid, old_state \d+, dir \d, type \d+$/, codes: ["SCTP_INVALID_TRANSITION"] },
  ],
  nf_ct_proto_136: [
    { pattern: /^short packet$/, codes: ["UDPLITE_SHORT"] },
    { pattern: /^invalid checksum coverage$/, codes: ["UDPLITE_COVERAGE"] },
    { pattern: /^checksum missing$/, codes: ["UDPLITE_NO_CHECKSUM"] },
    { pattern: /^bad checksum$/, codes: ["UDPLITE_CHECKSUM"] },
  ],
};

/** Texts that come beside another one and only tell of a consequence. */
const CONSEQUENCE = /response for index \d+ lower timeout to/;
const HELPER_DROP = /^nf_ct_(?!proto_)[\w.-]+: dropping packet: /;
/** Reasons that the kernel has no text for although it has one for a sibling of theirs. */
const SILENT = new Set(["TCP_SHORT"]);

const LOGGED = new Set(
  Object.values(PROTOCOLS)
    .flat()
    .flatMap(({ codes }) => codes)
    .filter((code) => !SILENT.has(code)),
);

export interface Why {
  codes: readonly string[];
  /** Bounds and tags as numbers, states as names. */
  facts: readonly (number | string)[];
}

/** What the kernel's texts for one packet mean; undefined when it said nothing. */
export function meaningOf(texts: readonly string[] | undefined): Why | undefined {
  // a packet that comes by twice (over lo) is judged, and spoken of, twice
  const text = texts?.find((line) => !CONSEQUENCE.test(line));
  if (text === undefined) return undefined;
  if (HELPER_DROP.test(text)) return { codes: ["HELPER_DROP"], facts: [] };
  const colon = text.indexOf(": ");
  for (const { pattern, codes } of PROTOCOLS[text.slice(0, colon)] ?? []) {
    const match = pattern.exec(text.slice(colon + 2));
    if (match) return { codes, facts: match.slice(1).map(codes.includes(TAG) ? swapped : plain) };
  }
  return { codes: [`(no reason code is mapped to "${text}")`], facts: [] };
}

function plain(fact: string): number | string {
  return /^\d+$/.test(fact) ? Number(fact) : fact;
}

/** The kernel prints SCTP's tags as they lie in memory, which on the recording machine is back to front. */
function swapped(fact: string): number {
  const bytes = fact.padStart(8, "0").match(/../g)!;
  return Number.parseInt(bytes.reverse().join(""), 16);
}

/** Whether the kernel would have spoken, had it found this. It says nothing of a pick-up that tcp_loose forbids. */
export function isLogged(code: string, tcpLoose: boolean): boolean {
  return LOGGED.has(code) && (tcpLoose || code !== "TCP_INVALID_NEW");
}
