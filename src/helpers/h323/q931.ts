/** Q.931 as H.323 uses it: calls are set up, with the address of their control channel or with media channels at once. */
import type { Helper, HelperContext } from "../helper.js";
import { directions, isAt, placeOf, textOf } from "./addresses.js";
import { control, expectation, expectationAt, expectOrDrop, openChannel, type Verdict } from "./channels.js";
import { type Call, type Signalling, type TransportAddress, userInformation } from "./h225.js";
import { h245 } from "./h245-control.js";
import { Reader } from "./per.js";
import { type Announced, messages, nothingAnnounced } from "./tpkt.js";
import {
  type Announcements,
  expectOutside,
  expectSignalOutside,
  nothingTranslated,
  senderNat,
  translateCall,
} from "./translate.js";

const DISCRIMINATOR = 8;
const USER_USER = 0x7e;

type Context = HelperContext<Announcements>;

export const q931: Helper<Announced & Announcements> = {
  name: "Q.931",
  protocol: "tcp",
  port: 1720,
  classes: [{ max: 20, timeout: 240 }],
  children: [h245],
  createState: () => ({ ...nothingAnnounced(), ...nothingTranslated() }),
  packet(context) {
    if (context.ctState !== "ESTABLISHED") return undefined;
    for (const message of messages(context)) {
      const information = userInformationOf(message);
      const reader = new Reader(information ?? message);
      const value = information && userInformation(reader);
      if (!value || reader.failed) return undefined;
      if (signal(context, value.pdu) === "drop") return { drop: "cannot process Q.931 message" };
    }
    return undefined;
  },
};

/** The contents of the User-user element, which come behind the protocol that they follow. */
function userInformationOf(message: Uint8Array): Uint8Array | undefined {
  if (message[0] !== DISCRIMINATOR) return undefined;
  // The call's reference, then the type of the message, then elements.
  let at = 2 + (message[1] ?? 0) + 1;
  while (at < message.length) {
    const element = message[at];
    if (element === USER_USER) {
      const length = ((message[at + 1] ?? 0) << 8) | (message[at + 2] ?? 0);
      const end = at + 3 + length;
      return length > 0 && end <= message.length ? message.subarray(at + 4, end) : undefined;
    }
    at += 2 + (message[at + 1] ?? 0);
  }
  return undefined;
}

function signal(context: Context, { body, h245Control }: Signalling): Verdict {
  const { facility } = body;
  const message =
    body.setup ?? body.callProceeding ?? body.connect ?? body.alerting ?? facility ?? body.progress;
  const verdict = facility?.reason.callForwarded
    ? forwardCall(context, facility.alternativeAddress)
    : message && call(context, message);
  if (verdict === "drop") return "drop";
  for (const one of h245Control ?? []) if (control(context, one) === "drop") return "drop";
  return undefined;
}

function call(context: Context, message: Call): Verdict {
  const { h245Address, destCallSignalAddress, sourceCallSignalAddress, fastStart } = message;
  if (h245Address && expectControl(context, h245Address) === "drop") return "drop";
  translateCall(context, destCallSignalAddress, sourceCallSignalAddress);
  for (const channel of fastStart ?? []) if (openChannel(context, channel) === "drop") return "drop";
  return undefined;
}

function expectControl(context: Context, address: TransportAddress): Verdict {
  const place = placeOf(address, context.family);
  const [here] = directions(context);
  if (!place?.port || !isAt(place, here.src)) return undefined;
  const wanted = { ...expectation(context, "tcp", place.port), helper: h245.name };
  const nat = senderNat(context);
  if (!nat) return expectOrDrop(context, wanted);
  expectSignalOutside(context, nat, place, wanted);
  return undefined;
}

/** The caller is to call somebody else instead. */
function forwardCall(context: Context, address: TransportAddress | undefined): Verdict {
  const place = placeOf(address, context.family);
  if (!place?.port) return undefined;
  const nat = senderNat(context);
  if (!nat) return expectOrDrop(context, { ...expectationAt(context, "tcp", place), helper: q931.name });
  expectOutside(context, nat, place, {
    ...expectation(context, "tcp", place.port),
    helper: q931.name,
    follow: { port: place.port, address: textOf(place), disguise: "forwarded" },
  });
  return undefined;
}
