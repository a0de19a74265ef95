import type { AddressRange } from '../addresses.ts'
import type { ReadingHints } from '../reader.ts'

/** Hints in which nothing is found but what the user said: a group may well be called `constructor`. */
export function ownPlaces({ places }: ReadingHints): ReadingHints {
  const own: Record<string, readonly AddressRange[]> = Object.create(null)
  for (const [name, ranges] of Object.entries(places)) own[name] = ranges
  return { places: own }
}
