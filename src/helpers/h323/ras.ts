/** RAS (H.225.0): terminals register with a gatekeeper and ask it where to call, and it tells where calls may come from. */
import type { Helper, HelperContext } from "../helper.js";
import { directions, isAt, placeOf } from "./addresses.js";
import { expectation, expectationAt, expectOrDrop, type Verdict } from "./channels.js";
import { rasMessage, type TransportAddress } from "./h225.js";
import { Reader } from "./per.js";
import { q931 } from "./q931.js";

/** Registrations hold for so many seconds unless they say for how long. */
const REGISTERED = 300;
/** After a request to unregister: enough for the answer. */
const UNREGISTERED = 30;

export interface Registration {
  /** Seconds; 0 = none. */
  timeout: number;
}

export const ras: Helper<Registration> = {
  name: "RAS",
  protocol: "udp",
  port: 1719,
  classes: [{ max: 32, timeout: 240 }],
  children: [q931],
  createState: () => ({ timeout: 0 }),
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
    const verdict = register(context, registrationRequest.callSignalAddress);
    if (verdict !== "drop") context.state.timeout = registrationRequest.timeToLive ?? REGISTERED;
    return verdict;
  }
  if (registrationConfirm) return confirm(context, registrationConfirm.timeToLive);
  if (message.unregistrationRequest) return unregister(context);
  if (admissionConfirm) {
    const place = placeOf(admissionConfirm.destCallSignalAddress, context.family);
    // Otherwise it admits a call to whom it tells of it.
    const [here] = directions(context);
    return place && !isAt(place, here.dst)
      ? expectCall(context, admissionConfirm.destCallSignalAddress)
      : undefined;
  }
  if (locationConfirm) return expectCall(context, locationConfirm.callSignalAddress);
  return undefined;
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
  const wanted = expectation(context, "tcp", own.port);
  return expectOrDrop(context, { ...wanted, helper: q931.name, permanent: true });
}

function confirm(context: HelperContext<Registration>, timeToLive: number | undefined): Verdict {
  const { state } = context;
  if (timeToLive !== undefined) state.timeout = timeToLive;
  if (state.timeout) context.refresh(state.timeout);
  return undefined;
}

function unregister(context: HelperContext<Registration>): Verdict {
  for (const expectation of context.expectations()) expectation.remove();
  context.refresh(UNREGISTERED);
  return undefined;
}

/** The one who asked may call there, as often as it likes. */
function expectCall(context: HelperContext, address: TransportAddress): Verdict {
  const place = placeOf(address, context.family);
  if (!place) return undefined;
  const wanted = expectationAt(context, "tcp", place);
  return expectOrDrop(context, { ...wanted, helper: q931.name, permanent: true });
}
