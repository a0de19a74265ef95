import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeJwt } from 'jose'
import * as client from 'openid-client'
import { Agent, fetch } from 'undici'
import {
  asking,
  authorizeUrl,
  browserOf,
  callback,
  gate,
  opened,
  redeem,
  renew,
  scope,
  secret,
  signIn,
  tokenPath,
} from '../../../test/tenantClient.ts'
import { playedAuthority, TokenVerifier } from '../../identity/index.ts'
import { gateApp, people } from './index.ts'

test('a certified client signs somebody in, and our own verifier takes the access token', async (t) => {
  const tenant = await opened(t)
  const dispatcher = new Agent({ connect: { ca: tenant.caPem } })
  t.after(() => dispatcher.close())
  const customFetch: client.CustomFetch = async (url, { body, ...options }) => {
    const sent = body instanceof URLSearchParams ? body.toString() : undefined
    const answer = await fetch(url, { ...options, ...(sent !== undefined && { body: sent }), signal: null, dispatcher })
    return new Response(await answer.text(), { status: answer.status, headers: [...answer.headers] })
  }
  const config = await client.discovery(
    new URL(tenant.issuer),
    gate.clientId,
    secret,
    client.ClientSecretBasic(secret),
    { [client.customFetch]: customFetch },
  )
  const nonce = client.randomNonce()
  const state = client.randomState()
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope,
    nonce,
    state,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    claims: JSON.stringify({ access_token: { xms_cc: { values: ['cp1'] } } }),
  })
  const browser = browserOf(t, tenant)
  const page = await browser.open(url.href)
  assert.match(page.text, /built-in tenant/)
  const { location = '' } = await browser.open(page.url, { person: people.admin.id })
  const tokens = await client.authorizationCodeGrant(config, new URL(location), {
    pkceCodeVerifier,
    expectedNonce: nonce,
    expectedState: state,
    idTokenExpected: true,
  })
  const claims = tokens.claims()
  assert.equal(claims?.['oid'], people.admin.id)
  assert.deepEqual(claims?.['roles'], ['Admin'])
  assert.notEqual(claims?.sub, people.admin.id)
  const ask = asking(t, tenant)
  const judge = new TokenVerifier({
    cloud: 'worldwide',
    authority: playedAuthority(tenant.origin),
    tenants: [tenant.id],
    audiences: [gate.clientId],
    now: Date.now,
    fetchJson: async (place) => (await ask(place)).json,
  })
  const verdict = await judge.verify(tokens.access_token)
  assert.ok(verdict.ok, JSON.stringify(verdict))
  assert.deepEqual(verdict.identity.scopes, ['access_as_user'])
  assert.equal(verdict.identity.takesClaimsChallenges, true)
  assert.equal(verdict.identity.sessionId, claims?.['sid'])
  const renewed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '')
  assert.notEqual(renewed.refresh_token, tokens.refresh_token)
  assert.equal(renewed.claims()?.['oid'], people.admin.id)
})

test('one v1.0 API gets v1.0 tokens that the verifier takes, with the audience as it was named', async (t) => {
  const tenant = await opened(t)
  const id = '5b0d3f52-1c1e-4a6f-8a55-0f6c0d9e2009'
  const name = 'https://legacy.corp.example'
  tenant.register(
    gateApp(
      'https://localhost:8443',
      { secret },
      { clientId: id, api: { identifierUris: [name], tokenVersion: 1, scopes: ['read'] } },
    ),
  )
  const answer = await signIn(browserOf(t, tenant), tenant, people.guest.id, {
    client_id: id,
    scope: `openid ${name}/read`,
  })
  const ask = asking(t, tenant)
  const { json } = await ask(tokenPath(tenant), redeem(answer.get('code') ?? '', { client_id: id }))
  const judge = new TokenVerifier({
    cloud: 'worldwide',
    authority: playedAuthority(tenant.origin),
    tenants: [tenant.id],
    audiences: [name],
    now: Date.now,
    fetchJson: async (place) => (await ask(place)).json,
  })
  const verdict = await judge.verify(json.access_token)
  assert.ok(verdict.ok, JSON.stringify(verdict))
  assert.equal(verdict.identity.tokenVersion, '1.0')
  assert.equal(verdict.identity.isGuest, true)
  assert.equal(decodeJwt(json.access_token).iss, tenant.v1Issuer)
})

