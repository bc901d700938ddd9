/** Numbers that nobody outside can foretell: SipHash, with the engine's key, of a counter. */
import { setWord, sipHashWords } from "./sip-hash";

const counter: usize = memory.data(8, 8);

/** Apart from everything else that is hashed: no message has this length. */
const PURPOSE: u64 = (<u64>0xff) << 56;

export function randomNumber(): u32 {
  const n = load<u64>(counter) + 1;
  store<u64>(counter, n);
  setWord(0, n);
  setWord(1, PURPOSE);
  return <u32>sipHashWords(2);
}
