/** The capture's bytes, read in large pieces: a Blob's own stream hands out 64 KiB at a time. */
const PIECE = 4 << 20;

export interface Capture {
  readonly name: string;
  readonly blob: Blob;
}

/**
 * Pieces always begin at multiples of their size: however one has come to a place, chunks of packets are the same.
 * One piece is read ahead while another is tracked. `onRead` is told how many bytes have been handed out.
 */
export async function* piecesOf(
  { blob }: Capture,
  onRead: (bytes: number) => void,
  from = 0,
): AsyncGenerator<Uint8Array, void, undefined> {
  const read = (at: number, end = at + PIECE) => blob.slice(at, end).arrayBuffer();
  const second = from - (from % PIECE) + PIECE;
  if (from > 0) yield new Uint8Array(await read(0, PCAP_HEADER));
  let ahead = read(from, second);
  for (let at = from, next = second; at < blob.size; at = next, next += PIECE) {
    const piece = await ahead;
    if (next < blob.size) ahead = read(next);
    onRead(at);
    yield new Uint8Array(piece);
  }
}

/** Of a pcap file: behind it, a reader may go on wherever a record begins. */
export const PCAP_HEADER = 24;
/** As the four bytes lie in the file: of either byte order, with microseconds, nanoseconds or longer records. */
const PCAP_MAGICS: ReadonlySet<string> = new Set([
  "a1b2c3d4",
  "d4c3b2a1",
  "a1b23c4d",
  "4d3cb2a1",
  "a1b2cd34",
  "34cdb2a1",
]);

/** Whether piecesOf() may start in the middle. Other formats have to be read from their beginning. */
export async function isSeekable({ blob }: Capture): Promise<boolean> {
  const magic = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
  return PCAP_MAGICS.has(Array.from(magic, (byte) => byte.toString(16).padStart(2, "0")).join(""));
}
