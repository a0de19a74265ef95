import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:https'
import { test } from 'node:test'
import {
  asking,
  authorizeUrl,
  browserOf,
  callback,
  gate,
  opened,
  redeem,
  secret,
  signIn,
  tokenPath,
} from '../../../test/tenantClient.ts'
import { openTenant, people } from './index.ts'

const markup = '"><script>alert(1)</script>'

test('an address that is not registered letter by letter is never redirected to', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  const addresses = [
    'https://evil.example/.postern/callback',
    'https://localhost:8443/.postern/callback/',
    'https://localhost:8443/.Postern/callback',
    'https://localhost:8443/.postern/callback?next=x',
    'https://localhost:8443/.postern/callback#x',
    'https://localhost:8443/.postern/../.postern/callback',
    'https://localhost:9443/.postern/callback',
    'http://localhost:8443/.postern/callback',
    'https://localhost:8443@evil.example/.postern/callback',
    'javascript:alert(1)',
    markup,
    '',
  ]
  for (const redirect_uri of addresses) {
    for (const more of [{}, { prompt: 'none' }, { scope: 'openid api://nobody/x' }, { response_type: 'token' }]) {
      const seen = await browser.open(authorizeUrl(tenant, { ...more, redirect_uri }))
      assert.equal(seen.location, undefined, redirect_uri)
      assert.ok(seen.status >= 400, redirect_uri)
      assert.doesNotMatch(seen.text, /<script|evil/)
    }
  }
  const page = await browser.open(authorizeUrl(tenant, { redirect_uri: addresses[0] ?? '' }))
  assert.match(page.text, /AADSTS50011/)
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/)
})

test('an app that nobody registered gets a page, and no redirect', async (t) => {
  const tenant = await opened(t)
  const seen = await browserOf(t, tenant).open(
    authorizeUrl(tenant, { client_id: '11111111-0000-4000-8000-000000000000' }),
  )
  assert.equal(seen.location, undefined)
  assert.match(seen.text, /AADSTS700016/)
})

test('what is wrong with a request is told to the app where that is known', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  const rows: readonly (readonly [Readonly<Record<string, string>>, string, number])[] = [
    [{ code_challenge: '', code_challenge_method: '' }, 'invalid_request', 9002325],
    [{ code_challenge_method: 'plain' }, 'invalid_request', 9002325],
    [{ response_type: 'token' }, 'unsupported_response_type', 70007],
    [{ scope: 'openid api://nobody/read' }, 'invalid_resource', 500011],
    [{ scope: `openid api://${gate.clientId}/nothing` }, 'invalid_scope', 70011],
    [{ claims: '{' }, 'invalid_request', 50146],
  ]
  for (const [more, error, number] of rows) {
    const { location = '', text } = await browser.open(authorizeUrl(tenant, more))
    assert.ok(location.startsWith(`${callback}`), `${JSON.stringify(more)} ${text.slice(0, 500)}`)
    const { search, hash } = new URL(location)
    const told = new URLSearchParams(search === '' ? hash.slice(1) : search)
    assert.deepEqual([told.get('error'), told.get('state')], [error, 'a-state'], JSON.stringify(more))
    assert.match(told.get('error_description') ?? '', new RegExp(`^AADSTS${number}: `), JSON.stringify(more))
  }
})

test('state comes back as it was sent, also where it is markup, and is on no page', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  const page = await browser.open(authorizeUrl(tenant, { state: markup, login_hint: markup, domain_hint: markup }))
  assert.doesNotMatch(page.text, /<script/)
  const { location = '' } = await browser.open(page.url, { person: people.admin.id })
  assert.equal(new URL(location).searchParams.get('state'), markup)
  const posted = await browser.open(authorizeUrl(tenant, { state: markup, response_mode: 'form_post' }))
  assert.doesNotMatch(posted.text, /<script>alert/)
  assert.match(posted.text, /name="code"/)
  const refused = await browserOf(t, tenant).open(
    authorizeUrl(tenant, { state: markup, response_mode: 'form_post', prompt: 'none' }),
  )
  assert.match(refused.text, /name="error" value="login_required"/)
  assert.match(refused.text, /value="AADSTS50058: /)
  assert.doesNotMatch(refused.text, /<script>alert|name="iss"/)
})

