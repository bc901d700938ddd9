/** Packets of a capture as cases of a specification, at the distances that they have there. */
import { readFileSync } from "node:fs";
import { type CapturedPacket, isKnownLinkType, readCapture } from "../pcap/index.js";
import { InputError, UsageError } from "./fail.js";
import type { Case } from "./spec.js";

/** More are a job for `ctwasm replay`. */
const MOST = 100_000;

/**
 * `choice`: "3" or "3-7", from 1; undefined: all.
 * @throws UsageError; InputError when the capture cannot be read
 */
export async function captureCases(
  file: string,
  choice: string | undefined,
  about: Omit<Case, "packet" | "link">,
): Promise<Case[]> {
  const [first, last] = parseChoice(choice);
  const packets = await read(file, first, last).catch((error: Error) => {
    throw error instanceof UsageError ? error : new InputError(`${file}: ${error.message}`);
  });
  const begin = packets[0]?.time;
  if (begin === undefined) throw new UsageError(`${file} has no packet ${choice ?? 1}`);
  return packets.map(({ bytes, linkType, wireLength, time, index }) => {
    if (!isKnownLinkType(linkType)) throw new UsageError(`${file}: link type ${linkType} is not supported`);
    return {
      ...about,
      text: packets.length > 1 ? `${about.text} (packet ${index + 1})` : about.text,
      // A capture may go back in time, the machine's clock does not.
      time: about.time + Math.max(0, time - begin),
      packet: bytes,
      link: linkType,
      wireLength,
    };
  });
}

async function read(file: string, first: number, last: number): Promise<CapturedPacket[]> {
  const packets: CapturedPacket[] = [];
  for await (const packet of readCapture(readFileSync(file))) {
    if (packet.index >= last) break;
    if (packet.index + 1 < first) continue;
    if (packets.length === MOST) throw new UsageError(`${file} has more than ${MOST} packets: choose some`);
    packets.push(packet);
  }
  return packets;
}

function parseChoice(choice: string | undefined): [first: number, last: number] {
  if (choice === undefined) return [1, Number.POSITIVE_INFINITY];
  const [, first = "", last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(choice) ?? [];
  if (first === "" || Number(first) < 1 || Number(last) < Number(first)) {
    throw new UsageError(`${choice} is no packet N and no packets N-M, counted from 1`);
  }
  return [Number(first), Number(last)];
}
