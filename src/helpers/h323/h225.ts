/**
 * Messages of H.225.0 about calls, as far as they lead to addresses: components are read up to the last one that matters,
 * later ones are left alone. Of what is read, the declared types name what somebody asks for.
 */
import { type ControlMessage, controlMessage, type OpenLogicalChannel, openLogicalChannel } from "./h245.js";
import {
  anyOctets,
  boolean,
  characters,
  choice,
  chosen,
  closed,
  integer,
  nothing,
  type Optional,
  objectIdentifier,
  octets,
  optional,
  type Passed,
  sequence,
  sequenceOf,
  type Type,
  unknown,
  unreadOption,
  wrapped,
} from "./per.js";

const port = integer(0, 65535);
const guid = octets(16);

const h221NonStandard = sequence({
  t35CountryCode: integer(0, 255),
  t35Extension: integer(0, 255),
  manufacturerCode: integer(0, 65535),
});

const nonStandardParameter = closed({
  nonStandardIdentifier: choice({ object: objectIdentifier, h221NonStandard }, {}),
  data: anyOctets,
});

export const nonStandardData: Optional<unknown> = optional(nonStandardParameter);

const ipAddress = closed({ ip: octets(4), port });
const ip6Address = sequence({ ip: octets(16), port });

export interface TransportAddress {
  readonly ipAddress?: HostAndPort;
  readonly ip6Address?: HostAndPort;
}

interface HostAndPort {
  readonly ip: Uint8Array;
  readonly port: number;
}

export const transportAddress: Type<TransportAddress> = choice(
  {
    ipAddress,
    ipSourceRoute: sequence({
      ip: octets(4),
      port,
      route: sequenceOf(octets(4)),
      routing: choice({ strict: nothing, loose: nothing }, {}),
    }),
    ipxAddress: closed({ node: octets(6), netnum: octets(4), port: octets(2) }),
    ip6Address,
    netBios: octets(16),
    nsap: octets(1, 20),
    nonStandardAddress: nonStandardParameter,
  },
  {},
);

/** Digits come from an alphabet of 13 characters. */
const dialedDigits = characters(4, 1, 128);
export const aliasAddresses: Passed = sequenceOf(
  choice({ dialedDigits, h323Id: characters(16, 1, 256) }, {}),
);
export const identifier: Passed = characters(16, 1, 128);

export const vendorIdentifier: Passed = sequence({
  vendor: h221NonStandard,
  productId: optional(octets(1, 256)),
  versionId: optional(octets(1, 256)),
});

const capabilities = sequence({ nonStandardData });

export const endpointType: Passed = sequence({
  nonStandardData,
  vendor: optional(vendorIdentifier),
  gatekeeper: optional(sequence({ nonStandardData })),
  gateway: optional(
    sequence({
      protocol: optional(
        sequenceOf(
          choice(
            {
              nonStandardData: nonStandardParameter,
              h310: capabilities,
              h320: capabilities,
              h321: capabilities,
              h322: capabilities,
              h323: capabilities,
              h324: capabilities,
              voice: capabilities,
              t120Only: capabilities,
            },
            {},
          ),
        ),
      ),
      nonStandardData,
    }),
  ),
  mcu: optional(sequence({ nonStandardData })),
  terminal: optional(sequence({ nonStandardData })),
  mc: boolean,
  undefinedNode: boolean,
});

/** Linux looks at so many of the channels, and of the control messages below. */
const fastStart = sequenceOf(wrapped(openLogicalChannel), 30);
export const callModel: Passed = choice({ direct: nothing, gatekeeperRouted: nothing }, {});
export const callType: Passed = choice(
  { pointToPoint: nothing, oneToN: nothing, nToOne: nothing, nToN: nothing },
  {},
);

