import { isLoopback, isPrivate, parseAddress } from '../model/cidr.ts'
import type { NameLookup } from '../model/observation.ts'

/** A control resolver outside must not be able to send probes into the inside: only public answers are dialled, or like for like. */
export function dialableControl(address: string, lookup: Pick<NameLookup, 'answers'>): boolean {
  const parsed = parseAddress(address)
  if (parsed === undefined) return false
  const inside = (text: string): boolean => {
    const other = parseAddress(text)
    return other !== undefined && (isLoopback(other) || isPrivate(other))
  }
  return !inside(address) || lookup.answers.some(inside)
}
