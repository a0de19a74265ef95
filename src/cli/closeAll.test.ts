import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closeAll } from './closeAll.ts'

test('all that was opened is ended, the last one first, whatever some of them throw, and once', async () => {
  const ended: string[] = []
  const part = (name: string, error?: string) => async () => {
    await undefined
    ended.push(name)
    if (error !== undefined) throw new Error(error)
  }
  const opened = [part('record'), part('sessions', 'full'), part('backends', 'busy'), part('listener')]
  const errors = await closeAll(opened)
  assert.deepEqual(ended, ['listener', 'backends', 'sessions', 'record'])
  assert.deepEqual(
    errors.map((error) => error instanceof Error && error.message),
    ['busy', 'full'],
  )
  assert.deepEqual(await closeAll(opened), [])
  assert.equal(ended.length, 4)
})
