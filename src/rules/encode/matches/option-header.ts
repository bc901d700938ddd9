import { OptionHeaderRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { OptionHeaderMatch } from "../../matches/option-header.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

const PROTOCOLS = { hbh: 0, dst: 60 } as const;

export function encodeOptionHeader(match: OptionHeaderMatch, { image }: EncodeContext): void {
  const { name, length, options } = match;
  const size = OptionHeaderRecord.SIZE + OptionHeaderRecord.OPTION_SIZE * options.length;
  const at = matchRecord(image, MatchKind.OPTION_HEADER, size, Number(length?.invert ?? false));
  image.u8(at + OptionHeaderRecord.HEADER, PROTOCOLS[name]);
  image.u8(at + OptionHeaderRecord.OPTION_COUNT, options.length);
  image.u16(at + OptionHeaderRecord.HEADER_LENGTH, length?.bytes ?? 0);
  options.forEach((option, i) => {
    const to = at + OptionHeaderRecord.OPTIONS + OptionHeaderRecord.OPTION_SIZE * i;
    image.u8(to, option.type);
    image.u8(to + 1, Number(option.length === undefined));
    image.u8(to + 2, option.length ?? 0);
  });
}
