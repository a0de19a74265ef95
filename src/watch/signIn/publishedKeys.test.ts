import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { keyStep, readKeyMemory, readPublishedKeys } from './publishedKeys.ts'

const at = Date.parse('2026-03-28T12:00:00Z')
const hour = 3_600_000

test('the same keys are no news, and what is remembered can be read again', () => {
  const { memory } = keyStep(undefined, { at, keys: { a: '1' } })
  assert.deepEqual(readKeyMemory(JSON.stringify(memory)), memory)
  assert.equal(keyStep(memory, { at: at + hour, keys: { a: '1' } }).news, undefined)
})

test('another key under the same id is grave: gates hold the one before', () => {
  const { memory } = keyStep(undefined, { at, keys: { a: '1' } })
  const { news } = keyStep(memory, { at: at + hour, keys: { a: '2' } })
  assert.ok(news !== undefined && news !== 'over')
  assert.equal(news.severity, 'high')
  assert.match(news.says, /another key under the id a/)
})

test('a key that still signs and is no longer published is about to vanish from gates, and it is said when', () => {
  const { memory } = keyStep(undefined, { at, keys: { a: '1', b: '1' } })
  const { news } = keyStep(memory, { at: at + hour, keys: { b: '1' }, signedBy: 'a' })
  assert.ok(news !== undefined && news !== 'over')
  assert.match(news.says, /the gate knows it until 2026-03-29T12:00:00.000Z/)
})

test('whatever is published or remembered is read without a fault, and bounded', async () => {
  await fc.assert(
    fc.asyncProperty(fc.anything(), fc.string(), async (document, text) => {
      const keys = await readPublishedKeys({ keys: [document, document] })
      assert.ok(keys === undefined || Object.keys(keys).length <= 100)
      assert.ok(readKeyMemory(text) === undefined || readKeyMemory(text) !== null)
    }),
  )
})
