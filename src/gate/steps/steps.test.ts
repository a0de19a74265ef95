import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Identity, TokenVerdict } from '../../identity/index.ts'
import { authorities } from '../../identity/index.ts'
import type { Route } from '../../model/route.ts'
import type { Asked, Caller, HeaderFields, Outcome } from '../exchange.ts'
import { RateLimiter } from '../rateLimiter.ts'
import { steps } from './index.ts'
import type { BrowserSignIn, CookieReason, Found, GateParts } from './step.ts'

const identity: Identity = {
  kind: 'user',
  tenantId: '3f0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90',
  objectId: '77777777-2222-4333-8444-555555555555',
  tokenVersion: '2.0',
  clientId: '99999999-2222-4333-8444-555555555555',
  clientProof: 'secret',
  roles: ['Reader'],
  scopes: [],
  groups: { kind: 'not-told' },
  directoryRoles: [],
  authenticationContexts: [],
  authenticationMethods: [],
  takesClaimsChallenges: true,
  isGuest: false,
  sessionId: undefined,
  tokenId: undefined,
  issuedAt: 0,
  expiresAt: 10,
  displayName: 'Ada <b>',
}

const routes: readonly Route[] = [
  { id: 'open', path: '/open', allow: [{ anonymous: true }] },
  { id: 'all', path: '/app/*', allow: [{ signedIn: true }] },
  { id: 'admin', path: '/admin/*', allow: [{ roles: ['Admin'] }] },
  { id: 'vault', path: '/vault/*', allow: [{ roles: ['Reader'], authenticationContext: 'c1' }] },
  { id: 'feed', path: '/feed', allow: [{ signedIn: true }], webSocketOrigins: ['https://portal.example'] },
  { id: 'write', path: '/write', methods: ['POST'], allow: [{ signedIn: true }] },
]

const groups = { kind: 'unknown', because: 'not-told' } as const
const session: Caller = { by: 'session', identity, groups, session: '0123456789abcdef' }

/** Somebody's browser, whose cookie is known; or is not, for the reason. */
function signInOf(cookie: Caller | CookieReason): BrowserSignIn & { readonly begun: string[] } {
  const begun: string[] = []
  const answer = (status: number, reason: string) =>
    ({ kind: 'answer', status, headers: [], body: '', reason, outcome: 'ok' }) as const
  return {
    begun,
    begin: async (_asked, returnTo, context = '') => {
      begun.push(`${returnTo} ${context}`.trim())
      return answer(302, 'sign-in-begun')
    },
    finish: async () => answer(303, 'signed-in'),
    callerOf: async () => (typeof cookie === 'string' ? { ok: false, reason: cookie } : { ok: true, caller: cookie }),
    signOut: async () => answer(303, 'signed-out'),
    frontChannelSignOut: async () => answer(200, 'signed-out'),
    stillIn: async () => true,
  }
}

interface Play {
  readonly host?: string
  readonly path?: string
  readonly method?: string
  readonly headers?: HeaderFields
  readonly cookie?: Caller | CookieReason
  readonly token?: TokenVerdict
  readonly isNavigation?: boolean
  readonly isUpgrade?: boolean
  readonly withoutSignIn?: true
  readonly parts?: Partial<GateParts>
}

