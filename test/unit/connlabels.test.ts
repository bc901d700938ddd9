/** connlabel.conf; what iptables 1.8.9 and conntrack-tools 1.4.7 make of these lines. */
import { describe, expect, it } from "vitest";
import { conntrackEventLine, type ListedEvent, labelOf, parseConnlabels } from "../../src/format/index.js";
import { Firewall } from "../../src/index.js";
import { udp } from "../../src/packet/index.js";

const CONF = `# comment
1 one
  3   three
5\ttab-five
7 seven words here
0x9 hex
100 hundred # trailing
128 toobig
127 last
1 again
12 dup
13 dup
abc
14
15 fifteen!
16 com,ma
017 octal
18  two  spaces
+19 cr\r
20 a_b
13x x
-1 minus
99999999999999999999 huge
0 zero`;

describe("connlabel.conf", () => {
  it("is read as the tools read it", () => {
    const leftOut: number[] = [];
    const names = parseConnlabels(CONF, (number) => leftOut.push(number));
    expect(Object.fromEntries(names)).toEqual({
      ...{ 0: "zero", 1: "one", 3: "three", 5: "tab-five", 7: "seven words here", 9: "hex", 12: "dup" },
      ...{ 13: "x x", 15: "octal", 18: "two  spaces", 19: "cr", 127: "last" },
    });
    expect(leftOut).toEqual([7, 8, 10, 12, 13, 14, 15, 16, 20, 22, 23]);
    expect(["dup", "0x10", "127", "128", "ONE", ""].map((text) => labelOf(text, names))).toEqual([
      ...[12, 16, 127, undefined, undefined, undefined],
    ]);
  });

  it("takes any bytes in no time", () => {
    for (const text of [`1 ${" ".repeat(1e6)}!`, "9".repeat(1e6), "\0\n\xff", `1 ${"a ".repeat(5e5)}!`])
      expect(parseConnlabels(text).size).toBe(0);
  });
});

describe("rules", () => {
  const rules = (...lines: string[]) =>
    ["*filter", ":FORWARD ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", ...lines, "COMMIT", ""].join("\n");
  const connlabels = parseConnlabels(CONF);

  it("take names and print them, as iptables-save does", async () => {
    const text = rules(
      '-A OUTPUT -m connlabel --label "seven words here" --set',
      "-A OUTPUT -m connlabel --label 0x1",
    );
    const interfaces = { lan: ["10.0.0.1/24"] };
    const firewall = await Firewall.fromIptablesSave({ ipv4: text }, { connlabels, interfaces });
    expect(firewall.save().ipv4?.match(/--label .*/g)).toEqual([
      '--label "seven words here" --set',
      '--label "one"',
    ]);
    const packet = udp({ src: "10.0.0.1", dst: "10.0.0.2", sport: 1, dport: 2 });
    firewall.process(packet, { time: 0, local: true });
    expect([...firewall.conntrack.flows({ labels: [7] })].length).toBe(1);
    firewall.replaceRules({ ipv4: firewall.save().ipv4 ?? "" });
  });

  it("refuse names that nobody has given", async () => {
    const text = rules("-A OUTPUT -m connlabel --label nosuch");
    await expect(Firewall.fromIptablesSave({ ipv4: text }, { connlabels })).rejects.toThrow(
      /there is no such label/,
    );
    await expect(Firewall.fromIptablesSave({ ipv4: text })).rejects.toMatchObject({
      code: "CT_BAD_RULE",
      line: 4,
    });
  });
});

it("events tell of labels when they are set, not at the end", () => {
  const tuple = { src: "127.0.0.1", dst: "127.0.0.1", sport: 36082, dport: 999 };
  const event: ListedEvent = {
    ...{ kind: "NEW", time: 0, changes: ["new", "label"], id: 1, family: "ipv4", protocol: "udp" },
    ...{
      protocolNumber: 17,
      original: tuple,
      reply: { ...tuple, sport: 999, dport: 36082 },
      state: undefined,
    },
    ...{
      timeout: 30,
      status: 0,
      mark: 0,
      zone: 0,
      zoneDirection: "both",
      labels: [1, 7],
      counters: undefined,
    },
    ...{ tcp: undefined, sctp: undefined, gre: undefined, start: undefined, deltaTime: undefined },
  };
  const labels = parseConnlabels(CONF);
  expect(conntrackEventLine(event, { labels })).toBe(
    "    [NEW] udp      17 30 src=127.0.0.1 dst=127.0.0.1 sport=36082 dport=999 [UNREPLIED] src=127.0.0.1 " +
      "dst=127.0.0.1 sport=999 dport=36082 labels=one,seven words here",
  );
  expect(conntrackEventLine({ ...event, kind: "DESTROY" }, { labels })).not.toContain("labels");
  expect(conntrackEventLine({ ...event, kind: "UPDATE", changes: ["mark"] }, { labels })).not.toContain(
    "labels",
  );
});
