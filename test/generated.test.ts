import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { generated } from '../scripts/generated.ts'

for (const [file, make] of Object.entries(generated)) {
  test(`${file} says what the code says (npm run generate writes it)`, async () => {
    const written = await readFile(new URL(`../${file}`, import.meta.url), 'utf8')
    assert.equal(written, await make())
  })
}
