import assert from 'node:assert/strict'
import { formatConfigErrors } from '../src/config/configError.ts'
import { parseSite } from '../src/config/parseSite.ts'

/** What is said of a site file that is wrong, a line each. */
export function linesFor(text: string): readonly string[] {
  const parsed = parseSite(text, 'site.yaml')
  assert.ok('errors' in parsed, 'the text was read as a site')
  return formatConfigErrors(parsed.errors)
}
