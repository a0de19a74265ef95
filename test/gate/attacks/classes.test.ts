import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { classes } from './classes.ts'

const textOf = (file: string): Promise<string> =>
  readFile(new URL(file.includes('/') ? `../../../${file}` : file, import.meta.url), 'utf8')

for (const { hole, shownBy } of classes) {
  test(`two tests or more show that the gate has no hole of this class: ${hole}`, async () => {
    const rows = Object.entries(shownBy).flatMap(([file, names]) => names.map((name) => [file, name] as const))
    assert.ok(rows.length >= 2)
    for (const [file, name] of rows) {
      const text = await textOf(file)
      const isThere = [`'${name}'`, `'${name.replaceAll('\\', '\\\\')}'`].some((written) => text.includes(written))
      assert.ok(isThere, `${file} has no test ${name}`)
    }
  })
}

test('no class stands twice', () => {
  assert.equal(new Set(classes.map(({ hole }) => hole)).size, classes.length)
})
