/**
 * Messages of H.245 that open logical channels, and those that acknowledge it, as far as they lead to addresses. The
 * declared types name what somebody asks for.
 */
import { type DataType, dataType, nonStandard, upTo } from "./h245-data-type.js";
import {
  anyOctets,
  boolean,
  characters,
  choice,
  closed,
  integer,
  nothing,
  octets,
  optional,
  sequence,
  sequenceOf,
  type Type,
  unreadOption,
} from "./per.js";

const port = integer(0, 65535);

export interface MediaAddress {
  readonly unicastAddress?: {
    readonly iPAddress?: NetworkAndPort;
    readonly iP6Address?: NetworkAndPort;
  };
}

interface NetworkAndPort {
  readonly network: Uint8Array;
  readonly tsapIdentifier: number;
}

const transportAddress: Type<MediaAddress> = choice(
  {
    unicastAddress: choice(
      {
        iPAddress: sequence({ network: octets(4), tsapIdentifier: port }),
        iPXAddress: sequence({ node: octets(6), netnum: octets(4), tsapIdentifier: octets(2) }),
        iP6Address: sequence({ network: octets(16), tsapIdentifier: port }),
        netBios: octets(16),
        iPSourceRouteAddress: sequence({
          routing: choice({ strict: nothing, loose: nothing }),
          network: octets(4),
          tsapIdentifier: port,
          route: sequenceOf(octets(4)),
        }),
      },
      {},
    ),
    multicastAddress: choice(
      {
        iPAddress: sequence({ network: octets(4), tsapIdentifier: port }),
        iP6Address: sequence({ network: octets(16), tsapIdentifier: port }),
      },
      {},
    ),
  },
  {},
);

const h222 = sequence({
  resourceId: integer(0, 65535),
  subChannelId: integer(0, 8191),
  pcrPid: upTo(8191),
  programDescriptors: optional(anyOctets),
  streamDescriptors: optional(anyOctets),
});

const h223 = sequence({
  adaptationLayerType: choice(
    {
      nonStandard,
      al1Framed: nothing,
      al1NotFramed: nothing,
      al2WithoutSequenceNumbers: nothing,
      al2WithSequenceNumbers: nothing,
      al3: closed({ controlFieldOctets: integer(0, 2), sendBufferSize: integer(0, 16777215) }),
    },
    {},
  ),
  segmentable: boolean,
});

const v76 = sequence({
  hdlcParameters: sequence({
    crcLength: choice({ crc8bit: nothing, crc16bit: nothing, crc32bit: nothing }, {}),
    n401: integer(1, 4095),
    loopbackTestProcedure: boolean,
  }),
  suspendResume: choice({ none: nothing, withAddress: nothing, withoutAddress: nothing }, {}),
  uih: boolean,
  mode: choice(
    {
      erm: sequence({
        windowSize: integer(1, 127),
        recovery: choice({ rej: nothing, srej: nothing, msrej: nothing }, {}),
      }),
      unerm: nothing,
    },
    {},
  ),
  v75: sequence({ audioHeaderPresent: boolean }),
});

const h2250 = sequence({
  nonStandard: optional(sequenceOf(nonStandard)),
  sessionId: integer(0, 255),
  associatedSessionId: upTo(255, 1),
  mediaChannel: optional(transportAddress),
  mediaGuaranteedDelivery: optional(boolean),
  mediaControlChannel: optional(transportAddress),
  mediaControlGuaranteedDelivery: unreadOption,
  silenceSuppression: unreadOption,
  destination: unreadOption,
  dynamicRtpPayloadType: unreadOption,
  mediaPacketization: unreadOption,
});

const h2250Ack = sequence({
  nonStandard: optional(sequenceOf(nonStandard)),
  sessionId: upTo(255, 1),
  mediaChannel: optional(transportAddress),
  mediaControlChannel: optional(transportAddress),
  dynamicRtpPayloadType: unreadOption,
});

