/** Messages of H.225.0 between terminals and gatekeepers, as far as they lead to addresses. */
import {
  aliasAddresses,
  callModel,
  callType,
  endpointType,
  identifier,
  nonStandardData,
  type TransportAddress,
  transportAddress,
  vendorIdentifier,
} from "./h225.js";
import {
  boolean,
  choice,
  integer,
  nothing,
  objectIdentifier,
  optional,
  sequence,
  sequenceOf,
  type Type,
  unread,
  unreadOption,
} from "./per.js";

const requestNumber = integer(1, 65535);
const addresses = sequenceOf(transportAddress, 10);

/** Seconds. Linux counts their bytes twice, and wants as many to be there behind them. */
const timeToLive: Type<number> = (reader) => {
  const length = reader.bits(2) + 1;
  const value = 1 + [...reader.octets(length)].reduce((sum, byte) => sum * 256 + byte, 0);
  reader.octets(length);
  return value;
};

const gatekeeperRequest = sequence({
  requestSeqNum: requestNumber,
  protocolIdentifier: objectIdentifier,
  nonStandardData,
  rasAddress: transportAddress,
  endpointType: unread,
  gatekeeperIdentifier: unreadOption,
  callServices: unreadOption,
  endpointAlias: unreadOption,
});

const gatekeeperConfirm = sequence({
  requestSeqNum: requestNumber,
  protocolIdentifier: objectIdentifier,
  nonStandardData,
  gatekeeperIdentifier: optional(identifier),
  rasAddress: transportAddress,
});

const registrationRequest = sequence(
  {
    requestSeqNum: requestNumber,
    protocolIdentifier: objectIdentifier,
    nonStandardData,
    discoveryComplete: boolean,
    callSignalAddress: addresses,
    rasAddress: addresses,
    terminalType: endpointType,
    terminalAlias: optional(aliasAddresses),
    gatekeeperIdentifier: optional(identifier),
    endpointVendor: vendorIdentifier,
  },
  { alternateEndpoints: undefined, timeToLive },
);

const registrationConfirm = sequence(
  {
    requestSeqNum: requestNumber,
    protocolIdentifier: objectIdentifier,
    nonStandardData,
    callSignalAddress: addresses,
    terminalAlias: optional(aliasAddresses),
    gatekeeperIdentifier: optional(identifier),
    endpointIdentifier: identifier,
  },
  { alternateGatekeeper: undefined, timeToLive },
);

const unregistrationRequest = sequence({
  requestSeqNum: requestNumber,
  callSignalAddress: addresses,
  endpointAlias: unreadOption,
  nonStandardData: unreadOption,
  endpointIdentifier: unreadOption,
});

const admissionRequest = sequence({
  requestSeqNum: requestNumber,
  callType,
  callModel: optional(callModel),
  endpointIdentifier: identifier,
  destinationInfo: optional(aliasAddresses),
  destCallSignalAddress: optional(transportAddress),
  destExtraCallInfo: optional(aliasAddresses),
  srcInfo: aliasAddresses,
  srcCallSignalAddress: optional(transportAddress),
  bandWidth: unread,
  nonStandardData: unreadOption,
  callServices: unreadOption,
});

const admissionConfirm = sequence({
  requestSeqNum: requestNumber,
  bandWidth: integer(0, 4294967295),
  callModel,
  destCallSignalAddress: transportAddress,
  irrFrequency: unreadOption,
  nonStandardData: unreadOption,
});

const locationRequest = sequence({
  requestSeqNum: requestNumber,
  endpointIdentifier: optional(identifier),
  destinationInfo: aliasAddresses,
  nonStandardData,
  replyAddress: transportAddress,
});

const locationConfirm = sequence({
  requestSeqNum: requestNumber,
  callSignalAddress: transportAddress,
  rasAddress: transportAddress,
  nonStandardData: unreadOption,
});

const infoRequestResponse = sequence({
  nonStandardData,
  requestSeqNum: requestNumber,
  endpointType,
  endpointIdentifier: identifier,
  rasAddress: transportAddress,
  callSignalAddress: addresses,
  endpointAlias: unreadOption,
  perCallInfo: unreadOption,
});

/** Messages that lead nowhere are not read. */
const passed: Type<undefined> = nothing;

export interface RasMessage {
  readonly gatekeeperRequest?: { readonly rasAddress: TransportAddress };
  readonly gatekeeperConfirm?: { readonly rasAddress: TransportAddress };
  readonly registrationRequest?: {
    readonly callSignalAddress: readonly TransportAddress[];
    readonly rasAddress: readonly TransportAddress[];
    readonly timeToLive?: number | undefined;
  };
  readonly registrationConfirm?: {
    readonly callSignalAddress: readonly TransportAddress[];
    readonly timeToLive?: number | undefined;
  };
  readonly unregistrationRequest?: { readonly callSignalAddress: readonly TransportAddress[] };
  readonly admissionRequest?: {
    readonly destCallSignalAddress: TransportAddress | undefined;
    readonly srcCallSignalAddress: TransportAddress | undefined;
  };
  readonly admissionConfirm?: { readonly destCallSignalAddress: TransportAddress };
  readonly locationRequest?: { readonly replyAddress: TransportAddress };
  readonly locationConfirm?: { readonly callSignalAddress: TransportAddress };
  readonly infoRequestResponse?: {
    readonly rasAddress: TransportAddress;
    readonly callSignalAddress: readonly TransportAddress[];
  };
}

export const rasMessage: Type<RasMessage> = choice(
  {
    gatekeeperRequest,
    gatekeeperConfirm,
    gatekeeperReject: passed,
    registrationRequest,
    registrationConfirm,
    registrationReject: passed,
    unregistrationRequest,
    unregistrationConfirm: passed,
    unregistrationReject: passed,
    admissionRequest,
    admissionConfirm,
    admissionReject: passed,
    bandwidthRequest: passed,
    bandwidthConfirm: passed,
    bandwidthReject: passed,
    disengageRequest: passed,
    disengageConfirm: passed,
    disengageReject: passed,
    locationRequest,
    locationConfirm,
    locationReject: passed,
    infoRequest: passed,
    infoRequestResponse,
    nonStandardMessage: passed,
    unknownMessageResponse: passed,
  },
  {},
);
