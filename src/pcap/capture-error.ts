import { ConntrackError } from "../errors.js";

/**
 * The input is not a capture, or it is damaged or cut off. Thrown only after every packet in front of the
 * damage has been handed out.
 */
export class CaptureError extends ConntrackError {
  declare readonly code: "CT_BAD_CAPTURE";
  /** Byte offset of the damaged record in the capture; of a gzip file, in its decompressed bytes. */
  readonly offset: number;
  /** How many packets were read before the damage. */
  readonly packetsRead: number;

  constructor(message: string, offset: number, packetsRead: number) {
    super("CT_BAD_CAPTURE", message);
    this.name = "CaptureError";
    this.offset = offset;
    this.packetsRead = packetsRead;
  }
}
