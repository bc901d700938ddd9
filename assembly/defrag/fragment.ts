/** Fragments as queues keep them: where they belong, the first one's headers, and what a capture has of their bytes. */
import { CELL_CONTENT, CELL_HEADER } from "./cells";
import { addCell, Queue } from "./queue";


@unmanaged
export class Fragment {
  /** The queue's chain goes on; the fragment's further cells follow this one. */
  next: u32;
  /** 1: a fragment; other cells of the chain have 0 here. */
  isFragment: u16;
  /** Offset in units of eight bytes. */
  units: u16;
  /** Bytes of headers, only of the fragment at offset 0. */
  headers: u16;
  /** Bytes of payload, and those of them that are there. */
  length: u16;
  captured: u16;
}

if (offsetof<Fragment>() > CELL_HEADER) ERROR("Fragment");

/** Cells that a fragment takes. */
export function cellsFor(bytes: u32): u32 {
  return max((bytes + CELL_CONTENT - 1) / CELL_CONTENT, 1);
}

/** Copies a fragment into the queue. */
export function keepFragment(
  queue: Queue,
  headersAt: u32,
  headers: u32,
  units: u32,
  dataAt: u32,
  length: u32,
  captured: u32,
): u32 {
  const first = addCell(queue);
  const fragment = changetype<Fragment>(first);
  fragment.isFragment = 1;
  fragment.units = <u16>units;
  fragment.headers = <u16>headers;
  fragment.length = <u16>length;
  fragment.captured = <u16>captured;
  let cell = first;
  let used: u32 = 0;
  // The headers and the data lie apart where a fragment header was between them.
  for (let part = 0; part < 2; part++) {
    let at = part ? dataAt : headersAt;
    let left = part ? captured : headers;
    while (left) {
      if (used == CELL_CONTENT) {
        cell = addCell(queue);
        used = 0;
      }
      const n = min(left, CELL_CONTENT - used);
      memory.copy(cell + CELL_HEADER + used, at, n);
      used += n;
      at += n;
      left -= n;
    }
  }
  return first;
}

/** Copies `bytes` of what a fragment keeps, headers first, from `skip` on. */
export function copyFragment(fragment: Fragment, skip: u32, bytes: u32, to: u32): void {
  let cell = <u32>changetype<usize>(fragment);
  while (skip >= CELL_CONTENT) {
    cell = load<u32>(cell);
    skip -= CELL_CONTENT;
  }
  while (bytes) {
    const n = min(bytes, CELL_CONTENT - skip);
    memory.copy(to, cell + CELL_HEADER + skip, n);
    to += n;
    bytes -= n;
    skip = 0;
    cell = load<u32>(cell);
  }
}

/** The fragment after a cell of the queue's chain, 0 at the end. */
export function nextFragment(cell: u32): u32 {
  for (let at = load<u32>(cell); at; at = load<u32>(at)) if (changetype<Fragment>(at).isFragment) return at;
  return 0;
}
