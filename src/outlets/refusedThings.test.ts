import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SpoolInMemory } from '../../test/playedDelivery.ts'
import type { Spooled } from '../store/history/historyStore.ts'
import { refusedBy, setAside, takeBack } from './refusedThings.ts'

test('what is refused while earlier things are put back is not forgotten', async () => {
  const spool = new SpoolInMemory()
  const row = (number: number): Spooled => ({ number, outlet: 'ops', tries: 0, dueAt: 0, body: `body-${number}` })
  await setAside(spool, 'ops', row(1), 'answers 400', 1)
  const put = spool.spool.bind(spool)
  spool.spool = async (outlet, body, dueAt) => {
    await put(outlet, body, dueAt)
    await setAside(spool, 'ops', row(2), 'answers 413', 2)
  }
  assert.equal(await takeBack(spool, 'ops', 3), 1)
  assert.deepEqual(
    spool.rows.map(({ body }) => body),
    ['body-1'],
  )
  assert.deepEqual(refusedBy(spool, 'ops'), {
    count: 1,
    newest: [{ number: 2, at: 2, says: 'answers 413', body: 'body-2' }],
  })
})
