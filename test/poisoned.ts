/**
 * Keys whose values are times, or words of a closed vocabulary, chosen by Postern and not by the network: everything else
 * in a report may have come from outside.
 */
const vocabulary = new Set([
  'alternatives',
  'anchoredIn',
  'at',
  'cause',
  'change',
  'cloud',
  'confidence',
  'direction',
  'expect',
  'features',
  'fromRole',
  'group',
  'judgedAt',
  'kind',
  'limit',
  'method',
  'necessity',
  'outcome',
  'owner',
  'phase',
  'resolverRole',
  'role',
  'service',
  'severity',
  'startedAt',
  'state',
  'toRole',
  'transport',
  'type',
  'varies',
  'verdict',
])

/** A report in which every free text, and every key that is one, has a hostile text in it. */
export function poisoned(report: unknown, hostile: string): unknown {
  if (typeof report === 'string') return `${report}${hostile}`
  if (Array.isArray(report)) return report.map((element) => poisoned(element, hostile))
  if (typeof report !== 'object' || report === null) return report
  const isFreeKey = (key: string) => key === 'learnt' || key === 'names' || key === 'members' || key === 'headers'
  return Object.fromEntries(
    Object.entries(report).map(([key, value]) => {
      if (isFreeKey(key)) return [key, poisonedKeys(value, hostile)]
      // A certificate says by the same key where it was had.
      if (vocabulary.has(key) || (key === 'from' && 'sha256' in report)) return [key, value]
      return [key, poisoned(value, hostile)]
    }),
  )
}

function poisonedKeys(record: unknown, hostile: string): unknown {
  if (typeof record !== 'object' || record === null) return record
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key + hostile, poisoned(value, hostile)]))
}
