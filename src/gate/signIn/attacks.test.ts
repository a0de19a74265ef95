import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everythingTold, fieldOf, origin, playSignIn, poison } from '../../../test/playedSignIn.ts'
import type { Misbehaviour } from '../../lab/tenant/index.ts'
import { people } from '../../lab/tenant/index.ts'

const callback = '/.postern/callback'
const admin = people.admin.id

test('mix-up: an answer that says that it is of another issuer is not redeemed anywhere', async (t) => {
  const { visitor, tenant, store } = await playSignIn(t)
  await tenant.misbehave({ authorizationResponse: 'wrong-issuer' })
  const answer = await visitor().signIn(admin)
  assert.deepEqual([answer.status, answer.reason, store.list()], [400, 'issuer-mismatch', []])
  assert.equal(
    tenant.requests.some(({ path }) => path.endsWith('/token')),
    false,
  )
})

test('mix-up: the right issuer in the answer is taken', async (t) => {
  const { visitor, tenant } = await playSignIn(t)
  const browser = visitor()
  const address = await browser.throughTenant(admin)
  const answer = await browser.finish(`${address}&iss=${encodeURIComponent(tenant.issuer)}`)
  assert.equal(answer.reason, 'signed-in')
})

test('mix-up among tenants that may all come: the issuer of the answer is that of the token', async (t) => {
  const [own, other] = ['6f1d3c52-8a4b-4e0f-9c37-2b5e1d9a7c40', people.guest.id]
  const { visitor, tenant } = await playSignIn(t, { over: { tenants: [other, own] } })
  assert.equal(tenant.id, own)
  const [browser, another] = [visitor(), visitor()]
  const address = await browser.throughTenant(admin)
  const wrong = encodeURIComponent(tenant.issuer.replace(own, other))
  assert.equal((await browser.finish(`${address}&iss=${wrong}`)).reason, 'issuer-mismatch')
  assert.equal((await another.signIn(admin)).reason, 'signed-in')
  assert.equal(await another.who(), admin)
  assert.ok(tenant.requests.some(({ path }) => path === '/organizations/oauth2/v2.0/token'))
})

test('replay: an answer counts once, in whatever browser it is shown again', async (t) => {
  const { visitor, store } = await playSignIn(t)
  const browser = visitor()
  const address = await browser.throughTenant(admin)
  const cookies = [...browser.cookies]
  await browser.finish(address)
  for (const [name, value] of cookies) browser.cookies.set(name, value)
  const again = await browser.finish(address)
  const elsewhere = await visitor().finish(address)
  assert.deepEqual([again.reason, elsewhere.reason, store.list().length], ['state-unknown', 'state-unknown', 1])
})

test('code injection: a code of another sign-in does not fit the verifier of this one', async (t) => {
  const { visitor, store } = await playSignIn(t)
  const [victim, attacker] = [visitor(), visitor()]
  const stolen = new URL(await victim.throughTenant(admin)).searchParams.get('code') ?? ''
  const own = new URL(await attacker.throughTenant(people.ordinary.id))
  own.searchParams.set('code', stolen)
  const answer = await attacker.finish(own.href)
  assert.deepEqual([answer.status, answer.reason, store.list()], [403, 'refused-by-entra', []])
})

test('login CSRF: nobody is signed in by an answer that another browser got', async (t) => {
  const { visitor, store } = await playSignIn(t)
  const [attacker, victim] = [visitor(), visitor()]
  const address = await attacker.throughTenant(people.ordinary.id, '/transfer')
  // With no cookie, and with that of a sign-in of their own.
  const bare = await victim.finish(address)
  await victim.throughTenant(admin)
  const begun = await victim.finish(address)
  assert.deepEqual([bare.reason, begun.reason, store.list()], ['other-browser', 'other-browser', []])
  assert.equal(victim.cookies.has('__Host-postern'), false)
  // It was not taken away from whom it belongs to.
  assert.equal((await attacker.finish(address)).reason, 'signed-in')
})