async function settled(play: Play): Promise<Outcome & { readonly begun: readonly string[] }> {
  const { path = '/app/', method = 'GET', headers = [], cookie = 'none', token, parts = {} } = play
  const signIn = signInOf(cookie)
  const [before = '', query] = path.split('?')
  const asked: Asked = {
    method,
    host: play.host ?? 'gate.example',
    target: { path: before, ...(query !== undefined && { query }) },
    headers,
    connection: {
      id: 1,
      address: '10.1.2.3',
      port: 1,
      localAddress: '10.0.0.1',
      localPort: 8443,
      tlsVersion: 'TLSv1.3',
      protocol: 'http/1.1',
    },
    address: '10.1.2.3',
    traceId: 'a'.repeat(32),
    at: 0,
    isUpgrade: play.isUpgrade ?? false,
    isNavigation: play.isNavigation ?? false,
  }
  const all: GateParts = {
    origin: 'https://gate.example:8443',
    routes,
    authority: authorities.worldwide,
    ...(play.withoutSignIn === undefined && { signIn }),
    groupsOf: async () => groups,
    byAddress: new RateLimiter(100, () => 0),
    byIdentity: new RateLimiter(100, () => 0),
    readiness: () => [],
    ...(token !== undefined && { tokens: { verify: async () => token } }),
    ...parts,
  }
  const found: Found = { caller: { by: 'nobody' } }
  for (const step of steps) {
    const outcome = await step.run(asked, found, all)
    if (outcome !== undefined) return { ...outcome, begun: signIn.begun }
  }
  throw new Error('the last step settles everything')
}

/** An outcome in a line: who passes by which route, or what is answered and why. */
const told = async (play: Play): Promise<string> => {
  const outcome = await settled(play)
  return outcome.kind === 'pass'
    ? `${outcome.caller.by} passes by ${outcome.route.id}`
    : [String(outcome.status), outcome.reason, ...outcome.begun].join(' ')
}

const bearer: HeaderFields = [['authorization', 'Bearer a.b.c']]
const good: TokenVerdict = { ok: true, identity }
const bad: TokenVerdict = { ok: false, reason: 'expired' }
const own = ['origin', 'https://gate.example:8443'] as const
const foreign = ['origin', 'https://other.example'] as const

