import type { Unknown } from '../../unknown.ts'
import type { ConfigNode } from './configTree.ts'
import { entriesOf, firstOf, valuesOf } from './reading.ts'

const week = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

/** What a schedule of a name depends on; undefined: it is always. A name that nothing defines is not always. */
export function schedules(scope: ConfigNode): (name: string) => Unknown | undefined {
  const recurring = new Map(entriesOf(scope, 'firewall schedule recurring').map((entry) => [entry.name, entry]))
  const isKnown = new Set(
    ['onetime', 'group'].flatMap((kind) => entriesOf(scope, `firewall schedule ${kind}`).map(({ name }) => name)),
  )
  return (name) => {
    const entry = recurring.get(name)
    if (entry !== undefined) {
      const days = valuesOf(entry, 'day')
      const isWhole = ['start', 'end'].every((key) => ['00:00', undefined].includes(firstOf(entry, key)))
      if (isWhole && week.every((day) => days.includes(day))) return undefined
      return { kind: 'time', what: `the time: the schedule "${name}"` }
    }
    if (name === 'always') return undefined
    if (isKnown.has(name)) return { kind: 'time', what: `the time: the schedule "${name}"` }
    return { kind: 'reference', what: `the schedule "${name}", which the files do not define` }
  }
}
