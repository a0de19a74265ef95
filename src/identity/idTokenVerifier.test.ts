import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { authorities, configurationUrl, issuerOf } from './authorities.ts'
import type { ExpectedIdToken, IdTokenReason } from './idTokenVerifier.ts'
import { IdTokenVerifier } from './idTokenVerifier.ts'

const tenant = '3f0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90'
const other = 'aa0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90'
const client = 'cccccccc-2222-4333-8444-555555555555'
const person = '77777777-2222-4333-8444-555555555555'
const nowSec = 1_795_000_000
const authority = authorities.worldwide
const issuer = issuerOf(tenant, '2.0', authority)
const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', use: 'sig' }] }

const verifier = new IdTokenVerifier({
  authority,
  tenants: new Set([tenant]),
  client,
  now: () => nowSec * 1000,
  fetchJson: async (url) =>
    url === configurationUrl(tenant, '2.0', authority) ? { issuer, jwks_uri: `https://${authority.host}/keys` } : keys,
})

const claims = {
  iss: issuer,
  aud: client,
  tid: tenant,
  oid: person,
  sub: 'a-subject',
  ver: '2.0',
  nonce: 'a-nonce',
  iat: nowSec - 5,
  nbf: nowSec - 5,
  exp: nowSec + 3600,
  name: 'Ada',
  preferred_username: 'admin@contoso.example',
  roles: ['Admin'],
  acrs: ['c1'],
  acct: 1,
  sid: 'a-sid',
}

async function verdict(over: Readonly<Record<string, unknown>> = {}, expected: ExpectedIdToken = { nonce: 'a-nonce' }) {
  const told = Object.fromEntries(Object.entries({ ...claims, ...over }).filter(([, value]) => value !== undefined))
  const token = await new SignJWT(told).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(privateKey)
  return await verifier.verify(token, expected)
}

test('an ID token tells who signed in, by tenant and object id', async () => {
  const read = await verdict()
  assert.ok(read.ok)
  const { kind, tenantId, objectId, roles, authenticationContexts, isGuest, sessionId, clientId } = read.identity
  assert.deepEqual(
    { kind, tenantId, objectId, roles, authenticationContexts, isGuest, sessionId, clientId, issuer: read.issuer },
    {
      kind: 'user',
      tenantId: tenant,
      objectId: person,
      roles: ['Admin'],
      authenticationContexts: ['c1'],
      isGuest: true,
      sessionId: 'a-sid',
      clientId: client,
      issuer,
    },
  )
})

const rows: readonly (readonly [
  over: Readonly<Record<string, unknown>>,
  reason: IdTokenReason | 'ok',
  ExpectedIdToken?,
])[] = [
  [{ nonce: undefined }, 'nonce-mismatch'],
  [{ nonce: 'another' }, 'nonce-mismatch'],
  [{ nonce: ['a-nonce'] }, 'nonce-mismatch'],
  [{ nonce: undefined }, 'ok', { person: { tenantId: tenant, objectId: person } }],
  [{ aud: other }, 'audience-mismatch'],
  [{ aud: undefined }, 'audience-mismatch'],
  [{ aud: [client] }, 'ok'],
  [{ aud: [client, other] }, 'audience-mismatch'],
  [{ aud: client.toUpperCase() }, 'audience-mismatch'],
  [{ azp: client }, 'ok'],
  [{ azp: other }, 'audience-mismatch'],
  [{ tid: other, iss: issuerOf(other, '2.0', authority) }, 'tenant-not-allowed'],
  [{ tid: undefined }, 'identity-missing'],
  [{ iss: issuerOf(other, '2.0', authority) }, 'issuer-mismatch'],
  [{ iss: issuerOf(tenant, '1.0', authority) }, 'issuer-mismatch'],
  [{ iss: `${issuer}/` }, 'issuer-mismatch'],
  [{ ver: undefined }, 'version-unknown'],
  [{ ver: '3.0' }, 'version-unknown'],
  [{ oid: undefined }, 'identity-missing'],
  [{ oid: 'admin@contoso.example' }, 'identity-missing'],
  [{ sub: undefined }, 'identity-missing'],
  [{ iat: undefined }, 'lifetime-missing'],
  [{ exp: undefined }, 'lifetime-missing'],
  [{ exp: String(nowSec + 100) }, 'lifetime-missing'],
  [{ nbf: 'soon' }, 'lifetime-missing'],
  [{ nbf: undefined }, 'ok'],
  [{ exp: nowSec - 60 }, 'expired'],
  [{ exp: nowSec - 59 }, 'ok'],
  [{ nbf: nowSec + 61 }, 'not-yet-valid'],
  [{ iat: nowSec + 61 }, 'not-yet-valid'],
  [{ scp: 'access_as_user' }, 'not-an-id-token'],
  [{ idtyp: 'app' }, 'not-an-id-token'],
  [{}, 'other-person', { person: { tenantId: tenant, objectId: client } }],
  [{}, 'other-person', { person: { tenantId: other, objectId: person } }],
]

for (const [over, reason, expected] of rows) {
  test(`${JSON.stringify(over)} for ${JSON.stringify(expected ?? 'a sign-in')} comes to ${reason}`, async () => {
    const read = await verdict(over, expected)
    assert.equal(read.ok ? 'ok' : read.reason, reason)
  })
}

test('any text gets an answer, and lets nobody in', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.constant('a'.repeat(40_000))), async (text) => {
      assert.equal((await verifier.verify(text, {})).ok, false)
    }),
    { numRuns: 50 },
  )
})
