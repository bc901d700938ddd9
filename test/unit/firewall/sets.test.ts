/** Sets in rules: asked, filled and replaced. */
import { expect, it } from "vitest";
import { datagram, machine, markOf, syn } from "./machine.js";

it("SET adds what a packet has, for the set's time", async () => {
  const fw = await machine(
    [
      "-m set --match-set seen src",
      "-p udp -j SET --add-set seen src",
      "-p tcp -m set ! --match-set seen src",
    ],
    { ipset: "create seen hash:ip timeout 10\n" },
  );
  expect(markOf(fw, 0, syn(1))).toBe(4);
  expect(markOf(fw, 1, datagram())).toBe(0);
  expect(markOf(fw, 2, syn(1))).toBe(1);
  expect(markOf(fw, 9000, syn(1))).toBe(1);
  expect(markOf(fw, 12_000, syn(1))).toBe(4);
});

it("SET --exist gives an element its time anew", async () => {
  const fw = await machine(
    ["-m set --match-set s src", "-p udp -j SET --add-set s src --exist --timeout 5"],
    {
      ipset: "create s hash:ip timeout 100\n",
    },
  );
  markOf(fw, 0, datagram());
  markOf(fw, 4000, datagram());
  expect(markOf(fw, 8000, syn(1))).toBe(1);
  expect(markOf(fw, 9500, syn(1))).toBe(0);
});

it("the most specific network decides, nomatch or not", async () => {
  const fw = await machine(["-m set --match-set n src"], {
    ipset: "create n hash:net\nadd n 10.1.0.0/16\nadd n 10.1.3.0/24 nomatch\nadd n 10.1.3.7\n",
  });
  const from = (host: string) => markOf(fw, 0, datagram(host));
  expect([from("10.1.2.1"), from("10.1.3.1"), from("10.1.3.7"), from("10.2.0.1")]).toEqual([1, 0, 1, 0]);
});

it("two networks and a port, interfaces by the beginning of their names, lists of sets", async () => {
  const fw = await machine(
    [
      "-m set --match-set npn src,dst,dst",
      "-m set --match-set iface src,src",
      "-m set --match-set list src",
      "-m set --match-set list src,dst",
    ],
    {
      ipset: [
        "create npn hash:net,port,net",
        "add npn 10.0.0.0/8,udp:53,203.0.113.0/24",
        "create iface hash:net,iface",
        "add iface 10.1.0.0/24,la wildcard",
        "create a hash:ip",
        "create b hash:ip",
        "add b 10.1.0.2",
        "create list list:set",
        "add list a",
        "add list b",
        "",
      ].join("\n"),
    },
  );
  expect(markOf(fw, 0, datagram())).toBe(15);
  expect(markOf(fw, 0, syn(1))).toBe(14);
  expect(markOf(fw, 0, datagram("10.1.9.9"))).toBe(1);
});

it("counters of elements count and are compared", async () => {
  const fw = await machine(["-m set --match-set c src --packets-gt 2"], {
    ipset: "create c hash:ip counters\nadd c 10.1.0.2\n",
  });
  expect([0, 1, 2, 3].map((time) => markOf(fw, time))).toEqual([0, 0, 1, 1]);
});

it("--map-queue finds no queues, but what else the set says is done", async () => {
  const fw = await machine(
    ["-j SET --map-set q src --map-mark --map-queue", "-j SET --map-set q src --map-queue"],
    {
      ipset: "create q hash:ip skbinfo\nadd q 10.1.0.2 skbmark 0x40/0x40 skbqueue 3\n",
    },
  );
  expect(markOf(fw, 0, datagram())).toBe(0x40);
  expect(markOf(fw, 0, datagram("10.1.0.3"))).toBe(0);
});

it("a full set takes no more, unless it may forget others", async () => {
  const rules = ["-m set --match-set s src", "-j SET --add-set s src"];
  const plain = await machine(rules, { ipset: "create s hash:ip maxelem 1\n" });
  const forgetful = await machine(rules, { ipset: "create s hash:ip maxelem 1 forceadd\n" });
  for (const fw of [plain, forgetful]) {
    markOf(fw, 0, datagram("10.1.0.2"));
    markOf(fw, 0, datagram("10.1.0.3"));
  }
  const seen = (fw: typeof plain) => ["10.1.0.2", "10.1.0.3"].map((host) => markOf(fw, 1, datagram(host)));
  expect(seen(plain)).toEqual([1, 0]);
  expect(seen(forgetful)[0]).toBe(0);
});

it("replaceSets() exchanges the contents under rules that stay", async () => {
  const fw = await machine(["-m set --match-set s src"], { ipset: "create s hash:ip\nadd s 10.1.0.2\n" });
  fw.replaceSets("create s hash:ip\nadd s 10.1.0.3\n");
  expect([markOf(fw, 0), markOf(fw, 0, datagram("10.1.0.3"))]).toEqual([0, 1]);
  expect(() => fw.replaceSets("create other hash:ip\n")).toThrow(/"s" is in use/);
  expect(markOf(fw, 1, datagram("10.1.0.3"))).toBe(1);
});

it("a rule about a set that does not exist is refused", async () => {
  await expect(machine(["-m set --match-set none src"])).rejects.toMatchObject({ code: "CT_BAD_RULE" });
});
