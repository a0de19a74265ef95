import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { aliasRows, meantBy, nearInMeaning } from './aliases.ts'

test('another name means one row, in any letter case and with any space', () => {
  const asked = aliasRows.flatMap((row) => row.asked)
  assert.equal(new Set(asked).size, asked.length)
  for (const { asked: names, means } of aliasRows) {
    for (const name of names) {
      assert.equal(name, name.toLowerCase().trim().replace(/\s+/g, ' '))
      assert.deepEqual(meantBy(` ${name.toUpperCase().replaceAll(' ', '  ')} `), means)
    }
  }
  assert.deepEqual(meantBy('kerberos'), [])
})

test('a word of another name is near in meaning, the name that shares most of them first; common words are not', () => {
  assert.equal(nearInMeaning('how to reset my password')[0], 'password-writeback')
  assert.deepEqual(nearInMeaning('microsoft azure server'), [])
})

test('any text is read without fail', () => {
  fc.assert(fc.property(fc.string(), (text) => void [meantBy(text), nearInMeaning(text)]))
  assert.deepEqual(nearInMeaning('x'.repeat(1_000_000)), [])
})
