import assert from 'node:assert/strict'
import { KeyObject } from 'node:crypto'
import { test } from 'node:test'
import { gate, openSignInRig } from '../../../test/watch/signInRig.ts'
import { makeSigningKey } from '../../lab/servers/signingKey.ts'
import type { Misbehaviour } from '../../lab/tenant/index.ts'
import { daemonApp, people } from '../../lab/tenant/index.ts'
import type { CauseCode } from '../../model/cause.ts'
import { createNet } from '../../net/createNet.ts'
import type { SignInLook, SignInMeans } from './signInKind.ts'

const causeOf = ({ outcome }: SignInLook): CauseCode | string =>
  outcome.kind === 'failed' ? outcome.told.cause : outcome.kind
const saysOf = ({ outcome }: SignInLook): string =>
  outcome.kind === 'failed' ? outcome.told.says : 'says' in outcome ? outcome.says : ''

test('an app signs in by its secret, and every step has its time', async (t) => {
  const { look } = await openSignInRig(t)
  const seen = await look()
  assert.deepEqual(seen.outcome, { kind: 'well' })
  assert.deepEqual(
    seen.readings.map(({ subject, measure }) => `${subject} ${measure}`),
    ['dns-ms', 'connect-ms', 'tls-ms', 'discovery-ms', 'token-ms'].map((measure) => `sign-in:daemon ${measure}`),
  )
  assert.ok(seen.readings.every(({ value, at }) => value >= 0 && at >= seen.at))
  assert.ok(seen.signedBy !== undefined && seen.keys?.[seen.signedBy] !== undefined)
})

test('an app signs in by its certificate, with private_key_jwt', async (t) => {
  const [own, other] = [await keyPair(), await keyPair()]
  const app = daemonApp('', undefined, { credentials: { certificatePem: own.certificate } })
  const { look } = await openSignInRig(t, { apps: [gate, app] })
  const by = (certificate: string, key: string) =>
    look({}, { proof: async () => ({ ok: { kind: 'certificate', certificate, key } }) })
  assert.deepEqual((await by(own.certificate, own.key)).outcome, { kind: 'well' })
  assert.match(saysOf(await by(own.certificate, other.key)), /certificate of the app or its key cannot be used/)
  assert.match(saysOf(await by(other.certificate, other.key)), /AADSTS700027/)
})

async function keyPair(): Promise<{ readonly certificate: string; readonly key: string }> {
  const { certificateDer, privateKey } = await makeSigningKey(Date.now())
  const der = Buffer.from(certificateDer).toString('base64')
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${der}\n-----END CERTIFICATE-----\n`,
    key: KeyObject.from(privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

test('a token for Microsoft Graph is opaque, and its lifetime counts all the same', async (t) => {
  const { look, means } = await openSignInRig(t)
  const scope = `https://${means.authority.graphHost}/.default`
  assert.deepEqual((await look({ scope })).outcome, { kind: 'well' })
  assert.match(saysOf(await look({ scope, leastMinutes: 61 })), /lasts 60 minutes, and at least 61/)
})

interface Row {
  readonly when: string
  readonly how: Misbehaviour
  readonly cause: CauseCode
  readonly says: RegExp
}