test('a second factor is asked for where an authentication context is essential, and the result tells of it', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  const ask = asking(t, tenant)
  const plain = await signIn(browser, tenant, people.admin.id)
  const before = await ask(tokenPath(tenant), redeem(plain.get('code') ?? ''))
  assert.equal(decodeJwt(before.json.id_token)['acrs'], undefined)
  t.mock.timers.tick(5000)
  const claims = JSON.stringify({ id_token: { acrs: { essential: true, value: 'c1' } } })
  const silent = await browser.open(authorizeUrl(tenant, { claims, prompt: 'none' }))
  assert.equal(new URL(silent.location ?? '').searchParams.get('error'), 'interaction_required')
  const page = await browser.open(authorizeUrl(tenant, { claims }))
  assert.match(page.text, /second factor/)
  const wrong = await browser.open(page.url, { number: '1' })
  assert.match(wrong.text, /another number/)
  const number = /id="number">(\d+)</.exec(page.text)?.[1] ?? ''
  const seen = await browser.open(page.url, { number })
  const code = new URL(seen.location ?? '').searchParams.get('code') ?? ''
  const after = await ask(tokenPath(tenant), redeem(code))
  assert.deepEqual(decodeJwt(after.json.id_token)['acrs'], ['c1'])
  assert.deepEqual(decodeJwt(after.json.access_token)['acrs'], ['c1'])
  assert.equal(decodeJwt(after.json.id_token)['auth_time'], decodeJwt(before.json.id_token)['auth_time'])
})

test('a context that is only wished for is told where a second factor was given, and a refresh cannot step up', async (t) => {
  const tenant = await opened(t)
  const ask = asking(t, tenant)
  const wish = { claims: JSON.stringify({ id_token: { acrs: { values: ['c1', 'c2'] } } }) }
  const begin = async (more: Readonly<Record<string, string>>) => {
    const code = (await signIn(browserOf(t, tenant), tenant, people.admin.id, more)).get('code') ?? ''
    return (await ask(tokenPath(tenant), redeem(code))).json
  }
  const weak = await begin(wish)
  assert.equal(decodeJwt(weak.id_token)['acrs'], undefined)
  const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: 'c1' } } })
  const { json } = await ask(tokenPath(tenant), renew(weak.refresh_token, { claims }))
  assert.deepEqual([json.error, json.error_codes], ['interaction_required', [50076]])
  const strong = await begin({ claims })
  const renewed = await ask(tokenPath(tenant), renew(strong.refresh_token, wish))
  assert.deepEqual(decodeJwt(renewed.json.access_token)['acrs'], ['c1', 'c2'])
})

test('whoever has no second factor cannot step up', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: 'c1' } } })
  const page = await browser.open(authorizeUrl(tenant, { claims }))
  const asked = await browser.open(page.url, { person: people.guest.id })
  assert.match(asked.text, /AADSTS50079/)
  // Every number that there could be.
  for (let number = 10; number < 100; number += 1) {
    const tried = await browser.open(asked.url, { number: String(number) })
    assert.deepEqual([tried.status, tried.location], [200, undefined])
  }
  const { location = '' } = await browser.open(asked.url, { cancel: '1' })
  assert.equal(new URL(location).searchParams.get('error'), 'access_denied')
})

