/** What a logical channel of H.245 carries. */
import {
  anyOctets,
  boolean,
  choice,
  closed,
  integer,
  nothing,
  type Optional,
  objectIdentifier,
  optional,
  type Passed,
  sequence,
  type Type,
} from "./per.js";

export const nonStandard: Passed = closed({
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

const bits = (...names: string[]) => Object.fromEntries(names.map((name) => [name, boolean]));
/** A number that may be missing. */
export const upTo = (max: number, min = 0): Optional<number> => optional(integer(min, max));
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

/** What a channel carries: of data, whether it comes by a connection of its own. */
export interface DataType {
  readonly data?: {
    readonly application: { readonly t120?: { readonly separateLANStack?: boolean | undefined } };
  };
}

export const dataType: Type<DataType> = choice(
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