const rows: readonly Row[] = [
  {
    when: 'tokens name another issuer',
    how: { tokens: 'wrong-issuer' },
    cause: 'undetermined',
    says: /issuer-mismatch/,
  },
  {
    when: 'tokens are for another API',
    how: { tokens: 'wrong-audience' },
    cause: 'wrong-registration',
    says: /audience-mismatch/,
  },
  {
    when: 'tokens are of another tenant',
    how: { tokens: 'another-tenant' },
    cause: 'wrong-registration',
    says: /tenant-not-allowed/,
  },
  { when: 'tokens are out of their time', how: { tokens: 'expired' }, cause: 'undetermined', says: /expired/ },
  { when: 'tokens begin later', how: { tokens: 'not-yet-valid' }, cause: 'clock-skew', says: /not-yet-valid/ },
  {
    when: 'tokens are not signed',
    how: { tokens: 'alg-none' },
    cause: 'undetermined',
    says: /algorithm-not-allowed|not-a-jwt/,
  },
  { when: 'signatures are wrong', how: { tokens: 'bad-signature' }, cause: 'undetermined', says: /signature-invalid/ },
  {
    when: 'tokens bring their own key',
    how: { tokens: 'embedded-key' },
    cause: 'undetermined',
    says: /signature-invalid|key-unknown/,
  },
  {
    when: 'the key that signs is not published',
    how: { keys: 'unpublished' },
    cause: 'undetermined',
    says: /key-unknown/,
  },
  {
    when: 'keys are of another tenant',
    how: { keys: 'of-another-issuer' },
    cause: 'undetermined',
    says: /key-of-other-issuer/,
  },
  {
    when: 'the document names another issuer',
    how: { metadata: 'wrong-issuer' },
    cause: 'undetermined',
    says: /another issuer/,
  },
  {
    when: 'keys are elsewhere',
    how: { metadata: 'keys-elsewhere' },
    cause: 'undetermined',
    says: /keys are at another host/,
  },
  {
    when: 'tokens are elsewhere',
    how: { metadata: 'token-elsewhere' },
    cause: 'undetermined',
    says: /no credential is sent there/,
  },
  {
    when: 'the token endpoint is down',
    how: { answers: { token: { how: 'status', status: 503 } } },
    cause: 'cloud-side',
    says: /answered with 503/,
  },
  {
    when: 'the token endpoint says no JSON',
    how: { answers: { token: { how: 'not-json' } } },
    cause: 'undetermined',
    says: /without a token/,
  },
  {
    when: 'the token endpoint never answers',
    how: { answers: { token: { how: 'hang' } } },
    cause: 'silent-service',
    says: /token endpoint takes the question/,
  },
  {
    when: 'the token endpoint cuts',
    how: { answers: { token: { how: 'reset' } } },
    cause: 'undetermined',
    says: /token endpoint gives no whole answer/,
  },
  {
    when: 'the keys are ten MB long',
    how: { answers: { keys: { how: 'huge' } } },
    cause: 'undetermined',
    says: /more than is read/,
  },
  { when: 'nothing listens', how: { down: true }, cause: 'refused', says: /no connection to localhost/ },
]

for (const { when, how, cause, says } of rows) {
  test(`it is said when ${when}`, async (t) => {
    const { tenant, look } = await openSignInRig(t)
    await tenant.misbehave(how)
    const seen = await look({}, { timeoutMs: how.answers?.token?.how === 'hang' ? 400 : 5000 })
    assert.equal(causeOf(seen), cause, saysOf(seen))
    assert.match(saysOf(seen), says)
  })
}

test('a slow step is a long reading and no failure', async (t) => {
  const { tenant, look } = await openSignInRig(t)
  await tenant.misbehave({ answers: { token: { how: 'slow', ms: 300 } } })
  const seen = await look()
  assert.equal(seen.outcome.kind, 'well')
  const of = (measure: string): number => seen.readings.find((one) => one.measure === measure)?.value ?? 0
  assert.ok(of('token-ms') >= 290, `${of('token-ms')}`)
})

test('429 is patience that is asked for, with its time', async (t) => {
  const { tenant, look } = await openSignInRig(t)
  await tenant.misbehave({ answers: { token: { how: 'status', status: 429, retryAfterSec: 42 } } })
  const { outcome } = await look()
  assert.ok(outcome.kind === 'throttled')
  assert.equal(outcome.retryAfterMs, 42_000)
})

test('a wrong secret, an unknown app and an app that is refused are told by the table of codes', async (t) => {
  const { look, tenant } = await openSignInRig(t)
  const wrong = await look({}, { proof: async () => ({ ok: { kind: 'secret', secret: 'Hunter2-is-wrong' } }) })
  assert.equal(causeOf(wrong), 'wrong-registration')
  assert.match(saysOf(wrong), /AADSTS7000215: Client secret invalid \(correlation id [\da-f-]{36}\)$/)
  assert.doesNotMatch(JSON.stringify(wrong), /Hunter2/)
  assert.ok(wrong.outcome.kind === 'failed' && wrong.outcome.told.fix === 'Use the value')
  const unknown = await look({ client: '00001111-aaaa-2222-bbbb-3333cccc4444' })
  assert.match(saysOf(unknown), /AADSTS700016/)
  assert.equal(causeOf(unknown), 'wrong-registration')
  assert.doesNotMatch(JSON.stringify(tenant.requests), /Hunter2/)
})

test('a token that lasts too short, or lacks a claim, is one that was got for nothing', async (t) => {
  const { look } = await openSignInRig(t, { tokenSeconds: 300 })
  assert.match(saysOf(await look()), /the token lasts 5 minutes, and at least 10 are wanted/)
  assert.equal((await look({ leastMinutes: 5, claims: { roles: 'Export' } })).outcome.kind, 'well')
  const lacking = await look({ leastMinutes: 5, claims: { roles: 'Import' } })
  assert.match(saysOf(lacking), /the token has no claim roles with Import/)
})

