import { expect, it } from "vitest";
import { Firewall, LinkType } from "../../src/index.js";
import { ethernet, tcp, udp } from "../../src/packet/index.js";

const packet = tcp({
  src: "10.1.0.2",
  dst: "203.0.113.10",
  sport: 40000,
  dport: 80,
  flags: "SYN",
  seq: 1000,
  id: 7,
});

function machine(...rules: string[]): Promise<Firewall> {
  return Firewall.fromIptablesSave(
    { ipv4: ["*filter", ":FORWARD ACCEPT [0:0]", ...rules, "COMMIT", ""].join("\n") },
    {
      interfaces: { lan: ["10.1.0.1/16"], wan: ["198.51.100.1/24"] },
      routes: [{ to: "default", dev: "wan" }],
    },
  );
}

it("-j LOG writes what the kernel's log would have, with the detail that the rule asks for", async () => {
  const fw = await machine(
    '-A FORWARD -j LOG --log-prefix "web: " --log-level 7 --log-tcp-sequence',
    "-A FORWARD -j LOG",
  );
  fw.process(packet, { time: 5, in: "lan" });
  const [first, second, ...others] = fw.conntrack.drainLog();
  expect(others).toEqual([]);
  const way = "IN=lan OUT=wan MAC= SRC=10.1.0.2 DST=203.0.113.10 LEN=40 TOS=0x00 PREC=0x00 TTL=63 ID=7 DF ";
  expect(first).toMatchObject({
    time: 5,
    level: 7,
    prefix: "web: ",
    text: `web: ${way}PROTO=TCP SPT=40000 DPT=80 SEQ=1000 ACK=0 WINDOW=65535 RES=0x00 SYN URGP=0 `,
    rule: { table: "filter", chain: "FORWARD", number: 1 },
    group: undefined,
  });
  expect(second).toMatchObject({
    level: 4,
    text: `${way}PROTO=TCP SPT=40000 DPT=80 WINDOW=65535 RES=0x00 SYN URGP=0 `,
  });
});

it("-j NFLOG hands as much of the packet to its group as the rule says", async () => {
  const fw = await machine('-A FORWARD -j NFLOG --nflog-group 3 --nflog-prefix "x" --nflog-size 20');
  fw.process(packet, { time: 0, in: "lan" });
  const [entry] = fw.conntrack.drainLog();
  expect(entry).toMatchObject({ prefix: "x", group: 3 });
  expect(entry!.packet!.length).toBe(20);
});

it("--log-uid tells of the process that sends a packet, as long as it has not come back over lo", async () => {
  const chain = (hook: string) => `-A ${hook} -j LOG --log-prefix "${hook} " --log-uid`;
  const fw = await machine(
    ":OUTPUT ACCEPT [0:0]",
    ":INPUT ACCEPT [0:0]",
    ...["OUTPUT", "INPUT", "FORWARD"].map(chain),
  );
  const own = { src: "10.1.0.1", sport: 1, dport: 53, payload: "q" };
  fw.process(udp({ ...own, dst: "203.0.113.10" }), { time: 0, local: true, uid: 33, gid: 34 });
  fw.process(udp({ ...own, dst: "10.1.0.1" }), { time: 0, local: true, uid: 33 });
  fw.process(packet, { time: 0, in: "lan" });
  const ends = fw.conntrack
    .drainLog()
    .map(({ prefix, text }) => prefix + text.replace(/.*(?:LEN=9|URGP=0) /, ""));
  expect(ends).toEqual(["OUTPUT UID=33 GID=34 ", "OUTPUT UID=33 GID=0 ", "INPUT ", "FORWARD "]);
});

it("tells of the Ethernet header that the packet came with", async () => {
  const fw = await machine("-A FORWARD -j LOG --log-macdecode");
  const frame = ethernet(packet);
  fw.process(frame, { time: 0, in: "lan", link: LinkType.ETHERNET });
  expect(fw.conntrack.drainLog()[0]!.text).toContain(
    "IN=lan OUT=wan MACSRC=02:00:00:00:00:01 MACDST=02:00:00:00:00:02 MACPROTO=0800 SRC=",
  );
});

it("names the device of a packet that tracking finds invalid", async () => {
  const fw = await machine();
  fw.conntrack.setSysctl("nf_conntrack_log_invalid", 255);
  fw.process(tcp({ src: "10.1.0.2", dst: "203.0.113.10", sport: 1, dport: 2, flags: "NONE" }), {
    time: 0,
    in: "lan",
  });
  const [entry] = fw.conntrack.drainLog();
  expect(entry!.text).toContain("nf_ct_proto_6: invalid tcp flag combination IN=lan OUT= MAC= SRC=10.1.0.2");
});

it("keeps so much of what nobody asks for, and counts the rest", async () => {
  const fw = await machine("-A FORWARD -j LOG");
  const long = tcp({
    src: "10.1.0.2",
    dst: "203.0.113.10",
    sport: 1,
    dport: 2,
    flags: "SYN",
    payload: new Uint8Array(1400),
  });
  const packets = 6000;
  for (let i = 0; i < packets; i++) fw.process(long, { time: i, in: "lan", trace: true });
  const lost = fw.conntrack.takeLostLogEntries();
  const kept = fw.conntrack.drainLog();
  expect(lost).toBeGreaterThan(0);
  expect(kept.length + lost).toBe(packets);
  expect(kept[0]!.time).toBe(0);
  expect(fw.conntrack.takeLostLogEntries()).toBe(0);
  fw.process(long, { time: packets, in: "lan", trace: true });
  expect(fw.conntrack.drainLog().map(({ time }) => time)).toEqual([packets]);
});
