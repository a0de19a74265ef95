import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldOf, playSignIn } from '../../../test/playedSignIn.ts'
import { people } from '../../lab/tenant/index.ts'

test('somebody signs in, is known, and comes to where they wanted to go', async (t) => {
  const { visitor, events, store, signIn } = await playSignIn(t)
  const browser = visitor()
  assert.equal(await browser.who(), 'none')
  const answer = await browser.signIn(people.admin.id, '/reports/a?b=c&d=%2Fe')
  assert.deepEqual([answer.status, fieldOf(answer, 'location')], [303, '/reports/a?b=c&d=%2Fe'])
  assert.equal(await browser.who(), people.admin.id)
  assert.equal(signIn.redirectUri, 'https://gate.corp.example:8443/.postern/callback')
  const [session] = store.list()
  assert.ok(session)
  assert.deepEqual(session.identity.roles, ['Admin'])
  assert.deepEqual(session.groups, { kind: 'listed', ids: new Set(people.admin.groups) })
  const told = events.find(({ reason }) => reason === 'signed-in')
  assert.deepEqual(
    [told?.activity, told?.outcome, told?.session, told?.actor?.objectId, told?.http?.path],
    ['sign-in', 'ok', session.name, people.admin.id, '/.postern/callback'],
  )
})

test('the way to Entra ID has PKCE, state, nonce and the redirect URI, and is sent to nobody else', async (t) => {
  const { visitor, signIn, tenant } = await playSignIn(t)
  const browser = visitor()
  const begun = browser.take(await signIn.begin(browser.asked('/'), '/'))
  assert.equal(begun.status, 302)
  const { origin, pathname, searchParams } = new URL(fieldOf(begun, 'location') ?? '')
  assert.equal(`${origin}${pathname}`, `${tenant.origin}/${tenant.id}/oauth2/v2.0/authorize`)
  const asked = Object.fromEntries(searchParams)
  assert.equal(asked['redirect_uri'], signIn.redirectUri)
  assert.equal(asked['code_challenge_method'], 'S256')
  assert.equal(asked['response_mode'], 'query')
  for (const name of ['state', 'nonce', 'code_challenge']) assert.match(asked[name] ?? '', /^[\w-]{43}$/, name)
  assert.equal(fieldOf(begun, 'cache-control'), 'no-store')
  assert.equal(fieldOf(begun, 'referrer-policy'), 'no-referrer')
})

test('each cookie says nothing, is the host’s own, and is shorter than 128 octets with all that goes with it', async (t) => {
  const { visitor, signIn } = await playSignIn(t)
  const browser = visitor()
  const answers = [await signIn.begin(browser.asked('/'), '/'), await browser.signIn(people.admin.id)]
  const set = answers.flatMap(({ headers }) => headers).filter(([name]) => name === 'set-cookie')
  assert.equal(set.length, 3)
  for (const [, text] of set) {
    assert.match(text, /^__Host-postern(-b)?=([\w-]{43})?; Path=\/; Secure; HttpOnly; SameSite=Lax(; Max-Age=\d+)?$/)
    assert.ok(text.length < 128, text)
  }
})

test('the id is a new one at each sign-in, and the session that the browser had ends', async (t) => {
  const { visitor, store } = await playSignIn(t)
  const browser = visitor()
  await browser.signIn(people.ordinary.id)
  const before = browser.cookies.get('__Host-postern')
  await browser.signIn(people.ordinary.id)
  assert.notEqual(browser.cookies.get('__Host-postern'), before)
  assert.equal(store.list().length, 1)
  assert.equal(await browser.who(), people.ordinary.id)
  browser.cookies.set('__Host-postern', before ?? '')
  assert.equal(await browser.who(), 'revoked')
})

test('five sign-ins that are begun in one browser all end well, and the first of six does not', async (t) => {
  const { visitor } = await playSignIn(t)
  const browser = visitor()
  const addresses: string[] = []
  for (let at = 0; at < 6; at += 1) addresses.push(await browser.throughTenant(people.admin.id, `/tab/${at}`))
  const answers = []
  for (const address of addresses) answers.push(await browser.finish(address))
  assert.deepEqual(
    answers.map(({ status, reason }) => `${status} ${reason}`),
    ['400 state-unknown', ...Array.from({ length: 5 }, () => '303 signed-in')],
  )
  assert.equal(browser.cookies.has('__Host-postern-b'), false)
})

test('groups that no token lists are asked of Graph, all pages, at sign-in', async (t) => {
  const { visitor, store } = await playSignIn(t)
  await visitor().signIn(people.manyGroups.id)
  assert.deepEqual(store.list()[0]?.groups, { kind: 'listed', ids: new Set(people.manyGroups.groups) })
})

