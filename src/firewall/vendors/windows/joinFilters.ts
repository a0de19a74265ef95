import type { Entry } from './entry.ts'
import { kindOf, single } from './entry.ts'

/** What a filter's own fields are beside those that every object of CIM has. */
const common = new Set([
  'instanceid',
  'caption',
  'description',
  'elementname',
  'name',
  'displayname',
  'creationclassname',
  'systemname',
  'systemcreationclassname',
  'policystoresource',
  'policystoresourcetype',
  'status',
])

/**
 * Joins filters with their rules by InstanceID, as the cmdlets mean them. Where an id stands in several stores, the
 * first rule has the first filter of each kind and so on; where the numbers differ, nobody knows which is whose. A
 * filter of a rule that was not exported does nothing.
 */
export function joinFilters(rules: readonly Entry[], filters: readonly Entry[]): readonly Entry[] {
  const byKey = new Map<string, Entry[]>()
  const kindsOf = new Map<string, Set<string>>()
  for (const filter of filters) {
    const id = idOf(filter)
    const kind = [...filter.fields.keys()]
      .filter((name) => !common.has(name))
      .toSorted()
      .join(',')
    const key = `${id}\n${kind}`
    const same = byKey.get(key)
    if (same === undefined) byKey.set(key, [filter])
    else same.push(filter)
    kindsOf.set(id, (kindsOf.get(id) ?? new Set()).add(kind))
  }
  const counts = new Map<string, number>()
  for (const rule of rules) counts.set(idOf(rule), (counts.get(idOf(rule)) ?? 0) + 1)
  const seen = new Map<string, number>()
  return rules.map((rule): Entry => {
    const id = idOf(rule)
    const at = seen.get(id) ?? 0
    seen.set(id, at + 1)
    const fields = new Map(rule.fields)
    const doubts: string[] = [...(rule.doubts ?? [])]
    for (const kind of id === '' ? [] : (kindsOf.get(id) ?? [])) {
      const found = byKey.get(`${id}\n${kind}`) ?? []
      const own = found.length === 1 ? found[0] : found.length === counts.get(id) ? found[at] : undefined
      if (own === undefined) {
        doubts.push(`which of ${found.length} filters of its id is its own`)
        continue
      }
      for (const [name, values] of own.fields) if (!common.has(name) && !rule.fields.has(name)) fields.set(name, values)
    }
    return { ...rule, fields, ...(doubts.length > 0 && { doubts: [...new Set(doubts)] }) }
  })
}

/** Without the store that some exports put behind it. */
function idOf(entry: Entry): string {
  const isRule = kindOf(entry.fields) === 'rule'
  const id = single(entry, 'instanceid') ?? (isRule ? single(entry, 'name') : undefined) ?? ''
  return id.toLowerCase()
}
