/** A number as two octets, the low one first: how Microsoft's protocols write it. */
export function u16(value: number): readonly number[] {
  return [value & 0xff, (value >>> 8) & 0xff]
}

/** A number as four octets, the low one first. */
export function u32(value: number): readonly number[] {
  return [...u16(value & 0xffff), ...u16(value >>> 16)]
}