test('who is signed in is not asked again, and prompt, max_age and login_hint ask', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  const none = await browser.open(authorizeUrl(tenant, { prompt: 'none' }))
  const refused = new URL(none.location ?? '').searchParams
  assert.equal(refused.get('error'), 'login_required')
  assert.match(refused.get('error_description') ?? '', /^AADSTS50058/)
  assert.equal(refused.get('state'), 'a-state')
  assert.equal(refused.get('iss'), null)
  await signIn(browser, tenant, people.ordinary.id)
  const answered = await browser.open(authorizeUrl(tenant, { prompt: 'none' }))
  assert.ok(new URL(answered.location ?? '').searchParams.has('code'))
  const asks = [
    { prompt: 'login' },
    { prompt: 'select_account' },
    { max_age: '0' },
    { login_hint: people.admin.userName },
  ]
  for (const more of asks) {
    const page = await browser.open(authorizeUrl(tenant, more))
    assert.match(page.text, /Pick who signs in/, JSON.stringify(more))
    const { location } = await browser.open(page.url, { person: people.ordinary.id })
    if (!('login_hint' in more)) assert.ok(location?.includes('code='), JSON.stringify(more))
  }
  const hinted = await browser.open(authorizeUrl(tenant, { login_hint: people.ordinary.userName }))
  assert.ok(hinted.location?.includes('code='))
  const other = await browser.open(authorizeUrl(tenant, { prompt: 'none', login_hint: people.admin.userName }))
  assert.equal(new URL(other.location ?? '').searchParams.get('error'), 'login_required')
})

test('somebody else may take over the browser, with a session of their own', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  const ask = asking(t, tenant)
  const first = await ask(tokenPath(tenant), redeem((await signIn(browser, tenant, people.admin.id)).get('code') ?? ''))
  const more = { prompt: 'select_account' }
  const second = await ask(
    tokenPath(tenant),
    redeem((await signIn(browser, tenant, people.guest.id, more)).get('code') ?? ''),
  )
  const [one, other] = [decodeJwt(first.json.id_token), decodeJwt(second.json.id_token)]
  assert.equal(other['oid'], people.guest.id)
  assert.notEqual(one['sid'], other['sid'])
})

test('a person may cancel, and a blocked one does not get in', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  const page = await browser.open(authorizeUrl(tenant))
  const blocked = await browser.open(page.url, { person: people.blocked.id })
  assert.match(blocked.text, /AADSTS50057/)
  const { location = '' } = await browser.open(page.url, { cancel: '1' })
  const told = new URL(location).searchParams
  assert.equal(told.get('error'), 'access_denied')
  assert.match(told.get('error_description') ?? '', /^AADSTS65004/)
  assert.equal(told.get('error_subcode'), 'cancel')
})

test('two sign-ins that were begun in one browser both end well', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  const pages = [
    await browser.open(authorizeUrl(tenant, { state: 'one' })),
    await browser.open(authorizeUrl(tenant, { state: 'two' })),
  ]
  const states: (string | null)[] = []
  for (const page of pages) {
    const { location = '' } = await browser.open(page.url, { person: people.admin.id })
    states.push(new URL(location).searchParams.get('state'))
  }
  assert.deepEqual(states, ['one', 'two'])
})

test('a page of a sign-in belongs to the browser that began it', async (t) => {
  const tenant = await opened(t)
  const page = await browserOf(t, tenant).open(authorizeUrl(tenant))
  const stranger = await browserOf(t, tenant).open(page.url, { person: people.admin.id })
  assert.equal(stranger.status, 400)
  assert.equal(stranger.location, undefined)
})

test('a code is good once, with its verifier, for its app and its redirect URI', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  const ask = asking(t, tenant)
  const rows = [
    [{ code_verifier: 'w'.repeat(50) }, 501481],
    [{ redirect_uri: 'https://localhost:8443/' }, 500112],
    [{ client_secret: 'another' }, 7000215],
    [{ code: 'made-up' }, 70000],
  ] as const
  for (const [more, number] of rows) {
    const code = (await signIn(browser, tenant, people.admin.id, { prompt: 'login' })).get('code') ?? ''
    const { status, json } = await ask(tokenPath(tenant), redeem(code, more))
    assert.deepEqual([status >= 400, json.error_codes], [true, [number]], JSON.stringify(json))
    assert.ok(!JSON.stringify(json).includes(secret))
  }
  const code = (await signIn(browser, tenant, people.admin.id, { prompt: 'login' })).get('code') ?? ''
  const first = await ask(tokenPath(tenant), redeem(code))
  assert.equal(first.status, 200)
  const again = await ask(tokenPath(tenant), redeem(code))
  assert.deepEqual(again.json.error_codes, [54005])
  const renewed = await ask(tokenPath(tenant), renew(first.json.refresh_token))
  assert.equal(renewed.status, 400, 'what was issued for a code that was used twice is worth nothing')
})

