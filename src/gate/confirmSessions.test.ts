import assert from 'node:assert/strict'
import { test } from 'node:test'
import { confirmSessions } from './confirmSessions.ts'

const names = (count: number): ReadonlySet<string> => new Set(Array.from({ length: count }, (_, at) => `s${at}`))
/** Whatever follows from promises alone has happened by then. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a session that is slow to confirm keeps no other one waiting', async () => {
  const slow = Promise.withResolvers<boolean>()
  const ended: string[] = []
  const confirm = confirmSessions(
    () => names(40),
    (session) => (session === 's0' ? slow.promise : Promise.resolve(session !== 's39')),
    (session) => void ended.push(session),
  )
  const pass = confirm()
  await turn()
  assert.deepEqual(ended, ['s39'])
  slow.resolve(true)
  await pass
  assert.deepEqual(ended, ['s39'])
})

test('sixteen are asked about at once, and a pass is not begun while one goes on', async () => {
  const answers: PromiseWithResolvers<boolean>[] = []
  const confirm = confirmSessions(
    () => names(17),
    () => {
      const answer = Promise.withResolvers<boolean>()
      answers.push(answer)
      return answer.promise
    },
    () => {},
  )
  const first = confirm()
  assert.equal(confirm(), first)
  assert.equal(answers.length, 16)
  for (const answer of answers) answer.resolve(true)
  await turn()
  assert.equal(answers.length, 17)
  answers.at(-1)?.resolve(true)
  await first
  void confirm()
  assert.equal(answers.length, 33, 'the next pass asks anew')
})

test('what cannot be told ends', async () => {
  const ended: string[] = []
  const confirm = confirmSessions(
    () => names(2),
    async (session) => {
      if (session === 's1') throw new Error('no answer')
      return true
    },
    (session) => void ended.push(session),
  )
  await confirm()
  assert.deepEqual(ended, ['s1'])
})