const rows: readonly [what: string, play: Play, comesTo: string][] = [
  ['nobody where anybody may come', { path: '/open' }, 'nobody passes by open'],
  ['a browser without a session', { path: '/app/x?y=1', isNavigation: true }, '302 sign-in-begun /app/x?y=1'],
  ['a script without a session', { path: '/app/x' }, '401 not-signed-in'],
  ['a browser with a session', { cookie: session, isNavigation: true }, 'session passes by all'],
  ['a browser whose session ended', { cookie: 'session-idle', isNavigation: true }, '302 sign-in-begun /app/'],
  ['a script whose session ended', { cookie: 'session-idle' }, '401 session-idle'],
  ['a program with a token', { headers: bearer, token: good }, 'token passes by all'],
  ['a program with a bad token', { headers: bearer, token: bad }, '401 expired'],
  ['a bad token where anybody may come', { path: '/open', headers: bearer, token: bad }, 'nobody passes by open'],
  ['a bad token and a good cookie', { headers: bearer, token: bad, cookie: session }, '401 expired'],
  ['a bad token that calls itself a page', { headers: bearer, token: bad, isNavigation: true }, '401 expired'],
  ['another scheme', { headers: [['authorization', 'Basic YTpi']] }, '401 no-token'],
  ['a session without the role', { path: '/admin/', cookie: session }, '403 role-missing'],
  ['a path that no route is for', { path: '/else', cookie: session, isNavigation: true }, '403 no-route'],
  ['nobody at a path that no route is for', { path: '/else', isNavigation: true }, '403 no-route'],
  ['a method that no route is for', { path: '/write', cookie: session }, '405 method-not-allowed'],
  [
    'a browser that must step up',
    { path: '/vault/a', cookie: session, isNavigation: true },
    '302 sign-in-begun /vault/a c1',
  ],
  ['a script that must step up', { path: '/vault/a', cookie: session }, '403 context-missing'],
  ['a program that must step up', { path: '/vault/a', headers: bearer, token: good }, '401 context-missing'],
  [
    'a change from the own origin',
    { path: '/write', method: 'POST', cookie: session, headers: [own] },
    'session passes by write',
  ],
  [
    'a change from elsewhere',
    { path: '/write', method: 'POST', cookie: session, headers: [foreign] },
    '403 cross-origin',
  ],
  [
    'a change from nowhere',
    { path: '/write', method: 'POST', cookie: session, headers: [['origin', 'null']] },
    '403 cross-origin',
  ],
  [
    'a change from a page of the same site',
    { path: '/write', method: 'POST', cookie: session, headers: [['sec-fetch-site', 'same-site']] },
    '403 cross-origin',
  ],
  [
    'a change by a program with a cookie',
    { path: '/write', method: 'POST', cookie: session },
    'session passes by write',
  ],
  [
    'a change by token from elsewhere',
    { path: '/write', method: 'POST', token: good, headers: [...bearer, foreign] },
    'token passes by write',
  ],
  [
    'a WebSocket of the own page',
    { path: '/feed', isUpgrade: true, cookie: session, headers: [own] },
    'session passes by feed',
  ],
  [
    'a WebSocket of another page',
    { path: '/feed', isUpgrade: true, cookie: session, headers: [foreign] },
    '403 cross-origin',
  ],
  ['a WebSocket without a page', { path: '/feed', isUpgrade: true, cookie: session }, '403 cross-origin'],
  [
    'a WebSocket of a page that the route names',
    { path: '/feed', isUpgrade: true, cookie: session, headers: [['origin', 'https://portal.example']] },
    'session passes by feed',
  ],
  [
    'a WebSocket of that page on another route',
    { path: '/app/', isUpgrade: true, cookie: session, headers: [['origin', 'https://portal.example']] },
    '403 cross-origin',
  ],
  ['a WebSocket by a token', { path: '/feed', isUpgrade: true, token: good, headers: bearer }, 'token passes by feed'],
  [
    'a WebSocket of nobody',
    { path: '/feed', isUpgrade: true, isNavigation: true, headers: [own] },
    '401 not-signed-in',
  ],
  [
    'a foreign WebSocket where anybody may come',
    { path: '/open', isUpgrade: true, headers: [foreign] },
    '403 cross-origin',
  ],
  ['whether it lives', { path: '/.postern/health/live' }, '200 live'],
  ['whether it is ready', { path: '/.postern/health/ready' }, '200 ready'],
  [
    'whether it is ready while it is not',
    { path: '/.postern/health/ready', parts: { readiness: () => ['disk'] } },
    '503 unready',
  ],
  ['a path of its own that is none', { path: '/.postern/admin', cookie: session }, '404 own-path-unknown'],
  ['a path of its own in capitals', { path: '/.POSTERN/whoami', cookie: session }, '404 own-path-unknown'],
  ['its own folder', { path: '/.postern', cookie: session }, '404 own-path-unknown'],
  ['a word of JavaScript', { path: '/.postern/constructor', cookie: session }, '404 own-path-unknown'],
  ['a health that is sent something', { path: '/.postern/health/live', method: 'POST' }, '405 method-not-allowed'],
  ['a sign-in that is asked for', { path: '/.postern/sign-in?return=%2Fapp%2F' }, '302 sign-in-begun /app/'],
  ['a sign-in without a browser’s part', { path: '/.postern/callback' }, '303 signed-in'],
  ['whoami of nobody', { path: '/.postern/whoami' }, '200 ok'],
  ['whoami with a bad token', { path: '/.postern/whoami', headers: bearer, token: bad }, '401 expired'],
]

for (const [what, play, comesTo] of rows) {
  test(`${what} comes to: ${comesTo}`, async () => {
    assert.equal(await told(play), comesTo)
  })
}

