import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tcp } from '../../test/observed.ts'
import { openLedger } from './ledger.ts'

const { seen } = tcp('connected')

test('what a probe asks besides its question is a control, when the question is repeated too', () => {
  const ledger = openLedger()
  const roles = (['probe', 'repeat', 'control', 'posture'] as const).map((page) => {
    const keep = ledger.page([], page)
    return [keep(seen).role, keep(seen, { role: 'control' }).role, keep(seen, { role: 'repeat' }).role]
  })
  assert.deepEqual(roles, [
    ['probe', 'control', 'repeat'],
    ['repeat', 'control', 'repeat'],
    ['control', 'control', 'control'],
    ['posture', 'posture', 'posture'],
  ])
})
