import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseChallenges } from './challenges.ts'

for (const { field, challenges } of [
  { field: 'Basic realm="Squid proxy"', challenges: [{ scheme: 'Basic', realm: 'Squid proxy' }] },
  { field: 'NEGOTIATE, ntlm', challenges: [{ scheme: 'Negotiate' }, { scheme: 'NTLM' }] },
  { field: 'Negotiate YII=, NTLM TlRMTVNT==', challenges: [{ scheme: 'Negotiate' }, { scheme: 'NTLM' }] },
  {
    field: 'Digest qop="auth,auth-int", realm="a, \\"b\\"", nonce=x, Basic realm=corp',
    challenges: [
      { scheme: 'Digest', realm: 'a, "b"' },
      { scheme: 'Basic', realm: 'corp' },
    ],
  },
  { field: 'Basic realm = "x" , realm="y"', challenges: [{ scheme: 'Basic', realm: 'x' }] },
  { field: 'Corp-SSO', challenges: [{ scheme: 'Corp-SSO' }] },
  { field: 'realm="x"', challenges: [] },
  { field: '', challenges: [] },
  { field: '"', challenges: [] },
]) {
  test(`${JSON.stringify(field)} offers ${challenges.map(({ scheme }) => scheme).join(' and ') || 'nothing'}`, () => {
    assert.deepEqual(parseChallenges(field), challenges)
  })
}

test('any text gives challenges that print safely, no more than 16', () => {
  const pieces = fc.constantFrom('Basic ', 'realm=', '"', '\\', ',', ' ', '=', 'Digest ', 'NTLM')
  const text = fc
    .array(fc.oneof(pieces, fc.string({ unit: 'binary' })), { maxLength: 60 })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, (field) => {
      const challenges = parseChallenges(field)
      assert.ok(challenges.length <= 16)
      for (const { scheme, realm = '' } of challenges) {
        assert.match(scheme, /^[!-~]{1,40}$/)
        assert.ok([...realm].length <= 120)
        assert.doesNotMatch(realm, /[\p{Cc}\p{Cf}]/u)
      }
    }),
    { numRuns: 500 },
  )
})

test('a field of 64 KiB made of anything is read at once', () => {
  for (const piece of ['Basic ', 'realm="', 'realm=\\"', 'a=b,', '""', ' ', ',', 'a']) {
    assert.ok(parseChallenges(piece.repeat(65_536 / piece.length)).length <= 16)
  }
})
