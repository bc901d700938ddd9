import type { FlowTuple } from "./api.js";

/**
 * Tuples as text, so that the kernel's and ours compare as strings: `PROTO SRC SPORT DST DPORT`,
 * `PROTO SRC DST type=T code=C id=I`, or `PROTO SRC DST`. Call ids of GRE stand where ports do, as in ctnetlink.
 */
export function tupleText(protocol: number, tuple: FlowTuple): string {
  const src = canonicalAddress(tuple.src);
  const dst = canonicalAddress(tuple.dst);
  if (tuple.type !== undefined) {
    return `${protocol} ${src} ${dst} type=${tuple.type} code=${tuple.code} id=${tuple.icmpId}`;
  }
  const from = tuple.sport ?? tuple.srckey;
  const to = tuple.dport ?? tuple.dstkey;
  if (from === undefined || to === undefined) return `${protocol} ${src} ${dst}`;
  return `${protocol} ${src} ${from} ${dst} ${to}`;
}

/** A recorded tuple with its addresses in canonical form. */
export function canonicalTuple(text: string): string {
  return text.includes(":") ? text.split(" ").map(canonicalAddress).join(" ") : text;
}

/** Programs shorten IPv6 addresses differently: all eight groups, without leading zeros. */
function canonicalAddress(address: string): string {
  if (!address.includes(":")) return address;
  const [head, tail] = address.split("::");
  const front = groups(head!);
  if (tail === undefined) return front.join(":");
  const back = groups(tail);
  const zeros = new Array<string>(8 - front.length - back.length).fill("0");
  return [...front, ...zeros, ...back].join(":");
}

function groups(text: string): string[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return group.toLowerCase().replace(/^0+(?=.)/, "");
    const [a, b, c, d] = group.split(".").map(Number);
    return [((a! << 8) | b!).toString(16), ((c! << 8) | d!).toString(16)];
  });
}
