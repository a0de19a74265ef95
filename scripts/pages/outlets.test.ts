import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outlets } from '../../src/outlets/index.ts'
import type { OutletRow } from '../../src/outlets/outlet.ts'
import { outletsPage, settingCells } from './outlets.ts'

test('the page has a section for each outlet, and in it a line for each of its settings', () => {
  const [, ...sections] = outletsPage().split(/^## /m)
  const rows: readonly (readonly [string, OutletRow])[] = Object.entries(outlets)
  assert.deepEqual(
    sections.map((section) => section.split('\n')[0]),
    rows.map(([kind]) => kind),
  )
  for (const [at, [, { settings }]] of rows.entries()) {
    for (const key of Object.keys(settings)) assert.ok(sections[at]?.includes(`\n| \`${key}\` | `), key)
  }
})

test('a number has its unit, its range and what is usual; a port has no commas', () => {
  const cells = settingCells('keep', { kind: 'count', unit: 'files', least: 1, most: 10_000, usual: 2000, what: 'A.' })
  assert.deepEqual(cells, ['`keep`', 'files', '1 to 10,000', '`2,000`', 'A.'])
  const port = settingCells('port', { kind: 'count', unit: 'port', least: 1, most: 65_535, usual: 6514, what: 'A.' })
  assert.deepEqual(port.slice(2, 4), ['1 to 65535', '`6514`'])
})