test('at another host than the origin’s nobody is sent to sign in, from where nobody would come back', async () => {
  const host = 'api.example'
  for (const play of [
    { host, isNavigation: true },
    { host, path: '/.postern/sign-in' },
    { host, path: '/vault/', isNavigation: true, cookie: session },
  ]) {
    assert.equal(await told(play), '403 other-host')
  }
  const outcome = await settled({ host, isNavigation: true })
  assert.ok(outcome.kind === 'answer')
  assert.match(outcome.body, /<a href="https:\/\/gate\.example:8443\/">/)
  assert.equal(await told({ host }), '401 not-signed-in', 'programs are told what they are told everywhere')
  assert.equal(await told({ host, headers: bearer, token: good }), 'token passes by all')
  assert.equal(await told({ host, path: '/open', isNavigation: true }), 'nobody passes by open')
})

test('a gate without a sign-in has no page to send to, and none of its paths', async () => {
  const withoutSignIn = true
  for (const path of [
    '/.postern/sign-in',
    '/.postern/callback',
    '/.postern/sign-out',
    '/.postern/front-channel-sign-out',
  ]) {
    assert.equal(await told({ path, withoutSignIn }), '404 own-path-unknown')
  }
  assert.equal(await told({ isNavigation: true, withoutSignIn }), '401 not-signed-in')
})

test('who sends more than its share is told when to come again, and others are not', async () => {
  const byAddress = new RateLimiter(1, () => 0)
  const byIdentity = new RateLimiter(1, () => 0)
  const parts = { byAddress, byIdentity }
  assert.equal(await told({ path: '/open', parts }), 'nobody passes by open')
  const again = await settled({ path: '/open', parts })
  assert.ok(again.kind === 'answer')
  assert.deepEqual(
    [again.status, again.reason, again.headers.at(-1)],
    [429, 'too-many-of-address', ['retry-after', '60']],
  )
  assert.equal(await told({ headers: bearer, token: good, parts }), '429 too-many-of-address', 'no token is verified')
  assert.equal(await told({ cookie: session, parts }), 'session passes by all')
  assert.equal(await told({ cookie: session, parts }), '429 too-many-of-identity')
})

test('whoami tells nothing by which anybody could come in', async () => {
  const outcome = await settled({ path: '/.postern/whoami', cookie: session })
  assert.ok(outcome.kind === 'answer')
  assert.deepEqual(Object.keys(JSON.parse(outcome.body)), [
    'by',
    'kind',
    'tenantId',
    'objectId',
    'name',
    'roles',
    'scopes',
    'groups',
    'authenticationContexts',
    'isGuest',
    'address',
  ])
  assert.equal(JSON.parse(outcome.body).name, 'Ada <b>')
})

test('who is denied is told what to ask for, one line a way in that asking opens', async () => {
  const denied = async (allow: Route['allow']): Promise<readonly string[]> => {
    const route: Route = { id: 'a', path: '/app/*', allow }
    const outcome = await settled({ cookie: session, isNavigation: true, parts: { routes: [route] } })
    assert.ok(outcome.kind === 'answer' && outcome.status === 403)
    return [...outcome.body.matchAll(/<li>(.*?)<\/li>/g)].map(([, text = '']) => text)
  }
  assert.deepEqual(await denied([{ roles: ['Admin'] }]), ['the app role Admin'])
  assert.deepEqual(await denied([{ roles: ['Admin', '<b>'] }]), ['the app role Admin or &lt;b&gt;'])
  assert.deepEqual(await denied([{ roles: ['Admin'], scopes: ['a', 'b'] }]), [
    'the app role Admin, and the delegated scopes a, b',
  ])
  assert.deepEqual(await denied([{ roles: ['Admin'], addresses: ['192.0.2.0/24'] }]), [], 'a role would not open it')
  assert.deepEqual(await denied([{ roles: ['A'] }, { roles: ['B'] }]), ['the app role A', 'the app role B'])
})

test('a page that is not there does not say that anybody could give it', async () => {
  const outcome = await settled({ path: '/else', cookie: session, isNavigation: true })
  assert.ok(outcome.kind === 'answer')
  assert.match(outcome.body, /<h1>There is nothing here<\/h1>/)
  assert.doesNotMatch(outcome.body, /Ask whoever/)
})
