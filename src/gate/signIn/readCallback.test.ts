import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readCallback } from './readCallback.ts'

const state = 'S'.repeat(43)

test('a code and an error are read, with issuer and number', () => {
  assert.deepEqual(readCallback(`code=0.AXoA-_b&state=${state}&session_state=x`), {
    state,
    answer: { kind: 'code', code: '0.AXoA-_b' },
  })
  assert.deepEqual(readCallback(`error=access_denied&error_description=AADSTS65004%3A+no&state=${state}&iss=i`), {
    state,
    issuer: 'i',
    answer: { kind: 'error', error: 'access_denied', code: 'AADSTS65004' },
  })
  assert.deepEqual(readCallback(`error=%3Cscript%3E&state=${state}`), {
    state,
    answer: { kind: 'error', error: 'another-error' },
  })
})

test('any text is read without a throw, and what is read of it is bounded and of one shape', () => {
  const piece = fc.oneof(
    fc.constantFrom('code=', 'state=', `state=${state}`, '&', 'error=', 'iss=', 'error_description=AADSTS', '%', '%00'),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const read = readCallback(pieces.join(''))
      if (typeof read === 'string') return
      assert.match(read.state, /^[\w-]{43}$/)
      if (read.answer.kind === 'code') assert.match(read.answer.code, /^[\x21-\x7e]{1,6000}$/)
      else {
        assert.match(read.answer.error, /^[a-z_-]{1,40}$/)
        assert.match(read.answer.code ?? 'AADSTS0000', /^AADSTS\d{4,9}$/)
      }
    }),
  )
})
