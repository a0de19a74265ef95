import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { checklist } from './checklist.ts'

/** Numbers of the requirements of a section, by how many it has. */
const sections: Readonly<Record<string, number>> = {
  '7.1': 3,
  '7.2': 4,
  '7.3': 2,
  '7.4': 5,
  '7.5': 3,
  '7.6': 2,
  '9.1': 3,
  '9.2': 4,
  '10.1': 2,
  '10.2': 3,
  '10.3': 5,
  '10.4': 16,
  '10.5': 5,
  '10.6': 2,
  '10.7': 3,
  '12.1': 5,
  '12.2': 2,
  '12.3': 5,
  '16.1': 1,
  '16.2': 5,
  '16.3': 4,
  '16.4': 3,
  '16.5': 4,
}

const practices = ['2.1', '2.1.1', '2.1.2', '2.2.1', '2.2.2', '2.3', '2.4', '2.5', '2.6']

test('each section of RFC 9700 and each requirement of the chapters stands once', () => {
  const numbers = Object.entries(sections).flatMap(([section, count]) =>
    Array.from({ length: count }, (_, at) => `ASVS ${section}.${at + 1}`),
  )
  const attacks = Array.from({ length: 17 }, (_, at) => `4.${at + 1}`)
  const wanted = [...[...practices, ...attacks].map((section) => `RFC 9700 ${section}`), ...numbers]
  assert.deepEqual(checklist.map(({ id }) => id).toSorted(), wanted.toSorted())
})

/** Whether a text of code has a name as a whole string, however it is quoted. */
const names = (code: string, name: string): boolean =>
  ["'", '`', '"'].some((quote) => code.includes(`${quote}${name}${quote}`))

for (const item of checklist) {
  if ('shownBy' in item) {
    test(`${item.id} is shown by tests that are there: ${item.asks}`, async () => {
      const places = Object.entries(item.shownBy)
      assert.ok(places.some(([, rows]) => rows.length > 0))
      for (const [file, rows] of places) {
        assert.match(file, /(\.test|Rows)\.ts$/)
        const code = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8')
        for (const row of rows) assert.ok(names(code, row), `${file} has no test ${row}`)
      }
    })
  } else {
    test(`${item.id} is left out with its reason: ${item.asks}`, () => {
      assert.match(item.because, /^.{12,}\.$/)
    })
  }
}
