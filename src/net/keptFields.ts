import { withoutSignInValues } from '../wire/withoutSignInValues.ts'

/** Header fields that a judgement uses; all others stay out of reports. */
const keptFields: ReadonlySet<string> = new Set([
  'server',
  'location',
  'content-type',
  'content-length',
  'www-authenticate',
  'via',
  'x-cache',
  'x-squid-error',
  'proxy-authenticate',
  'proxy-status',
  'x-ms-request-id',
  'x-ms-ests-server',
  'retry-after',
  'date',
  'age',
  'allow',
  'upgrade',
  'sec-websocket-version',
])

const longestField = 500
/** So much is read of a field: of an address far more may be struck out than is left. */
const mostRead = 4 * longestField

/** Of the fields of an answer those that a report keeps, each cut to a length that it bears. Names are in lower case. */
export function keptFieldsOf(
  fields: Iterable<readonly [name: string, value: unknown]>,
): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {}
  for (const [name, value] of fields) {
    if (typeof value !== 'string' || !keptFields.has(name)) continue
    const before = kept[name]
    const shown = name === 'location' ? withoutSignInValues(value, mostRead) : value
    kept[name] = (before === undefined ? shown : `${before}, ${shown}`).slice(0, longestField)
  }
  return kept
}
