import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AccessRule, Route } from '../model/route.ts'
import { readRequestTarget } from '../wire/requestTarget.ts'
import type { Identity } from './identity.ts'
import { judgeAccess } from './judgeAccess.ts'
import type { AccessRequest } from './policies/criterion.ts'
import { criteria } from './policies/index.ts'

const tenant = '3f0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90'
const group = '5f2f5c0e-7f6b-4b5a-9f0a-3c1f1f7c8a11'

const ada: Identity = {
  kind: 'user',
  tenantId: tenant,
  objectId: '77777777-2222-4333-8444-555555555555',
  tokenVersion: '2.0',
  clientId: '99999999-2222-4333-8444-555555555555',
  clientProof: 'public',
  roles: ['Payroll.Read'],
  scopes: ['payroll.read'],
  groups: { kind: 'listed', ids: [group] },
  directoryRoles: [],
  authenticationContexts: ['c1'],
  authenticationMethods: ['pwd'],
  takesClaimsChallenges: false,
  isGuest: false,
  sessionId: undefined,
  tokenId: undefined,
  issuedAt: 0,
  expiresAt: 1,
  displayName: 'Ada',
}
const daemon: Identity = { ...ada, kind: 'app', scopes: [], isGuest: undefined, authenticationContexts: [] }

const asked: AccessRequest = {
  method: 'GET',
  host: 'payroll.corp.example',
  path: '/',
  identity: ada,
  groups: { kind: 'listed', ids: new Set([group]) },
  address: '10.1.2.3',
  // Friday, 20 November 2026, 09:30 in UTC.
  at: Date.UTC(2026, 10, 20, 9, 30),
}
const { identity: _, groups: __, ...unnamed } = asked
const ranges = {
  contains: (tag: string, address: string) => (tag === 'A' ? address === '10.1.2.3' : tag === 'B' ? false : undefined),
}
const route = (allow: readonly AccessRule[], parts: Partial<Route> = {}): Route => ({
  id: 'payroll',
  path: '/*',
  allow,
  ...parts,
})

/** What a single way in comes to: the reason that decided, and the remedy where it was denied. */
function judged(rule: AccessRule, request: AccessRequest): string {
  const verdict = judgeAccess([route([rule])], request)
  if (verdict.allowed) return verdict.way.judged.map(({ reason }) => reason).join(' ')
  if (verdict.because !== 'denied') return verdict.because
  const missing = verdict.ways[0]?.judged.filter(({ ok }) => !ok).map(({ reason }) => reason)
  return `${missing?.join(' ')}: ${verdict.next}`
}

