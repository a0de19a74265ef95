import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CryptoKey, JWK } from 'jose'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Cloud } from '../model/cloud.ts'
import { authorities, configurationUrl, issuerOf } from './authorities.ts'
import { mostTokenOctets } from './signedClaims.ts'
import type { TokenReason } from './tokenReasons.ts'
import { tokenReasons } from './tokenReasons.ts'
import type { TokenVerifierOptions } from './tokenVerifier.ts'
import { TokenVerifier } from './tokenVerifier.ts'

const tenant = '3f0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90'
const otherTenant = 'aa0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90'
const api = '11111111-2222-4333-8444-555555555555'
const client = '99999999-2222-4333-8444-555555555555'
const object = '77777777-2222-4333-8444-555555555555'
const nowSec = 1_795_000_000

const signer = await generateKeyPair('RS256', { extractable: true })
const stranger = await generateKeyPair('RS256', { extractable: true })

const published = async (kid: string, key: CryptoKey, more: JWK & { issuer?: string } = {}): Promise<JWK> => ({
  ...(await exportJWK(key)),
  kid,
  use: 'sig',
  ...more,
})
const keys = { keys: [await published('key-1', signer.publicKey)] }

interface Wire {
  readonly answers: Map<string, () => unknown>
  readonly asked: string[]
}

/** A tenant's configuration and keys, as they are published; what is asked is written down. */
function wireOf(cloud: Cloud = 'worldwide', set: () => unknown = () => keys, of = tenant): Wire {
  const authority = authorities[cloud]
  const answers = new Map<string, () => unknown>()
  for (const version of ['1.0', '2.0'] as const) {
    const place = `https://${authority.host}/${of}/keys/${version}`
    answers.set(configurationUrl(of, version, authority), () => ({
      issuer: issuerOf(of, version, authority),
      jwks_uri: place,
    }))
    answers.set(place, set)
  }
  return { answers, asked: [] }
}

function verifierOf({ answers, asked }: Wire, over: Partial<TokenVerifierOptions> = {}): TokenVerifier {
  return new TokenVerifier({
    cloud: 'worldwide',
    tenants: [tenant],
    audiences: [api, 'api://payroll'],
    now: () => nowSec * 1000,
    fetchJson: async (url) => {
      asked.push(url)
      const answer = answers.get(url)
      if (answer === undefined) throw new Error(`nothing is served at ${url}`)
      return answer()
    },
    ...over,
  })
}

const usual = {
  iss: issuerOf(tenant, '2.0', authorities.worldwide),
  aud: api,
  tid: tenant,
  oid: object,
  sub: 'pairwise-subject',
  azp: client,
  azpacr: '1',
  scp: 'payroll.read payroll.write',
  ver: '2.0',
  iat: nowSec - 60,
  nbf: nowSec - 60,
  exp: nowSec + 3600,
}

const header = { alg: 'RS256', kid: 'key-1', typ: 'JWT' }

function token(
  claims: Readonly<Record<string, unknown>> = {},
  head: Readonly<Record<string, unknown>> = {},
  key: CryptoKey | Uint8Array = signer.privateKey,
): Promise<string> {
  return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ ...header, ...head }).sign(key)
}

