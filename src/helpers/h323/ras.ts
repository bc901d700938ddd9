/** RAS (H.225.0): terminals register with a gatekeeper and ask it where to call, and it tells where calls may come from. */
import type { Helper, HelperContext } from "../helper.js";
import { directions, isAt, isLoopback, placeOf } from "./addresses.js";
import { expectation, expectationAt, expectOrDrop, type Verdict } from "./channels.js";
import type { TransportAddress } from "./h225.js";
import { type RasMessage, rasMessage } from "./h225-ras.js";
import { Reader } from "./per.js";
import { q931 } from "./q931.js";
import {
  type Announcements,
  expectSignalOutside,
  natOf,
  nothingTranslated,
  rewrite,
  translateAdmission,
  translateRas,
  translateSignal,
} from "./translate.js";

/** Registrations hold for so many seconds unless they say for how long. */
const REGISTERED = 300;
/** After a request to unregister: enough for the answer. */
const UNREGISTERED = 30;

export interface Registration extends Announcements {
  /** Seconds; 0 = none. */
  timeout: number;
}

export const ras: Helper<Registration> = {
  name: "RAS",
  protocol: "udp",
  port: 1719,
  classes: [{ max: 32, timeout: 240 }],
  children: [q931],
  createState: () => ({ timeout: 0, ...nothingTranslated() }),
  packet(context) {
    return answer(context) === "drop" ? { drop: "cannot process RAS message" } : undefined;
  },
};

function answer(context: HelperContext<Registration>): Verdict {
  const reader = new Reader(context.payload);
  const message = rasMessage(reader);
  if (reader.failed) return undefined;
  const { gatekeeperConfirm, registrationRequest, registrationConfirm, admissionConfirm, locationConfirm } =
    message;
  if (gatekeeperConfirm) return expectGatekeeper(context, gatekeeperConfirm.rasAddress);
  if (registrationRequest) {
    const { callSignalAddress, rasAddress, timeToLive } = registrationRequest;
    if (register(context, callSignalAddress) === "drop") return "drop";
    translateRas(context, rasAddress);
    context.state.timeout = timeToLive ?? REGISTERED;
    return undefined;
  }
  if (registrationConfirm) {
    translateSignal(context, registrationConfirm.callSignalAddress);
    return confirm(context, registrationConfirm.timeToLive);
  }
  if (message.unregistrationRequest) {
    translateSignal(context, message.unregistrationRequest.callSignalAddress);
    return unregister(context);
  }
  if (admissionConfirm) return admit(context, admissionConfirm.destCallSignalAddress);
  if (locationConfirm) return expectCall(context, locationConfirm.callSignalAddress);
  translateOthers(context, message);
  return undefined;
}

/** Messages that announce nothing. */
function translateOthers(
  context: HelperContext<Registration>,
  { gatekeeperRequest, admissionRequest, locationRequest, infoRequestResponse }: RasMessage,
): void {
  if (gatekeeperRequest) translateRas(context, [gatekeeperRequest.rasAddress]);
  if (locationRequest) translateRas(context, [locationRequest.replyAddress]);
  if (admissionRequest) {
    const { destCallSignalAddress, srcCallSignalAddress } = admissionRequest;
    translateAdmission(context, destCallSignalAddress, srcCallSignalAddress);
  }
  if (infoRequestResponse) {
    translateRas(context, [infoRequestResponse.rasAddress]);
    translateSignal(context, infoRequestResponse.callSignalAddress);
  }
}

/** The gatekeeper that answered may want to be spoken to elsewhere. */
function expectGatekeeper(context: HelperContext, address: TransportAddress): Verdict {
  const place = placeOf(address, context.family);
  const [here] = directions(context);
  if (!place || context.expected || (isAt(place, here.src) && place.port === here.sport)) return undefined;
  return expectOrDrop(context, { ...expectationAt(context, "udp", place), helper: ras.name });
}

/** Calls to the terminal come through its gatekeeper. */
function register(context: HelperContext<Registration>, addresses: readonly TransportAddress[]): Verdict {
  const [here] = directions(context);
  const own = addresses
    .map((address) => placeOf(address, context.family))
    .find((place) => place !== undefined && place.port !== 0 && isAt(place, here.src));
  if (!own) return undefined;
  const wanted = { ...expectation(context, "tcp", own.port), helper: q931.name, permanent: true };
  // Linux does so, unlike with other announcements, even where the terminal is the one end that keeps its address.
  const nat = natOf(context);
  if (!nat) return expectOrDrop(context, wanted);
  const port = expectSignalOutside(context, nat, own, wanted);
  // Some terminals name themselves by the loopback address first.
  const first = placeOf(addresses[0], context.family);
  if (port !== undefined && first && isLoopback(first)) rewrite(context, nat, first, nat.address, port);
  return undefined;
}

function confirm(context: HelperContext<Registration>, timeToLive: number | undefined): Verdict {
  const { state } = context;
  if (timeToLive !== undefined) state.timeout = timeToLive;
  if (state.timeout) context.refresh(state.timeout);
  return undefined;
}

function unregister(context: HelperContext<Registration>): Verdict {
  const { signal } = context.state;
  [signal.original, signal.reply] = [0, 0];
  for (const expectation of context.expectations()) expectation.remove();
  context.refresh(UNREGISTERED);
  return undefined;
}

function admit(context: HelperContext<Registration>, address: TransportAddress): Verdict {
  const place = placeOf(address, context.family);
  if (!place) return undefined;
  const [here] = directions(context);
  if (!isAt(place, here.dst)) return expectCall(context, address);
  // It admits a call to whom it tells of it.
  translateSignal(context, [address]);
  return undefined;
}

/** The one who asked may call there, as often as it likes. */
function expectCall(context: HelperContext, address: TransportAddress): Verdict {
  const place = placeOf(address, context.family);
  if (!place) return undefined;
  const wanted = expectationAt(context, "tcp", place);
  return expectOrDrop(context, { ...wanted, helper: q931.name, permanent: true });
}
