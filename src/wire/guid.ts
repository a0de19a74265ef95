import { u16, u32 } from './littleEndian.ts'

/** Octets of a GUID, which is a UUID under Microsoft's name. */
export const guidLength = 16

/**
 * The octets of a GUID as Microsoft's protocols carry it (MS-DTYP §2.3.4.2): the first three groups are numbers with
 * the low octet first, the other two stand as they are written.
 *
 * @param text `e1af8308-5d1f-11c9-91a4-08002b14a0fa`, in either case
 * @throws RangeError when the text is no GUID
 */
export function octetsOfGuid(text: string): Uint8Array {
  const match = /^([\da-f]{8})-([\da-f]{4})-([\da-f]{4})-([\da-f]{4})-([\da-f]{12})$/i.exec(text)
  if (match === null) throw new RangeError(`a GUID is written in groups of 8, 4, 4, 4 and 12 digits, not ${text}`)
  const [, low = '', middle = '', high = '', clock = '', node = ''] = match
  const asWritten = (clock + node).match(/../g) ?? []
  return Uint8Array.from([
    ...u32(Number.parseInt(low, 16)),
    ...u16(Number.parseInt(middle, 16)),
    ...u16(Number.parseInt(high, 16)),
    ...asWritten.map((pair) => Number.parseInt(pair, 16)),
  ])
}

/**
 * The text of the GUID in the first 16 octets, in lower case; undefined where there are fewer.
 *
 * @param littleEndian false where numbers come with the high octet first, as DCE/RPC lets a server send them
 */
export function guidText(octets: Uint8Array, littleEndian = true): string | undefined {
  if (octets.length < guidLength) return undefined
  const view = new DataView(octets.buffer, octets.byteOffset, guidLength)
  const digits = (value: number, width: number): string => value.toString(16).padStart(width, '0')
  return [
    digits(view.getUint32(0, littleEndian), 8),
    digits(view.getUint16(4, littleEndian), 4),
    digits(view.getUint16(6, littleEndian), 4),
    digits(view.getUint16(8), 4),
    digits(view.getUint16(10), 4) + digits(view.getUint32(12), 8),
  ].join('-')
}
