import { areUnrelated, organisation } from '../diagnose/names.ts'
import type { NameLookup } from '../model/observation.ts'

/**
 * What the look-ups of other names tell of one that came to nothing: those that were answered, and unrelated ones that
 * failed or were denied. One an organisation, since the domain of the site beside the names outside tells whether a
 * resolver gets out.
 *
 * @param lookups those of the whole check, in their order
 */
export function contextOfName(lookups: readonly NameLookup[], name: string): readonly NameLookup[] {
  const others = lookups.filter((lookup) => lookup.name !== name)
  const answered = others.filter(({ outcome }) => outcome === 'answer')
  const unrelated = others.filter((one) => areUnrelated(one.name, name))
  const failed = unrelated.filter(({ outcome }) => outcome === 'server-failure' || outcome === 'timeout')
  // Who denies a name without being its server was told so by another one.
  const handedOn = unrelated.filter((one) => one.outcome === 'name-error' && one.authoritative !== true)
  const shown = [
    ...answered.slice(0, 2),
    ...onePerOrganisation(answered, 3),
    ...onePerOrganisation(failed, 2),
    ...handedOn.slice(0, 1),
  ]
  return [...new Set(shown)]
}

/** The first of each organisation, in the order given. */
function onePerOrganisation(lookups: readonly NameLookup[], most: number): readonly NameLookup[] {
  const first = new Map<string, NameLookup>()
  for (const lookup of lookups) {
    const owner = organisation(lookup.name)
    if (!first.has(owner)) first.set(owner, lookup)
    if (first.size === most) break
  }
  return [...first.values()]
}
