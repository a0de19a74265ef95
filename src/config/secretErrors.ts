import type { Path } from './parseYaml.ts'
import type { Placed } from './siteForm.ts'
import { secretKey } from './siteForm.ts'
import { readCredentials } from './siteTexts.ts'

/** The settings that the form of the file leaves to their verb. */
const sections = ['watch']

/** Secrets that stand in clear in `watch:`: what looks like one by its key must say where it is to be found. */
export function secretErrors(value: unknown): readonly Placed[] {
  return entriesOf(value).flatMap(([key, inner]) =>
    typeof key === 'string' && sections.includes(key) ? secretsIn(inner, [key], false) : [],
  )
}

/** @param isSecret whether the key above says so: entries of a list are what their list is */
function secretsIn(value: unknown, path: Path, isSecret: boolean): readonly Placed[] {
  if (typeof value === 'string' || typeof value === 'number') {
    const read = readCredentials(String(value))
    return !isSecret || 'ok' in read ? [] : [{ path, on: 'value', ...read }]
  }
  return entriesOf(value).flatMap(([key, inner]) =>
    secretsIn(inner, [...path, key], typeof key === 'number' ? isSecret : secretKey.test(key)),
  )
}

function entriesOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return [...value.entries()]
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}
