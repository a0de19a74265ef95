import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authorities } from './authorities.ts'
import { isAuthenticationContext, stepUpChallenge, tokenChallenge } from './challenges.ts'
import type { Identity } from './identity.ts'
import type { TokenReason } from './tokenReasons.ts'
import { tokenReasons } from './tokenReasons.ts'

const ada: Identity = {
  kind: 'user',
  tenantId: '3f0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90',
  objectId: '77777777-2222-4333-8444-555555555555',
  tokenVersion: '2.0',
  clientId: '99999999-2222-4333-8444-555555555555',
  clientProof: 'public',
  roles: [],
  scopes: [],
  groups: { kind: 'not-told' },
  directoryRoles: [],
  authenticationContexts: [],
  authenticationMethods: [],
  takesClaimsChallenges: true,
  isGuest: undefined,
  sessionId: undefined,
  tokenId: undefined,
  issuedAt: 0,
  expiresAt: 1,
  displayName: undefined,
}

test('a client that understands claims challenges is told which context is wanted, in both ways', () => {
  const { status, authenticate } = stepUpChallenge(ada, 'c1', authorities['usgov-dod'])
  assert.equal(status, 401)
  const [entra = '', standard = ''] = authenticate
  const claims = /claims="([^"]+)"/.exec(entra)?.[1] ?? ''
  assert.deepEqual(JSON.parse(atob(claims)), { access_token: { acrs: { essential: true, value: 'c1' } } })
  assert.match(
    entra,
    /^Bearer realm="", authorization_uri="https:\/\/login\.microsoftonline\.us\/common\/oauth2\/authorize"/,
  )
  assert.match(entra, /error="insufficient_claims"/)
  assert.match(standard, /error="insufficient_user_authentication".*acr_values="c1"/)
})

test('a client that does not understand them, and an app, are refused without one', () => {
  const refused = { status: 403, authenticate: [] }
  const { worldwide } = authorities
  assert.deepEqual(stepUpChallenge({ ...ada, takesClaimsChallenges: false }, 'c1', worldwide), refused)
  assert.deepEqual(stepUpChallenge({ ...ada, kind: 'app' }, 'c1', worldwide), refused)
})

test('contexts are c1 to c99, and nothing else gets into the field', () => {
  assert.deepEqual(['c1', 'c25', 'c99'].map(isAuthenticationContext), [true, true, true])
  for (const text of ['', 'c', 'c0', 'c01', 'c100', 'C1', 'c1"', 'cp1', 'c1 ']) {
    assert.equal(isAuthenticationContext(text), false, text)
    assert.throws(() => stepUpChallenge(ada, text, authorities.worldwide), RangeError)
  }
})

test('every reason has an answer whose fields can be sent', () => {
  for (const reason of Object.keys(tokenReasons) as TokenReason[]) {
    const { status, authenticate } = tokenChallenge(reason)
    assert.equal(status === 401, authenticate.length === 1, reason)
    for (const field of authenticate)
      assert.match(field, /^Bearer realm=""(, [a-z_]+="[\x20\x21\x23-\x5b\x5d-\x7e]*")*$/, reason)
  }
  assert.deepEqual(tokenChallenge('no-token').authenticate, ['Bearer realm=""'])
})