const rows: readonly [rule: AccessRule, request: AccessRequest, comesTo: string][] = [
  [{ anonymous: true }, unnamed, 'anonymous'],
  [{ anonymous: true }, asked, 'anonymous'],
  [{ signedIn: true }, asked, 'signed-in person'],
  [{ signedIn: true }, unnamed, 'not-signed-in: sign-in'],
  [{ signedIn: true }, { ...asked, identity: daemon }, 'app-not-allowed: nothing'],
  [{ signedIn: true, apps: 'allowed' }, { ...asked, identity: daemon }, 'signed-in app-allowed'],
  [{ apps: 'only' }, { ...asked, identity: daemon }, 'app'],
  [{ apps: 'only' }, asked, 'apps-only: nothing'],
  [{ roles: ['Payroll.Read', 'Payroll.Admin'] }, asked, 'role person'],
  [{ roles: ['Payroll.Admin'] }, asked, 'role-missing: ask'],
  [{ roles: ['payroll.read'] }, asked, 'role-missing: ask'],
  [{ roles: ['Payroll.Read'] }, { ...asked, identity: daemon }, 'app-not-allowed: nothing'],
  [{ roles: ['Payroll.Read'] }, unnamed, 'not-signed-in: sign-in'],
  [{ groups: [group] }, asked, 'group person'],
  [{ groups: ['aaaaaaaa-7f6b-4b5a-9f0a-3c1f1f7c8a11'] }, asked, 'group-missing: ask'],
  [{ groups: [group] }, { ...asked, groups: { kind: 'unknown', because: 'over-limit' } }, 'groups-over-limit: nothing'],
  [{ groups: [group] }, { ...asked, groups: { kind: 'unknown', because: 'not-told' } }, 'groups-not-told: nothing'],
  [
    { groups: [group] },
    { ...asked, groups: { kind: 'unknown', because: 'directory-unreachable' } },
    'directory-unreachable: nothing',
  ],
  [{ groups: [group] }, { ...unnamed, identity: ada }, 'groups-not-told: nothing'],
  [{ scopes: ['payroll.read'] }, asked, 'scope person'],
  [{ scopes: ['payroll.read', 'payroll.write'] }, asked, 'scope-missing: ask'],
  [{ tenants: [tenant] }, asked, 'tenant person'],
  [{ tenants: ['aaaaaaaa-9c1d-4a7e-8f6a-2f4a1c5d7e90'] }, asked, 'tenant-not-allowed: nothing'],
  [{ guests: 'denied' }, asked, 'member person'],
  [{ guests: 'denied' }, { ...asked, identity: { ...ada, isGuest: true } }, 'guest-not-allowed: nothing'],
  [{ guests: 'denied' }, { ...asked, identity: { ...ada, isGuest: undefined } }, 'guest-not-told: nothing'],
  [{ guests: 'only' }, asked, 'guests-only: nothing'],
  [{ guests: 'only' }, { ...asked, identity: { ...ada, isGuest: true } }, 'guest person'],
  [{ addresses: ['10.0.0.0/8'] }, unnamed, 'address'],
  [{ addresses: ['10.0.0.0/8'] }, { ...unnamed, address: '::ffff:10.1.2.3' }, 'address'],
  [{ addresses: ['10.0.0.0/8'] }, { ...unnamed, address: '2001:db8::1' }, 'address-not-allowed: nothing'],
  [{ addresses: ['2001:db8::/32'] }, { ...unnamed, address: '2001:db8::1' }, 'address'],
  [{ addresses: ['10.0.0.0/8'] }, { ...unnamed, address: '_hidden' }, 'address-not-allowed: nothing'],
  [{ serviceTags: ['A', 'B'] }, { ...unnamed, publishedRanges: ranges }, 'service-tag'],
  [{ serviceTags: ['B'] }, { ...unnamed, publishedRanges: ranges }, 'service-tag-not-allowed: nothing'],
  [{ serviceTags: ['C'] }, { ...unnamed, publishedRanges: ranges }, 'service-tag-unknown: nothing'],
  [{ serviceTags: ['A'] }, { ...unnamed, address: '::ffff:10.1.2.3', publishedRanges: ranges }, 'service-tag'],
  [{ serviceTags: ['A'] }, unnamed, 'service-tag-unknown: nothing'],
  [{ hours: { from: '09:00', to: '10:00', zone: 'UTC' } }, unnamed, 'hours'],
  [{ hours: { from: '09:30', to: '09:31', zone: 'UTC' } }, unnamed, 'hours'],
  [{ hours: { from: '09:31', to: '10:00', zone: 'UTC' } }, unnamed, 'outside-hours: nothing'],
  [{ hours: { from: '09:00', to: '09:30', zone: 'UTC' } }, unnamed, 'outside-hours: nothing'],
  [{ hours: { from: '10:00', to: '11:00', zone: 'Europe/Berlin' } }, unnamed, 'hours'],
  [{ hours: { days: [6, 7], from: '00:00', to: '23:59', zone: 'UTC' } }, unnamed, 'outside-hours: nothing'],
  // From Thursday evening until Friday morning.
  [{ hours: { days: [4], from: '22:00', to: '10:00', zone: 'UTC' } }, unnamed, 'hours'],
  [{ hours: { days: [5], from: '22:00', to: '10:00', zone: 'UTC' } }, unnamed, 'outside-hours: nothing'],
  [{ clientCertificates: [] }, { ...unnamed, certificateSha256: 'ab' }, 'certificate'],
  [{ clientCertificates: [] }, unnamed, 'certificate-missing: nothing'],
  [{ clientCertificates: ['ab'] }, { ...unnamed, certificateSha256: 'ab' }, 'certificate-listed'],
  [{ clientCertificates: ['ab'] }, { ...unnamed, certificateSha256: 'cd' }, 'certificate-not-listed: nothing'],
  [{ authenticationContext: 'c1' }, asked, 'authentication-context person'],
  [{ authenticationContext: 'c2' }, asked, 'authentication-context-missing: step-up'],
  [
    { authenticationContext: 'c1', apps: 'allowed' },
    { ...asked, identity: daemon },
    'authentication-context-of-app: nothing',
  ],
  [{ authenticationMethods: ['mfa'] }, asked, 'authentication-methods-not-told: nothing'],
  [
    { authenticationMethods: ['mfa'] },
    { ...asked, identity: { ...ada, tokenVersion: '1.0' } },
    'authentication-method-missing: ask',
  ],
  [
    { authenticationMethods: ['mfa', 'pwd'] },
    { ...asked, identity: { ...ada, tokenVersion: '1.0' } },
    'authentication-method person',
  ],
  // Everything that a way names must hold, and the remedy is that of what is worst about it.
  [
    { roles: ['Payroll.Admin'], authenticationContext: 'c2' },
    asked,
    'role-missing authentication-context-missing: ask',
  ],
  [{ addresses: ['192.0.2.0/24'], signedIn: true }, unnamed, 'address-not-allowed not-signed-in: nothing'],
  [{}, asked, ': nothing'],
]
for (const [rule, request, comesTo] of rows) {
  const who = request.identity === undefined ? 'nobody' : request.identity.kind
  test(`${JSON.stringify(rule)} for ${who}: ${comesTo}`, () => {
    assert.equal(judged(rule, request), comesTo)
  })
}