/** As {@link token}, of what a library refuses to write. */
function unsigned(claims: Readonly<Record<string, unknown>>, head: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ ...header, ...head })}.${part({ ...usual, ...claims })}.`
}

const v1 = {
  ver: '1.0',
  iss: issuerOf(tenant, '1.0', authorities.worldwide),
  azp: undefined,
  azpacr: undefined,
  appid: client,
  appidacr: '2',
}
const appOnly = { scp: undefined, idtyp: 'app', sub: object, roles: ['Payroll.Import'] }
const withPublicKeyAsSecret = new TextEncoder().encode(JSON.stringify(keys.keys[0]))

/** Tokens and what they come to: whoever verifies tokens of Entra ID by these rules gets the same answers. */
const corpus: readonly [name: string, verdict: TokenReason | 'accepted', make: () => string | Promise<string>][] = [
  ['a token of a person', 'accepted', () => token()],
  ['a token of a person, version 1.0', 'accepted', () => token(v1)],
  ['version 1.0 for the App ID URI', 'accepted', () => token({ ...v1, aud: 'api://payroll' })],
  ['version 1.0 for the App ID URI with a slash', 'accepted', () => token({ ...v1, aud: 'api://payroll/' })],
  ['a clock that is 59 seconds behind', 'accepted', () => token({ exp: nowSec - 59 })],
  ['a clock that is 59 seconds ahead', 'accepted', () => token({ iat: nowSec + 59, nbf: nowSec + 59 })],
  ['its tenant written in capitals', 'accepted', () => token({ tid: tenant.toUpperCase() })],
  ['nothing', 'no-token', () => ''],
  ['one octet more than is looked at', 'token-too-large', () => 'a'.repeat(mostTokenOctets + 1)],
  ['a word', 'not-a-jwt', () => 'swordfish'],
  ['five parts, an encrypted token', 'not-a-jwt', () => 'a.b.c.d.e'],
  ['three parts of nothing', 'not-a-jwt', () => '..'],
  ['claims that are a list', 'not-a-jwt', () => 'eyJhbGciOiJSUzI1NiJ9.W10.AA'],
  ['no signature', 'algorithm-not-allowed', () => unsigned({}, { alg: 'none' })],
  ['no signature, in capitals', 'algorithm-not-allowed', () => unsigned({}, { alg: 'NONE' })],
  ['no signature under the right algorithm', 'signature-invalid', () => unsigned({}, {})],
  [
    'the public key used as a shared secret',
    'algorithm-not-allowed',
    () => token({}, { alg: 'HS256' }, withPublicKeyAsSecret),
  ],
  [
    'a key of its own in the header',
    'signature-invalid',
    async () => token({}, { jwk: await published('key-1', stranger.publicKey) }, stranger.privateKey),
  ],
  [
    'a place of its own for keys',
    'signature-invalid',
    () => token({}, { jku: 'https://login.microsoftonline.com/keys', x5u: 'https://a.example/c' }, stranger.privateKey),
  ],
  ['a demand on whoever reads it', 'critical-header', () => unsigned({}, { crit: ['b64'], b64: false })],
  ['the header of a token for Graph', 'token-of-graph', () => token({}, { nonce: 'x' })],
  ['signed with a stranger’s key', 'signature-invalid', () => token({}, {}, stranger.privateKey)],
  ['a key id that nobody published', 'key-unknown', () => token({}, { kid: 'key-2' })],
  ['no key id', 'key-unknown', () => token({}, { kid: undefined })],
  ['no version', 'version-unknown', () => token({ ver: undefined })],
  ['another version', 'version-unknown', () => token({ ver: '3.0' })],
  ['no tenant', 'identity-missing', () => token({ tid: undefined })],
  ['another tenant', 'tenant-not-allowed', () => token({ tid: otherTenant })],
  [
    'another tenant with its own issuer, and the same e-mail',
    'tenant-not-allowed',
    () =>
      token({ tid: otherTenant, iss: issuerOf(otherTenant, '2.0', authorities.worldwide), email: 'a@corp.example' }),
  ],
  ['personal accounts', 'tenant-not-allowed', () => token({ tid: '9188040d-6c67-4c5b-b112-36a304b66dad' })],
  [
    'the issuer of another tenant',
    'issuer-mismatch',
    () => token({ iss: issuerOf(otherTenant, '2.0', authorities.worldwide) }),
  ],
  ['the issuer of the other version', 'issuer-mismatch', () => token({ iss: v1.iss })],
  ['the issuer with a slash more', 'issuer-mismatch', () => token({ iss: `${usual.iss}/` })],
  ['the issuer of another cloud', 'issuer-mismatch', () => token({ iss: usual.iss.replace('.com', '.us') })],
  [
    'the issuer as the beginning of a longer name',
    'issuer-mismatch',
    () => token({ iss: `https://login.microsoftonline.com.evil.example/${tenant}/v2.0` }),
  ],
  ['another audience', 'audience-mismatch', () => token({ aud: client })],
  ['Graph as audience', 'audience-mismatch', () => token({ aud: 'https://graph.microsoft.com' })],
  ['the App ID URI in version 2.0, with a slash', 'audience-mismatch', () => token({ aud: 'api://payroll/' })],
  ['a list of audiences', 'audience-mismatch', () => token({ aud: [api, client] })],
  ['no audience', 'audience-mismatch', () => token({ aud: undefined })],
  ['expired', 'expired', () => token({ exp: nowSec - 60 })],
  ['not yet valid', 'not-yet-valid', () => token({ nbf: nowSec + 61 })],
  ['issued in the future', 'not-yet-valid', () => token({ iat: nowSec + 61 })],
  ['no end', 'lifetime-missing', () => token({ exp: undefined })],
  ['an end that is a text', 'lifetime-missing', () => token({ exp: String(nowSec + 3600) })],
  ['no object', 'identity-missing', () => token({ oid: undefined })],
  ['an object that is an e-mail address', 'identity-missing', () => token({ oid: 'ada@corp.example' })],
  ['an ID token', 'not-an-access-token', () => token({ scp: undefined, azp: undefined, nonce: 'n' })],
  ['an ID token without nonce', 'not-an-access-token', () => token({ scp: undefined, azp: undefined })],
  ['an ID token of a person with roles', 'not-an-access-token', () => token({ scp: undefined, roles: ['Admin'] })],
  ['an app and a person at once', 'not-an-access-token', () => token({ idtyp: 'app' })],
  ['a device with scopes', 'not-an-access-token', () => token({ idtyp: 'device' })],
  ['a kind that is a list', 'not-an-access-token', () => token({ idtyp: ['app'] })],
  ['scopes that are a list', 'not-an-access-token', () => token({ idtyp: 'app', scp: ['a'], sub: object })],
  ['a nonce that is a number', 'not-an-access-token', () => token({ nonce: 1 })],
  ['no client', 'not-an-access-token', () => token({ azp: undefined })],
  ['an app where people are expected', 'app-not-allowed', () => token(appOnly)],
  ['an app that does not say so', 'app-not-allowed', () => token({ ...appOnly, idtyp: undefined })],
]