const setup = sequence(
  {
    protocolIdentifier: objectIdentifier,
    h245Address: optional(transportAddress),
    sourceAddress: optional(aliasAddresses),
    sourceInfo: endpointType,
    destinationAddress: optional(aliasAddresses),
    destCallSignalAddress: optional(transportAddress),
    destExtraCallInfo: optional(aliasAddresses),
    destExtraCrv: optional(sequenceOf(integer(0, 65535))),
    activeMc: boolean,
    conferenceId: guid,
    conferenceGoal: choice({ create: nothing, join: nothing, invite: nothing }, {}),
    callServices: optional(
      sequence({
        q932Full: boolean,
        q951Full: boolean,
        q952Full: boolean,
        q953Full: boolean,
        q955Full: boolean,
        q956Full: boolean,
        q957Full: boolean,
        q954Info: sequence({ conferenceCalling: boolean, threePartyService: boolean }),
      }),
    ),
    callType,
  },
  {
    sourceCallSignalAddress: transportAddress,
    remoteExtensionAddress: undefined,
    callIdentifier: undefined,
    h245SecurityCapability: undefined,
    tokens: undefined,
    cryptoTokens: undefined,
    fastStart,
  },
);

const AFTER_CALL = {
  callIdentifier: undefined,
  h245SecurityMode: undefined,
  tokens: undefined,
  cryptoTokens: undefined,
  fastStart,
};

/** CallProceeding and Alerting look the same. */
const callProceeding = sequence(
  {
    protocolIdentifier: objectIdentifier,
    destinationInfo: endpointType,
    h245Address: optional(transportAddress),
  },
  AFTER_CALL,
);

const connect = sequence(
  {
    protocolIdentifier: objectIdentifier,
    h245Address: optional(transportAddress),
    destinationInfo: endpointType,
    conferenceId: guid,
  },
  AFTER_CALL,
);

const facility = sequence(
  {
    protocolIdentifier: objectIdentifier,
    alternativeAddress: optional(transportAddress),
    alternativeAliasAddress: optional(aliasAddresses),
    conferenceId: optional(guid),
    reason: choice(
      {
        routeCallToGatekeeper: nothing,
        callForwarded: chosen,
        routeCallToMc: nothing,
        undefinedReason: nothing,
      },
      {},
    ),
  },
  {
    callIdentifier: undefined,
    destExtraCallInfo: undefined,
    remoteExtensionAddress: undefined,
    tokens: undefined,
    cryptoTokens: undefined,
    conferences: undefined,
    h245Address: transportAddress,
    fastStart,
  },
);

const progress = sequence({
  protocolIdentifier: objectIdentifier,
  destinationInfo: endpointType,
  h245Address: optional(transportAddress),
  callIdentifier: sequence({ guid }),
  h245SecurityMode: unknown,
  tokens: unknown,
  cryptoTokens: unknown,
  fastStart: optional(fastStart),
});

/** What a message about a call says of addresses. */
export interface Call {
  readonly h245Address?: TransportAddress | undefined;
  /** Of Setup only. */
  readonly destCallSignalAddress?: TransportAddress | undefined;
  readonly sourceCallSignalAddress?: TransportAddress | undefined;
  readonly fastStart?: readonly OpenLogicalChannel[] | undefined;
}

export interface Facility extends Call {
  readonly alternativeAddress: TransportAddress | undefined;
  readonly reason: { readonly callForwarded?: true };
}

export interface Signalling {
  readonly body: {
    readonly setup?: Call;
    readonly callProceeding?: Call;
    readonly connect?: Call;
    readonly alerting?: Call;
    readonly facility?: Facility;
    readonly progress?: Call | undefined;
  };
  readonly h245Control?: readonly ControlMessage[] | undefined;
}

export const userInformation: Type<{ readonly pdu: Signalling }> = sequence({
  pdu: sequence(
    {
      body: choice(
        {
          setup,
          callProceeding,
          connect,
          alerting: callProceeding,
          information: sequence({ protocolIdentifier: objectIdentifier }),
          releaseComplete: sequence({ protocolIdentifier: objectIdentifier }),
          facility,
        },
        { progress },
      ),
      nonStandardData,
    },
    {
      h4501SupplementaryService: undefined,
      h245Tunnelling: undefined,
      h245Control: sequenceOf(wrapped(controlMessage), 4),
    },
  ),
  userData: unreadOption,
});
