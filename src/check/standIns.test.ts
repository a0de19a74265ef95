import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flowOf } from '../../test/observed.ts'
import type { Verdict, VerdictKind } from '../model/verdict.ts'
import { StandIns } from './standIns.ts'

const main = flowOf({ flow: 'main' })
const status = flowOf({ flow: 'status', necessity: 'optional', fallbackFor: 'main' })
const said = (verdict: VerdictKind): Verdict => ({
  verdict,
  confidence: 'certain',
  says: '',
  alternatives: [],
  decidedBy: [],
  learnt: {},
})

test('a flow that stands in waits until all that it stands in for works, and is spared then', async () => {
  const standIns = new StandIns([status, main, main])
  const spared = standIns.isSpared(status)
  standIns.ended(main, [said('open')])
  standIns.ended(main, [said('degraded'), said('open')])
  assert.equal(await spared, true)
})

test('it is asked as soon as one of them fails, or gets no answer for now', async () => {
  const failing = new StandIns([status, main, main])
  failing.ended(main, [said('open'), said('blocked')])
  assert.equal(await failing.isSpared(status), false)
  const silent = new StandIns([status, main])
  silent.silent(main)
  assert.equal(await silent.isSpared(status), false)
  // An answer that comes after all takes nothing back.
  silent.ended(main, [said('open')])
  assert.equal(await silent.isSpared(status), false)
})

test('the same row of another host is another flow', async () => {
  const elsewhere = flowOf({ flow: 'main', from: 'connect02' })
  const standIns = new StandIns([status, elsewhere, main])
  standIns.ended(elsewhere, [said('blocked')])
  standIns.ended(main, [said('open')])
  assert.equal(await standIns.isSpared(status), true)
})

test('what stands in for nothing, or must be closed, is asked at once', async () => {
  const closed = flowOf({ ...status, expect: 'closed' })
  const standIns = new StandIns([main, closed])
  assert.equal(await standIns.isSpared(main), undefined)
  assert.equal(await standIns.isSpared(closed), undefined)
})
