import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { everythingTold, playSignIn, poison } from '../../../test/playedSignIn.ts'
import type { Misbehaviour, PersonChange } from '../../lab/tenant/index.ts'
import { groups, people } from '../../lab/tenant/index.ts'

const minute = 60_000
const { admin, manyGroups } = people

/** Somebody who has signed in, and how often Entra ID was asked about them since. */
async function signedIn(t: TestContext, person: string = admin.id, timeoutMs?: number) {
  const played = await playSignIn(t, timeoutMs === undefined ? {} : { timeoutMs })
  const browser = played.visitor()
  await browser.signIn(person)
  const { tenant, events, store } = played
  tenant.forgetRequests()
  return {
    ...played,
    browser,
    asked: () => tenant.requests.filter(({ parameters }) => parameters['grant_type'] === 'refresh_token').length,
    last: () => events.findLast(({ activity }) => activity === 'revalidate'),
    identity: () => store.list()[0]?.identity,
  }
}

test('a session is asked about once for all requests that come while it is due', async (t) => {
  const { browser, clock, asked, last } = await signedIn(t)
  clock.at += 14 * minute
  assert.equal(await browser.who(), admin.id)
  assert.equal(asked(), 0)
  clock.at += minute
  const all = await Promise.all(Array.from({ length: 20 }, () => browser.who()))
  assert.deepEqual(new Set(all), new Set([admin.id]))
  assert.equal(asked(), 1)
  assert.deepEqual([last()?.outcome, last()?.reason], ['ok', 'renewed'])
  clock.at += 14 * minute
  assert.equal(await browser.who(), admin.id)
  assert.equal(asked(), 1)
  clock.at += minute
  assert.equal(await browser.who(), admin.id)
  assert.equal(asked(), 2, 'the refresh token that came is the next to be used')
})

test('roles and groups are taken over as they are now', async (t) => {
  const { browser, clock, tenant, identity, store } = await signedIn(t)
  const [one] = groups
  assert.ok(one)
  tenant.change(admin.id, { roles: ['Reader'], groups: [one.id] })
  clock.at += 15 * minute
  await browser.who()
  assert.deepEqual(identity()?.roles, ['Reader'])
  assert.deepEqual(store.list()[0]?.groups, { kind: 'listed', ids: new Set([one.id]) })
})

test('groups that no token lists are asked of Graph anew, whatever is remembered', async (t) => {
  const { browser, clock, tenant, store } = await signedIn(t, manyGroups.id)
  const fewer = groups.slice(0, 220).map(({ id }) => id)
  tenant.change(manyGroups.id, { groups: fewer })
  clock.at += 15 * minute
  await browser.who()
  assert.deepEqual(store.list()[0]?.groups, { kind: 'listed', ids: new Set(fewer) })
})

test('a session that ends while Graph is asked for its groups lets nobody in', async (t) => {
  const played = await playSignIn(t)
  const { tenant, store, clock } = played
  const browser = played.visitor()
  await tenant.misbehave({ graph: 'unavailable' })
  await browser.signIn(manyGroups.id)
  assert.deepEqual(store.list()[0]?.groups, { kind: 'unknown', because: 'directory-unreachable' })
  await tenant.behave()
  clock.at += 30_000
  const who = browser.who()
  // The answer of Graph cannot be here before the next turn of the loop.
  await Promise.resolve()
  store.end('all', 'revoked')
  assert.equal(await who, 'revoked')
})

for (const [what, how] of [
  ['invalid_grant', { refresh: 'invalid_grant' }],
  ['interaction_required', { refresh: 'interaction_required' }],
  ['another tenant', { tokens: 'another-tenant' }],
] as const satisfies readonly (readonly [string, Misbehaviour])[]) {
  test(`${what} ends a session at once, with all that is open`, async (t) => {
    const { browser, clock, tenant, store, last } = await signedIn(t)
    const ended: string[] = []
    store.onEnd(({ why }) => ended.push(why))
    await tenant.misbehave(how)
    clock.at += 15 * minute
    assert.equal(await browser.who(), 'revalidation-failed')
    assert.deepEqual([store.list(), ended, last()?.outcome], [[], ['refused'], 'denied'])
    await tenant.behave()
    assert.equal(await browser.who(), 'revalidation-failed')
  })
}

for (const [what, change] of [
  ['whose sign-ins were revoked', { revoked: true }],
  ['who was blocked', { isBlocked: true }],
] as const satisfies readonly (readonly [string, PersonChange])[]) {
  test(`somebody ${what} is out when Entra ID is asked next`, async (t) => {
    const { browser, clock, tenant } = await signedIn(t)
    tenant.change(admin.id, change)
    clock.at += 15 * minute
    assert.equal(await browser.who(), 'revalidation-failed')
  })
}

