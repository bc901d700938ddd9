/** What rules ask of the machine around a packet: who sends it, and what its clocks show. */
import { describe, expect, it } from "vitest";
import { Firewall, type FirewallOptions } from "../../../src/firewall.js";
import { udp } from "../../../src/packet/index.js";

const packet = udp({ src: "10.0.0.1", dst: "10.0.0.2", sport: 1, dport: 2 });

function machine(rules: readonly string[], options: FirewallOptions = {}) {
  const lines = rules.map((rule, i) => `-A OUTPUT ${rule} -j MARK --set-xmark 0x${1 << i}/0x${1 << i}`);
  const chains = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"].map((name) => `:${name} ACCEPT`);
  const text = ["*mangle", ...chains, ...lines, "COMMIT", ""].join("\n");
  return Firewall.fromIptablesSave({ ipv4: text }, { interfaces: { lan: ["10.0.0.1/24"] }, ...options });
}

describe("owner --suppl-groups", () => {
  it("counts every group of the sender's", async () => {
    const fw = await machine([
      "-m owner --gid-owner 5-6",
      "-m owner --gid-owner 5-6 --suppl-groups",
      "-m owner ! --gid-owner 5-6 --suppl-groups",
    ]);
    const send = (gid: number, groups?: readonly number[]) =>
      fw.process(packet, { time: 0, local: true, gid, ...(groups && { groups }) }).mark;
    expect(send(5)).toBe(3);
    expect(send(7)).toBe(4);
    expect(send(7, [1, 6])).toBe(2);
    expect(send(7, [4, 7])).toBe(4);
    expect(send(7)).toBe(4);
    expect(() => send(0, [-1])).toThrow(/groups/);
    expect(() => send(0, new Array(257).fill(1))).toThrow(/256/);
  });
});

describe("time --kerneltz", () => {
  it("goes by the machine's time zone, --utc does not", async () => {
    const rules = [
      "-m time --timestart 08:00 --timestop 09:00",
      "-m time --timestart 08:00 --timestop 09:00 --kerneltz",
    ];
    const at = (text: string) => Date.parse(`1970-01-02T${text}Z`);
    const fw = await machine(rules, { minutesEast: 120 });
    const mark = (text: string) => fw.process(packet, { time: at(text), local: true }).mark;
    expect([mark("06:30:00"), mark("08:30:00")]).toEqual([2, 1]);
    await expect(machine(rules, { minutesEast: 1440 })).rejects.toMatchObject({ code: "CT_BAD_OPTION" });
  });
});
