import { parseAddress } from '../../../model/cidr.ts'
import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf, unionOf, unknownAddresses } from '../../addresses.ts'
import { mergedNumbers } from '../../numberRanges.ts'
import type { NumberRange } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import type { Members } from './members.ts'
import { doubtsOf } from './members.ts'
import type { Expression } from './syntax.ts'

/** Numbers of which some are sure, and others depend on something. */
export interface Numbers {
  readonly sure: readonly NumberRange[]
  readonly unknowns: readonly Unknown[]
}

/** A number that is written in decimal or hexadecimal digits. */
export function plainNumber(text: string): number | undefined {
  if (!/^(\d{1,10}|0[xX][0-9a-fA-F]{1,8})$/.test(text)) return undefined
  return Number(text)
}

/** Values of a field of numbers; undefined where one of them is none. */
export function numbersOf(
  { elements, unknowns }: Members,
  named: (name: string) => number | undefined,
  most: number,
): Numbers | undefined {
  const sure: NumberRange[] = []
  const open: Unknown[] = [...unknowns]
  for (const element of elements) {
    const range = numberRangeOf(element.key, named, most)
    if (range === undefined) return undefined
    const doubts = doubtsOf(element)
    if (doubts.length > 0) open.push(...doubts)
    else sure.push(...range)
  }
  return { sure: mergedNumbers(sure), unknowns: open }
}

function numberRangeOf(
  key: Expression,
  named: (name: string) => number | undefined,
  most: number,
): readonly NumberRange[] | undefined {
  const one = (expression: Expression): number | undefined => {
    if (expression.kind !== 'word') return undefined
    const value = plainNumber(expression.text) ?? named(expression.text)
    return value === undefined || value > most ? undefined : value
  }
  switch (key.kind) {
    case 'rest':
      return [{ first: 0, last: most }]
    case 'range': {
      const [first, last] = [one(key.first), one(key.last)]
      return first === undefined || last === undefined || last < first ? undefined : [{ first, last }]
    }
    case 'list': {
      const all = key.items.map((item) => numberRangeOf(item, named, most))
      return all.every((item) => item !== undefined) ? all.flat() : undefined
    }
    default: {
      const value = one(key)
      return value === undefined ? undefined : [{ first: value, last: value }]
    }
  }
}

const name = /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/

/** Values of a field of addresses; undefined where one of them is none. A host name is what it resolves to at load. */
export function addressValuesOf({ elements, unknowns }: Members, family: 4 | 6): Addresses | undefined {
  const all = everyOf(family)
  const ranges: AddressRange[] = []
  const open: Addresses[] = unknowns.map((unknown) => unknownAddresses(unknown, [all]))
  for (const element of elements) {
    const range = addressRangeOf(element.key, family)
    const [doubt] = doubtsOf(element)
    if (range !== undefined && doubt === undefined) ranges.push(range)
    else if (range !== undefined && doubt !== undefined) open.push(unknownAddresses(doubt, [range]))
    else if (element.key.kind === 'word' && name.test(element.key.text) && /[A-Za-z]/.test(element.key.text)) {
      const text = element.key.text.toLowerCase()
      const because: Unknown = {
        kind: 'names',
        what: `the addresses that ${text} had when the rules were loaded`,
        names: [{ text, name: text, covers: 'exactly' }],
      }
      open.push(unknownAddresses(because, [all]))
    } else return undefined
  }
  return open.length === 0 ? addressesOf(ranges) : unionOf([addressesOf(ranges), ...open])
}

export function everyOf(family: 4 | 6): AddressRange {
  return { family, first: 0n, last: (1n << (family === 4 ? 32n : 128n)) - 1n }
}

/** An address, prefix or range of a family; undefined for anything else. */
export function addressRangeOf(key: Expression, family: 4 | 6): AddressRange | undefined {
  const one = (expression: Expression): bigint | undefined => {
    const found = expression.kind === 'word' ? parseAddress(expression.text) : undefined
    return found?.family === family ? found.value : undefined
  }
  switch (key.kind) {
    case 'rest':
      return everyOf(family)
    case 'prefix': {
      const bits = family === 4 ? 32 : 128
      const address = one(key.address)
      if (address === undefined || key.length > bits) return undefined
      const size = 1n << BigInt(bits - key.length)
      const first = address - (address % size)
      return { family, first, last: first + size - 1n }
    }
    case 'range': {
      const [first, last] = [one(key.first), one(key.last)]
      return first === undefined || last === undefined || last < first ? undefined : { family, first, last }
    }
    default: {
      const address = one(key)
      return address === undefined ? undefined : { family, first: address, last: address }
    }
  }
}
