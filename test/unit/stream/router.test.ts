import { describe, expect, it } from "vitest";
import { Firewall } from "../../../src/firewall.js";
import { dissect, ethernet, icmp6, tcp, udp } from "../../../src/packet/index.js";
import type { Port } from "../../../src/stream/packet-router.js";

const RULES = [
  "*nat",
  ":PREROUTING ACCEPT [0:0]",
  ":INPUT ACCEPT [0:0]",
  ":OUTPUT ACCEPT [0:0]",
  ":POSTROUTING ACCEPT [0:0]",
  "-A POSTROUTING -o wan0 -j MASQUERADE",
  "COMMIT",
  "*filter",
  ":INPUT ACCEPT [0:0]",
  ":FORWARD DROP [0:0]",
  ":OUTPUT ACCEPT [0:0]",
  "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
  "-A FORWARD -i lan0 -j ACCEPT",
  "-A FORWARD -p tcp -j REJECT --reject-with tcp-reset",
  "COMMIT",
  "",
].join("\n");

const NETWORK = {
  interfaces: {
    lan0: ["10.1.0.1/16", "2001:db8:1::1/64"],
    wan0: ["198.51.100.1/24", "2001:db8:ffff::1/64"],
  },
  routes: [{ to: "default", dev: "wan0" }],
};

const firewall = () => Firewall.fromIptablesSave({ ipv4: RULES }, NETWORK);
const question = (client = "10.1.0.2") =>
  udp({ src: client, dst: "203.0.113.10", sport: 5000, dport: 53, payload: "?" });

/** Reads and writes a port as tests do. */
class Side {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(port: Port) {
    this.#reader = port.readable.getReader();
    this.#writer = port.writable.getWriter();
  }