test('a person who is made up is not signed in, nor is one picked by somebody without the page', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  const page = await browser.open(authorizeUrl(tenant))
  for (const person of ['', 'nobody', '__proto__', 'constructor', markup]) {
    const seen = await browser.open(page.url, { person })
    assert.deepEqual([seen.status, seen.location], [200, undefined])
    assert.doesNotMatch(seen.text, /<script/)
  }
  const invented = await browser.open(`${tenant.origin}/${tenant.id}/login/${'x'.repeat(43)}`, {
    person: people.admin.id,
  })
  assert.equal(invented.status, 400)
})

test('parameters that are given twice, bodies that are too long and other methods are refused', async (t) => {
  const tenant = await opened(t)
  const browser = browserOf(t, tenant)
  const twice = await browser.open(`${authorizeUrl(tenant)}&state=another`)
  assert.equal(twice.location?.includes('error=invalid_request') ?? twice.status === 400, true)
  const ask = asking(t, tenant)
  assert.equal(
    (await ask(tokenPath(tenant), { ...redeem('x'), padding: 'x'.repeat(70_000) }).catch(() => ({ status: 413 })))
      .status,
    413,
  )
  assert.equal((await ask(tokenPath(tenant))).status, 405)
  assert.equal((await ask(`/${tenant.id}/discovery/v2.0/keys`, {})).status, 405)
  assert.equal(
    (await ask('/11111111-0000-4000-8000-000000000000/v2.0/.well-known/openid-configuration')).json.error,
    'invalid_tenant',
  )
  for (const path of ['/', '/%', '/..//', `/${tenant.id}/nothing`, '//evil.example/x']) {
    assert.equal((await ask(tenant.origin + path)).status, 404, path)
  }
})

test('a request that names another host is none of the tenant’s', async (t) => {
  const tenant = await opened(t)
  const sent = request({
    port: tenant.port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: tenant.caPem,
    path: `/${tenant.id}/v2.0/.well-known/openid-configuration`,
    headers: { host: 'evil.example' },
  })
  sent.end()
  const [answer] = await once(sent, 'response')
  answer.resume()
  assert.equal(answer.statusCode, 421)
})

test('what is recorded of requests has no secrets in it', async (t) => {
  const tenant = await opened(t)
  const ask = asking(t, tenant)
  const code = (await signIn(browserOf(t, tenant), tenant, people.admin.id)).get('code') ?? ''
  const { json } = await ask(tokenPath(tenant), redeem(code))
  const told = JSON.stringify(tenant.requests)
  for (const hidden of [code, secret, json.access_token, json.refresh_token, json.id_token, 'v'.repeat(50)]) {
    assert.ok(!told.includes(hidden))
  }
  const redeemed = tenant.requests.find(({ path }) => path === tokenPath(tenant))
  assert.deepEqual([redeemed?.parameters['code'], redeemed?.status], ['(withheld)', 200])
  tenant.forgetRequests()
  assert.deepEqual(tenant.requests, [])
})

test('metadata of any tenant are a template, and signing in there leads to the tenant itself', async (t) => {
  const tenant = await opened(t)
  const ask = asking(t, tenant)
  for (const segment of ['common', 'organizations']) {
    const { json } = await ask(`/${segment}/v2.0/.well-known/openid-configuration`)
    assert.equal(json.issuer, `${tenant.origin}/{tenantid}/v2.0`)
    const { json: set } = await ask(json.jwks_uri)
    assert.equal(set.keys[0].issuer, json.issuer)
  }
  const { json } = await ask(`/${tenant.id}/.well-known/openid-configuration`)
  assert.equal(json.issuer, tenant.v1Issuer)
  const browser = browserOf(t, tenant)
  const seen = await browser.open(authorizeUrl(tenant).replace(tenant.id, 'common'))
  assert.match(seen.text, /Pick who signs in/)
  await browser.open(seen.url, { person: people.admin.id })
  const again = await browser.open(authorizeUrl(tenant, { prompt: 'none' }).replace(tenant.id, 'organizations'))
  assert.ok(new URL(again.location ?? '').searchParams.has('code'), 'one session for both')
})

test('opening the tenant writes nothing, and options out of their ranges are refused', async () => {
  const place = new URL('./index.ts', import.meta.url).href
  const program = `const { openTenant } = await import('${place}'); await (await openTenant()).close()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program])
  const told: Buffer[] = []
  child.stdout.on('data', (part) => told.push(part))
  child.stderr.on('data', (part) => told.push(part))
  const [exit] = await once(child, 'close')
  assert.deepEqual([exit, Buffer.concat(told).toString()], [0, ''])
  for (const wrong of [{ port: 80 }, { tenantId: 'x' }, { graphPage: 0 }, { tokenSeconds: 1 }]) {
    await assert.rejects(openTenant(wrong), RangeError)
  }
})