test('a directory that fails at sign-in is told, denies what groups grant, and is asked again later', async (t) => {
  const { visitor, signIn, tenant, events, clock } = await playSignIn(t)
  await tenant.misbehave({ graph: 'unavailable' })
  const browser = visitor()
  await browser.signIn(people.manyGroups.id)
  const groups = async () => {
    const read = await signIn.callerOf(browser.asked('/'))
    assert.ok(read.ok && read.caller.by === 'session')
    return read.caller.groups
  }
  assert.deepEqual(await groups(), { kind: 'unknown', because: 'directory-unreachable' })
  assert.ok(events.some(({ activity, reason }) => activity === 'groups' && reason === 'directory-unreachable'))
  await tenant.behave()
  clock.at += 20_000
  assert.equal((await groups()).kind, 'listed')
  assert.equal((await groups()).kind, 'listed')
})

test('step-up asks for the context, looks at the result, and begins a new session', async (t) => {
  const { visitor, store, events } = await playSignIn(t)
  const browser = visitor()
  await browser.signIn(people.admin.id)
  assert.deepEqual(store.list()[0]?.identity.authenticationContexts, [])
  const answer = await browser.signIn(people.admin.id, '/vault', 'c1')
  assert.deepEqual([answer.status, fieldOf(answer, 'location')], [303, '/vault'])
  assert.deepEqual(
    store.list().map(({ identity }) => identity.authenticationContexts),
    [['c1']],
  )
  assert.ok(events.some(({ activity, reason }) => activity === 'step-up' && reason === 'signed-in'))
})

test('a step-up without its result ends on a page and goes round in no circle; the session stays', async (t) => {
  const { visitor, tenant } = await playSignIn(t)
  const browser = visitor()
  await browser.signIn(people.admin.id)
  await tenant.misbehave({ stepUp: 'ignored' })
  const answer = await browser.signIn(people.admin.id, '/vault', 'c1')
  assert.deepEqual([answer.status, answer.reason, fieldOf(answer, 'location')], [403, 'context-missing', undefined])
  assert.equal(await browser.who(), people.admin.id)
})

test('signing out takes a button of the gate’s own, ends the session, and goes on to Entra ID', async (t) => {
  const { visitor, signIn, store, tenant } = await playSignIn(t)
  const browser = visitor()
  await browser.signIn(people.admin.id)
  const out = (over: object) => signIn.signOut(browser.asked('/.postern/sign-out', over))
  const shown = await out({})
  assert.equal(shown.status, 200)
  assert.match(shown.body, /<form method="post" action="\/.postern\/sign-out"><button type="submit">/)
  assert.match(fieldOf(shown, 'content-security-policy') ?? '', new RegExp(`form-action 'self' ${tenant.origin};`))
  for (const headers of [
    [['origin', 'https://evil.example']],
    [['origin', 'null']],
    [],
    [['sec-fetch-site', 'same-site']],
  ]) {
    assert.equal((await out({ method: 'POST', headers })).status, 403, JSON.stringify(headers))
  }
  assert.equal(await browser.who(), people.admin.id)
  const answer = browser.take(await out({ method: 'POST', headers: [['origin', 'https://gate.corp.example:8443']] }))
  assert.equal(answer.status, 303)
  const to = new URL(fieldOf(answer, 'location') ?? '')
  assert.equal(`${to.origin}${to.pathname}`, `${tenant.origin}/${tenant.id}/oauth2/v2.0/logout`)
  assert.equal(to.searchParams.get('post_logout_redirect_uri'), 'https://gate.corp.example:8443/')
  assert.deepEqual([store.list(), [...browser.cookies]], [[], []])
})

test('front-channel sign-out ends what came of that sign-in, by issuer and session id together', async (t) => {
  const { visitor, signIn, store, tenant } = await playSignIn(t)
  const [one, other] = [visitor(), visitor()]
  await one.signIn(people.admin.id)
  await other.signIn(people.ordinary.id)
  const sid = store.list().find(({ identity }) => identity.objectId === people.admin.id)?.identity.sessionId ?? ''
  const told = async (query: string) =>
    (await signIn.frontChannelSignOut(visitor().asked(`/.postern/front-channel-sign-out?${query}`))).status
  const iss = encodeURIComponent(tenant.issuer)
  const evil = encodeURIComponent(tenant.issuer.replace(tenant.id, people.admin.id))
  assert.deepEqual(
    [
      await told(`sid=${sid}`),
      await told(`iss=${iss}`),
      await told(`iss=${evil}&sid=${sid}`),
      await told(`iss=${iss}&sid=${sid}&sid=x`),
      await told(`iss=${iss}&iss=${evil}&sid=${sid}`),
      await told(`iss=${iss}&sid=another`),
    ],
    [400, 400, 400, 400, 400, 200],
  )
  assert.equal(await one.who(), people.admin.id)
  assert.equal(await told(`iss=${iss}&sid=${sid}`), 200)
  assert.equal(await one.who(), 'revoked')
  assert.equal(await other.who(), people.ordinary.id)
})

