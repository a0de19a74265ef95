import assert from 'node:assert/strict'
import { KeyObject } from 'node:crypto'
import { test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { everythingTold, playSignIn } from '../../../test/playedSignIn.ts'
import { makeSigningKey } from '../../lab/servers/signingKey.ts'
import { people } from '../../lab/tenant/index.ts'
import type { ClientProof, ReadProof } from './openIdClient.ts'
import { OpenIdClient } from './openIdClient.ts'

const poison = 'POISON-SECRET-4711'

async function ownKey() {
  const { certificateDer, privateKey } = await makeSigningKey(Date.now())
  const der = Buffer.from(certificateDer).toString('base64')
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${der}\n-----END CERTIFICATE-----\n`,
    key: String(KeyObject.from(privateKey).export({ type: 'pkcs8', format: 'pem' })),
  }
}

test('a certificate proves the gate, for codes, refresh tokens and Graph', async (t) => {
  const { certificate, key } = await ownKey()
  const proof: ReadProof = async () => ({ ok: { kind: 'certificate', certificate, key } })
  const { visitor, store, clock, signIn } = await playSignIn(t, {
    app: { credentials: { certificatePem: certificate } },
    over: { proof },
  })
  const browser = visitor()
  assert.equal((await browser.signIn(people.manyGroups.id)).reason, 'signed-in')
  assert.equal(store.list()[0]?.groups.kind, 'listed')
  clock.at += 15 * 60_000
  assert.equal(await browser.who(), people.manyGroups.id)
  assert.equal((await signIn.callerOf(browser.asked('/'))).ok, true)
})

test('a federated token proves the gate, and is read each time that it is used', async (t) => {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const [issuer, subject] = ['https://token.corp.example', 'gate']
  const federated = { issuer, subject, keys: [{ ...(await exportJWK(publicKey)), alg: 'RS256', kid: 'k' }] }
  const read: string[] = []
  const proof: ReadProof = async () => {
    const claims = { iss: issuer, sub: subject, aud: 'api://AzureADTokenExchange' }
    const token = new SignJWT(claims).setExpirationTime('5m').setProtectedHeader({ alg: 'RS256', kid: 'k' })
    const assertion = await token.sign(privateKey)
    read.push(assertion)
    return { ok: { kind: 'assertion', assertion } }
  }
  const { visitor, clock } = await playSignIn(t, { app: { credentials: { federated } }, over: { proof } })
  const browser = visitor()
  assert.equal((await browser.signIn(people.admin.id)).reason, 'signed-in')
  clock.at += 15 * 60_000
  assert.equal(await browser.who(), people.admin.id)
  assert.equal(read.length, 2)
})

const stranger = await ownKey()
for (const [what, proof, because] of [
  ['a wrong secret', { ok: { kind: 'secret', secret: poison } }, 'invalid_client'],
  ['the certificate of another app', { ok: { kind: 'certificate', ...stranger } }, 'invalid_client'],
  [
    'a key that is none',
    { ok: { kind: 'certificate', certificate: stranger.certificate, key: poison } },
    'no-credential',
  ],
  ['a token that is none', { ok: { kind: 'assertion', assertion: `a.${poison}.c` } }, undefined],
  ['a secret that is nowhere', { why: 'GATE_SECRET is not set' }, 'no-credential'],
] as const satisfies readonly (readonly [string, { ok: ClientProof } | { why: string }, string | undefined])[]) {
  test(`${what} lets nobody in, is told to the record, and not what it was`, async (t) => {
    const { visitor, events, store } = await playSignIn(t, { over: { proof: async () => proof } })
    const answer = await visitor().signIn(people.admin.id)
    assert.deepEqual([answer.status, answer.reason, store.list()], [502, 'misconfigured', []])
    if (because !== undefined) assert.equal(events.at(-1)?.detail?.['because'], because)
    const told = everythingTold(events, [answer])
    assert.equal(told.includes(poison) || told.includes('PRIVATE KEY'), false)
  })
}

const client = (tenants: readonly string[]) =>
  new OpenIdClient({
    authority: { host: 'login.corp.example', v1IssuerHost: 'a', graphHost: 'b' },
    tenants,
    client: '11111111-1111-4111-8111-111111111111',
    redirectUri: 'https://gate.corp.example:8443/.postern/callback',
    proof: async () => ({ why: 'not asked' }),
    fetch: async () => assert.fail('nothing is asked'),
    now: () => 0,
    signal: new AbortController().signal,
  })

test('people of one tenant sign in there, and those of several where Entra ID tells them apart', async () => {
  const [one, other] = ['3f0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90', 'aa0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90']
  const asked = { state: 's', nonce: 'n', verifier: 'v' }
  const at = async (tenants: readonly string[]) => new URL(await client(tenants).authorizationUrl(asked)).pathname
  assert.equal(await at([one]), `/${one}/oauth2/v2.0/authorize`)
  assert.equal(await at([one, other]), '/organizations/oauth2/v2.0/authorize')
  assert.throws(() => client([]), RangeError)
})
