/** Extension headers of IPv6 (RFC 8200 section 4, AH: RFC 4302). */
import { ExtensionHeader, Protocol } from "../shared/protocol";
import { FRAGMENT_HEADER } from "./header-size";

// @ts-ignore: decorator
@inline
export function isExtension(header: u32): bool {
  return (
    header == ExtensionHeader.HOP_BY_HOP ||
    header == ExtensionHeader.ROUTING ||
    header == ExtensionHeader.FRAGMENT ||
    header == ExtensionHeader.DESTINATION ||
    header == Protocol.AH
  );
}

/** Bytes of the extension header of a kind at an address. */
// @ts-ignore: decorator
@inline
export function extensionLength(header: u32, at: usize): u32 {
  if (header == ExtensionHeader.FRAGMENT) return FRAGMENT_HEADER;
  const units = <u32>load<u8>(at, 1);
  return header == Protocol.AH ? (units + 2) << 2 : (units + 1) << 3;
}
