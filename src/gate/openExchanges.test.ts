import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpenExchanges } from './openExchanges.ts'

test('a caller has so many open and no more, and others theirs', () => {
  const exchanges = new OpenExchanges(() => 0)
  const [one, two] = [exchanges.open({ caller: 'ada' }, 2), exchanges.open({ caller: 'ada', session: 's' }, 2)]
  assert.ok(one !== undefined && two !== undefined)
  assert.equal(exchanges.open({ caller: 'ada' }, 2), undefined)
  assert.ok(exchanges.open({ caller: 'alex' }, 2))
  one.close()
  one.close()
  assert.ok(exchanges.open({ caller: 'ada' }, 2), 'one has ended')
  assert.equal(exchanges.open({ caller: 'ada' }, 2), undefined, 'and was given back once')
})

test('what is ended counts until it is closed', () => {
  const exchanges = new OpenExchanges(() => 0)
  const opened = exchanges.open({ caller: 'ada', session: 's' }, 1)
  assert.equal(exchanges.end('s'), 1)
  assert.equal(opened?.signal.aborted, true)
  assert.equal(exchanges.open({ caller: 'ada' }, 1), undefined)
  opened?.close()
  assert.ok(exchanges.open({ caller: 'ada' }, 1))
})

test('the end of everything says why', () => {
  const exchanges = new OpenExchanges(() => 0)
  const why = new Error('stopping')
  const opened = exchanges.open({ caller: 'ada' }, 1)
  assert.deepEqual([exchanges.endAll(why), exchanges.size, opened?.signal.reason], [1, 0, why])
})
