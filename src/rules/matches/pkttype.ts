import { extension } from "../extension.js";
import { invertible, type Reader } from "../option.js";
import { given, words } from "../printers.js";
import { badArgument } from "../rule-error.js";

/** In the kernel's numbering (PACKET_), from 0. */
export type PacketType = "unicast" | "broadcast" | "multicast" | "otherhost";

export interface PkttypeMatch {
  readonly name: "pkttype";
  readonly invert: boolean;
  readonly type: PacketType;
}

/** The first of each is printed. */
const TYPES = [["unicast", "host"], ["broadcast", "bcast"], ["multicast", "mcast"], ["otherhost"]] as const;

const type: Reader<PacketType> = (word) => {
  const found = TYPES.find((names) => (names as readonly string[]).includes(word.text.toLowerCase()));
  if (!found) throw badArgument(word, "unicast, broadcast or multicast");
  return found[0];
};

const options = { "pkt-type": invertible(type) };

export const pkttype = extension<PkttypeMatch, typeof options>({
  name: "pkttype",
  options,
  required: [["pkt-type"]],

  build({ "pkt-type": type }) {
    return { name: "pkttype", invert: type?.invert ?? false, type: type?.value ?? "unicast" };
  },

  seen(_, { fields: { ethernet } }) {
    if (!ethernet) return "no Ethernet header: taken for unicast";
    const to = ethernet.subarray(0, 6);
    if (to.every((byte) => byte === 255)) return "broadcast";
    return (to[0] ?? 0) & 1 ? "multicast" : "unicast";
  },

  print(match) {
    return words(given("--pkt-type", match, ({ type }) => type));
  },
});
