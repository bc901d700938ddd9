import { expect, it } from "vitest";
import { createHarness } from "../../property/harness.js";
import { readIndex } from "../../property/index-view.js";
import { udpPacket } from "../../property/packet-builder.js";

const TIME = 1000;
const SERVER6 = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const CLIENT6 = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0e, 0xf8, 0x76];
const NOWHERE4 = [0, 0, 0, 0];

/** What an IPv6 flow has in place of IPv4 addresses is zero, too. */
const packet4 = udpPacket(NOWHERE4, NOWHERE4, 1000, 2000);
const packet6 = udpPacket(CLIENT6, SERVER6, 1000, 2000);

it("an IPv4 packet is not taken for one of an IPv6 flow that shares its hash, nor the other way round", async () => {
  const places = [];
  for (const packet of [packet4, packet6]) {
    const { ct, engine } = await createHarness();
    ct.track(packet, { time: TIME });
    places.push(readIndex(engine).entries.map(({ chunk, tag, bits }) => ({ chunk, tag, bits })));
  }
  expect(places[0], "under this seed the two have the same place in the index; find another pair").toEqual(
    places[1],
  );

  for (const [first, second] of [
    [packet6, packet4],
    [packet4, packet6],
  ] as const) {
    const { ct } = await createHarness();
    ct.track(first, { time: TIME });
    expect(ct.track(second, { time: TIME }).ctState).toBe("NEW");
    expect([...ct.flows()].map(({ family }) => family).sort()).toEqual(["ipv4", "ipv6"]);
  }
});
