import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { durably, lazily } from './transactions.ts'

function opened(t: TestContext) {
  const database = new DatabaseSync(':memory:')
  t.after(() => database.close())
  database.exec('PRAGMA synchronous=FULL; CREATE TABLE t (a)')
  const flushes = () => database.prepare('PRAGMA synchronous').get()?.['synchronous']
  const count = () => database.prepare('SELECT count(*) AS n FROM t').get()?.['n']
  const write = () => void database.exec('INSERT INTO t VALUES (1)')
  return { database, flushes, count, write }
}

test('what must survive the power is flushed (2, FULL), what must not is not (1, NORMAL), one after the other', (t) => {
  const { database, flushes } = opened(t)
  assert.equal(durably(database, flushes), 2)
  assert.equal(lazily(database, flushes), 1)
  assert.equal(durably(database, flushes), 2)
  assert.throws(() =>
    lazily(database, () => {
      throw new Error('no')
    }),
  )
  assert.equal(flushes(), 2)
})

test('all of it is written, or nothing', (t) => {
  const { database, count, write } = opened(t)
  durably(database, write)
  for (const way of [durably, lazily]) {
    assert.throws(() =>
      way(database, () => {
        write()
        throw new Error('no')
      }),
    )
  }
  assert.equal(count(), 1)
  assert.equal(database.isTransaction, false)
})
