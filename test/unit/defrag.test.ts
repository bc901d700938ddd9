import { beforeEach, describe, expect, it } from "vitest";
import { Conntrack, type TrackResult } from "../../src/index.js";
import { checksum, ipv4, ipv6, ipv6Fragment, udpSegment } from "./fragments.js";

let conntrack: Conntrack;

beforeEach(async () => {
  conntrack = await Conntrack.create({ sysctl: { nf_conntrack_checksum: 0, nf_conntrack_acct: 1 } });
});

const payload = udpSegment(300);

function trackAll(packets: readonly Uint8Array[], time = 0): TrackResult[] {
  return packets.map((packet) => conntrack.track(packet, { time }));
}

describe("a fragment", () => {
  it("is held and tells so", () => {
    const [held] = trackAll([ipv4({ payload, to: 96 })]);
    expect(held).toMatchObject({ verdict: "STOLEN", ctState: "INVALID", reason: "FRAGMENT" });
    expect(held!.direction).toBeUndefined();
    expect(held!.packets).toEqual([]);
    expect(held!.datagram).toBeUndefined();
    expect(held!.explain()).toBe("a fragment, held until its datagram is complete");
    expect(conntrack.memory().fragmentBytes).toBeGreaterThan(0);
    expect(conntrack.stats().invalid).toBe(0);
  });

  it.each([
    ["COPY", ipv4({ payload, from: 32, to: 64, more: true }), "has come already"],
    ["OVERLAP", ipv4({ payload, from: 64, to: 128, more: true }), "overlaps"],
    ["END", ipv4({ payload, from: 40, to: 64, more: false }), "contradicts"],
    ["EMPTY", ipv4({ payload, from: 96, to: 96, more: true }), "without payload"],
  ])("that is thrown away says why: %s", (_, fragment, words) => {
    const results = trackAll([ipv4({ payload, to: 96 }), fragment]);
    expect(results[1]).toMatchObject({ verdict: "STOLEN", reason: "FRAGMENT" });
    expect(results[1]!.explain()).toContain(words);
  });

  it("of IPv6 that cannot be reassembled passes on its own", () => {
    const [unaligned, short] = trackAll([
      ipv6Fragment({ payload, from: 96, to: 203, more: true }),
      ipv6Fragment({ payload: payload.subarray(0, 4), more: true }),
    ]);
    expect(unaligned).toMatchObject({ verdict: "ACCEPT", ctState: "INVALID", reason: "FRAGMENT" });
    expect(unaligned!.explain()).toContain("no multiple of 8");
    expect(unaligned!.packets).toHaveLength(1);
    expect(short).toMatchObject({ verdict: "ACCEPT", ctState: "INVALID", reason: "UDP_SHORT" });
  });
});

