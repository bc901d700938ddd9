/** Packets written short: `tcp 10.0.0.1:4000 > 192.0.2.1:80 syn seq 100`. */
import { icmp, icmp6, ip, tcp, udp } from "../packet/index.js";
import { UsageError } from "./fail.js";

const NUMBERS = ["seq", "ack", "win", "len", "id", "code", "ttl", "tos", "mss"] as const;
type NumberName = (typeof NUMBERS)[number];

/** From the IP header on. @throws UsageError, ConntrackError CT_BAD_OPTION for a value that does not fit */
export function parsePacket(text: string): Uint8Array {
  const [protocol = "", from = "", arrow, to = "", ...rest] = text.trim().split(/\s+/);
  if (arrow !== ">")
    throw new UsageError(`expected PROTOCOL FROM > TO ..., got ${JSON.stringify(text.trim())}`);
  const { words, numbers } = details(rest);
  const payload = new Uint8Array(numbers.len ?? 0);
  const [src, sport] = parseEnd(from);
  const [dst, dport] = parseEnd(to);
  const common = { src, dst, payload, ...pick(numbers, ["ttl", "tos"]) };
  const word = words[0];
  if (words.length > 1) throw new UsageError(`${words[1]} is one word too many`);
  if (protocol === "tcp") {
    const { win: window, mss } = numbers;
    return tcp({
      ...common,
      ...{ sport: needed(sport, from), dport: needed(dport, to), flags: (word ?? "syn").toUpperCase() },
      ...pick(numbers, ["seq", "ack"]),
      ...(window !== undefined && { window }),
      ...(mss !== undefined && { options: { mss } }),
    });
  }
  if (protocol === "udp") {
    if (word !== undefined) throw new UsageError(`${word} means nothing for udp`);
    return udp({ ...common, sport: needed(sport, from), dport: needed(dport, to) });
  }
  const id = { ...(numbers.id !== undefined && { icmpId: numbers.id }), ...pick(numbers, ["code"]) };
  const type = word !== undefined && /^\d+$/.test(word) ? Number(word) : (word ?? "echo-request");
  if (protocol === "icmp") return icmp({ ...common, ...id, type: type as "echo-request" });
  if (protocol === "icmp6" || protocol === "icmpv6")
    return icmp6({ ...common, ...id, type: type as "echo-request" });
  if (/^\d+$/.test(protocol)) return ip({ ...common, protocol: Number(protocol) });
  throw new UsageError(`${protocol} is none of tcp, udp, icmp, icmp6 and numbers of protocols`);
}

function details(rest: readonly string[]): { words: string[]; numbers: Partial<Record<NumberName, number>> } {
  const words: string[] = [];
  const numbers: Partial<Record<NumberName, number>> = {};
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? "";
    const name = NUMBERS.find((one) => one === word && /^\d+$/.test(rest[i + 1] ?? ""));
    if (name) numbers[name] = Number(rest[++i]);
    else words.push(word);
  }
  return { words, numbers };
}

/** `10.0.0.1:80`, `[2001:db8::1]:80`, or an address alone. */
export function parseEnd(text: string): [address: string, port: number | undefined] {
  const match =
    /^\[([^\]]+)\](?::(\d+))?$/.exec(text) ?? /^([^:]+)(?::(\d+))?$/.exec(text) ?? /^(.+)$/.exec(text);
  const [, address = "", port] = match ?? [];
  return [address, port === undefined ? undefined : Number(port)];
}

function needed(port: number | undefined, of: string): number {
  if (port === undefined) throw new UsageError(`${of} needs a port`);
  return port;
}

function pick(numbers: Partial<Record<NumberName, number>>, names: readonly NumberName[]) {
  return Object.fromEntries(
    names.flatMap((name) => (numbers[name] === undefined ? [] : [[name, numbers[name]]])),
  );
}