for (const [name, verdict, make] of corpus) {
  test(`${name}: ${verdict}`, async () => {
    const verified = await verifierOf(wireOf()).verify(await make())
    assert.equal(verified.ok ? 'accepted' : verified.reason, verdict)
  })
}

test('every reason is met by a token of the corpus, or has a test of its own', () => {
  const met = new Set<string>(corpus.map(([, verdict]) => verdict))
  const own = ['key-of-other-issuer', 'keys-unreachable', 'user-not-allowed', 'revocation-unknown', 'revoked']
  assert.deepEqual(
    Object.keys(tokenReasons).filter((reason) => !met.has(reason)),
    own,
  )
})

test('whoever a token is for is told by tenant and object, with what the token grants', async () => {
  const verdict = await verifierOf(wireOf()).verify(
    await token({
      tid: tenant.toUpperCase(),
      oid: object.toUpperCase(),
      roles: ['Payroll.Admin'],
      groups: ['AB000000-2222-4333-8444-555555555555'],
      acrs: ['c1'],
      xms_cc: ['CP1'],
      acct: 1,
      name: 'Ada',
      email: 'ada@corp.example',
    }),
  )
  assert.ok(verdict.ok)
  assert.deepEqual(verdict.identity, {
    kind: 'user',
    tenantId: tenant,
    objectId: object,
    tokenVersion: '2.0',
    clientId: client,
    clientProof: 'secret',
    roles: ['Payroll.Admin'],
    scopes: ['payroll.read', 'payroll.write'],
    groups: { kind: 'listed', ids: ['ab000000-2222-4333-8444-555555555555'] },
    directoryRoles: [],
    authenticationContexts: ['c1'],
    authenticationMethods: [],
    takesClaimsChallenges: true,
    isGuest: true,
    sessionId: undefined,
    tokenId: undefined,
    issuedAt: nowSec - 60,
    expiresAt: nowSec + 3600,
    displayName: 'Ada',
  })
})