test('fixation: a cookie that somebody planted is never the session of who signs in', async (t) => {
  const { visitor, signIn } = await playSignIn(t)
  const [attacker, victim] = [visitor(), visitor()]
  await attacker.signIn(people.ordinary.id)
  const planted = attacker.cookies.get('__Host-postern') ?? ''
  victim.cookies.set('__Host-postern', planted)
  await victim.signIn(admin)
  assert.notEqual(victim.cookies.get('__Host-postern'), planted)
  assert.equal(await victim.who(), admin)
  assert.equal(await attacker.who(), 'revoked')
  const made = 'A'.repeat(43)
  const other = visitor()
  other.cookies.set('__Host-postern', made)
  assert.equal(await other.who(), 'session-unknown')
  await other.signIn(admin)
  assert.notEqual(other.cookies.get('__Host-postern'), made)
  const two = other.asked('/', { headers: [['cookie', `__Host-postern=${made}`]] })
  assert.deepEqual(await signIn.callerOf(two), { ok: false, reason: 'none' })
})

for (const [to, comesTo] of [
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/%2f%2fevil.example', '/'],
  ['/%5cevil.example', '/'],
  ['https://evil.example/', '/'],
  [`${origin}.evil.example/`, '/'],
  ['javascript:alert(1)', '/'],
  ['/\tevil', '/'],
  ['/a\r\nset-cookie: a=b', '/'],
  ['\\\\evil.example', '/'],
  ['/..//evil.example', '/'],
  ['/.postern/sign-in', '/'],
  ['/.POSTERN/sign-out', '/'],
  ['/.postern', '/'],
  ['', '/'],
  [`/${'a'.repeat(3000)}`, '/'],
  ['/a?b=https://evil.example', '/a?b=https://evil.example'],
  ['/a/b%20c', '/a/b%20c'],
] as const) {
  test(`open redirect: after a sign-in for ${JSON.stringify(to.slice(0, 40))} the browser comes to ${comesTo}`, async (t) => {
    const { visitor } = await playSignIn(t)
    const answer = await visitor().signIn(admin, to)
    assert.deepEqual([answer.status, fieldOf(answer, 'location')], [303, comesTo])
  })
}

test('duplicate parameters, tokens in the address, forms, and answers of no shape end before anything is asked', async (t) => {
  const { visitor, tenant, store } = await playSignIn(t)
  const browser = visitor()
  const { searchParams } = new URL(await browser.throughTenant(admin))
  const [code, state] = [searchParams.get('code') ?? '', searchParams.get('state') ?? '']
  const rows: readonly (readonly [query: string, reason: string])[] = [
    [`code=${code}&code=${code}&state=${state}`, 'duplicate-parameter'],
    [`code=${code}&state=${state}&state=${state}`, 'duplicate-parameter'],
    [`code=${code}&state=${state}&iss=a&iss=b`, 'duplicate-parameter'],
    [`code=${code}&state=${state}&error=a&error=b`, 'duplicate-parameter'],
    [`code=${code}&state=${state}&error=access_denied`, 'answer-unreadable'],
    [`code=${code}&state=${state}&id_token=a.b.c`, 'answer-unreadable'],
    [`code=${code}&state=${state}&response=a.b.c`, 'answer-unreadable'],
    [`code=${code}`, 'answer-unreadable'],
    [`code=${code}&state=`, 'answer-unreadable'],
    [`code=&state=${state}`, 'answer-unreadable'],
    [`code=${'a'.repeat(7000)}&state=${state}`, 'answer-unreadable'],
    [`code=a%00b&state=${state}`, 'answer-unreadable'],
    [`error=access_denied`, 'answer-unreadable'],
    [`error=access_denied&state=${'A'.repeat(43)}`, 'state-unknown'],
    ['', 'answer-unreadable'],
    [`code=${code}&state=${'A'.repeat(43)}`, 'state-unknown'],
  ]
  for (const [query, reason] of rows) assert.equal((await browser.finish(`${callback}?${query}`)).reason, reason, query)
  const posted = await browser.finish(callback, { method: 'POST' })
  assert.equal(posted.status, 405)
  assert.deepEqual(store.list(), [])
  assert.equal(
    tenant.requests.some(({ path }) => path.endsWith('/token')),
    false,
  )
  assert.equal((await browser.finish(`${callback}?code=${code}&state=${state}`)).reason, 'signed-in')
})

