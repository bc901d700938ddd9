/** Rules as a user meets them: owner, time, traces, replacement, refusals. */
import { expect, it } from "vitest";
import { Firewall } from "../../../src/firewall.js";
import { udp } from "../../../src/packet/index.js";
import { datagram, machine, mangle, markOf, NETWORK, syn } from "./machine.js";

it("owner asks who sends what this machine sends", async () => {
  const rules = ["-m owner --uid-owner 1000", "-m owner ! --gid-owner 5-6", "-m owner --socket-exists"];
  const fw = await Firewall.fromIptablesSave({ ipv4: mangle(rules, "OUTPUT") }, NETWORK);
  const packet = udp({ src: "198.51.100.1", dst: "203.0.113.10", sport: 1, dport: 2 });
  const markFor = (uid?: number, gid?: number) =>
    fw.process(packet, {
      time: 0,
      local: true,
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
    }).mark;
  expect([markFor(), markFor(1000, 5), markFor(1000, 7)]).toEqual([6, 5, 7]);
  expect(() => markFor(-1)).toThrow(/uid: expected a number/);
});

it("time takes the packet's time for milliseconds since 1970", async () => {
  const fw = await machine([
    "-m time --timestart 08:00 --timestop 17:00 --weekdays Mon,Tue,Wed,Thu,Fri",
    "-m time --monthdays 29 --datestart 2024-02-29 --datestop 2024-03-01",
  ]);
  const at = (text: string) => markOf(fw, Date.parse(`${text}Z`));
  expect(at("2024-02-29T09:00:00")).toBe(3);
  expect(at("2024-02-29T07:59:59")).toBe(2);
  expect(at("2024-03-01T08:00:00")).toBe(1);
  expect(at("2024-03-02T08:00:00")).toBe(0);
});

it("string finds a pattern anywhere between two offsets", async () => {
  const fw = await machine([
    '-m string --algo bm --string "Needle"',
    '-m string --algo kmp --string "needle" --icase',
    '-m string --algo bm --from 60 --string "Needle"',
    '-m string --algo bm --to 40 --string "Needle"',
  ]);
  const packet = (text: string) =>
    udp({
      src: "10.1.0.2",
      dst: "203.0.113.10",
      sport: 1,
      dport: 2,
      payload: new TextEncoder().encode(text),
    });
  expect(markOf(fw, 0, packet(`${"-".repeat(20)}Needle`))).toBe(3);
  expect(markOf(fw, 0, packet(`${"-".repeat(40)}Needle--`))).toBe(7);
  expect(markOf(fw, 0, packet("-Needle---"))).toBe(11);
  expect(markOf(fw, 0, packet(`${"Needl".repeat(20)}NEEDLE`))).toBe(2);
});

it("a trace tells every rule and every end of a chain that the packet comes to", async () => {
  const fw = await Firewall.fromIptablesSave(
    {
      ipv4: `*filter
:FORWARD DROP [0:0]
:U - [0:0]
-A FORWARD -p tcp -j U
-A FORWARD -s 10.1.0.2 -j U
-A FORWARD -j RETURN
-A U -p udp -j RETURN
COMMIT
`,
    },
    NETWORK,
  );
  const { trace } = fw.process(syn(1), { time: 0, in: "lan", trace: true });
  expect(trace.map((line) => line.split(" ")[1])).toEqual([
    "filter:FORWARD:rule:1",
    "filter:U:return:2",
    "filter:FORWARD:rule:2",
    "filter:U:return:2",
    // Without conditions it looks to Linux like the chain's policy.
    "filter:FORWARD:policy:3",
    "filter:FORWARD:policy:4",
  ]);
  expect(fw.process(syn(1), { time: 0, in: "lan" }).trace).toEqual([]);
  expect(fw.conntrack.drainLog()).toEqual([]);
});

it("rules that are refused leave the old ones in place", async () => {
  const fw = await machine(["-p udp"]);
  expect(() => fw.replaceRules({ ipv4: mangle(["-m set --match-set none src"]) })).toThrow(/none/);
  expect(markOf(fw, 0, datagram())).toBe(1);
  fw.replaceRules({ ipv4: mangle(["-p tcp", "-p udp"]) });
  expect(markOf(fw, 0, datagram())).toBe(2);
});

it.each([["-m limit --limit 1/day --limit-burst 10000", "mangle FORWARD"]])(
  "%s is refused by name",
  async (rule) => {
    await expect(machine([rule])).rejects.toMatchObject({ code: "CT_BAD_RULE", message: expect.any(String) });
  },
);