test('a clock that is off is told by the Date of the answer', async (t) => {
  const { look, means } = await openSignInRig(t)
  const net = { ...means.net, now: () => Date.now() + 400_000 }
  assert.match(saysOf(await look({}, { net })), /this machine's clock is (400|399|401) s ahead of that of the tenant/)
})

const person = (account: string, more = {}) => ({
  kind: 'user' as const,
  client: gate.clientId,
  account: { name: account },
  redirectUri: gate.redirectUris[0] ?? '',
  scope: `api://${gate.clientId}/access_as_user`,
  secret: 'env:GATE',
  ...more,
})
const asGate: Partial<SignInMeans> = {
  proof: async () => ({ ok: { kind: 'secret', secret: 'a-secret-of-the-gate' } }),
}

test('a test account signs in by the pages of the built-in tenant', async (t) => {
  const { look } = await openSignInRig(t)
  const seen = await look(person(people.ordinary.userName), asGate)
  assert.deepEqual(seen.outcome, { kind: 'well' })
  assert.ok(seen.readings.some(({ measure }) => measure === 'authorize-ms'))
})

test('an account with directory roles is refused, and so is the page of Entra ID itself', async (t) => {
  const { look, tenant } = await openSignInRig(t)
  const admin = await look(person(people.admin.userName), asGate)
  assert.equal(admin.outcome.kind, 'refused')
  assert.match(saysOf(admin), /directory roles/)
  tenant.forgetRequests()
  const real = await look(person(people.ordinary.userName), { ...asGate, isPlayed: false })
  assert.equal(real.outcome.kind, 'refused')
  assert.match(saysOf(real), /sends no password in its place/)
  assert.equal(tenant.requests.length, 0)
})

test('an account that may not come in is told by the page', async (t) => {
  const { look } = await openSignInRig(t)
  assert.match(saysOf(await look(person(people.blocked.userName), asGate)), /AADSTS50057/)
  assert.match(saysOf(await look(person('nobody@corp.onmicrosoft.com'), asGate)), /does not offer the test account/)
})

test('the answer of another sign-in is not taken for ours', async (t) => {
  const { look, tenant } = await openSignInRig(t)
  for (const how of ['wrong-state', 'no-state', 'wrong-issuer'] as const) {
    await tenant.misbehave({ authorizationResponse: how })
    assert.match(saysOf(await look(person(people.ordinary.userName), asGate)), /belongs to another question/, how)
  }
  await tenant.misbehave({ tokens: 'wrong-nonce' })
  assert.match(saysOf(await look(person(people.ordinary.userName), asGate)), /nonce-mismatch/)
})

test('the page of the tenant is asked up to the point before credentials', async (t) => {
  const { look, means, tenant } = await openSignInRig(t)
  const query = new URLSearchParams({
    client_id: gate.clientId,
    response_type: 'code',
    redirect_uri: gate.redirectUris[0] ?? '',
    scope: 'openid',
    code_challenge: 'v'.repeat(43),
    code_challenge_method: 'S256',
    nonce: 'n',
  })
  const url = `https://${means.authority.host}/${tenant.id}/oauth2/v2.0/authorize?${query}`
  const seen = await look({ kind: 'before-credentials', url })
  assert.deepEqual(seen.outcome, { kind: 'well' }, saysOf(seen))
  assert.deepEqual(
    seen.readings.map(({ measure }) => measure),
    ['dns-ms', 'connect-ms', 'tls-ms', 'discovery-ms', 'authorize-ms'],
  )
  const wrong = await look({
    kind: 'before-credentials',
    url: url.replace(gate.clientId, '00001111-aaaa-2222-bbbb-3333cccc4444'),
  })
  assert.match(saysOf(wrong), /AADSTS700016/)
})

test('no secret goes to whom no root vouches for, or whose certificate is for another name', async (t) => {
  const { look, means, tenant } = await openSignInRig(t)
  const stranger = createNet({ trust: { site: [], machine: [] }, userAgent: 'postern/test' })
  assert.equal(causeOf(await look({}, { net: stranger })), 'interception-untrusted')
  const authority = { ...means.authority, host: `login.example:${tenant.port}` }
  const elsewhere = await look({}, { authority, names: { 'login.example': '127.0.0.1' } })
  assert.equal(causeOf(elsewhere), 'name-mismatch')
  assert.equal(tenant.requests.length, 0)
})
