import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { decodeJwt } from 'jose'
import {
  asking,
  authorizeUrl,
  browserOf,
  gate,
  opened,
  redeem,
  renew,
  signIn,
  tokenPath,
} from '../../../test/tenantClient.ts'
import { playedAuthority, type TokenReason, TokenVerifier } from '../../identity/index.ts'
import { type Misbehaviour, openTenant, people, type Tenant } from './index.ts'

type Ask = ReturnType<typeof asking>

const verifierOf = (tenant: Tenant, ask: Ask, now: () => number = Date.now) =>
  new TokenVerifier({
    cloud: 'worldwide',
    authority: playedAuthority(tenant.origin),
    tenants: [tenant.id],
    audiences: [gate.clientId],
    now,
    fetchJson: async (place) => {
      const { status, json } = await ask(place)
      if (status !== 200 || json === undefined) throw new Error(`${status}`)
      return json
    },
  })

const tokenOf = (tenant: Tenant) =>
  tenant.accessToken({ person: people.admin.id, client: gate.clientId, api: gate.clientId })

const judge = async (tenant: Tenant, ask: Ask) => {
  const verdict = await verifierOf(tenant, ask).verify(await tokenOf(tenant))
  return verdict.ok ? 'ok' : verdict.reason
}

test('each way in which tokens, keys and metadata can be wrong is seen by the verifier, and gone when the tenant behaves', async (t) => {
  const rows: readonly (readonly [Misbehaviour, TokenReason | 'ok'])[] = [
    [{ tokens: 'wrong-issuer' }, 'issuer-mismatch'],
    [{ tokens: 'another-tenant' }, 'tenant-not-allowed'],
    [{ tokens: 'wrong-audience' }, 'audience-mismatch'],
    [{ tokens: 'expired' }, 'expired'],
    [{ tokens: 'not-yet-valid' }, 'not-yet-valid'],
    [{ tokens: 'alg-none' }, 'algorithm-not-allowed'],
    [{ tokens: 'alg-hs256' }, 'algorithm-not-allowed'],
    [{ tokens: 'bad-signature' }, 'signature-invalid'],
    [{ tokens: 'no-kid' }, 'key-unknown'],
    [{ tokens: 'embedded-key' }, 'signature-invalid'],
    [{ tokenHeader: { crit: ['b64'], b64: true } }, 'critical-header'],
    [{ accessTokenClaims: { exp: undefined } }, 'lifetime-missing'],
    [{ accessTokenClaims: { oid: undefined } }, 'identity-missing'],
    [{ idTokenClaims: { iss: 'https://elsewhere.example' } }, 'ok'],
    [{ everywhere: { how: 'status', status: 503 } }, 'keys-unreachable'],
    [
      {
        everywhere: { how: 'status', status: 503 },
        answers: { keys: { how: 'slow', ms: 1 }, metadata: { how: 'slow', ms: 1 } },
      },
      'ok',
    ],
    [{ keys: 'rotated' }, 'ok'],
    [{ keys: 'rolling' }, 'ok'],
    [{ keys: 'half' }, 'key-unknown'],
    [{ keys: 'unpublished' }, 'key-unknown'],
    [{ keys: 'of-another-issuer' }, 'key-of-other-issuer'],
    [{ metadata: 'wrong-issuer' }, 'keys-unreachable'],
    [{ metadata: 'keys-elsewhere' }, 'keys-unreachable'],
    [{ answers: { metadata: { how: 'status', status: 500 } } }, 'keys-unreachable'],
    [{ answers: { keys: { how: 'not-json' } } }, 'keys-unreachable'],
    [{ answers: { keys: { how: 'reset' } } }, 'keys-unreachable'],
    [{ answers: { keys: { how: 'redirect', to: 'https://elsewhere.example/' } } }, 'keys-unreachable'],
    [{ answers: { keys: { how: 'slow', ms: 1 } } }, 'ok'],
    [{ down: true }, 'keys-unreachable'],
  ]
  const tenant = await opened(t)
  const ask = asking(t, tenant)
  for (const [how, expected] of rows) {
    await tenant.misbehave(how)
    assert.equal(await judge(tenant, ask), expected, JSON.stringify(how))
    await tenant.behave()
    assert.equal(await judge(tenant, ask), 'ok', `after ${JSON.stringify(how)}`)
  }
})

test('a key that was rotated away is no longer published, and one that is rolled still is', async (t) => {
  const tenant = await opened(t)
  const ask = asking(t, tenant)
  const ids = async () =>
    (await ask(`/${tenant.id}/discovery/v2.0/keys`)).json.keys.map(({ kid }: { kid: string }) => kid)
  const [first] = await ids()
  await tenant.misbehave({ keys: 'rolling' })
  assert.ok((await ids()).includes(first))
  const [second] = await ids()
  await tenant.misbehave({ keys: 'rotated' })
  const now = await ids()
  assert.equal(now.length, 1)
  assert.ok(!now.includes(first) && !now.includes(second))
  await tenant.misbehave({ keys: 'half' })
  const [one, other, third] = [await ids(), await ids(), await ids()]
  assert.deepEqual(one, third)
  assert.notDeepEqual(one, other)
})

test('the ID token lacks its nonce, or has another, on request', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  const ask = asking(t, tenant)
  const nonce = async () => {
    const code = (await signIn(browser, tenant, people.admin.id)).get('code') ?? ''
    return decodeJwt((await ask(tokenPath(tenant), redeem(code))).json.id_token)['nonce']
  }
  assert.equal(await nonce(), 'a-nonce')
  await tenant.misbehave({ tokens: 'no-nonce' })
  assert.equal(await nonce(), undefined)
  await tenant.misbehave({ tokens: 'wrong-nonce' })
  assert.notEqual(await nonce(), 'a-nonce')
})