test('every reason of every criterion is met by a row', () => {
  const met = new Set(rows.flatMap(([, , comesTo]) => comesTo.replace(/:.*/, '').split(' ')))
  const denials = Object.values(criteria).flatMap(({ reasons }) => reasons.map(({ denied }) => denied))
  assert.deepEqual(
    [...new Set(denials)].filter((denied) => !met.has(denied)),
    // Who is let in unnamed is never denied.
    ['anonymous-denied'],
  )
})

test('of several ways in one suffices, and it is told which', () => {
  const verdict = judgeAccess([route([{ roles: ['Payroll.Admin'] }, { groups: [group] }])], asked)
  assert.ok(verdict.allowed)
  assert.deepEqual(
    [verdict.way.at, verdict.way.judged.map(({ asks, reason }) => `${asks} ${reason}`)],
    [1, ['groups group', 'apps person']],
  )
})

test('of several closed ways the nearest says what to do next', () => {
  const verdict = judgeAccess([route([{ roles: ['Payroll.Admin'] }, { authenticationContext: 'c9' }])], asked)
  assert.ok(!verdict.allowed && verdict.because === 'denied')
  assert.deepEqual([verdict.next, verdict.context, verdict.ways.length], ['step-up', 'c9', 2])
})

test('a route without a way in lets nobody in', () => {
  const verdict = judgeAccess([route([])], asked)
  assert.deepEqual([verdict.allowed, verdict.allowed ? '' : verdict.because], [false, 'denied'])
})

test('what no route is for is denied', () => {
  assert.deepEqual(judgeAccess([], asked), { allowed: false, because: 'no-route' })
  const elsewhere = [route([{ anonymous: true }], { path: '/public' })]
  assert.deepEqual(judgeAccess(elsewhere, { ...asked, path: '/publicity' }), { allowed: false, because: 'no-route' })
  const otherHost = [route([{ anonymous: true }], { hosts: ['other.corp.example'] })]
  assert.deepEqual(judgeAccess(otherHost, asked), { allowed: false, because: 'no-route' })
})

const site: readonly Route[] = [
  route([{ anonymous: true }], { id: 'all', path: '/*' }),
  route([{ roles: ['Payroll.Admin'] }], { id: 'admin', path: '/admin/*' }),
  route([{ signedIn: true }], { id: 'admin-help', path: '/admin/help' }),
  route([{ signedIn: true }], { id: 'report', path: '/report', methods: ['GET'] }),
  route([{ roles: ['Payroll.Admin'] }], { id: 'report-here', path: '/café', hosts: ['payroll.corp.example'] }),
  route([{ signedIn: true }], { id: 'report-anywhere', path: '/café' }),
]

const places: readonly [path: string, route: string][] = [
  ['/', 'all'],
  ['/administration', 'all'],
  ['/admin', 'admin'],
  ['/admin/', 'admin'],
  ['/ADMIN', 'admin'],
  ['/Admin/x', 'admin'],
  ['/admin/help', 'admin-help'],
  // A server may tell these from /admin/help: by that reading they are the wider route's.
  ['/admin/help/', 'admin'],
  ['/admin/help/x', 'admin'],
  ['/admin/HELP', 'admin'],
  ['/caf%C3%A9', 'report-here'],
  ['/CAF%C3%89', 'report-here'],
]
for (const [path, id] of places) {
  test(`${path} is for the route ${id}`, () => {
    const verdict = judgeAccess(site, { ...asked, path })
    assert.equal('route' in verdict ? verdict.route.id : verdict.because, id)
  })
}

test('a method that the narrowest route does not name is denied, whatever wider ones say', () => {
  assert.deepEqual(judgeAccess(site, { ...asked, method: 'POST', path: '/report' }), {
    allowed: false,
    because: 'method-not-allowed',
    methods: ['GET'],
  })
})