  async read(): Promise<Uint8Array> {
    const { value, done } = await this.#reader.read();
    if (done || !value) throw new Error("the stream has ended");
    return value;
  }
  write(bytes: Uint8Array): Promise<void> {
    return this.#writer.write(bytes);
  }
  async ended(): Promise<boolean> {
    return (await this.#reader.read()).done;
  }
  close(): Promise<void> {
    return this.#writer.close();
  }
}

const ends = (packet: Uint8Array) => {
  const { src, dst, sport, dport } = dissect(packet) ?? {};
  return `${src}:${sport} > ${dst}:${dport}`;
};

describe("a router of raw packets", () => {
  it("takes a question out translated, and the answer back in", async () => {
    const router = (await firewall()).stream({ clock: () => 0 });
    const [lan, wan] = [new Side(router.port("lan0")), new Side(router.port("wan0"))];
    await lan.write(question());
    expect(ends(await wan.read())).toBe("198.51.100.1:5000 > 203.0.113.10:53");
    await wan.write(udp({ src: "203.0.113.10", dst: "198.51.100.1", sport: 53, dport: 5000, payload: "!" }));
    expect(ends(await lan.read())).toBe("203.0.113.10:53 > 10.1.0.2:5000");
  });

  it("sends what rules answer", async () => {
    const router = (await firewall()).stream({ clock: () => 0 });
    const [wan] = [new Side(router.port("wan0")), new Side(router.port("lan0"))];
    const syn = {
      src: "203.0.113.10",
      dst: "10.1.0.2",
      sport: 1000,
      dport: 22,
      flags: "SYN",
      seq: 1,
    } as const;
    await wan.write(tcp(syn));
    const reset = dissect(await wan.read());
    expect(reset).toMatchObject({ src: "10.1.0.2", dst: "203.0.113.10", tcp: { flags: ["RST", "ACK"] } });
  });

  it("hands over what is for the machine itself, and sends what it sends", async () => {
    const heard: string[] = [];
    const router = (await firewall()).stream({
      clock: () => 0,
      local: (packet, device) => heard.push(`${device} ${ends(packet)}`),
    });
    const lan = new Side(router.port("lan0"));
    await lan.write(udp({ src: "10.1.0.2", dst: "10.1.0.1", sport: 68, dport: 67 }));
    expect(heard).toEqual(["lan0 10.1.0.2:68 > 10.1.0.1:67"]);
    router.send(udp({ src: "10.1.0.1", dst: "10.1.0.2", sport: 67, dport: 68 }));
    expect(ends(await lan.read())).toBe("10.1.0.1:67 > 10.1.0.2:68");
  });

  it("loses what nobody reads, and counts it", async () => {
    const router = (await firewall()).stream({ clock: () => 0 });
    const wan = router.port("wan0", { queue: 10 });
    const lan = new Side(router.port("lan0"));
    for (let i = 0; i < 15; i++) await lan.write(question());
    expect(wan.lost).toBe(5);
  });

  it("ends a port's streams together, and gives the device free", async () => {
    const router = (await firewall()).stream({ clock: () => 0 });
    const lan = new Side(router.port("lan0"));
    expect(() => router.port("lan0")).toThrow(expect.objectContaining({ code: "CT_BAD_OPTION" }));
    await lan.close();
    expect(await lan.ended()).toBe(true);
    new Side(router.port("lan0"));
  });

  it("can be piped through", async () => {
    const router = (await firewall()).stream({ clock: () => 0 });
    const wan = router.port("wan0");
    const packets = new ReadableStream({
      start(controller) {
        controller.enqueue(question());
        controller.close();
      },
    });
    const done = packets.pipeThrough(router.port("lan0")).pipeTo(new WritableStream());
    expect(ends((await wan.readable.getReader().read()).value as Uint8Array)).toMatch(/^198\.51\.100\.1:/);
    await done;
  });
});

const OURS = "02:00:00:00:00:01";
const THEIRS = "02:00:00:00:00:22";
const bytesOf = (mac: string) => mac.split(":").map((byte) => Number.parseInt(byte, 16));
const typeOf = (frame: Uint8Array) => ((frame[12] ?? 0) << 8) | (frame[13] ?? 0);

function arp(operation: 1 | 2, sender: string, target: string, to = "ff:ff:ff:ff:ff:ff"): Uint8Array {
  const four = (text: string) => text.split(".").map(Number);
  return Uint8Array.of(
    ...[...bytesOf(to), ...bytesOf(THEIRS), 8, 6, 0, 1, 8, 0, 6, 4, 0, operation],
    ...[...bytesOf(THEIRS), ...four(sender), 0, 0, 0, 0, 0, 0, ...four(target)],
  );
}

describe("a router on Ethernet", () => {
  async function sides(gateways: string[] = []) {
    let now = 0;
    const router = (await firewall()).stream({ clock: () => now });
    const lan = new Side(router.port("lan0"));
    const wan = new Side(router.port("wan0", { ethernet: { mac: OURS, gateways } }));
    return { lan, wan, wait: (ms: number) => (now += ms) };
  }

  it("asks for its gateway, and sends what waits when that answers", async () => {
    const { lan, wan } = await sides(["198.51.100.254"]);
    await lan.write(question());
    await lan.write(question("10.1.0.3"));
    const asked = await wan.read();
    expect(typeOf(asked)).toBe(0x0806);
    expect([...asked.subarray(0, 6)]).toEqual([255, 255, 255, 255, 255, 255]);
    expect([...asked.subarray(28, 32)]).toEqual([198, 51, 100, 1]);
    expect([...asked.subarray(38, 42)]).toEqual([198, 51, 100, 254]);
    await wan.write(arp(2, "198.51.100.254", "198.51.100.1", OURS));
    for (const port of [5000, undefined]) {
      const frame = await wan.read();
      expect([...frame.subarray(0, 12)]).toEqual([...bytesOf(THEIRS), ...bytesOf(OURS)]);
      const { src, sport } = dissect(frame.subarray(14)) ?? {};
      expect(src).toBe("198.51.100.1");
      if (port) expect(sport).toBe(port);
    }
    // It is known now.
    await lan.write(question());
    expect(typeOf(await wan.read())).toBe(0x0800);
  });

  it("asks again after a second, and gives up after three questions", async () => {
    const { lan, wan, wait } = await sides(["198.51.100.254"]);
    // The fourth packet finds that nobody has answered, and what waits is lost with it.
    for (let i = 0; i < 4; i++) {
      await lan.write(question());
      wait(1001);
    }
    for (let i = 0; i < 3; i++) expect(typeOf(await wan.read())).toBe(0x0806);
    await lan.write(question("10.1.0.3"));
    expect(typeOf(await wan.read())).toBe(0x0806);
    await wan.write(arp(2, "198.51.100.254", "198.51.100.1", OURS));
    expect(typeOf(await wan.read())).toBe(0x0800);
    await lan.write(udp({ src: "10.1.0.4", dst: "203.0.113.10", sport: 77, dport: 53 }));
    expect(dissect((await wan.read()).subarray(14))?.sport).toBe(77);
  });

  it("answers who asks for its address, and only for that", async () => {
    const { wan } = await sides();
    await wan.write(arp(1, "198.51.100.9", "198.51.100.77"));
    await wan.write(arp(1, "198.51.100.9", "198.51.100.1"));
    const answer = await wan.read();
    expect([...answer.subarray(0, 6)]).toEqual(bytesOf(THEIRS));
    expect([...answer.subarray(20, 32)]).toEqual([0, 2, ...bytesOf(OURS), 198, 51, 100, 1]);
    expect([...answer.subarray(38, 42)]).toEqual([198, 51, 100, 9]);
  });

  it("answers solicitations, and finds IPv6 neighbours", async () => {
    const { wan, lan } = await sides();
    const target = [0x20, 1, 0xd, 0xb8, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    const solicitation = icmp6({
      src: "2001:db8:ffff::9",
      dst: "ff02::1:ff00:1",
      ttl: 255,
      type: "neighbour-solicitation",
      payload: [...target, 1, 1, ...bytesOf(THEIRS)],
    });
    await wan.write(ethernet(solicitation, { src: THEIRS, dst: "33:33:ff:00:00:01" }));
    const advertised = await wan.read();
    expect([...advertised.subarray(0, 6)]).toEqual(bytesOf(THEIRS));
    const message = dissect(advertised.subarray(14));
    expect(message).toMatchObject({ src: "2001:db8:ffff::1", dst: "2001:db8:ffff::9", icmp: { type: 136 } });
    expect([...advertised.subarray(-8)]).toEqual([2, 1, ...bytesOf(OURS)]);
    // The asker is known from now on, another one has to be asked for.
    const to = (dst: string) => udp({ src: "2001:db8:1::2", dst, sport: 1, dport: 2 });
    await lan.write(to("2001:db8:ffff::9"));
    expect([...(await wan.read()).subarray(0, 6)]).toEqual(bytesOf(THEIRS));
    await lan.write(to("2001:db8:ffff::abcd"));
    const asked = await wan.read();
    expect([...asked.subarray(0, 6)]).toEqual([0x33, 0x33, 0xff, 0, 0xab, 0xcd]);
    expect(dissect(asked.subarray(14))).toMatchObject({ dst: "ff02::1:ff00:abcd", icmp: { type: 135 } });
  });

  it("believes no solicitation that has crossed a router, and no frame for others", async () => {
    const { wan, lan } = await sides();
    const forged = icmp6({
      src: "2001:db8:ffff::9",
      dst: "2001:db8:ffff::1",
      ttl: 254,
      type: "neighbour-solicitation",
      payload: [0x20, 1, 0xd, 0xb8, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, ...bytesOf(THEIRS)],
    });
    await wan.write(ethernet(forged, { src: THEIRS, dst: OURS }));
    const stray = udp({ src: "203.0.113.10", dst: "198.51.100.1", sport: 53, dport: 5000 });
    await wan.write(ethernet(stray, { src: THEIRS, dst: "02:00:00:00:00:99" }));
    await wan.write(new Uint8Array(5));
    await lan.write(udp({ src: "2001:db8:1::2", dst: "2001:db8:ffff::9", sport: 1, dport: 2 }));
    expect(dissect((await wan.read()).subarray(14))?.icmp?.type).toBe(135);
  });
});
