import { Protocol } from "../../../assembly/shared/protocol.js";
import { extension } from "../extension.js";
import { option } from "../option.js";
import { given, partial, printRange, words } from "../printers.js";
import { portRange } from "../readers.js";
import type { Inverted, Range } from "../values.js";

export interface UdpMatch {
  readonly name: "udp";
  readonly sourcePort?: Inverted<Range>;
  readonly destinationPort?: Inverted<Range>;
}

const options = {
  "source-port": option(portRange(), { aliases: ["sport"], invertible: true }),
  "destination-port": option(portRange(), { aliases: ["dport"], invertible: true }),
};

export const udp = extension<UdpMatch, typeof options>({
  name: "udp",
  options,
  protocols: [Protocol.UDP],

  build(given) {
    const { "source-port": source, "destination-port": destination } = given;
    return {
      name: "udp",
      ...(source && { sourcePort: { ...source.value, invert: source.invert } }),
      ...(destination && { destinationPort: { ...destination.value, invert: destination.invert } }),
    };
  },

  seen(match, sight) {
    return sight.ports(match);
  },

  print({ sourcePort, destinationPort }) {
    return words(
      given("--sport", partial(sourcePort, 65535), printRange),
      given("--dport", partial(destinationPort, 65535), printRange),
    );
  },
});
