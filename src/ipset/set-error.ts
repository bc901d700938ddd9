import { SourceError, type Word } from "../text/source.js";

export function setError(place: Word, problem: string, expected?: string): SourceError {
  return new SourceError("CT_BAD_SET", place, problem, expected);
}

export function badValue(place: Word, expected: string): SourceError {
  const text = place.text.length > 80 ? `${place.text.slice(0, 80)}...` : place.text;
  return setError(
    place,
    place.text === "" ? "nothing stands here" : `${JSON.stringify(text)} cannot stand here`,
    expected,
  );
}
