import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLocalJWKSet, decodeProtectedHeader, exportJWK, generateKeyPair, jwtVerify } from 'jose'
import type { Identity } from '../identity/index.ts'
import { openAssertions } from './assertion.ts'
import type { Caller } from './exchange.ts'

const origin = 'https://gate.example:8443'
const audience = ['https://app01.corp.example:8443']
const identity: Identity = {
  kind: 'user',
  tenantId: '11111111-1111-4111-8111-111111111111',
  objectId: '22222222-2222-4222-8222-222222222222',
  tokenVersion: '2.0',
  clientId: '33333333-3333-4333-8333-333333333333',
  clientProof: 'secret',
  roles: ['Pay.Read'],
  scopes: [],
  groups: { kind: 'listed', ids: [] },
  directoryRoles: [],
  authenticationContexts: ['c1'],
  authenticationMethods: [],
  takesClaimsChallenges: false,
  isGuest: undefined,
  sessionId: undefined,
  tokenId: undefined,
  issuedAt: 1,
  expiresAt: 2,
  displayName: 'Ada',
}
const caller = {
  by: 'session',
  identity,
  groups: { kind: 'listed', ids: [] },
  session: '0123456789abcdef',
} as never as Caller & { by: 'session' }

/** A clock that the test moves; both of its faces show the same. */
function handClock() {
  let at = 1_800_000_000_000
  return {
    now: () => at,
    monotonicMs: () => at,
    move: (ms: number): void => {
      at += ms
    },
    date: () => new Date(at),
  }
}

test('an assertion says who asks, to one backend, for a minute, and the published keys verify it', async () => {
  const clock = handClock()
  const assertions = await openAssertions({ origin, clock })
  const jwt = (await assertions.assertionFor(caller, audience)) ?? ''
  const keys = createLocalJWKSet(assertions.keys())
  const options = { issuer: origin, audience: audience[0] ?? '', algorithms: ['ES256'], currentDate: clock.date() }
  const { payload, protectedHeader } = await jwtVerify(jwt, keys, options)
  const seconds = clock.now() / 1000
  assert.deepEqual(payload, {
    iss: origin,
    aud: audience[0],
    sub: `${identity.tenantId}/${identity.objectId}`,
    tid: identity.tenantId,
    oid: identity.objectId,
    idtyp: 'user',
    azp: identity.clientId,
    roles: ['Pay.Read'],
    acrs: ['c1'],
    name: 'Ada',
    iat: seconds,
    exp: seconds + 60,
  })
  assert.equal(protectedHeader.typ, 'JWT')
  await assert.rejects(jwtVerify(jwt, keys, { ...options, audience: 'https://other.example' }))
  clock.move(61_000)
  await assert.rejects(jwtVerify(jwt, keys, { ...options, currentDate: clock.date() }))
})

test('servers that are alike are all named', async () => {
  const assertions = await openAssertions({ origin, clock: handClock() })
  const both = [...audience, 'https://app02.corp.example:8443']
  const jwt = (await assertions.assertionFor(caller, both)) ?? ''
  assert.deepEqual(JSON.parse(atob(jwt.split('.')[1] ?? '')).aud, both)
})

test('nothing is said of nobody', async () => {
  const assertions = await openAssertions({ origin, clock: handClock() })
  assert.equal(await assertions.assertionFor({ by: 'nobody' }, audience), undefined)
})

test('no private part of a key is published', async () => {
  const assertions = await openAssertions({ origin, clock: handClock() })
  for (const key of assertions.keys().keys) {
    assert.deepEqual(Object.keys(key).toSorted(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  }
})

test('an assertion is kept for its session, and made anew for another one, another word or a later time', async () => {
  const clock = handClock()
  const assertions = await openAssertions({ origin, clock })
  const first = await assertions.assertionFor(caller, audience)
  assert.equal(await assertions.assertionFor({ ...caller }, audience), first)
  const others = [
    await assertions.assertionFor({ ...caller, session: 'fedcba9876543210' }, audience),
    await assertions.assertionFor({ ...caller, identity: { ...identity, roles: [] } }, audience),
    await assertions.assertionFor(caller, ['https://b.example']),
  ]
  clock.move(30_000)
  others.push(await assertions.assertionFor(caller, audience))
  assert.equal(new Set([first, ...others]).size, 5)
})

test('a key is published before it signs and after it did, and all that was signed meanwhile is verified', async () => {
  const clock = handClock()
  const assertions = await openAssertions({ origin, clock, rotateHours: 1 })
  const seen: string[] = []
  const said: { jwt: string; at: number }[] = []
  for (let hour = 0; hour < 5; hour += 1) {
    const before = assertions.keys()
    const jwt = (await assertions.assertionFor(caller, audience)) ?? ''
    const { kid = '' } = decodeProtectedHeader(jwt)
    seen.push(kid)
    for (const keys of [before, assertions.keys()]) {
      await jwtVerify(jwt, createLocalJWKSet(keys), { audience: audience[0] ?? '', currentDate: clock.date() })
    }
    assert.ok(assertions.keys().keys.length <= 4)
    for (const [at, earlier] of said.slice(-2).entries()) {
      const options = { audience: audience[0] ?? '', currentDate: new Date(earlier.at) }
      await jwtVerify(earlier.jwt, createLocalJWKSet(assertions.keys()), options).catch(() =>
        assert.fail(`${hour} ${at}`),
      )
    }
    said.push({ jwt, at: clock.now() })
    clock.move(3_600_000)
  }
  assert.equal(new Set(seen).size, 5)
})

test('a key that is given signs first, and one of another kind is misuse', async () => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const given = await exportJWK(privateKey)
  const assertions = await openAssertions({ origin, clock: handClock(), firstKey: given })
  assert.equal(assertions.keys().keys[0]?.x, given.x)
  const rsa = await exportJWK((await generateKeyPair('RS256', { extractable: true })).privateKey)
  await assert.rejects(openAssertions({ origin, clock: handClock(), firstKey: rsa }), TypeError)
  await assert.rejects(openAssertions({ origin, clock: handClock(), rotateHours: 0 }), RangeError)
})
