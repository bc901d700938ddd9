import { PortCheck, TcpRecord } from "../../../../assembly/shared/header-records.js";
import type { Inverted, Range } from "../../values.js";
import type { ProgramImage } from "../image.js";

/** What `tcp`, `udp` and `sctp` have in common. */
export interface PortConditions {
  readonly sourcePort?: Inverted<Range>;
  readonly destinationPort?: Inverted<Range>;
}

const ALL: Range = { min: 0, max: 0xffff };

export function writePorts(
  image: ProgramImage,
  at: number,
  { sourcePort, destinationPort }: PortConditions,
): void {
  writeRange(image, at + TcpRecord.SOURCE_MIN, sourcePort ?? ALL);
  writeRange(image, at + TcpRecord.DESTINATION_MIN, destinationPort ?? ALL);
}

export function writeRange(image: ProgramImage, at: number, { min, max }: Range): void {
  image.u16(at, min);
  image.u16(at + 2, max);
}

/** PortCheck bits of the inverted ones. */
export function invertedPorts({ sourcePort, destinationPort }: PortConditions): number {
  return (sourcePort?.invert ? PortCheck.SOURCE : 0) | (destinationPort?.invert ? PortCheck.DESTINATION : 0);
}
