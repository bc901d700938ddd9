/** Messages of H.245 that open logical channels, and those that acknowledge it, as far as they lead to addresses. */
import {
  anyOctets,
  boolean,
  characters,
  choice,
  closed,
  integer,
  nothing,
  objectIdentifier,
  octets,
  optional,
  sequence,
  sequenceOf,
  unreadOption,
} from "./per.js";

const port = integer(0, 65535);
const nonStandard = closed({
  nonStandardIdentifier: choice({
    object: objectIdentifier,
    h221NonStandard: closed({
      t35CountryCode: integer(0, 255),
      t35Extension: integer(0, 255),
      manufacturerCode: integer(0, 65535),
    }),
  }),
  data: anyOctets,
});

const transportAddress = choice(
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

export type MediaAddress = ReturnType<typeof transportAddress>;

const bits = (...names: string[]) => Object.fromEntries(names.map((name) => [name, boolean]));
const upTo = (max: number, min = 0) => optional(integer(min, max));
const frames = integer(1, 256);

const videoCapability = choice(
  {
    nonStandard,
    h261: sequence({
      qcifMpi: upTo(4, 1),
      cifMpi: upTo(4, 1),
      temporalSpatialTradeOff: boolean,
      maxBitRate: integer(1, 19200),
      stillImageTransmission: boolean,
    }),
    h262: sequence({
      ...bits(
        "spatMl",
        "patLl",
        "patMl",
        "patH14",
        "patHl",
        "snrLl",
        "snrMl",
        "spatialH14",
        "hpMl",
        "hpH14",
        "hpHl",
      ),
      videoBitRate: upTo(1073741823),
      vbvBufferSize: upTo(262143),
      samplesPerLine: upTo(16383),
      linesPerFrame: upTo(16383),
      framesPerSecond: upTo(15),
      luminanceSampleRate: upTo(4294967295),
    }),
    h263: sequence({
      sqcifMpi: upTo(32, 1),
      qcifMpi: upTo(32, 1),
      cifMpi: upTo(32, 1),
      cif4Mpi: upTo(32, 1),
      cif16Mpi: upTo(32, 1),
      maxBitRate: integer(1, 192400),
      ...bits(
        "unrestrictedVector",
        "arithmeticCoding",
        "advancedPrediction",
        "pbFrames",
        "temporalSpatialTradeOff",
      ),
      hrdB: upTo(524287),
      bppMaxKb: upTo(65535),
    }),
    is11172: sequence({
      constrainedBitstream: boolean,
      videoBitRate: upTo(1073741823),
      vbvBufferSize: upTo(262143),
      samplesPerLine: upTo(16383),
      linesPerFrame: upTo(16383),
      pictureRate: upTo(15),
      luminanceSampleRate: upTo(4294967295),
    }),
  },
  {},
);

const audioCapability = choice(
  {
    nonStandard,
    g711Alaw64k: frames,
    g711Alaw56k: frames,
    g711Ulaw64k: frames,
    g711Ulaw56k: frames,
    g722At64k: frames,
    g722At56k: frames,
    g722At48k: frames,
    g7231: closed({ maxAlSduAudioFrames: frames, silenceSuppression: boolean }),
    g728: frames,
    g729: frames,
    g729AnnexA: frames,
    is11172: sequence({
      ...bits("layer1", "layer2", "layer3", "sampling32k", "sampling44k1", "sampling48k", "single", "two"),
      bitRate: integer(1, 448),
    }),
    is13818: sequence({
      ...bits("layer1", "layer2", "layer3", "sampling16k", "sampling22k05", "sampling24k", "sampling32k"),
      ...bits(
        "sampling44k1",
        "sampling48k",
        "single",
        "two",
        "three21",
        "three30",
        "four2020",
        "four22",
        "four31",
      ),
      ...bits("five3020", "five32", "lowFrequencyEnhancement", "multilingual"),
      bitRate: integer(1, 1130),
    }),
  },
  {},
);

const dataProtocol = choice(
  {
    nonStandard,
    v14buffered: nothing,
    v42lapm: nothing,
    hdlcFrameTunnelling: nothing,
    h310SeparateVCStack: nothing,
    h310SingleVCStack: nothing,
    transparent: nothing,
  },
  {
    segmentationAndReassembly: undefined,
    hdlcFrameTunnellingWithSAR: undefined,
    v120: undefined,
    separateLANStack: () => true,
  },
);

const data = sequence({
  application: choice(
    {
      nonStandard,
      t120: dataProtocol,
      dsmCc: dataProtocol,
      userData: dataProtocol,
      t84: closed({
        protocol: dataProtocol,
        profile: choice({
          unrestricted: nothing,
          restricted: sequence({
            ...bits(
              "qcif",
              "cif",
              "ccir601Seq",
              "ccir601Prog",
              "hdtvSeq",
              "hdtvProg",
              "g3MH200x100",
              "g3MH200x200",
            ),
            ...bits("g4MMR200x100", "g4MMR200x200", "jbig200Seq", "jbig200Prog", "jbig300Seq", "jbig300Prog"),
            ...bits("photoLow", "photoMedSeq", "photoMedProg", "photoHighSeq", "photoHighProg"),
          }),
        }),
      }),
      t434: dataProtocol,
      h224: dataProtocol,
      nlpid: closed({ protocol: dataProtocol, data: anyOctets }),
      dsvdControl: nothing,
      h222DataPartitioning: dataProtocol,
    },
    {},
  ),
  maxBitRate: integer(0, 4294967295),
});

const dataType = choice(
  {
    nonStandard,
    nullData: nothing,
    videoData: videoCapability,
    audioData: audioCapability,
    data,
    encryptionData: choice({ nonStandard, h233Encryption: nothing }, {}),
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

export const openLogicalChannel = sequence(
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

export type OpenLogicalChannel = ReturnType<typeof openLogicalChannel>;

const openLogicalChannelAck = sequence(
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

export type OpenLogicalChannelAck = ReturnType<typeof openLogicalChannelAck>;

/** Messages that lead nowhere are not read. */
const passed = nothing;

export const controlMessage = choice(
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
