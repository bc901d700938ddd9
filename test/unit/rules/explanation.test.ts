/** What explanations say of each match: whether it held, and what it saw of the packet. */
import { describe, expect, it } from "vitest";
import { LinkType } from "../../../assembly/shared/link-type.js";
import { Firewall, type FirewallOptions } from "../../../src/firewall.js";
import type { FirewallResult } from "../../../src/firewall-result.js";
import { ethernet, icmp, icmp6, ip, sctp, tcp, udp } from "../../../src/packet/index.js";
import { MATCHES } from "../../../src/rules/matches/index.js";

const NETWORK = {
  interfaces: { lan: ["10.1.0.1/16", "2001:db8:1::1/64"], wan: ["198.51.100.1/24", "2001:db8:2::1/64"] },
  routes: [
    { to: "default", dev: "wan" },
    { to: "::/0", dev: "wan" },
  ],
} as const;

const ends = { src: "10.1.0.2", dst: "203.0.113.10" };
const ends6 = { src: "2001:db8:1::2", dst: "2001:db8:9::1" };
const syn = tcp({ ...ends, sport: 1000, dport: 80, flags: "SYN", options: { mss: 1460 } });
const query = udp({ ...ends, sport: 1000, dport: 53, payload: "GET it" });
const ping = icmp({ ...ends, type: "echo-request" });
const init = sctp({ ...ends, sport: 1, dport: 2, tag: 0, chunks: [{ type: "INIT", initiateTag: 5 }] });
const spi = { payload: [0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0] };
const esp = ip({ ...ends, protocol: 50, ...spi });
/** Next header TCP, length 4 words, SPI 9. */
const ah = [6, 4, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1, ...Array<number>(12).fill(0)];
const tcp6 = [...tcp({ ...ends6, sport: 1, dport: 2, flags: "SYN" }).subarray(40)];

