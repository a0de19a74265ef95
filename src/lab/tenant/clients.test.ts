import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { asking, browserOf, gate, opened, redeem, signIn, tokenPath } from '../../../test/tenantClient.ts'
import { playedAuthority, TokenVerifier } from '../../identity/index.ts'
import { makeSigningKey } from '../servers/signingKey.ts'
import { daemonApp, gateApp, graphAppId, people, type Tenant } from './index.ts'

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const origin = 'https://localhost:8443'
const daemon = daemonApp('a-secret-of-the-daemon')
const forGate = `api://${gate.clientId}/.default`

const credentials = (more: Readonly<Record<string, string>> = {}) => ({
  grant_type: 'client_credentials',
  client_id: daemon.clientId,
  client_secret: 'a-secret-of-the-daemon',
  scope: forGate,
  ...more,
})

const pem = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`

test('a daemon gets a token of its own, with roles and no scopes, that the verifier takes where apps may come', async (t) => {
  const tenant = await opened(t)
  tenant.register(daemon)
  const ask = asking(t, tenant)
  const { json } = await ask(tokenPath(tenant), credentials())
  const claims = decodeJwt(json.access_token)
  assert.deepEqual([claims['idtyp'], claims['roles'], claims['scp']], ['app', ['Export'], undefined])
  assert.equal(json.refresh_token, undefined)
  assert.equal(json.id_token, undefined)
  const options = {
    cloud: 'worldwide',
    authority: playedAuthority(tenant.origin),
    tenants: [tenant.id],
    audiences: [gate.clientId],
    now: Date.now,
    fetchJson: async (place: string) => (await ask(place)).json,
  } as const
  const verdict = await new TokenVerifier({ ...options, accepts: 'both' }).verify(json.access_token)
  assert.ok(verdict.ok && verdict.identity.kind === 'app')
  assert.deepEqual(await new TokenVerifier(options).verify(json.access_token), { ok: false, reason: 'app-not-allowed' })
})

test('what a client asks for and may not have is refused with the number that Entra has for it', async (t) => {
  const tenant = await opened(t)
  tenant.register(daemon)
  const ask = asking(t, tenant)
  const rows = [
    [{ scope: `api://${gate.clientId}/access_as_user` }, 1002012],
    [{ scope: 'api://nobody/.default' }, 500011],
    [{ client_secret: 'wrong' }, 7000215],
    [{ client_id: '11111111-0000-4000-8000-000000000000' }, 700016],
    [{ grant_type: 'password' }, 70003],
    [{ scope: `${forGate} User.Read` }, 28000],
  ] as const
  for (const [more, number] of rows) {
    const { status, json } = await ask(tokenPath(tenant), credentials(more))
    assert.deepEqual([status >= 400 && status < 500, json.error_codes], [true, [number]], JSON.stringify(json))
    assert.match(json.error_description, new RegExp(`^AADSTS${number}: `))
  }
})

async function withCertificate(tenant: Tenant) {
  const key = await makeSigningKey(Date.now())
  const app = gateApp(origin, { certificatePem: pem(key.certificateDer) })
  tenant.register(app)
  const thumbprint = createHash('sha256').update(key.certificateDer).digest('base64url')
  const assertion = (header: Readonly<Record<string, unknown>>, claims: Readonly<Record<string, unknown>> = {}) =>
    new SignJWT({
      iss: app.clientId,
      sub: app.clientId,
      aud: `${tenant.origin}${tokenPath(tenant)}`,
      jti: randomUUID(),
      ...claims,
    })
      .setIssuedAt()
      .setExpirationTime('5m')
      .setProtectedHeader({ alg: 'RS256', ...header })
      .sign(key.privateKey)
  return { app, thumbprint, assertion }
}

test('a certificate proves a client by an assertion that names it by thumbprint, once', async (t) => {
  const tenant = await opened(t)
  const { thumbprint, assertion } = await withCertificate(tenant)
  const browser = browserOf(t, tenant)
  const ask = asking(t, tenant)
  const ask1 = async (client_assertion: string) => {
    const code = (await signIn(browser, tenant, people.admin.id)).get('code') ?? ''
    const { client_secret: _none, ...form } = redeem(code)
    return await ask(tokenPath(tenant), { ...form, client_assertion, client_assertion_type: assertionType })
  }
  const good = await assertion({ 'x5t#S256': thumbprint })
  const answered = await ask1(good)
  assert.equal(answered.status, 200, answered.text)
  assert.equal(decodeJwt(answered.json.access_token)['azpacr'], '2')
  assert.equal((await ask1(good)).status, 401, 'an assertion is good once')
  assert.equal((await ask1(await assertion({ kid: thumbprint }))).status, 200)
  const wrong = [
    await assertion({}),
    await assertion({ 'x5t#S256': 'AAAA' }),
    await assertion({ 'x5t#S256': thumbprint }, { aud: 'https://login.example/token' }),
    await assertion({ 'x5t#S256': thumbprint }, { iss: daemon.clientId }),
  ]
  for (const one of wrong) {
    const { status, json } = await ask1(one)
    assert.deepEqual([status, json.error], [401, 'invalid_client'], JSON.stringify(json))
  }
  const secretInstead = await ask(tokenPath(tenant), redeem('a-code'))
  assert.equal(secretInstead.json.error, 'invalid_client')
})

test('a token of another issuer stands for a client that trusts it', async (t) => {
  const tenant = await opened(t)
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const issuer = 'https://token.actions.example'
  const subject = 'repo:corp/gate:environment:production'
  const keys = [{ ...(await exportJWK(publicKey)), alg: 'RS256', kid: 'k1' }]
  tenant.register(gateApp(origin, { federated: { issuer, subject, keys } }))
  const ask = asking(t, tenant)
  const ask1 = async (claims: Readonly<Record<string, unknown>>) => {
    const client_assertion = await new SignJWT({
      iss: issuer,
      sub: subject,
      aud: 'api://AzureADTokenExchange',
      ...claims,
    })
      .setExpirationTime('5m')
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .sign(privateKey)
    return await ask(tokenPath(tenant), {
      grant_type: 'client_credentials',
      client_id: gate.clientId,
      scope: 'https://graph.microsoft.com/.default',
      client_assertion,
      client_assertion_type: assertionType,
    })
  }
  const { status, json } = await ask1({})
  assert.equal(status, 200, JSON.stringify(json))
  for (const claims of [{ sub: 'repo:other' }, { iss: 'https://other.example' }, { aud: 'https://other.example' }]) {
    assert.equal((await ask1(claims)).json.error, 'invalid_client', JSON.stringify(claims))
  }
})

test('nobody but Graph can verify a token for Graph', async (t) => {
  const tenant = await opened(t)
  const ask = asking(t, tenant)
  const token = await tenant.accessToken({ person: people.admin.id, client: gate.clientId, api: graphAppId })
  assert.equal(typeof decodeProtectedHeader(token)['nonce'], 'string')
  const verifier = new TokenVerifier({
    cloud: 'worldwide',
    authority: playedAuthority(tenant.origin),
    tenants: [tenant.id],
    audiences: [graphAppId, tenant.origin],
    now: Date.now,
    fetchJson: async (place) => (await ask(place)).json,
  })
  assert.deepEqual(await verifier.verify(token), { ok: false, reason: 'token-of-graph' })
})