test('groups that were too many for the token are not no groups', async () => {
  for (const claims of [
    { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://graph.windows.net/x' } } },
    { hasgroups: true },
    { hasgroups: 'True' },
    { _claim_names: '{"groups":"src1"}' },
    // Both at once: what the token lists is not all.
    { _claim_names: { groups: 'src1' }, groups: ['ab000000-2222-4333-8444-555555555555'] },
  ]) {
    const verdict = await verifierOf(wireOf()).verify(await token(claims))
    assert.deepEqual(verdict.ok && verdict.identity.groups, { kind: 'over-limit' })
  }
  const verdict = await verifierOf(wireOf()).verify(await token())
  assert.deepEqual(verdict.ok && verdict.identity.groups, { kind: 'not-told' })
})

test('apps are accepted where they are expected, and people then are not', async () => {
  const onlyApps = verifierOf(wireOf(), { accepts: 'apps' })
  const app = await onlyApps.verify(await token(appOnly))
  assert.ok(app.ok)
  assert.deepEqual([app.identity.kind, app.identity.roles, app.identity.scopes], ['app', ['Payroll.Import'], []])
  assert.deepEqual(await onlyApps.verify(await token()), { ok: false, reason: 'user-not-allowed' })
  const both = verifierOf(wireOf(), { accepts: 'both' })
  assert.equal((await both.verify(await token())).ok && (await both.verify(await token(appOnly))).ok, true)
})

for (const cloud of Object.keys(authorities) as Cloud[]) {
  for (const version of ['1.0', '2.0'] as const) {
    test(`tokens of version ${version} are verified in ${cloud}`, async () => {
      const claims = { ...(version === '1.0' ? v1 : {}), iss: issuerOf(tenant, version, authorities[cloud]) }
      const verdict = await verifierOf(wireOf(cloud), { cloud }).verify(await token(claims))
      assert.equal(verdict.ok, true)
    })
  }
}

test('several tenants are accepted, each by its own keys', async () => {
  const first = wireOf()
  const second = wireOf('worldwide', () => ({ keys: [] }), otherTenant)
  const wire = { answers: new Map([...first.answers, ...second.answers]), asked: [] }
  const verifier = verifierOf(wire, { tenants: [tenant, otherTenant] })
  assert.equal((await verifier.verify(await token())).ok, true)
  const foreign = { tid: otherTenant, iss: issuerOf(otherTenant, '2.0', authorities.worldwide) }
  assert.deepEqual(await verifier.verify(await token(foreign)), { ok: false, reason: 'keys-unreachable' })
})

test('a key signs for its own issuer alone', async () => {
  const pinned = async (issuer: string) => {
    const set = { keys: [await published('key-1', signer.publicKey, { issuer })] }
    const verdict = await verifierOf(wireOf('worldwide', () => set)).verify(await token())
    return verdict.ok ? 'accepted' : verdict.reason
  }
  assert.equal(await pinned('https://login.microsoftonline.com/{tenantid}/v2.0'), 'accepted')
  assert.equal(await pinned(usual.iss), 'accepted')
  assert.equal(
    await pinned('https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0'),
    'key-of-other-issuer',
  )
})

test('who is revoked is denied at once, also with a token that was verified before', async () => {
  const revoked = new Set<string>()
  const wire = wireOf()
  const verifier = verifierOf(wire, { isRevoked: ({ objectId }) => revoked.has(objectId) })
  const mine = await token()
  assert.equal((await verifier.verify(mine)).ok, true)
  revoked.add(object)
  assert.deepEqual(await verifier.verify(mine), { ok: false, reason: 'revoked' })
})

test('a verified token is remembered until it expires, or for as long as is asked', async () => {
  let now = nowSec * 1000
  const wire = wireOf()
  const verifier = verifierOf(wire, { now: () => now, rememberSec: 600, mostRemembered: 2 })
  const short = await token({ exp: nowSec + 100 })
  await verifier.verify(short)
  await verifier.verify(await token({ uti: 'a' }))
  await verifier.verify(await token({ uti: 'b' }))
  assert.equal(verifier.remembered, 2)
  assert.equal((await verifier.verify(short)).ok, true)
  now += 161_000
  assert.deepEqual(await verifier.verify(short), { ok: false, reason: 'expired' })
  verifier.forget(({ tokenId }) => tokenId === 'b')
  assert.equal(verifier.remembered, 0)
})

test('one octet more or less in a token that was verified before is another token', async () => {
  const verifier = verifierOf(wireOf())
  const mine = await token()
  assert.equal((await verifier.verify(mine)).ok, true)
  assert.equal((await verifier.verify(`${mine.slice(0, -4)}AAAA`)).ok, false)
  assert.equal((await verifier.verify(mine.slice(0, -1))).ok, false)
})

test('options out of their ranges are refused by name', () => {
  const broken = (over: Partial<TokenVerifierOptions>) => () => verifierOf(wireOf(), over)
  assert.throws(broken({ tenants: [] }), /RangeError: tenants/)
  assert.throws(broken({ tenants: ['common'] }), /RangeError: tenants/)
  assert.throws(broken({ audiences: [] }), /RangeError: audiences/)
  assert.throws(broken({ clockSkewSec: 301 }), /RangeError: clockSkewSec: 301/)
  assert.throws(broken({ rememberSec: -1 }), /RangeError: rememberSec/)
  assert.throws(broken({ mostRemembered: 1.5 }), /RangeError: mostRemembered/)
})

test('any text is answered, and nothing is fetched for what names no tenant that is allowed', async () => {
  const wire = wireOf()
  const verifier = verifierOf(wire)
  const part = fc.oneof(
    fc.string(),
    fc.json().map((json) => Buffer.from(json).toString('base64url')),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        fc.array(part, { maxLength: 5 }).map((parts) => parts.join('.')),
      ),
      async (text) => {
        assert.equal((await verifier.verify(text)).ok, false)
      },
    ),
  )
  assert.deepEqual(wire.asked, [])
})

