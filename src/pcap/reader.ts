import { CaptureError } from "./capture-error.js";
import { CaptureParser } from "./capture-parser.js";
import { GunzipError } from "./gunzip.js";
import { type CapturedPackets, PacketBatch } from "./packet-batch.js";
import { type CaptureSource, SourceReader } from "./source.js";

/** One packet of a capture, with memory of its own. */
export interface CapturedPacket {
  /** The captured bytes, from the link layer header on; a copy, the caller's to keep. */
  bytes: Uint8Array;
  /** Bytes the packet had on the wire, as the capture says; usually at least `bytes.length`. */
  wireLength: number;
  /** Milliseconds since the Unix epoch; see {@link CapturedPackets.times}. */
  time: number;
  /** Registered LINKTYPE_ number, also when the engine does not know that link type. */
  linkType: number;
  /** Position of the packet in the capture, from 0. */
  index: number;
}

/**
 * Reads a capture as fast as it can: yields the packets of each chunk of input together, in place and without
 * allocating anything per packet. Reads pcap (microseconds, nanoseconds, both byte orders) and pcapng, plain
 * or gzipped; holds no more than the current chunk and one packet (of gzip data: a few MiB more).
 *
 * A chunk of input must not be changed before the following one is asked for. Leaving the loop early closes
 * the source.
 *
 * @throws CaptureError (`CT_BAD_CAPTURE`) where the input is damaged, cut off, empty or not a capture, after
 * yielding all packets in front of that place.
 * @throws ConntrackError (`CT_BAD_OPTION`) if `source` or one of its chunks is of a wrong type.
 * @throws whatever reading `source` throws.
 */
export async function* readCaptureChunks(
  source: CaptureSource,
): AsyncGenerator<CapturedPackets, void, undefined> {
  const reader = new SourceReader(source);
  const batch = new PacketBatch();
  const parser = new CaptureParser(batch);
  let ended = false;
  try {
    for (;;) {
      const chunk = await reader.next();
      if (chunk === null) break;
      parser.push(chunk);
      while (parser.fill()) yield batch;
    }
    ended = true;
    parser.finish();
  } catch (error) {
    if (!(error instanceof GunzipError)) throw error;
    const message = `the gzip data is damaged or cut off after ${parser.received} decompressed bytes`;
    throw new CaptureError(`${message}: ${error.message}`, parser.received, batch.packetsRead);
  } finally {
    // A source that fails to close has nothing to add to the error, if any, that is under way.
    if (!ended) await reader.close().catch(() => {});
  }
}

/**
 * Reads a capture packet by packet. Like {@link readCaptureChunks}, but every packet is an object with its own
 * copy of the bytes.
 *
 * @throws what {@link readCaptureChunks} throws
 */
export async function* readCapture(source: CaptureSource): AsyncGenerator<CapturedPacket, void, undefined> {
  let index = 0;
  for await (const batch of readCaptureChunks(source)) {
    for (let i = 0; i < batch.count; i++) {
      const start = batch.offsets[i]!;
      yield {
        bytes: batch.bytes.slice(start, start + batch.lengths[i]!),
        wireLength: batch.wireLengths[i]!,
        time: batch.times[i]!,
        linkType: batch.linkTypes[i]!,
        index: index++,
      };
    }
  }
}
