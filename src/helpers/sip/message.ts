/** One SIP message (RFC 3261, 3262, 3311): which requests and answers matter, and what they do. */
import type { HelperContext, HelperVerdict } from "../helper.js";
import { ascii, SPACE } from "../text.js";
import { type Requests, SIGNALLING } from "./classes.js";
import { readRegister, readRegisterAnswer } from "./register.js";
import { readDescription } from "./sdp.js";
import {
  endOfDigits,
  type FieldName,
  fieldValue,
  isLetter,
  type Message,
  NOWHERE,
  numberAt,
  standsAt,
} from "./text.js";
import { noteAnswerPort, translateHeader } from "./translate.js";

export type Verdict = HelperVerdict;
type Context = HelperContext<Requests>;

interface Method {
  readonly name: Uint8Array;
  request(message: Message, context: Context, number: number): Verdict;
  answer?(message: Message, context: Context, number: number, code: number): Verdict;
}

const METHODS: readonly Method[] = [
  { name: ascii("INVITE"), request: readInvite, answer: readSessionAnswer },
  { name: ascii("UPDATE"), request: readDescription, answer: readSessionAnswer },
  { name: ascii("ACK"), request: readDescription },
  { name: ascii("PRACK"), request: readDescription, answer: readSessionAnswer },
  { name: ascii("BYE"), request: (_, context) => forgetMedia(context) },
  { name: ascii("REGISTER"), request: readRegister, answer: readRegisterAnswer },
];

const CSEQ: FieldName = { full: ascii("CSeq") };
const ANSWER = ascii("SIP/2.0 ");
const SHORTEST_ANSWER = "SIP/2.0 200".length;

/** Translates the message, too, where that is called for. */
export function readMessage(message: Message, context: Context): Verdict {
  const isAnswer = standsAt(message.bytes, 0, ANSWER);
  const verdict = isAnswer ? readAnswer(message, context) : readRequest(message, context);
  if (!verdict && context.nat) translateHeader(message, context, context.nat, !isAnswer);
  return verdict;
}

function readRequest(message: Message, context: Context): Verdict {
  const { bytes } = message;
  noteAnswerPort(bytes, context);
  const method = METHODS.find(({ name }) => standsAt(bytes, 0, name) && isUri(bytes, name.length));
  if (!method) return undefined;
  const cseq = fieldValue(bytes, 0, CSEQ);
  const number = sequenceNumber(bytes, cseq);
  return number === undefined ? unreadable(bytes, cseq) : method.request(message, context, number);
}

function readAnswer(message: Message, context: Context): Verdict {
  const { bytes } = message;
  if (bytes.length < SHORTEST_ANSWER) return undefined;
  const code = numberAt(bytes, ANSWER.length);
  const cseq = fieldValue(bytes, 0, CSEQ);
  const number = sequenceNumber(bytes, cseq);
  if (!code) return { drop: "cannot get code" };
  if (number === undefined) return unreadable(bytes, cseq);
  const answered = endOfDigits(bytes, cseq) + 1;
  const method = METHODS.find(({ name, answer }) => answer && standsAt(bytes, answered, name));
  return method?.answer?.(message, context, number, code);
}

/** A space and the first letter of a scheme. */
function isUri(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === SPACE && isLetter(bytes[at + 1]);
}

/** There is no number, or one that is too long. */
function unreadable(bytes: Uint8Array, cseq: number): Verdict {
  const none = cseq === NOWHERE || endOfDigits(bytes, cseq) === cseq;
  return { drop: none ? "cannot parse cseq" : "cannot get cseq" };
}

/** Of the request, or of the one that is answered. */
function sequenceNumber(bytes: Uint8Array, value: number): number | undefined {
  return value === NOWHERE ? undefined : numberAt(bytes, value);
}

function readInvite(message: Message, context: Context, number: number): Verdict {
  forgetMedia(context);
  const verdict = readDescription(message, context);
  if (!verdict) context.state.invite = number;
  return verdict;
}

function readSessionAnswer(message: Message, context: Context, number: number, code: number): Verdict {
  if (code >= 100 && code < 300) return readDescription(message, context);
  return context.state.invite === number ? forgetMedia(context) : undefined;
}

function forgetMedia(context: Context): undefined {
  for (const expectation of context.expectations()) {
    if (expectation.class !== SIGNALLING) expectation.remove();
  }
}