test('claims of any kind are answered, and never by an error', async () => {
  const verifier = verifierOf(wireOf())
  const names = [
    ...Object.keys(usual),
    'groups',
    'roles',
    'wids',
    'acrs',
    'xms_cc',
    '_claim_names',
    'acct',
    'idtyp',
    '__proto__',
  ]
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), fc.jsonValue(), async (name, value) => {
      const verdict = await verifier.verify(await token({ [name]: value }))
      assert.equal(typeof verdict.ok, 'boolean')
    }),
    { numRuns: 200 },
  )
})

test('a token has one text: what a lenient reader takes for the same is none', async () => {
  const verifier = verifierOf(wireOf())
  const mine = await token()
  assert.equal((await verifier.verify(mine)).ok, true)
  const last = alphabetOf(mine.at(-1) ?? '', 1)
  for (const text of [
    `${mine}==`,
    `${mine} `,
    `${mine.slice(0, -4)}\n${mine.slice(-4)}`,
    `${mine.slice(0, -1)}${last}`,
  ]) {
    assert.deepEqual(await verifier.verify(text), { ok: false, reason: 'not-a-jwt' }, JSON.stringify(text.slice(-8)))
  }
  assert.equal(verifier.remembered, 1)
})

/** The letter of base64url so many places on. */
function alphabetOf(letter: string, on: number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return letters[letters.indexOf(letter) + on] ?? ''
}

test('what is no text is no token, and revocation that cannot be asked denies', async () => {
  const given: unknown = undefined
  const verifier = verifierOf(wireOf(), {
    isRevoked: () => {
      throw new Error('the store is away')
    },
  })
  assert.deepEqual(await Reflect.apply(verifier.verify, verifier, [given]), { ok: false, reason: 'no-token' })
  assert.deepEqual(await verifier.verify(await token()), { ok: false, reason: 'revocation-unknown' })
})