test('the ID token and the answer that it comes in are altered member by member', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  const ask = asking(t, tenant)
  const alter = async (how: Misbehaviour) => {
    await tenant.misbehave(how)
    const code = (await signIn(browser, tenant, people.admin.id)).get('code') ?? ''
    return (await ask(tokenPath(tenant), redeem(code))).json
  }
  const altered = await alter({ idTokenClaims: { sub: undefined, aud: [gate.clientId, 'another'] } })
  const { sub, aud } = decodeJwt(altered.id_token)
  assert.deepEqual([sub, aud], [undefined, [gate.clientId, 'another']])
  assert.equal(decodeJwt(altered.access_token).aud, gate.clientId)
  const bare = await alter({ tokenAnswer: { id_token: undefined, expires_in: undefined, token_type: 'bearer' } })
  assert.deepEqual([bare.id_token, bare.expires_in, bare.token_type], [undefined, undefined, 'bearer'])
  assert.deepEqual(decodeJwt((await alter({})).id_token).aud, gate.clientId)
})

test('a tenant that is told so by its signal is gone, and closing it again does nothing', async (t) => {
  const ending = new AbortController()
  const tenant = await openTenant({ signal: ending.signal })
  t.after(() => tenant.close())
  const ask = asking(t, tenant)
  assert.equal((await ask(`/${tenant.id}/discovery/v2.0/keys`)).status, 200)
  ending.abort()
  await assert.rejects(ask(`/${tenant.id}/discovery/v2.0/keys`))
  await tenant.close()
  await tenant.behave()
  await assert.rejects(ask(`/${tenant.id}/discovery/v2.0/keys`))
  await assert.rejects(openTenant({ signal: ending.signal }), { name: 'AbortError' })
})

test('a token endpoint on another host stands in the metadata on request', async (t) => {
  const tenant = await opened(t)
  const ask = asking(t, tenant)
  await tenant.misbehave({ metadata: 'token-elsewhere' })
  const { json } = await ask(`/${tenant.id}/v2.0/.well-known/openid-configuration`)
  assert.notEqual(new URL(json.token_endpoint).host, new URL(tenant.origin).host)
})

test('a refresh is refused in each way that Entra has, and the token is good afterwards', async (t) => {
  const tenant = await opened(t)
  const ask = asking(t, tenant)
  const code = (await signIn(browserOf(t, tenant), tenant, people.admin.id)).get('code') ?? ''
  const { json } = await ask(tokenPath(tenant), redeem(code))
  const rows = [
    ['invalid_grant', 400, 'invalid_grant', null],
    ['interaction_required', 400, 'interaction_required', null],
    ['throttled', 429, 'temporarily_unavailable', '7'],
    ['unavailable', 503, 'temporarily_unavailable', '3'],
  ] as const
  for (const [refresh, status, error, retryAfter] of rows) {
    await tenant.misbehave({ refresh })
    const answer = await ask(tokenPath(tenant), renew(json.refresh_token))
    assert.deepEqual([answer.status, answer.json.error, answer.headers.get('retry-after')], [status, error, retryAfter])
  }
  await tenant.behave()
  assert.equal((await ask(tokenPath(tenant), renew(json.refresh_token))).status, 200)
})

test('the answer to an authorization request names another issuer, or loses its state, on request', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  assert.equal((await signIn(browser, tenant, people.admin.id)).get('iss'), null)
  const told = async (authorizationResponse: NonNullable<Misbehaviour['authorizationResponse']>) => {
    await tenant.misbehave({ authorizationResponse })
    return await signIn(browser, tenant, people.admin.id)
  }
  const issuer = (await told('wrong-issuer')).get('iss')
  assert.ok(issuer?.startsWith(`${tenant.origin}/`) && issuer !== tenant.issuer)
  assert.equal((await told('no-state')).get('state'), null)
  assert.notEqual((await told('wrong-state')).get('state'), 'a-state')
  const code = (await told('wrong-code')).get('code') ?? ''
  assert.equal((await asking(t, tenant)(tokenPath(tenant), redeem(code))).json.error, 'invalid_grant')
})

test('a second factor that was given is not told of, on request', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  await tenant.misbehave({ stepUp: 'ignored' })
  const claims = JSON.stringify({ id_token: { acrs: { essential: true, value: 'c1' } } })
  const code = (await signIn(browser, tenant, people.admin.id, { claims })).get('code') ?? ''
  const { json } = await asking(t, tenant)(tokenPath(tenant), redeem(code))
  assert.equal(decodeJwt(json.id_token)['acrs'], undefined)
})

test('an endpoint hangs until it is left, and answers with more than ten megabytes, on request', async (t: TestContext) => {
  const tenant = await opened(t)
  const ask = asking(t, tenant)
  const place = `/${tenant.id}/discovery/v2.0/keys`
  await tenant.misbehave({ answers: { keys: { how: 'huge' } } })
  assert.ok((await ask(place)).text.length > 10 * 1024 * 1024)
  await tenant.misbehave({ answers: { keys: { how: 'hang' } } })
  const hung = ask(place).then(
    () => 'answered',
    () => 'cut',
  )
  while (!tenant.requests.some(({ path, status }) => path === place && status === undefined)) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  await tenant.close()
  assert.equal(await hung, 'cut')
})

test('nothing listens while the tenant is down, and signing in works when it is back', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  await tenant.misbehave({ down: true })
  await assert.rejects(browser.open(authorizeUrl(tenant)), ({ cause }: Error) =>
    /ECONNREFUSED/.test(String((cause as { code?: string }).code)),
  )
  await tenant.behave()
  assert.ok((await signIn(browser, tenant, people.admin.id)).has('code'))
})
