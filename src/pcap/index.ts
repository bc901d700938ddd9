/** Reads and writes packet captures, in Node and in browsers. */
export { CaptureError } from "./capture-error.js";
export { isKnownLinkType, LinkType } from "./link-type.js";
export type { CapturedPackets } from "./packet-batch.js";
export { type CapturedPacket, readCapture, readCaptureChunks } from "./reader.js";
export type { CaptureSource } from "./source.js";
export { PcapWriter, type PcapWriterOptions, type WritablePacket, writePcap } from "./writer.js";