describe("a datagram", () => {
  it("is tracked when its last piece has come, and leaves in its pieces", () => {
    const pieces = [
      ipv4({ payload, from: 200 }),
      ipv4({ payload, to: 96 }),
      ipv4({ payload, from: 96, to: 200 }),
    ];
    const [, , last] = trackAll(pieces);
    expect(last).toMatchObject({ verdict: "ACCEPT", ctState: "NEW", direction: "original" });
    expect(last!.reason).toBeUndefined();
    expect(last!.datagram).toEqual(ipv4({ payload }));
    expect(last!.packets).toEqual([pieces[1], pieces[2], pieces[0]]);
    expect(last!.flow?.counters?.original).toEqual({ packets: 1, bytes: 320 });
    expect(conntrack.memory().fragmentBytes).toBe(0);
  });

  it("of IPv6 leaves with one id of the engine's own in all pieces", () => {
    const cuts = [0, 96, 200, 300];
    const pieces = cuts.slice(1).map((to, i) => ipv6Fragment({ payload, from: cuts[i]!, to, id: 0x1234 }));
    const last = trackAll(pieces).at(-1)!;
    expect(last.datagram).toEqual(ipv6(payload));
    const ids = last.packets.map((packet) => new DataView(packet.buffer).getUint32(44));
    expect(new Set(ids).size).toBe(1);
    const sameButForId = last.packets.map((packet) => {
      const copy = packet.slice();
      new DataView(copy.buffer).setUint32(44, 0x1234);
      return copy;
    });
    expect(sameButForId).toEqual(pieces);
  });

  it("of one IPv6 fragment loses its fragment header", () => {
    const [atomic] = trackAll([ipv6Fragment({ payload })]);
    expect(atomic!.datagram).toEqual(ipv6(payload));
    expect(atomic!.packets).toEqual([ipv6(payload)]);
  });

  it("leaves in other pieces when the first one's options do not fit before the others", () => {
    const options = [0x94, 4, 0, 0, 0x19, 4, 0, 0];
    const last = trackAll([
      ipv4({ payload, to: 96, options, dontFragment: true }),
      ipv4({ payload, from: 96, to: 200, dontFragment: true }),
      ipv4({ payload, from: 200, dontFragment: true }),
    ]).at(-1)!;
    expect(last.datagram).toEqual(ipv4({ payload, options, dontFragment: true }));
    const later = [0x94, 4, 0, 0, 1, 1, 1, 1];
    expect(last.packets).toEqual([
      ipv4({ payload, to: 96, options, dontFragment: true }),
      ipv4({ payload, from: 96, to: 192, options: later, dontFragment: true }),
      ipv4({ payload, from: 192, to: 288, options: later, dontFragment: true }),
      ipv4({ payload, from: 288, options: later, dontFragment: true }),
    ]);
    for (const packet of last.packets) expect(checksum(packet.subarray(0, 28))).toBe(0xffff);
  });

  it("whose IPv6 headers go on in its second fragment is tracked and leaves nothing", () => {
    const header = [60, 0, 1, 4, 0, 0, 0, 0];
    const chain = new Uint8Array([...Array(10).fill(header).flat(), 17, ...header.slice(1), ...payload]);
    const [, last] = trackAll([
      ipv6Fragment({ payload: chain, to: 48, protocol: 60 }),
      ipv6Fragment({ payload: chain, from: 48, protocol: 60 }),
    ]);
    expect(last).toMatchObject({ verdict: "ACCEPT", ctState: "NEW" });
    expect(last!.packets).toEqual([]);
  });

  it("is given up when its time is over", () => {
    conntrack.setSysctl("net.ipv4.ipfrag_time", 5);
    trackAll([ipv4({ payload, to: 96 })], 0);
    expect(trackAll([ipv4({ payload, from: 96 })], 5100)[0]!.verdict).toBe("STOLEN");
    expect(trackAll([ipv4({ payload, to: 96 })], 6000)[0]!.verdict).toBe("ACCEPT");
  });

  it("is given up without any fragment coming, and its memory is free again", () => {
    trackAll([ipv4({ payload, to: 96 }), ipv6Fragment({ payload, to: 96 })], 0);
    trackAll([ipv4({ payload: udpSegment(20) })], 31_000);
    const ofIpv6 = conntrack.memory().fragmentBytes;
    expect(ofIpv6).toBeGreaterThan(0);
    conntrack.expire({ time: 61_000 });
    expect(conntrack.memory().fragmentBytes).toBe(0);
  });

  it("is given up when the clock makes a step of many months", () => {
    trackAll([ipv4({ payload, to: 96 })], 0);
    const months = 250 * 24 * 3600 * 1000;
    expect(trackAll([ipv4({ payload, from: 96 })], months)[0]!.verdict).toBe("STOLEN");
  });

  it("stays true in its result whatever is tracked later", () => {
    const [, first] = trackAll([ipv4({ payload, to: 96 }), ipv4({ payload, from: 96 })]);
    const other = udpSegment(2000, 5000);
    trackAll([ipv4({ payload: other, to: 1000, id: 2 }), ipv4({ payload: other, from: 1000, id: 2 })]);
    expect(first!.datagram).toEqual(ipv4({ payload }));
    expect(first!.packets).toEqual([ipv4({ payload, to: 96 }), ipv4({ payload, from: 96 })]);
  });
});

describe("a packet that is no fragment", () => {
  it("leaves as it came, from its IP header on and without padding", () => {
    const packet = ipv4({ payload });
    const frame = new Uint8Array(14 + packet.length + 6).fill(0xee);
    frame.set([8, 0], 12);
    frame.set(packet, 14);
    const result = conntrack.track(frame, { time: 0, link: 1 });
    expect(result.packets).toEqual([packet]);
    expect(result.datagram).toBeUndefined();
  });

  it("leaves nothing when it is dropped, or no IP at all", () => {
    const broken = ipv4({ payload });
    broken[2] = 0xff;
    expect(conntrack.track(broken, { time: 0 }).packets).toEqual([]);
    const arp = new Uint8Array(60);
    arp.set([8, 6], 12);
    expect(conntrack.track(arp, { time: 0, link: 1 }).packets).toEqual([]);
  });
});