test('no spelling of a path under a narrow route is judged by a wider one', () => {
  const encode = (letter: string): fc.Arbitrary<string> =>
    fc.constantFrom(letter, letter.toUpperCase(), `%${letter.charCodeAt(0).toString(16)}`)
  const admin = fc.tuple(...[...'admin'].map(encode)).map((letters) => `/${letters.join('')}`)
  const rest = fc.constantFrom('', '/', '/x', '/./x', '/../admin', ';x', '//', '%2f', '.', '%20', '/x?y#z', '\\x')
  fc.assert(
    fc.property(admin, rest, (path, after) => {
      const read = readRequestTarget(`${path}${after}`)
      if (!read.ok) return
      const verdict = judgeAccess(site, { ...asked, path: read.target.path })
      assert.equal('route' in verdict && verdict.route.id, 'admin')
    }),
    { numRuns: 1000 },
  )
})

const deny = (path: string): Route => route([], { id: 'deny', path })
const wide = route([{ anonymous: true }], { id: 'wide', path: '/*' })
const allows = (routes: readonly Route[], over: Partial<AccessRequest>): boolean =>
  judgeAccess(routes, { ...unnamed, ...over }).allowed

const spelt: readonly [denied: string, path: string][] = [
  ['/odata/$batch', '/odata/%24batch'],
  ['/v1/users:export', '/v1/users%3Aexport'],
  ['/a+b/*', '/a%2Bb/x'],
  ['/a%40b/*', '/a@b/x'],
  ['/admin/*', '/admin;x/secret'],
  ['/admin/*', '/admin%3Bx/secret'],
  ['/admin/*', '/adm%C4%B1n/x'],
  ['/secret/*', '/%C5%BFecret/x'],
  ['/caf\u00e9/*', '/cafe%CC%81/x'],
  ['/admin/*', '/adm%E2%80%8Cin/x'],
  ['/admin/*', '/%EF%BD%81dmin/x'],
  ['/stra\u00dfe/*', '/STRASSE/x'],
]
for (const [denied, path] of spelt) {
  test(`what ${denied} denies is not had as ${path}`, () => {
    assert.equal(allows([deny(denied), wide], { path }), false)
  })
}

test('what is open is open by its own letters, and not by those that another server would tell apart', () => {
  const routes = [
    route([{ signedIn: true }], { id: 'all' }),
    route([{ anonymous: true }], { id: 'public', path: '/public/*' }),
    route([{ anonymous: true }], { id: 'health', path: '/health' }),
  ]
  assert.deepEqual(
    ['/public/x', '/health', '/Public/x', '/HEALTH', '/health/'].map((path) => allows(routes, { path })),
    [true, true, false, false, false],
  )
})

test('a host is the same with a dot at its end, a port, and in capitals', () => {
  const routes = [route([], { id: 'locked', hosts: ['h.example'] }), wide]
  for (const host of ['h.example', 'h.example.', 'H.example', 'h.example:8443', 'H.EXAMPLE.:8443']) {
    assert.equal(allows(routes, { host }), false, host)
  }
  assert.equal(allows(routes, { host: 'other.example' }), true)
})

test('a route that names the method decides before one that does not, wherever they stand', () => {
  const open = route([{ anonymous: true }], { id: 'open', path: '/a/*' })
  const locked = route([], { id: 'locked', path: '/a/*', methods: ['DELETE'] })
  for (const routes of [
    [open, locked],
    [locked, open],
  ]) {
    assert.equal(allows(routes, { path: '/a/x', method: 'DELETE' }), false)
    assert.equal(allows(routes, { path: '/a/x' }), true)
  }
})

test('whoever writes anonymous beside a role lets no app in that has it', () => {
  const both = [route([{ anonymous: true, roles: ['Payroll.Read'] }])]
  assert.equal(allows(both, { identity: daemon, groups: { kind: 'unknown', because: 'not-told' } }), false)
})

test('however the characters of a path are encoded, the verdict is the same', () => {
  const characters = fc.constantFrom(...'adminhelp$+,:@&=!()*~-_.'.split(''))
  const path = fc.array(fc.array(characters, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 })
  const routes = [deny('/admin/*'), deny('/a$b'), deny('/help:me'), wide]
  fc.assert(
    fc.property(path, fc.infiniteStream(fc.boolean()), (segments, encodes) => {
      const plain = segments.map((letters) => `/${letters.join('')}`).join('')
      const encoded = plain.replaceAll(/[^/]/g, (letter) =>
        encodes.next().value === true ? `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}` : letter,
      )
      const [one, other] = [readRequestTarget(plain), readRequestTarget(encoded)]
      assert.equal(one.ok, other.ok)
      if (one.ok && other.ok) {
        assert.equal(allows(routes, { path: one.target.path }), allows(routes, { path: other.target.path }))
      }
    }),
    { numRuns: 1000 },
  )
})
