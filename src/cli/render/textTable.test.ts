import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { columnsOf } from './columns.ts'
import { plain } from './plain.ts'
import { rowLayout, textTable, textTables } from './textTable.ts'

const wide = { width: Number.POSITIVE_INFINITY, indent: 2, colour: false }
const cells = (...texts: readonly string[]) => texts.map((text) => ({ text }))

test('columns stand below each other, numbers at the right, nothing trails', () => {
  const lines = textTable(
    [{}, { align: 'right' }, {}],
    [cells('tcp/443', '41 ms', 'open'), cells('udp/53', '1.2 ms', '')],
    wide,
  )
  assert.deepEqual(lines, ['  tcp/443   41 ms  open', '  udp/53   1.2 ms'])
})

test('a wide name counts by its columns', () => {
  assert.deepEqual(textTable([{}, {}], [cells('東京', 'a'), cells('abcd', 'b')], wide), ['  東京  a', '  abcd  b'])
})

test('a column that is empty throughout is left out', () => {
  assert.deepEqual(textTable([{}, {}, {}], [cells('a', '', 'b')], wide), ['  a  b'])
})

test('a name too wide for the page takes two lines, and is cut in its middle only then', () => {
  const lines = textTable([{ least: 10 }, {}], [cells('login.microsoftonline.com', 'x')], { ...wide, width: 25 })
  assert.deepEqual(lines, ['  login.                x', '  microsoftonline.com'])
  const cut = textTable([{ least: 10 }, {}], [cells('x'.repeat(40), 'y')], { ...wide, width: 15 })
  assert.deepEqual(cut, ['  xxxxxxxx..  y', '  .xxxxxxxx'])
})

test('prose moves below its row when little room is left, and minor prose goes', () => {
  const columns = [{}, { prose: true }]
  const rows = [
    [{ text: 'tcp/443' }, { text: 'what it is for, in a sentence' }],
    [{ text: 'tcp/80' }, { text: 'as above', minor: true }],
  ]
  assert.deepEqual(textTable(columns, rows, { ...wide, width: 30 }), [
    '  tcp/443',
    '      what it is for, in a',
    '      sentence',
    '  tcp/80',
  ])
  assert.deepEqual(textTable(columns, rows, { ...wide, width: 60 }), [
    '  tcp/443  what it is for, in a sentence',
    '  tcp/80   as above',
  ])
})

test('tables that are set together have the same columns', () => {
  const [one, other] = textTables([{}, {}], [[cells('a', 'b')], [cells('longer', 'c')]], wide)
  assert.deepEqual([one, other], [['  a       b'], ['  longer  c']])
})

test('a page too narrow for columns has running rows, without headings', () => {
  const heading = [
    { text: 'port', minor: true },
    { text: 'name', minor: true },
  ]
  const lines = textTable([{}, {}], [heading, cells('tcp/49152-65535', 'dc01.corp.example')], { ...wide, width: 24 })
  assert.deepEqual(lines, ['  tcp/49152-65535', '  dc01.corp.example'])
})

test('colour changes no column', () => {
  const rows = [[{ text: 'blocked', style: 'bad' as const }, { text: 'x' }]]
  const [line] = textTable([{}, {}], rows, { ...wide, colour: true })
  assert.equal(line, '  \u001b[1;31mblocked\u001b[0m  x')
})

test('no table is wider than the page while its narrowest columns fit', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.domain(), fc.lorem()), { minLength: 1 }),
      fc.integer({ min: 40, max: 120 }),
      (rows, width) => {
        const plainRows = rows.map((row) => cells(...row.map(plain)))
        const lines = textTable([{ least: 10 }, { least: 16 }, { prose: true }], plainRows, { ...wide, width })
        for (const line of lines) {
          assert.ok(columnsOf(line) <= width, `${columnsOf(line)} > ${width}: ${line}`)
          assert.doesNotMatch(line, / $/)
        }
      },
    ),
  )
})

test('a row at a time is laid out as in the table of all, the prose of which is not looked at before', () => {
  const columns = [{}, { least: 10 }, { align: 'right' as const }, { prose: true }]
  const rows = [
    cells('tcp/443', 'login.microsoftonline.com', '41 ms', 'what it is for, in a sentence'),
    cells('udp/53', 'dc01', '1.2 ms', 'names'),
  ]
  for (const width of [30, 60, 90, Number.POSITIVE_INFINITY]) {
    const frame = { ...wide, width }
    const linesOf = rowLayout(
      columns,
      rows.values().map((row) => row.slice(0, 3)),
      frame,
    )
    assert.deepEqual(rows.flatMap(linesOf), textTable(columns, rows, frame))
  }
})
