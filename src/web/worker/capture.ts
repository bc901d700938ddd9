/** The capture's bytes, read in large pieces: a Blob's own stream hands out 64 KiB at a time. */
const PIECE = 4 << 20;

export interface Capture {
  readonly name: string;
  readonly blob: Blob;
}

/** One piece is read ahead while another is tracked. `onRead` is told how many bytes have been handed out. */
export async function* piecesOf(
  { blob }: Capture,
  onRead: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const read = (at: number) => blob.slice(at, at + PIECE).arrayBuffer();
  let ahead = read(0);
  for (let at = 0; at < blob.size; at += PIECE) {
    const piece = await ahead;
    if (at + PIECE < blob.size) ahead = read(at + PIECE);
    onRead(at);
    yield new Uint8Array(piece);
  }
}