const tokens: readonly (readonly [how: Misbehaviour, reason: string, because?: string])[] = [
  [{ tokens: 'wrong-issuer' }, '403 token-rejected', 'issuer-mismatch'],
  [{ tokens: 'wrong-audience' }, '403 token-rejected', 'audience-mismatch'],
  // The same name and e-mail, of a tenant that anybody can make.
  [{ tokens: 'another-tenant' }, '403 tenant-not-allowed', 'tenant-not-allowed'],
  [{ tokens: 'expired' }, '403 token-rejected', 'expired'],
  [{ tokens: 'not-yet-valid' }, '403 token-rejected', 'not-yet-valid'],
  [{ tokens: 'no-nonce' }, '403 token-rejected', 'nonce-mismatch'],
  [{ tokens: 'wrong-nonce' }, '403 token-rejected', 'nonce-mismatch'],
  [{ tokens: 'alg-none' }, '403 token-rejected'],
  [{ tokens: 'alg-hs256' }, '403 token-rejected', 'algorithm-not-allowed'],
  [{ tokens: 'bad-signature' }, '403 token-rejected', 'signature-invalid'],
  [{ tokens: 'no-kid' }, '503 keys-unreachable'],
  [{ keys: 'unpublished' }, '503 keys-unreachable', 'key-unknown'],
  [{ keys: 'of-another-issuer' }, '403 token-rejected', 'key-of-other-issuer'],
  [{ metadata: 'wrong-issuer' }, '503 keys-unreachable', 'keys-unreachable'],
  [{ metadata: 'keys-elsewhere' }, '503 keys-unreachable', 'keys-unreachable'],
  [{ metadata: 'token-elsewhere' }, '303 signed-in'],
  [{ keys: 'rotated' }, '303 signed-in'],
  [{ authorizationResponse: 'no-state' }, '400 answer-unreadable'],
  [{ authorizationResponse: 'wrong-state' }, '400 answer-unreadable'],
  [{ authorizationResponse: 'wrong-code' }, '403 refused-by-entra', 'invalid_grant'],
]

const endpoints: readonly (readonly [how: Misbehaviour, reason: string, because?: string])[] = [
  [{ answers: { token: { how: 'hang' } } }, '503 entra-unreachable', 'no-answer'],
  [{ answers: { token: { how: 'huge' } } }, '503 entra-unreachable', 'no-answer'],
  [{ answers: { token: { how: 'redirect', to: 'https://evil.example/' } } }, '503 entra-unreachable', 'not-understood'],
  [{ answers: { token: { how: 'not-json' } } }, '503 entra-unreachable', 'not-understood'],
  [{ answers: { token: { how: 'reset' } } }, '503 entra-unreachable', 'no-answer'],
  [{ answers: { token: { how: 'status', status: 500 } } }, '503 entra-unreachable', 'status-500'],
  [{ answers: { token: { how: 'status', status: 429, retryAfterSec: 7 } } }, '503 entra-unreachable', 'status-429'],
  [{ answers: { keys: { how: 'hang' } } }, '503 keys-unreachable', 'keys-unreachable'],
  [{ answers: { keys: { how: 'huge' } } }, '503 keys-unreachable', 'keys-unreachable'],
  [
    { answers: { metadata: { how: 'redirect', to: 'https://evil.example/' } } },
    '503 keys-unreachable',
    'keys-unreachable',
  ],
]

for (const [how, comesTo, because] of [...tokens, ...endpoints]) {
  test(`${JSON.stringify(how)} comes to ${comesTo}, and nothing secret is told`, async (t) => {
    const { visitor, tenant, store, events } = await playSignIn(
      t,
      JSON.stringify(how).includes('hang') ? { timeoutMs: 400 } : {},
    )
    const browser = visitor()
    await tenant.misbehave(how)
    const address = await browser.throughTenant(admin, '/a')
    const browserId = browser.cookies.get('__Host-postern-b') ?? 'absent value'
    const answer = await browser.finish(address)
    assert.equal(`${answer.status} ${answer.reason}`, comesTo)
    const isIn = comesTo.startsWith('303')
    assert.equal(store.list().length, isIn ? 1 : 0)
    assert.equal(browser.cookies.has('__Host-postern'), isIn)
    assert.equal(events.at(-1)?.reason, answer.reason)
    if (because !== undefined) assert.equal(events.at(-1)?.detail?.['because'], because)
    const told = everythingTold(events, [answer])
    const { searchParams } = new URL(address)
    const secrets = [
      poison,
      browserId,
      searchParams.get('code') ?? 'absent value',
      searchParams.get('state') ?? 'absent value',
    ]
    for (const secret of secrets) assert.equal(told.includes(secret), false, secret)
    assert.equal(/eyJ[\w-]{10}/.test(told), false, 'a token is told')
  })
}
