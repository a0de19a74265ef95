import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Alteration, Fault } from '../src/lab/index.ts'
import { faults, oddities } from '../src/lab/index.ts'
import { played } from './realPlayed.ts'

const rows: readonly (Alteration<keyof typeof played> & Partial<Pick<Fault, 'expect'>>)[] = [...faults, ...oddities]

test('every row of the lab is played by a server that is not ours, or it is said why by none', () => {
  assert.deepEqual(rows.map(({ id }) => id).toSorted(), Object.keys(played).toSorted())
})

test('what a test file is said to play stands in it: the row by its id, or the cause that it must lead to', () => {
  for (const { id, expect } of rows) {
    const how = played[id]
    if ('not' in how) continue
    const text = readFileSync(new URL(how.in, import.meta.url), 'utf8')
    const comparesRows = text.includes('faultNamed(')
    const mark = comparesRows ? `id: '${id}'` : (expect?.cause ?? 'open')
    assert.ok(text.includes(mark), `${how.in} says nothing of ${id}: ${mark}`)
  }
})

test('no test file plays a row of which the table says something else', () => {
  for (const file of ['realTls.test.ts', 'realResolvers.test.ts']) {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8')
    const ids = [...text.matchAll(/\bid: '([a-z-]+)'/g)].map(([, id = '']) => id)
    const other = ids.filter(
      (id) => JSON.stringify(Object.entries(played).find(([one]) => one === id)?.[1]) !== JSON.stringify({ in: file }),
    )
    assert.deepEqual(other, [], file)
  }
})

test('at least 45 faults are played by servers that are not ours', () => {
  const count = faults.filter(({ id }) => 'in' in played[id]).length
  assert.ok(count >= 45, `only ${count}`)
})
