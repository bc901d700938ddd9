/** Logical channels: where their sender waits for media (RTP, and RTCP one port above) and for data (T.120). */
import type { Expect, HelperContext, PendingExpectation } from "../helper.js";
import { directions, isAt, mediaPlaceOf, type Place, textOf } from "./addresses.js";
import type { ControlMessage, MediaAddress, OpenLogicalChannel, OpenLogicalChannelAck } from "./h245.js";
import { type Announcements, expectMediaOutside, expectOutside, senderNat } from "./translate.js";

export type Verdict = "drop" | undefined;

type Context = HelperContext<Announcements>;
type Reported = (context: Context, address: MediaAddress | undefined) => Verdict;

/** What the port of RTP or RTCP belongs to: a pair of an even port and the odd one above it. */
const expectMedia: Reported = (context, address) => {
  const place = ownPlace(context, address);
  if (!place) return undefined;
  const nat = senderNat(context);
  if (nat) {
    expectMediaOutside(context, nat, place, (port) => expectation(context, "udp", port));
    return undefined;
  }
  const { port } = place;
  const rtp = expectation(context, "udp", port & ~1);
  if (expectOrDrop(context, rtp) === "drop") return "drop";
  if (expectOrDrop(context, expectation(context, "udp", port | 1)) !== "drop") return undefined;
  const isRtp = ({ protocol, destination }: PendingExpectation) =>
    protocol === UDP && destination.port === (port & ~1);
  context.expectations().find(isRtp)?.remove();
  return "drop";
};

const UDP = 17;

/** T.120 may open several connections to the same port. */
const expectData: Reported = (context, address) => {
  const place = ownPlace(context, address);
  if (!place) return undefined;
  const wanted = { ...expectation(context, "tcp", place.port), permanent: true };
  const nat = senderNat(context);
  if (!nat) return expectOrDrop(context, wanted);
  expectOutside(context, nat, place, wanted);
  return undefined;
};

/** Nobody may announce channels to others, and port 0 is none. */
function ownPlace(context: HelperContext, address: MediaAddress | undefined): Place | undefined {
  const place = mediaPlaceOf(address, context.family);
  const [here] = directions(context);
  return place?.port && isAt(place, here.src) ? place : undefined;
}

/** From the peer to the sender of the message, as the peer sees it. */
export function expectation(context: HelperContext, protocol: "tcp" | "udp", port: number): Expect {
  const [, there] = directions(context);
  return { protocol, source: { address: there.src }, destination: { address: there.dst, port } };
}

/** From the peer to anybody: who it speaks to next. */
export function expectationAt(context: HelperContext, protocol: "tcp" | "udp", place: Place): Expect {
  const [, there] = directions(context);
  const destination = { address: textOf(place), port: place.port };
  return { protocol, source: { address: there.src }, destination };
}

/** Linux drops a message whose announcement it cannot expect. */
export function expectOrDrop(context: HelperContext, wanted: Expect): Verdict {
  return context.expect(wanted) === "ADDED" ? undefined : "drop";
}

type Step = readonly [Reported, MediaAddress | undefined];

function report(context: Context, steps: readonly Step[]): Verdict {
  for (const [expect, address] of steps) if (address && expect(context, address) === "drop") return "drop";
  return undefined;
}

export function openChannel(context: Context, channel: OpenLogicalChannel): Verdict {
  const there = channel.forward.multiplexParameters.h2250;
  const back = channel.reverse?.multiplexParameters?.h2250;
  const data = channel.forward.dataType.data?.application.t120?.separateLANStack;
  return report(context, [
    [expectMedia, there?.mediaChannel],
    [expectMedia, there?.mediaControlChannel],
    [expectMedia, back?.mediaChannel],
    [expectMedia, back?.mediaControlChannel],
    [expectData, data ? channel.separateStack?.networkAddress.localAreaAddress : undefined],
  ]);
}

function acknowledgeChannel(context: Context, channel: OpenLogicalChannelAck): Verdict {
  const back = channel.reverse?.multiplexParameters?.h2250;
  const there = channel.forwardMultiplexAckParameters?.h2250Ack;
  return report(context, [
    [expectMedia, back?.mediaChannel],
    [expectMedia, back?.mediaControlChannel],
    [expectMedia, there?.mediaChannel],
    [expectMedia, there?.mediaControlChannel],
    [expectData, channel.separateStack?.networkAddress.localAreaAddress],
  ]);
}

export function control(context: Context, { request, response }: ControlMessage): Verdict {
  if (request?.openLogicalChannel) return openChannel(context, request.openLogicalChannel);
  if (response?.openLogicalChannelAck) return acknowledgeChannel(context, response.openLogicalChannelAck);
  return undefined;
}