test('a guest is known as one, and somebody who is refused is told why in words of ours', async (t) => {
  const { visitor, store, signIn } = await playSignIn(t)
  await visitor().signIn(people.guest.id)
  assert.equal(store.list()[0]?.identity.isGuest, true)
  const browser = visitor()
  const begun = browser.take(await signIn.begin(browser.asked('/'), '/'))
  const state = new URL(fieldOf(begun, 'location') ?? '').searchParams.get('state') ?? ''
  const evil = '<script>alert(1)</script>'
  const description = encodeURIComponent(`AADSTS50105: ${evil} is not assigned to a role`)
  const answer = await browser.finish(
    `/.postern/callback?error=access_denied&error_description=${description}&state=${state}`,
  )
  assert.deepEqual([answer.status, answer.reason], [403, 'refused-by-entra'])
  assert.match(answer.body, /AADSTS50105/)
  assert.equal(answer.body.includes('alert'), false)
})

test('a sign-in that cannot be written into the record lets nobody in', async (t) => {
  const { visitor, store, record } = await playSignIn(t)
  const browser = visitor()
  record.isBroken = true
  const answer = await browser.signIn(people.admin.id)
  assert.deepEqual([answer.status, answer.reason, store.list().length], [503, 'record-failed', 0])
  assert.equal(browser.cookies.has('__Host-postern'), false)
})

test('sessions that are ended, idle or over let nobody in, and say why', async (t) => {
  const { visitor, store, signIn, clock } = await playSignIn(t, {
    over: { sessions: { idleMinutes: 30, hardHours: 1, revalidateMinutes: 120, graceMinutes: 0 } },
  })
  const [revoked, idle, over] = [visitor(), visitor(), visitor()]
  await revoked.signIn(people.ordinary.id)
  store.end({ tenantId: revoked.tenant.id, objectId: people.ordinary.id }, 'revoked')
  assert.equal(await revoked.who(), 'revoked')
  await idle.signIn(people.admin.id)
  await over.signIn(people.guest.id)
  clock.at += 29 * 60_000
  assert.equal(await over.who(), people.guest.id)
  clock.at += 60_000
  assert.equal(await idle.who(), 'session-idle')
  clock.at += 25 * 60_000
  assert.equal(await over.who(), people.guest.id)
  const [{ name = '' } = {}] = store.list()
  assert.equal(await signIn.stillIn(name), true)
  clock.at += 5 * 60_000
  assert.equal(await signIn.stillIn(name), false)
  assert.equal(await over.who(), 'session-over')
  clock.at += 3_600_000
  signIn.sweep()
  assert.deepEqual(store.list(), [])
})

test('who wants another account is asked for one, and is not signed in by the last one again', async (t) => {
  const { visitor, signIn } = await playSignIn(t)
  const browser = visitor()
  await browser.signIn(people.ordinary.id)
  const begun = browser.take(await signIn.begin(browser.asked('/.postern/sign-in?return=%2F&choose=account'), '/'))
  await browser.finish(await browser.atTenant(fieldOf(begun, 'location') ?? '', people.admin.id))
  assert.equal(await browser.who(), people.admin.id)
})

test('sessions of a tenant that is not asked any more, or was played, let nobody in', async (t) => {
  const { visitor, tenant, store, signIn } = await playSignIn(t)
  const browser = visitor()
  await browser.signIn(people.admin.id)
  const [known] = store.list()
  assert.ok(known)
  for (const [issuer, identity] of [
    [`https://login.microsoftonline.com/${tenant.id}/v2.0`, known.identity],
    [known.issuer, { ...known.identity, tenantId: people.admin.id }],
  ] as const) {
    const made = store.add({ identity, groups: known.groups, issuer, refreshToken: 'of another' })
    assert.ok(made.ok)
    browser.cookies.set('__Host-postern', made.id)
    assert.equal(await browser.who(), 'revalidation-failed')
    assert.equal(await signIn.stillIn(made.session.name), false)
  }
})

test('every end of a session is told once, with its reason', async (t) => {
  const { visitor, store, events } = await playSignIn(t)
  await visitor().signIn(people.admin.id)
  const [{ name = '' } = {}] = store.list()
  store.end({ name }, 'revoked')
  store.end({ name }, 'revoked')
  const told = events.filter(({ session, activity }) => session === name && activity === 'revoke')
  assert.deepEqual(
    told.map(({ reason, actor }) => [reason, actor?.objectId]),
    [['revoked', people.admin.id]],
  )
})