const networkAccess = sequence({
  distribution: optional(choice({ unicast: nothing, multicast: nothing }, {})),
  networkAddress: choice(
    {
      q2931Address: sequence({
        address: choice({ internationalNumber: characters(4, 1, 16), nsapAddress: octets(1, 20) }, {}),
        subaddress: optional(octets(1, 20)),
      }),
      e164Address: characters(4, 1, 128),
      localAreaAddress: transportAddress,
    },
    {},
  ),
  associateConference: boolean,
  externalReference: unreadOption,
});

const channelNumber = integer(1, 65535);

/** Where media go, in RTP and RTCP. */
interface MediaChannels {
  readonly mediaChannel: MediaAddress | undefined;
  readonly mediaControlChannel: MediaAddress | undefined;
}

/** A connection of its own for the data of a channel. */
interface SeparateStack {
  readonly networkAddress: { readonly localAreaAddress?: MediaAddress };
}

interface ReverseChannel {
  readonly multiplexParameters: { readonly h2250?: MediaChannels | undefined } | undefined;
}

export interface OpenLogicalChannel {
  readonly forward: {
    readonly dataType: DataType;
    readonly multiplexParameters: { readonly h2250?: MediaChannels | undefined };
  };
  readonly reverse: ReverseChannel | undefined;
  readonly separateStack?: SeparateStack | undefined;
}

export const openLogicalChannel: Type<OpenLogicalChannel> = sequence(
  {
    forwardLogicalChannelNumber: channelNumber,
    forward: sequence({
      portNumber: optional(port),
      dataType,
      multiplexParameters: choice({ h222, h223, v76 }, { h2250 }),
    }),
    reverse: optional(
      sequence({ dataType, multiplexParameters: optional(choice({ h223, v76 }, { h2250 })) }),
    ),
  },
  { separateStack: networkAccess },
);

export interface OpenLogicalChannelAck {
  readonly reverse: ReverseChannel | undefined;
  readonly separateStack?: SeparateStack | undefined;
  readonly forwardMultiplexAckParameters?: { readonly h2250Ack?: MediaChannels } | undefined;
}

const openLogicalChannelAck: Type<OpenLogicalChannelAck> = sequence(
  {
    forwardLogicalChannelNumber: channelNumber,
    reverse: optional(
      sequence({
        reverseLogicalChannelNumber: channelNumber,
        portNumber: optional(port),
        multiplexParameters: optional(choice({ h222 }, { h2250 })),
      }),
    ),
  },
  { separateStack: networkAccess, forwardMultiplexAckParameters: choice({ h2250Ack }, {}) },
);

/** Messages that lead nowhere are not read. */
const passed = nothing;

export interface ControlMessage {
  readonly request?: { readonly openLogicalChannel?: OpenLogicalChannel };
  readonly response?: { readonly openLogicalChannelAck?: OpenLogicalChannelAck };
}

export const controlMessage: Type<ControlMessage> = choice(
  {
    request: choice(
      {
        nonStandard: passed,
        masterSlaveDetermination: passed,
        terminalCapabilitySet: passed,
        openLogicalChannel,
        closeLogicalChannel: passed,
        requestChannelClose: passed,
        multiplexEntrySend: passed,
        requestMultiplexEntry: passed,
        requestMode: passed,
        roundTripDelayRequest: passed,
        maintenanceLoopRequest: passed,
      },
      {},
    ),
    response: choice(
      {
        nonStandard: passed,
        masterSlaveDeterminationAck: passed,
        masterSlaveDeterminationReject: passed,
        terminalCapabilitySetAck: passed,
        terminalCapabilitySetReject: passed,
        openLogicalChannelAck,
        openLogicalChannelReject: passed,
        closeLogicalChannelAck: passed,
        requestChannelCloseAck: passed,
        requestChannelCloseReject: passed,
        multiplexEntrySendAck: passed,
        multiplexEntrySendReject: passed,
        requestMultiplexEntryAck: passed,
        requestMultiplexEntryReject: passed,
        requestModeAck: passed,
        requestModeReject: passed,
        roundTripDelayResponse: passed,
        maintenanceLoopAck: passed,
        maintenanceLoopReject: passed,
      },
      {},
    ),
    command: passed,
    indication: passed,
  },
  {},
);
