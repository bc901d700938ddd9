import { expect, it } from "vitest";
import { CaptureFuzz } from "./captures.js";

const FILES = 200;

it(`${FILES} damaged captures are tracked as far as they can be read`, async () => {
  const fuzz = new CaptureFuzz(20_261);
  for (let n = 0; n < FILES; n++) await fuzz.next();
  expect(fuzz.whole).toBeGreaterThan(FILES / 20);
  expect(fuzz.damaged).toBeGreaterThan(FILES / 20);
  expect(fuzz.packets).toBeGreaterThan(50 * FILES);
});