test('a refresh tells what changed about a person, and refuses who was blocked or revoked', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  const ask = asking(t, tenant)
  const begin = async (person: string) => {
    const code = (await signIn(browser, tenant, person, { prompt: 'login' })).get('code') ?? ''
    return (await ask(tokenPath(tenant), redeem(code))).json.refresh_token
  }
  const { id } = people.ordinary
  const token = await begin(id)
  tenant.change(id, { groups: [], roles: ['Admin'] })
  const changed = await ask(tokenPath(tenant), renew(token))
  assert.deepEqual(decodeJwt(changed.json.access_token)['roles'], ['Admin'])
  assert.equal(decodeJwt(changed.json.access_token)['groups'], undefined)
  tenant.change(id, { revoked: true })
  assert.deepEqual((await ask(tokenPath(tenant), renew(changed.json.refresh_token))).json.error_codes, [50173])
  const silent = await browser.open(authorizeUrl(tenant, { prompt: 'none' }))
  assert.equal(new URL(silent.location ?? '').searchParams.get('error'), 'login_required')
  const anew = await begin(id)
  tenant.change(id, { isBlocked: true })
  assert.deepEqual((await ask(tokenPath(tenant), renew(anew))).json.error_codes, [50057])
  const later = await browser.open(authorizeUrl(tenant, { prompt: 'none' }))
  assert.equal(new URL(later.location ?? '').searchParams.get('error'), 'login_required')
})

test('signing out ends the session, tells the apps by frames, and leads back to a registered address alone', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  const ask = asking(t, tenant)
  const answer = await signIn(browser, tenant, people.admin.id)
  const { json } = await ask(tokenPath(tenant), redeem(answer.get('code') ?? ''))
  const out = `${tenant.origin}/${tenant.id}/oauth2/v2.0/logout`
  const query = (back: string) =>
    `?${new URLSearchParams({ client_id: gate.clientId, post_logout_redirect_uri: back, state: 's' })}`
  const page = await browser.open(out + query('https://localhost:8443/'))
  const frame = /<iframe src="([^"]*)"/.exec(page.text)?.[1]?.replaceAll('&#38;', '&') ?? ''
  const told = new URL(frame)
  assert.equal(told.origin + told.pathname, gate.frontChannelSignOut)
  assert.equal(told.searchParams.get('iss'), tenant.issuer)
  assert.equal(told.searchParams.get('sid'), decodeJwt(json.id_token)['sid'])
  assert.match(page.headers.get('content-security-policy') ?? '', /frame-src https:\/\/localhost:8443;/)
  assert.match(page.text, /href="https:\/\/localhost:8443\/\?state=s"/)
  const silent = await browser.open(authorizeUrl(tenant, { prompt: 'none' }))
  assert.equal(new URL(silent.location ?? '').searchParams.get('error'), 'login_required')
  const astray = await browser.open(out + query('https://evil.example/'))
  assert.doesNotMatch(astray.text, /evil/)
  assert.doesNotMatch(astray.text, /iframe src/)
})

test('a session that was signed out of is gone for whoever kept its cookie', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  await signIn(browser, tenant, people.admin.id)
  const path = `/${tenant.id}/oauth2/v2.0/logout`
  await asking(t, tenant)(path, undefined, { cookie: browser.cookiesFor(path) })
  const silent = await browser.open(authorizeUrl(tenant, { prompt: 'none' }))
  assert.equal(new URL(silent.location ?? '').searchParams.get('error'), 'login_required')
})

test('the tenant’s cookies are not sent to an app at another port of the same name', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  await signIn(browser, tenant, people.admin.id)
  assert.equal(browser.cookiesFor('/.postern/callback'), '')
  assert.ok(browser.cookiesFor(`/${tenant.id}/oauth2/v2.0/authorize`).includes('tenant_session='))
})
