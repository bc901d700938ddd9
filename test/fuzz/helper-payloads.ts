/** Shows a helper damaged and random payloads, beside a tracker that has no helper and must judge all the same. */
import { expect } from "vitest";
import type { TrackResult } from "../../src/index.js";
import { CLIENT, CLIENT6, latin1, SERVER, SERVER6, udp } from "../unit/helpers/packets.js";
import { Session, trackerWith } from "../unit/helpers/session.js";
import { seededRandom } from "../unit/pcap/collect.js";

export type Random = (below: number) => number;

export interface HelperFuzz {
  readonly name: string;
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  readonly ipv6: boolean;
  /** What the helper understands, by side. */
  readonly client: readonly string[];
  readonly server: readonly string[];
  /** Short pieces of the protocol, to be strewn in. */
  readonly words: readonly string[];
}

const SEED = 0x5eed;
const PAYLOADS = 6000;
/** A new connection after so many payloads. */
const PER_CONNECTION = 40;
const LONGEST = 60_000;
/** Of processor time: far above what any payload needs, far below what scanning one of 60000 bytes quadratically takes. */
const MOST_MILLISECONDS = 500;

function mutated(text: string, words: readonly string[], random: Random): Uint8Array {
  let payload = text;
  for (let n = random(5); n > 0; n--) {
    const at = random(payload.length + 1);
    const to = at + random(payload.length - at + 1);
    const pieces = [
      () => words[random(words.length)] ?? "",
      () => String.fromCharCode(random(256)),
      () => String(random(2) ? random(70_000) : random(2 ** 32) * random(2 ** 20)),
      () => payload.slice(at, to),
      () => "",
    ];
    const piece = pieces[random(pieces.length)]?.() ?? "";
    payload = payload.slice(0, at) + piece + payload.slice(random(3) ? at : to);
  }
  if (random(10) === 0) payload = payload.slice(0, random(payload.length + 1));
  return latin1(payload.slice(0, LONGEST));
}

function noise(random: Random): Uint8Array {
  return Uint8Array.from({ length: random(200) }, () => random(256));
}

/** One word, or one line, over and over again. */
function repeated(texts: readonly string[], random: Random): Uint8Array {
  const text = texts[random(texts.length)] || " ";
  return latin1(text.repeat(Math.floor(LONGEST / text.length)));
}

export function anyPayload(
  { client, server, words }: HelperFuzz,
  fromClient: boolean,
  random: Random,
): Uint8Array {
  const texts = fromClient ? client : server;
  const kind = random(100);
  if (kind === 0) return repeated([...texts, ...words], random);
  return kind < 10 ? noise(random) : mutated(texts[random(texts.length)] ?? "", words, random);
}

export async function fuzzHelper(fuzz: HelperFuzz): Promise<void> {
  const random = seededRandom(SEED);
  const helped = await trackerWith({ name: fuzz.name, protocol: fuzz.protocol });
  const plain = await trackerWith();
  let announcements = 0;
  let slowest = 0;
  let talks: ((fromClient: boolean, payload: Uint8Array) => TrackResult)[] = [];
  for (let n = 0; n < PAYLOADS; n++) {
    if (n % PER_CONNECTION === 0) {
      const six = fuzz.ipv6 && random(2) === 1;
      const clientPort = 1024 + n / PER_CONNECTION;
      talks = [helped, plain].map((conntrack) => {
        // What one connection has announced, another one may not.
        conntrack.flush();
        return talkOver(conntrack, fuzz, six, clientPort);
      });
    }
    const fromClient = random(2) === 0;
    const payload = anyPayload(fuzz, fromClient, random);
    const start = process.cpuUsage();
    const ours = talks[0]?.(fromClient, payload);
    const { user } = process.cpuUsage(start);
    slowest = Math.max(slowest, user / 1000);
    const theirs = talks[1]?.(fromClient, payload);
    const which = `payload ${n} of seed ${SEED}`;
    expect(ours?.ctState, which).toBe(theirs?.ctState);
    expect(ours?.direction, which).toBe(theirs?.direction);
    if (ours?.verdict !== theirs?.verdict) expect(ours?.reason, which).toBe("HELPER_DROP");
    announcements += helped.drainEvents().filter(({ kind }) => kind === "EXP_NEW").length;
  }
  expect(helped.takeHelperFailures()).toEqual([]);
  expect(helped.stats().helper_failures).toBe(0);
  expect(slowest).toBeLessThan(MOST_MILLISECONDS);
  // Helpers got far enough, often enough, for the run to mean something.
  expect(announcements).toBeGreaterThan(PAYLOADS / 100);
}

function talkOver(
  conntrack: Awaited<ReturnType<typeof trackerWith>>,
  { protocol, port }: HelperFuzz,
  six: boolean,
  clientPort: number,
): (fromClient: boolean, payload: Uint8Array) => TrackResult {
  const [client, server] = six ? [CLIENT6, SERVER6] : [CLIENT, SERVER];
  if (protocol === "udp") {
    const forth = { src: client, dst: server, sport: clientPort, dport: port };
    const back = { src: server, dst: client, sport: port, dport: clientPort };
    conntrack.track(udp(forth, new Uint8Array()), { time: 0 });
    return (fromClient, payload) => conntrack.track(udp(fromClient ? forth : back, payload), { time: 0 });
  }
  const session = new Session(conntrack, { client, server, clientPort, serverPort: port });
  return (fromClient, payload) => {
    const result = fromClient ? session.client(payload) : session.server(payload);
    // Acknowledged, so that the windows move on.
    if (fromClient) session.server("");
    else session.client("");
    return result;
  };
}
