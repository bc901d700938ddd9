/** `ctwasm convert`: captures into plain pcap, tables into other forms. */
import { Command } from "commander";
import { ExitCode } from "./exit-code.js";
import { say, verb } from "./fail.js";
import { interruptSignal } from "./interrupt.js";
import { PacketSink } from "./packet-sink.js";
import { stretchesOf } from "./source.js";

const HELP = `
Reads pcap and pcapng, gzipped or not, several merged by time, and writes classic
pcap, which has one link type for all packets. Flows are converted by list -o.

Exit status: 0 success, 2 wrong usage, 3 unreadable or damaged input, 130 interrupted.

Examples:
  ctwasm convert capture.pcapng.gz -t capture.pcap
  ctwasm convert lan.pcapng wan.pcapng -t both.pcap
`;

export function convertCommand(): Command {
  return new Command("convert")
    .description("Writes captures of any kind as one classic pcap.")
    .argument("<file...>", "pcap or pcapng, gzipped or not; - is standard input")
    .requiredOption("-t, --to <file>", "the capture to write")
    .addHelpText("after", HELP)
    .action(verb(convert));
}

async function convert(files: string[], { to }: { readonly to: string }): Promise<ExitCode> {
  const signal = interruptSignal();
  let damaged = false;
  const onError = (file: string, error: Error) => {
    damaged = true;
    say(`${file}: ${error.message}`);
  };
  const sink = new PacketSink(to);
  let count = 0;
  for await (const { packets, first, end } of stretchesOf(files, { signal, follow: false, onError })) {
    const { bytes, offsets, lengths, times, wireLengths, linkTypes } = packets;
    for (let i = first; i < end; i++, count++) {
      const offset = offsets[i] ?? 0;
      const packet = bytes.subarray(offset, offset + (lengths[i] ?? 0));
      sink.write({
        bytes: packet,
        time: times[i] ?? 0,
        wireLength: wireLengths[i],
        linkType: linkTypes[i] ?? 0,
      });
    }
    if (signal.aborted) break;
  }
  sink.close();
  say(`${count} packets have been written.`);
  if (signal.aborted) return ExitCode.INTERRUPTED;
  return damaged ? ExitCode.UNREADABLE : ExitCode.OK;
}
