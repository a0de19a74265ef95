import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { junosStatements } from './statements.ts'

const wordsOf = (text: string): readonly string[] =>
  junosStatements({ name: 'a', text }).statements.map(({ words }) => words.join(' '))

test('what is deleted or deactivated is gone with all that stands below it, and what comes later stays', () => {
  const command = fc.record({
    is: fc.constantFrom('set', 'set', 'set', 'delete', 'deactivate'),
    words: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
  })
  fc.assert(
    fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
      let left: readonly (readonly string[])[] = []
      for (const { is, words } of commands) {
        if (is === 'set') left = [...left, words]
        else left = left.filter((known) => !words.every((word, at) => known[at] === word))
      }
      const text = ['set first', ...commands.map(({ is, words }) => [is, ...words].join(' '))].join('\n')
      const isFirstKept = commands.every(({ is, words }) => is === 'set' || words.length > 0)
      assert.deepEqual(wordsOf(text), [...(isFirstKept ? ['first'] : []), ...left.map((words) => words.join(' '))])
    }),
  )
})

test('a hundred thousand statements and as many that delete others come to an end', () => {
  const lines = Array.from({ length: 100_000 }, (_, at) => `set applications application a${at} protocol tcp\n`)
  const gone = Array.from({ length: 100_000 }, (_, at) => `delete applications application b${at}\n`)
  assert.equal(wordsOf([...lines, ...gone].join('')).length, 100_000)
})
