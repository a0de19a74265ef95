import { formatAddress } from '../model/cidr.ts'
import type { AddressRange } from './addresses.ts'
import type { NumberRange } from './ruleset.ts'

/** `any`, an address, a prefix where the range is one, else `first-last`. */
export function rangeText({ family, first, last }: AddressRange): string {
  const width = family === 4 ? 32 : 128
  const size = last - first + 1n
  const from = formatAddress({ family, value: first })
  if (size === 1n) return from
  const bits = size.toString(2).length - 1
  const isPrefix = size === 1n << BigInt(bits) && first % size === 0n
  return isPrefix ? `${from}/${width - bits}` : `${from}-${formatAddress({ family, value: last })}`
}

/** Ranges as a report has them: each by itself, and `any` for all of a family. */
export function rangeTexts(ranges: readonly AddressRange[]): readonly string[] {
  const everything = (range: AddressRange): boolean => /\/0$/.test(rangeText(range))
  const texts = ranges.map((range) => (everything(range) ? 'any' : rangeText(range)))
  return [...new Set(texts)]
}

/** `443`, `49152-65535`. */
export function portTexts(ports: readonly NumberRange[]): readonly string[] {
  return ports.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`))
}

/** `tcp`, `udp`, `icmp`, `icmpv6`, else the number that IANA has for it. */
export function protocolText(protocol: number): string {
  return protocolNames[protocol] ?? String(protocol)
}

const protocolNames: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6' }
