import type { ReadingHints } from '../../reader.ts'
import type { Place, Rule } from '../../ruleset.ts'

/** Interfaces that rules name, with what the user says lies behind them; the loopback interface carries what a machine sends itself. */
export function placesOf(chains: Readonly<Record<string, readonly Rule[]>>, hints: ReadingHints): readonly Place[] {
  const names = new Set<string>(Object.keys(hints.places))
  for (const rules of Object.values(chains)) {
    for (const { match } of rules) {
      for (const places of [match.in, match.out]) {
        for (const name of places?.names ?? []) if (!name.endsWith('*')) names.add(name)
      }
    }
  }
  return [...names].map((name) => {
    const networks = Object.hasOwn(hints.places, name) ? hints.places[name] : undefined
    return { name, kind: 'interface', ...(networks !== undefined && { networks }) }
  })
}
