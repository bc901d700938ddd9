/**
 * Messages of H.225.0 about calls, as far as they lead to addresses: components are read up to the last one that matters,
 * later ones are left alone.
 */
import { controlMessage, openLogicalChannel } from "./h245.js";
import {
  anyOctets,
  boolean,
  characters,
  choice,
  chosen,
  closed,
  integer,
  nothing,
  objectIdentifier,
  octets,
  optional,
  sequence,
  sequenceOf,
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

export const nonStandardData = optional(nonStandardParameter);

const ipAddress = closed({ ip: octets(4), port });
const ip6Address = sequence({ ip: octets(16), port });

export const transportAddress = choice(
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

export type TransportAddress = ReturnType<typeof transportAddress>;

/** Digits come from an alphabet of 13 characters. */
const dialedDigits = characters(4, 1, 128);
export const aliasAddresses = sequenceOf(choice({ dialedDigits, h323Id: characters(16, 1, 256) }, {}));
export const identifier = characters(16, 1, 128);

export const vendorIdentifier = sequence({
  vendor: h221NonStandard,
  productId: optional(octets(1, 256)),
  versionId: optional(octets(1, 256)),
});

const capabilities = sequence({ nonStandardData });

export const endpointType = sequence({
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
export const callModel = choice({ direct: nothing, gatekeeperRouted: nothing }, {});
export const callType = choice(
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

export const userInformation = sequence({
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

export type Signalling = ReturnType<typeof userInformation>["pdu"];
