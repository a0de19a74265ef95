import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { readFileSync, writeFileSync } from 'node:fs'

/**
 * Holds text to a committed file, octet by octet. `POSTERN_GOLDEN=write` writes the file instead: then read the
 * difference as you would read any other change.
 */
export function assertGolden(actual: string, file: URL): void {
  if (process.env['POSTERN_GOLDEN'] === 'write') {
    writeFileSync(file, actual)
    return
  }
  const expected = readFileSync(file)
  if (expected.equals(Buffer.from(actual))) return
  assert.equal(actual, expected.toString(), `not as in ${file.pathname}: POSTERN_GOLDEN=write accepts what is new`)
  assert.fail(`not octet by octet as in ${file.pathname}`)
}