const unanswered: readonly (readonly [how: Misbehaviour, reason: string])[] = [
  [{ answers: { token: { how: 'hang' } } }, 'no-answer'],
  [{ answers: { token: { how: 'reset' } } }, 'no-answer'],
  [{ answers: { token: { how: 'huge' } } }, 'no-answer'],
  [{ answers: { token: { how: 'not-json' } } }, 'not-understood'],
  [{ answers: { token: { how: 'redirect', to: 'https://evil.example/' } } }, 'not-understood'],
  [{ refresh: 'throttled' }, 'status-429'],
  [{ refresh: 'unavailable' }, 'status-503'],
  [{ down: true }, 'no-answer'],
  [{ tokens: 'bad-signature' }, 'signature-invalid'],
  [{ tokens: 'wrong-audience' }, 'audience-mismatch'],
]

for (const [how, reason] of unanswered) {
  test(`${JSON.stringify(how)} keeps a session for the grace, and then lets nobody in until Entra ID says yes`, async (t) => {
    const { browser, clock, tenant, events, last, store } = await signedIn(
      t,
      admin.id,
      JSON.stringify(how).includes('hang') ? 400 : undefined,
    )
    await tenant.misbehave(how)
    clock.at += 15 * minute
    assert.equal(await browser.who(), admin.id)
    assert.deepEqual([last()?.outcome, last()?.reason], ['failed', reason])
    const told = events.length
    assert.equal(await browser.who(), admin.id)
    assert.equal(events.length, told, 'not asked again at once')
    clock.at += 29 * minute
    assert.equal(await browser.who(), admin.id)
    clock.at += minute
    assert.equal(await browser.who(), 'revalidation-failed')
    assert.equal(store.list().length, 1)
    const text = everythingTold(events, [])
    assert.equal(text.includes(poison) || /eyJ[\w-]{10}/.test(text), false)
  })
}

test('a session that was closed lets in again once Entra ID was asked and said yes', async (t) => {
  const { browser, clock, tenant, signIn, store } = await signedIn(t)
  const [{ name = '' } = {}] = store.list()
  await tenant.misbehave({ refresh: 'unavailable' })
  clock.at += 45 * minute
  assert.equal(await browser.who(), 'revalidation-failed')
  assert.equal(await signIn.stillIn(name), false)
  await tenant.behave()
  clock.at += minute
  assert.equal(await browser.who(), admin.id)
  assert.equal(await signIn.stillIn(name), true)
})

test('Retry-After is waited for', async (t) => {
  const { browser, clock, tenant, events } = await signedIn(t)
  await tenant.misbehave({ answers: { token: { how: 'status', status: 429, retryAfterSec: 300 } } })
  clock.at += 15 * minute
  const asked = async () => {
    await browser.who()
    return events.filter(({ activity }) => activity === 'revalidate').length
  }
  assert.equal(await asked(), 1)
  clock.at += 4 * minute
  assert.equal(await asked(), 1)
  clock.at += minute
  assert.equal(await asked(), 2)
})

test('who was idle while Entra ID could be asked is asked about first, and comes in', async (t) => {
  const { browser, clock, asked } = await signedIn(t)
  clock.at += 59 * minute
  assert.equal(await browser.who(), admin.id)
  assert.equal(asked(), 1)
})

test('a session that is ended while it is asked about stays ended', async (t) => {
  const { browser, clock, tenant, store } = await signedIn(t)
  await tenant.misbehave({ answers: { token: { how: 'slow', ms: 200 } } })
  clock.at += 15 * minute
  const asking = browser.who()
  store.end('all', 'revoked')
  assert.equal(await asking, 'revoked')
  assert.deepEqual(store.list(), [])
})

test('while Entra ID is away it is asked about one session in five seconds, and all of them stay in for the grace', async (t) => {
  const { browser, clock, tenant, visitor, events } = await signedIn(t)
  const others = [visitor(), visitor()]
  for (const other of others) await other.signIn(people.ordinary.id)
  await tenant.misbehave({ refresh: 'unavailable' })
  clock.at += 15 * minute
  const asked = () => events.filter(({ activity }) => activity === 'revalidate').length
  assert.equal(await browser.who(), admin.id)
  for (const other of others) assert.equal(await other.who(), people.ordinary.id)
  assert.equal(asked(), 1)
  clock.at += 5_000
  for (const other of others) assert.equal(await other.who(), people.ordinary.id)
  assert.equal(asked(), 2)
  clock.at += 30 * minute
  await browser.who()
  for (const other of others) assert.equal(await other.who(), 'revalidation-failed')
  await tenant.behave()
  clock.at += minute
  for (const other of [browser, ...others]) assert.notEqual(await other.who(), 'revalidation-failed')
})