interface Row {
  readonly rule: string;
  readonly packet: Uint8Array;
  /** "yes: seen" or "no: seen" of each match. */
  readonly said: readonly string[];
  /** Packets before. */
  readonly before?: readonly Uint8Array[];
  readonly rules?: readonly string[];
  readonly ipset?: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

const row = (rule: string, packet: Uint8Array, ...said: string[]): Row => ({ rule, packet, said });

const ROWS: readonly Row[] = [
  row(
    "-s 10.1.0.0/16 ! -d 203.0.113.0/24 -i lan",
    syn,
    "yes: source 10.1.0.2",
    "no: destination 203.0.113.10",
    "-",
  ),
  row("-i lan -o lan+", syn, "yes: comes by lan", "no: leaves by wan"),
  row("! -p tcp -f", syn, "no: protocol tcp", "-"),
  row("! -f", query, "yes: fragment offset 0"),
  row(
    "-m addrtype --src-type UNICAST --dst-type LOCAL",
    syn,
    "no: source 10.1.0.2 (UNICAST), destination 203.0.113.10 (UNICAST)",
  ),
  row("-p ah -m ah --ahspi 9", ip({ ...ends, protocol: 51, payload: ah }), "yes: protocol ah", "yes: SPI 9"),
  row(
    '-p udp -m comment --comment "-p tcp" -m udp --dport 54',
    query,
    "yes: protocol udp",
    "no: destination port 53",
  ),
  {
    ...row(
      "-m connbytes --connbytes 100: --connbytes-dir original --connbytes-mode bytes",
      query,
      "no: 68 bytes",
    ),
    before: [query],
  },
  row("-m connlabel --label 7 --set", query, "yes: label 7 is set"),
  row("-m connlabel --label 7", query, "no: label 7 is not set"),
  { ...row("-m connlimit --connlimit-above 1", query, "yes: 2 connections of 10.1.0.2"), before: [syn] },
  {
    ...row("-m connmark --mark 0x5", query, "yes: connection mark 0x5"),
    rules: ["-j CONNMARK --set-mark 0x5"],
  },
  row("-m conntrack --ctstate ESTABLISHED,DNAT", query, "no: ct state NEW"),
  row(
    "-m conntrack ! --ctstate INVALID --ctproto 6 --ctorigsrc 10.0.0.0/8 --ctrepldstport 1000 --ctstatus NONE --ctdir REPLY",
    syn,
    "no: ct state NEW, protocol tcp, original source 10.1.0.2, reply destination port 1000, status NONE, direction ORIGINAL",
  ),
  { ...row("-m conntrack --ctexpire 10:20", query, "no: 30 s left"), before: [query] },
  row("-m dscp --dscp 0x0a", udp({ ...ends, sport: 1, dport: 2, tos: 0xb8 }), "no: DSCP 0x2e"),
  row(
    "-p tcp -m ecn --ecn-tcp-cwr --ecn-ip-ect 2",
    tcp({ ...ends, sport: 1, dport: 2, flags: "SYN,ECE", tos: 2 }),
    "yes: protocol tcp",
    "no: CWR not set, ECN of IP 2",
  ),
  row("-p esp -m esp --espspi 255", esp, "yes: protocol esp", "no: SPI 256"),
  {
    ...row(
      "-m hashlimit --hashlimit-upto 1/min --hashlimit-burst 1 --hashlimit-name h",
      query,
      "no: credit for 0 such packets",
    ),
    before: [query],
  },
  row("-m helper --helper ftp", query, "no: connection that no helper has announced"),
  row("-m ttl --ttl-gt 64", query, "no: TTL 63"),
  row("-p icmp -m icmp --icmp-type echo-reply", ping, "yes: protocol icmp", "no: type 8/0 (echo-request)"),
  row("-m iprange ! --src-range 10.1.0.1-10.1.0.9", query, "no: source 10.1.0.2"),
  row("-m length --length 0:33", query, "no: 34 bytes"),
  {
    ...row("-m limit --limit 6/min --limit-burst 1", query, "no: credit for 0.5 packets"),
    before: [query],
    options: { time: 5000 },
  },
  {
    ...row("-m mac --mac-source 02:00:00:00:00:09", ethernet(query), "no: source 02:00:00:00:00:01"),
    options: { link: LinkType.ETHERNET },
  },
  row("-m mac --mac-source 02:00:00:00:00:09", query, "no: no Ethernet header"),
  { ...row("-m mark ! --mark 0x1/0xff", query, "yes: mark 0x102"), rules: ["-j MARK --set-mark 0x102"] },
  row("-p tcp -m multiport --dports 22,443:444", syn, "yes: protocol tcp", "no: destination port 80"),
  row(
    "-p tcp -m multiport ! --ports 22",
    syn,
    "yes: protocol tcp",
    "yes: source port 1000, destination port 80",
  ),
  row("-m pkttype --pkt-type multicast", query, "no: no Ethernet header: taken for unicast"),
  {
    ...row("-m pkttype --pkt-type multicast", ethernet(query, { dst: "ff:ff:ff:ff:ff:ff" }), "no: broadcast"),
    options: { link: LinkType.ETHERNET },
  },
  { ...row("-m quota --quota 60", query, "no: 26 bytes left, packet of 34"), before: [query] },
  {
    ...row(
      "-m recent --name r --rcheck --seconds 60 --hitcount 2",
      query,
      "no: 10.1.0.2 is in r, 1 times in 60 s",
    ),
    rules: ["-p tcp -m recent --name r --set"],
    before: [syn],
  },
  row("-m recent --name r --update", query, "no: 10.1.0.2 is not in r"),
  row(
    "-p sctp -m sctp --dport 2 --chunk-types any DATA",
    init,
    "yes: protocol sctp",
    "no: destination port 2, chunks INIT",
  ),
  {
    ...row("-m set --match-set s dst", query, "no: 203.0.113.10 is in s with nomatch"),
    ipset: "create s hash:net\nadd s 203.0.113.0/24 nomatch\n",
  },
  {
    ...row("-m set ! --match-set s src,dst", query, "yes: packet is not in s"),
    ipset: "create s hash:ip,port\n",
  },
  {
    ...row("-m set --match-set s src --packets-gt 4", query, "no: 10.1.0.2 is in s, 1 packets"),
    ipset: "create s hash:ip counters\nadd s 10.1.0.2\n",
  },
  row("-m state --state RELATED", query, "no: ct state NEW"),
  { ...row("-m statistic --mode nth --every 3 --packet 0", query, "no: packet 1 of 3"), before: [query] },
  row("-m statistic --mode nth --every 3 --packet 1", query, "no: packet 0 of 3"),
  row("-m string --string POST --algo bm", query, "no: not found"),
  row("-m string ! --string GET --algo bm", query, "no: found"),
  row("-p tcp -m tcp ! --sport 1000", syn, "yes: protocol tcp", "no: source port 1000"),
  row(
    "-p tcp -m tcp --dport 80 --tcp-option 4 --tcp-flags SYN,ACK ACK",
    syn,
    "yes: protocol tcp",
    "no: destination port 80, flags SYN, options 2",
  ),
  row("-p tcp -m tcpmss --mss 500:1000", syn, "yes: protocol tcp", "no: MSS 1460"),
  row(
    "-p tcp -m tcpmss --mss 500:1000",
    tcp({ ...ends, sport: 1, dport: 2, flags: "SYN" }),
    "yes: protocol tcp",
    "no: no MSS option",
  ),
  {
    ...row("-m time --weekdays Sat,Mon", query, "no: 2001-09-09T01:46:40 UTC, Sunday"),
    rules: [],
    options: { time: 1_000_000_000_000 },
  },
  row("-m tos --tos 0x10/0xff", query, "no: TOS 0x00"),
  row('-m u32 --u32 "6&0xff=17&&4&0x1fff=9"', query, "no: 0x0 for test 2"),
  row('-m u32 --u32 "100=1"', query, "no: beyond the packet"),
  row(
    "-p udp -m udp --sport 1:9 --dport 53",
    query,
    "yes: protocol udp",
    "no: source port 1000, destination port 53",
  ),
];

const ROWS6: readonly Row[] = [
  row(
    "-p tcp -s 2001:db8::/32 -d ::1/128",
    tcp({ ...ends6, sport: 1, dport: 2, flags: "SYN" }),
    "yes: source 2001:db8:1::2",
    "no: destination 2001:db8:9::1",
    "-",
  ),
  row(
    "-m addrtype --dst-type MULTICAST",
    udp({ ...ends6, sport: 1, dport: 2 }),
    "no: destination 2001:db8:9::1",
  ),
  row(
    "-m ah --ahspi 1:8 --ahlen 24 --ahres",
    ip({ ...ends6, protocol: 51, payload: [...ah, ...tcp6] }),
    "no: SPI 9, length 24, reserved 0",
  ),
  row("-m ah --ahspi 9", udp({ ...ends6, sport: 1, dport: 2 }), "no: no authentication header"),
  row(
    "-m dst --dst-len 8 --dst-opts 5:2",
    ip({ ...ends6, protocol: 60, payload: [6, 0, 1, 4, 0, 0, 0, 0, ...tcp6] }),
    "no: length 8, options 1:4",
  ),
  row("-m frag --fragid 1", udp({ ...ends6, sport: 1, dport: 2 }), "no: no fragment header"),
  row(
    "-m hbh --hbh-opts 5:2",
    ip({ ...ends6, protocol: 0, payload: [6, 0, 5, 2, 0, 0, 1, 0, ...tcp6] }),
    "yes: options 5:2,1:0",
  ),
  row("-m hl --hl-lt 9", udp({ ...ends6, sport: 1, dport: 2 }), "no: hop limit 63"),
  row(
    "-p ipv6-icmp -m icmp6 --icmpv6-type 129",
    icmp6({ ...ends6, type: "echo-request" }),
    "yes: protocol ipv6-icmp",
    "no: type 128/0 (echo-request)",
  ),
  row(
    "-m ipv6header --header frag --soft",
    ip({ ...ends6, protocol: 60, payload: [6, 0, 1, 4, 0, 0, 0, 0, ...tcp6] }),
    "no: headers ipv6-opts,protocol",
  ),
  row(
    "-m rt --rt-type 0 --rt-segsleft 1",
    ip({ ...ends6, protocol: 43, payload: [6, 0, 4, 0, 0, 0, 0, 0, ...tcp6] }),
    "no: type 4, segments left 0",
  ),
];

async function explained(chain: string, each: Row, options: FirewallOptions): Promise<FirewallResult> {
  const family = chain === "FORWARD6" ? "ipv6" : "ipv4";
  const name = chain.replace("6", "");
  const lines = [...(each.rules ?? []), each.rule].map((rule) => `-A ${name} ${rule}`);
  const text = ["*mangle", `:${name} ACCEPT [0:0]`, ...lines, "COMMIT", ""].join("\n");
  const fw = await Firewall.fromIptablesSave(
    { [family]: text },
    { ...NETWORK, ...options, ...(each.ipset !== undefined && { ipset: each.ipset }) },
  );
  for (const packet of each.before ?? []) fw.process(packet, { time: 0, in: "lan" });
  const way = name === "OUTPUT" ? { local: true } : { in: "lan" };
  return fw.process(each.packet, { time: 0, ...way, ...each.options, trace: true });
}

function saidOf(result: FirewallResult): string[] {
  const visit = result.rules.filter(({ number }) => number > 0).at(-1);
  return (visit?.matches ?? []).map(({ matched, seen }) => {
    if (matched === undefined) return seen ?? "-";
    return `${matched ? "yes" : "no"}: ${seen}`;
  });
}

describe("says what was seen by", () => {
  it.each(ROWS)("$rule", async (each) => {
    expect(saidOf(await explained("FORWARD", each, {}))).toEqual(each.said);
  });

  it.each(ROWS6)("ip6tables: $rule", async (each) => {
    expect(saidOf(await explained("FORWARD6", each, {}))).toEqual(each.said);
  });

  it("-m owner", async () => {
    const packet = udp({ src: "198.51.100.1", dst: "192.0.2.1", sport: 1, dport: 2 });
    const each = { ...row("-m owner --uid-owner 0 --gid-owner 5", packet), options: { uid: 0, gid: 7 } };
    expect(saidOf(await explained("OUTPUT", each, {}))).toEqual(["no: uid 0, gid 7"]);
  });

  it("-m statistic --mode random", async () => {
    const result = await explained("FORWARD", row("-m statistic --mode random --probability 0", query), {});
    expect(saidOf(result)[0]).toMatch(/^no: drawn 0\.\d{4}$/);
  });

  it("every match", () => {
    const asked = [...ROWS, ...ROWS6].map(({ rule }) => rule).join(" ");
    const missing = MATCHES.map(({ name }) => name).filter((name) => !asked.includes(`-m ${name} `));
    // The two above.
    expect(missing).toEqual(["owner"]);
  });
});

it("a packet that is too short for a match is dropped by it", async () => {
  const short = ip({ ...ends, protocol: 6, payload: [0, 80] });
  const result = await explained("FORWARD", row("-p tcp -m tcp --dport 80", short), {});
  expect(result.verdict).toBe("DROP");
  expect(result.rules.at(-1)?.outcome).toBe("drops");
  expect(saidOf(result)).toEqual(["yes: protocol tcp", "no: too short for its protocol"]);
});

it("without trace there is nothing to tell", async () => {
  const fw = await Firewall.fromIptablesSave({ ipv4: "*filter\n-A FORWARD -j ACCEPT\nCOMMIT\n" }, NETWORK);
  const result = fw.process(query, { time: 0, in: "lan" });
  expect([result.rules, result.explainRules()]).toEqual([[], ""]);
});

it("rules see the packet as it is there: marked, and with its TTL lowered", async () => {
  const fw = await Firewall.fromIptablesSave(
    {
      ipv4: `*raw
-A PREROUTING -m ttl --ttl-eq 64 -j MARK --set-mark 0x1
-A PREROUTING -m mark --mark 0x2
COMMIT
*filter
:FORWARD DROP [0:0]
:web - [0:0]
-A FORWARD -i lan -j web
-A web -m ttl --ttl-eq 64 -j ACCEPT
COMMIT
`,
    },
    NETWORK,
  );
  const result = fw.process(query, { time: 0, in: "lan", trace: true });
  expect(result.rules.at(-1)).toMatchObject({ table: "filter", number: 0, hook: "FORWARD" });
  expect(result.explainRules()).toBe(`\
raw PREROUTING 1: yes  -A PREROUTING -m ttl --ttl-eq 64 -j MARK --set-xmark 0x1/0xffffffff
    yes  -m ttl --ttl-eq 64  TTL 64
raw PREROUTING 2: no  -A PREROUTING -m mark --mark 0x2
    no   -m mark --mark 0x2  mark 0x1
raw PREROUTING policy: -P PREROUTING ACCEPT
filter FORWARD 1: yes  -A FORWARD -i lan -j web
    yes  -i lan  comes by lan
filter web 1 (FORWARD): no  -A web -m ttl --ttl-eq 64 -j ACCEPT
    no   -m ttl --ttl-eq 64  TTL 63
filter FORWARD policy: -P FORWARD DROP`);
});

it("of a long chain all rules are told, not only those that can match", async () => {
  const rules = Array.from({ length: 200 }, (_, i) => `-A FORWARD -s 192.0.2.${i} -p udp -j DROP`);
  const text = ["*filter", ":FORWARD ACCEPT [0:0]", ...rules, "COMMIT", ""].join("\n");
  const fw = await Firewall.fromIptablesSave({ ipv4: text }, NETWORK);
  const result = fw.process(query, { time: 0, in: "lan", trace: true });
  const { rules: visits } = result;
  expect(result.explainRules().match(/^filter/gm)).toHaveLength(201);
  const short = result.explainRules({ short: true });
  expect(short.match(/^filter FORWARD \w+/gm)?.map((place) => place.slice(15))).toEqual(
    [1, 2, 3, 4, 5, 196, 197, 198, 199, 200, "policy"].map(String),
  );
  expect(short).toContain("\n... 190 rules that do not match ...\n");
  expect(visits.map(({ number }) => number)).toEqual([...rules.map((_, i) => i + 1), 0]);
  expect(visits.every(({ outcome, number }) => (outcome === "matches") === (number === 0))).toBe(true);
});

it("an explanation stays as it is when other rules come, and other packets", async () => {
  const text = (port: number) => `*filter\n-A FORWARD -p udp -m udp --dport ${port} -j ACCEPT\nCOMMIT\n`;
  const fw = await Firewall.fromIptablesSave({ ipv4: text(53) }, NETWORK);
  const first = fw.process(query, { time: 0, in: "lan", trace: true });
  fw.replaceRules({ ipv4: text(99) });
  fw.process(syn, { time: 1, in: "lan", trace: true });
  expect(first.explainRules()).toContain("yes  -m udp --dport 53  destination port 53");
});

it("what does not fit is counted", async () => {
  const conditions = Array(10).fill("-m length --length 0:65535").join(" ");
  const lines = [
    ...Array.from({ length: 400 }, () => "-A FORWARD -j often"),
    ...Array.from({ length: 100 }, () => `-A often ${conditions}`),
  ];
  const fw = await Firewall.fromIptablesSave(
    { ipv4: ["*filter", ":FORWARD DROP [0:0]", ":often - [0:0]", ...lines, "COMMIT", ""].join("\n") },
    NETWORK,
  );
  const result = fw.process(query, { time: 0, in: "lan", trace: true });
  expect(result.rule).toMatchObject({ chain: "FORWARD", number: 0 });
  expect(result.rules.length).toBeGreaterThan(20_000);
  expect(result.explainRules()).toMatch(/\.\.\. and \d+ more that there was no room for$/);
  expect(fw.process(query, { time: 0, in: "lan", trace: true }).rules.length).toBe(result.rules.length);
});
