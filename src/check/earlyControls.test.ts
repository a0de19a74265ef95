import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filed, flowOf, tcp } from '../../test/observed.ts'
import type { Observation } from '../model/observation.ts'
import type { Limits } from '../net/net.ts'
import type { Question } from '../probes/probe.ts'
import type { EarlyTools } from './earlyControls.ts'
import { EarlyControls, silentAfter } from './earlyControls.ts'
import type { Item } from './items.ts'

test('a question counts as silent after half of its wait, and sooner where a comparison needs more than the other half', () => {
  assert.deepEqual(
    [3000, 2400, 2000, 1800].map((timeoutMs) => silentAfter(timeoutMs)),
    [1500, 1200, 800, 600],
  )
})

test('where a comparison would have no time for a lost segment, or a datagram none for its repeat, it follows the wait', () => {
  assert.deepEqual(
    [1799, 1000, 50].map((timeoutMs) => silentAfter(timeoutMs)),
    [undefined, undefined, undefined],
  )
})

test('what is compared with is given the time in which a refusal is believed', () => {
  assert.equal(silentAfter(3000, 2200), undefined)
  assert.equal(silentAfter(4399, 2200), undefined)
  assert.equal(silentAfter(4400, 2200), 2200)
  assert.equal(silentAfter(3000, 5), 1500)
})

/** An item that goes to a port, with the question of it. */
function itemAt(port: number): Item & { readonly question: Question } {
  const question = { scheme: 'tcp', address: '10.1.0.5', port, transport: 'tcp' } as const
  return { flow: flowOf(), names: [], question, limits: [], otherAddresses: [], beside: [] }
}

const seenAs = (outcome: 'timeout' | 'refused' | 'connected'): readonly Observation[] => filed([tcp(outcome)])

/** Early controls of so many flows, each of one item; what was asked is written down with its symptom. */
function early(items: readonly Item[], ask: () => Promise<readonly Observation[]> = async () => []) {
  const asked: string[] = []
  const within: Limits[] = []
  const check = new AbortController()
  const tools: EarlyTools = {
    limits: { timeoutMs: 3000, signal: check.signal },
    flows: items.length,
    keyOf: ({ question }) => String(question?.port),
    ask: (_, { port }, { connect }, limits) => {
      asked.push(`${port} ${connect?.outcome}`)
      within.push(limits)
      return ask()
    },
  }
  const controls = new EarlyControls(tools)
  for (const item of items) controls.resolved([item])
  return { controls, asked, within, check }
}

test('a silent question is compared once, in what is left of its wait, and that is used where it ends in silence', async () => {
  const item = itemAt(636)
  const seen = seenAs('refused')
  const { controls, asked, within } = early([item], async () => seen)
  controls.silent(item, item.question)
  controls.silent(item, item.question)
  assert.deepEqual(asked, ['636 timeout'])
  assert.equal(within[0]?.timeoutMs, 1500)
  assert.equal(await controls.of(item, seenAs('timeout')), seen)
  assert.equal(controls.of(item, seenAs('connected')), undefined)
  assert.equal(controls.of(itemAt(389), seenAs('timeout')), undefined)
})

test('what failed is compared once nothing but silence is awaited, and not before', async () => {
  const [silent, failed, slow] = [itemAt(636), itemAt(389), itemAt(88)]
  const { controls, asked } = early([silent, failed, slow])
  controls.ended(failed, seenAs('refused'), true)
  controls.silent(silent, silent.question)
  assert.deepEqual(asked, ['636 timeout'])
  controls.ended(slow, seenAs('connected'))
  assert.deepEqual(asked, ['636 timeout', '389 refused'])
  assert.ok(controls.of(failed, seenAs('refused')))
})

test('where nobody waits in vain nothing is compared early', () => {
  const [failed, open] = [itemAt(389), itemAt(88)]
  const { controls, asked } = early([failed, open])
  controls.ended(failed, seenAs('refused'), true)
  controls.ended(open, seenAs('connected'))
  assert.deepEqual(asked, [])
})

test('what must be closed is not compared early', () => {
  const open = itemAt(636)
  const item = { ...open, flow: flowOf({ expect: 'closed' }) }
  const { controls, asked } = early([item])
  controls.silent(item, open.question)
  assert.deepEqual(asked, [])
})

test('comparing a silent question ends with its answer, and no other with it', () => {
  const [late, silent] = [itemAt(636), itemAt(389)]
  const { controls, within } = early([late, silent])
  controls.silent(late, late.question)
  controls.silent(silent, silent.question)
  const ended = () => within.map(({ signal }) => signal.aborted)
  controls.ended(silent, seenAs('timeout'), true)
  assert.deepEqual(ended(), [false, false])
  // Another flow that is not compared, to the same place.
  controls.ended({ ...silent, flow: flowOf({ expect: 'closed' }) }, seenAs('timeout'))
  assert.deepEqual(ended(), [false, false])
  controls.ended(late, seenAs('connected'))
  assert.deepEqual(ended(), [true, false])
  controls.end()
  assert.deepEqual(ended(), [true, true])
})

test('comparing early ends with the check', () => {
  const item = itemAt(636)
  const { controls, within, check } = early([item])
  controls.silent(item, item.question)
  check.abort()
  assert.equal(within[0]?.signal.aborted, true)
})

test('a comparison that fails ends nothing but itself, and whoever wants it hears of it', async () => {
  const item = itemAt(636)
  const { controls } = early([item], () => Promise.reject(new Error('a bug')))
  controls.silent(item, item.question)
  // Long enough for the platform to hold it against the process.
  await new Promise((resolve) => setImmediate(resolve))
  await assert.rejects(async () => controls.of(item, seenAs('timeout')), /a bug/)
})