describe("a capture that cut its packets", () => {
  const cut = (packet: Uint8Array, bytes: number) =>
    conntrack.track(packet.subarray(0, bytes), { time: 0, wireLength: packet.length });

  it("still has its datagrams tracked, as far as their bytes go", () => {
    expect(cut(ipv4({ payload, from: 96 }), 40).verdict).toBe("STOLEN");
    const last = cut(ipv4({ payload, to: 96 }), 60);
    expect(last).toMatchObject({ verdict: "ACCEPT", ctState: "NEW" });
    expect(last.flow?.counters?.original).toEqual({ packets: 1, bytes: 320 });
    expect(last.datagram).toEqual(ipv4({ payload }).subarray(0, 60));
    expect(last.packets).toEqual([
      ipv4({ payload, to: 96 }).subarray(0, 60),
      ipv4({ payload, from: 96 }).subarray(0, 20),
    ]);
  });
});

describe("a batch", () => {
  it("has datagrams among its packets, in order", () => {
    const batch = conntrack.createBatch(64);
    const second = udpSegment(500, 7000);
    const packets = [
      ipv4({ payload, to: 96 }),
      ipv4({ payload: udpSegment(40, 6000) }),
      ipv4({ payload: second, to: 200, id: 2 }),
      ipv4({ payload, from: 96 }),
      ipv4({ payload: second, from: 200, id: 2 }),
      ipv4({ payload }),
    ];
    packets.forEach((packet, i) => {
      batch.push(packet, i);
    });
    conntrack.trackBatch(batch);
    const verdicts = packets.map((_, i) => batch.verdict(i));
    expect(verdicts).toEqual(["STOLEN", "ACCEPT", "STOLEN", "ACCEPT", "ACCEPT", "ACCEPT"]);
    expect(packets.map((_, i) => batch.packets(i).length)).toEqual([0, 1, 0, 2, 2, 1]);
    expect(batch.packets(1)).toEqual([packets[1]]);
    expect(batch.packets(3)).toEqual([packets[0], packets[3]]);
    expect(batch.datagram(4)).toEqual(ipv4({ payload: second, id: 2 }));
    expect(batch.datagram(5)).toBeUndefined();
    expect(conntrack.memory().flows).toBe(3);
    const kept = batch.result(3);
    batch.clear();
    batch.push(ipv4({ payload: second }), 10);
    conntrack.trackBatch(batch);
    expect(batch.datagram(0)).toBeUndefined();
    expect(kept.packets).toEqual([packets[0], packets[3]]);
  });
});

describe("settings", () => {
  it("have Linux's names and defaults", () => {
    expect(conntrack.getSysctl("net.ipv4.ipfrag_high_thresh")).toBe(4 << 20);
    expect(conntrack.getSysctl("net.ipv4.ipfrag_time")).toBe(30);
    expect(conntrack.getSysctl("net.ipv4.ipfrag_max_dist")).toBe(64);
    expect(conntrack.getSysctl("net.netfilter.nf_conntrack_frag6_high_thresh")).toBe(4 << 20);
    expect(conntrack.getSysctl("nf_conntrack_frag6_low_thresh")).toBe(3 << 20);
    expect(conntrack.getSysctl("nf_conntrack_frag6_timeout")).toBe(60);
  });

  it("keep fragments out when there is to be no room for them", () => {
    conntrack.setSysctl("net.ipv4.ipfrag_high_thresh", 0);
    const [held] = trackAll([ipv4({ payload, to: 96 })]);
    expect(held!.explain()).toContain("ipfrag_high_thresh");
    expect(conntrack.memory().fragmentBytes).toBe(0);
  });

  it("an id may come round after more fragments of a source than ipfrag_max_dist", () => {
    const others = Array.from({ length: 64 }, (_, i) => ipv4({ payload, to: 96, id: 100 + i }));
    trackAll([ipv4({ payload, to: 96 }), ...others]);
    expect(trackAll([ipv4({ payload, from: 96 })])[0]!.verdict).toBe("STOLEN");
    conntrack.setSysctl("net.ipv4.ipfrag_max_dist", 0);
    expect(trackAll([ipv4({ payload, to: 96 })])[0]!.verdict).toBe("ACCEPT");
  });
});
