import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Identity } from '../identity/index.ts'
import { isOwnCookie } from '../wire/isOwnCookie.ts'
import type { Caller, HeaderFields } from './exchange.ts'
import { connectionFields } from './strippedFields.ts'
import { upstreamHeaders } from './upstreamHeaders.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const nobody: Caller = { by: 'nobody' }
const identity: Identity = {
  kind: 'user',
  tenantId: '11111111-1111-4111-8111-111111111111',
  objectId: '22222222-2222-4222-8222-222222222222',
  tokenVersion: '2.0',
  clientId: '33333333-3333-4333-8333-333333333333',
  clientProof: 'secret',
  roles: ['Pay.Read', 'A,B', 'Ü'],
  scopes: ['x'],
  groups: { kind: 'listed', ids: [] },
  directoryRoles: [],
  authenticationContexts: [],
  authenticationMethods: [],
  takesClaimsChallenges: false,
  isGuest: undefined,
  sessionId: undefined,
  tokenId: undefined,
  issuedAt: 1,
  expiresAt: 2,
  displayName: 'Ada Lövelace\r\nX-Evil: 1',
}
const groups = { kind: 'listed', ids: [] } as never
const session: Caller = { by: 'session', identity, groups, session: '0123456789abcdef' }
const token: Caller = { by: 'token', identity: { ...identity, kind: 'app' }, groups }

/** Fields that are sent, one line each. */
function sent(headers: HeaderFields, caller: Caller = nobody, host: 'kept' | 'own' = 'kept'): readonly string[] {
  const asked = { headers, host: 'gate.example', address: '2001:db8::1', traceId }
  const flat = upstreamHeaders({ asked, caller, backend: { host }, port: 8443, spanId: 'b7ad6b7169203331' })
  return Array.from({ length: flat.length / 2 }, (_, at) => `${flat[2 * at]}: ${flat[2 * at + 1]}`)
}

const own = [
  'host: gate.example:8443',
  'x-forwarded-for: 2001:db8::1',
  'x-forwarded-proto: https',
  'x-forwarded-host: gate.example:8443',
  'x-forwarded-port: 8443',
  'forwarded: for="[2001:db8::1]";host="gate.example:8443";proto=https',
  `x-request-id: ${traceId}`,
  `traceparent: 00-${traceId}-b7ad6b7169203331-00`,
]

test('what the gate says stands behind what the client said', () => {
  assert.deepEqual(
    sent([
      ['accept', 'a'],
      ['x-mine', '1'],
      ['accept', 'b'],
    ]),
    ['accept: a', 'x-mine: 1', 'accept: b', ...own, 'x-postern-identity-kind: nobody'],
  )
  assert.deepEqual(sent([], nobody, 'own'), [...own.slice(1), 'x-postern-identity-kind: nobody'])
})

test('who asks is told by fields that hold no line of their own, whatever the name is', () => {
  assert.deepEqual(sent([], session).slice(own.length), [
    'x-postern-identity-kind: user',
    'x-postern-identity-tenant: 11111111-1111-4111-8111-111111111111',
    'x-postern-identity-object-id: 22222222-2222-4222-8222-222222222222',
    'x-postern-identity-name: Ada%20L%C3%B6velace%0D%0AX-Evil%3A%201',
    'x-postern-identity-roles: Pay.Read,A%2CB,%C3%9C',
  ])
  assert.ok(sent([], token).includes('x-postern-identity-client-id: 33333333-3333-4333-8333-333333333333'))
})

test('an app is told of no roles where they are too many for a header, and of half of them never', () => {
  const roles = Array.from({ length: 1000 }, (_, at) => `Role.Number.${at}`)
  const lines = sent([], { ...session, identity: { ...identity, roles } })
  assert.ok(!lines.some((line) => line.startsWith('x-postern-identity-roles')))
})

/** Names by which somebody before an app tells it who asks, where from and for what, as clients spell them. */
const spoofed = [
  ...['x-postern-identity-object-id', 'x_postern_identity_object_id', 'x.postern.identity.object.id'],
  ...['x-postern_identity-object-id', 'x-postern-assertion', 'x-postern-anything'],
  ...['x-forwarded-for', 'x_forwarded_for', 'x-forwarded-user', 'x-forwarded-prefix', 'x-forwarded', 'forwarded'],
  ...['x-forwarded-uri', 'x.forwarded.host', 'x~forwarded~for', 'x-forwarded-client-cert', 'x-real-ip', 'x_real_ip'],
  ...['x-original-url', 'x-rewrite-url', 'x-http-method-override', 'x-http-method', 'x-method-override'],
  ...['x-ms-client-principal', 'x-ms-client-principal-id', 'x-ms-token-aad-id-token', 'x-auth-request-user'],
  ...['x-auth-token', 'remote-user', 'remote_user', 'x-remote-user', 'x-webauth-user', 'x-client-ip', 'true-client-ip'],
  ...['cf-connecting-ip', 'x-ssl-client-verify', 'ssl-client-cert', 'x-client-cert', 'x-arr-clientcert'],
  ...['x-amzn-oidc-data', 'x-goog-iap-jwt-assertion', 'cf-access-jwt-assertion', 'x-pomerium-claim-email'],
  ...['x-azure-clientip', 'x-azure-socketip', 'x-azure-fdid', 'x-appengine-user-email', 'x-appengine-inbound-appid'],
  ...['x-accel-mapping', 'x-accel-redirect', 'x_accel_mapping', 'x-sendfile-type', 'x-sendfile'],
  ...['proxy', 'x-request-id', 'traceparent', 'content_length', 'transfer_encoding', 'any_field', 'host'],
] as const

test('no spelling of a field that tells an app who asks comes from a client', () => {
  for (const name of spoofed) {
    const lines = sent([[name, 'spoofed']], session)
    assert.ok(!lines.some((line) => line.includes('spoofed')), name)
  }
})

test('no field of one connection is handed on', () => {
  for (const name of connectionFields) {
    assert.deepEqual(sent([[name, 'x']]), sent([]), name)
  }
})

test('what Connection lists is taken from the client, and what the gate says stays', () => {
  const listed = 'close, X-Postern-Identity-Object-Id,x-ms-client-principal, X-Forwarded-For,x-mine , host, COOKIE'
  const lines = sent(
    [
      ['connection', listed],
      ['x-mine', '1'],
      ['x-other', '2'],
      ['connection', 'x-other'],
    ],
    session,
  )
  assert.deepEqual(lines, sent([], session))
})

const cookies: readonly (readonly [sent: string, arrives: string | undefined])[] = [
  ['__Host-postern=s', undefined],
  ['a=1; __Host-postern=s; b=2', 'a=1; b=2'],
  ['__Host-postern=s; a=1', 'a=1'],
  ['a=1;__Secure-postern-x=s;b="q; q"', 'a=1;b="q; q"'],
  ['a=1; __host-POSTERN-b=s', 'a=1'],
  ['a=1;  b = 2 ;c', 'a=1;  b = 2 ;c'],
  ['a=__Host-postern=s', 'a=__Host-postern=s'],
  ['__Host-postern-server-YXBw=m; x=1', 'x=1'],
]

test('cookies of the gate stay with it, and all others are as they were', () => {
  for (const [cookie, arrives] of cookies) {
    const lines = sent([['cookie', cookie]]).filter((line) => line.startsWith('cookie'))
    assert.deepEqual(lines, arrives === undefined ? [] : [`cookie: ${arrives}`])
  }
  assert.ok(
    sent([
      ['cookie', 'a=1'],
      ['cookie', '__Host-postern=s'],
      ['cookie', 'b=2'],
    ]).includes('cookie: a=1; b=2'),
  )
})

const credentials: readonly (readonly [value: string, caller: Caller, passes: boolean])[] = [
  ['Bearer t', token, true],
  ['bearer t', token, true],
  ['Bearer t', session, false],
  ['BEARER t', nobody, false],
  ['DPoP t', session, false],
  ['Basic dTpw', session, true],
  ['Basic dTpw', nobody, true],
  ['NTLM TlRMTVNTUAAB', nobody, false],
  ['negotiate YII', session, false],
  ['Bearer', session, false],
  ['', nobody, false],
  [' Bearer t', session, false],
]

test('a token goes on where the gate has verified it, and what signs a connection in never', () => {
  for (const [value, caller, passes] of credentials) {
    const lines = sent([['authorization', value]], caller).filter((line) => line.startsWith('authorization'))
    assert.deepEqual(lines, passes ? [`authorization: ${value}`] : [], `${value} by ${caller.by}`)
  }
  const two = sent([
    ['authorization', 'Basic a'],
    ['authorization', 'Basic b'],
  ])
  assert.ok(!two.some((line) => line.startsWith('authorization')))
})

test('the length of a body is handed on where it is the one thing that frames it', () => {
  const lengths = (fields: HeaderFields): readonly string[] =>
    sent(fields).filter((line) => line.startsWith('content-length'))
  assert.deepEqual(lengths([['content-length', '5']]), ['content-length: 5'])
  assert.deepEqual(
    lengths([
      ['content-length', '5'],
      ['transfer-encoding', 'chunked'],
    ]),
    [],
  )
  assert.deepEqual(
    lengths([
      ['content-length', '5'],
      ['content-length', '5'],
    ]),
    [],
  )
  assert.deepEqual(lengths([['content-length', '+5']]), [])
})

test('the state of a trace goes on with the trace that it is of', () => {
  const parent = ['traceparent', `00-${traceId}-00f067aa0ba902b7-01`] as const
  assert.ok(sent([parent, ['tracestate', 'a=1']]).includes('tracestate: a=1'))
  assert.ok(!sent([['tracestate', 'a=1']]).includes('tracestate: a=1'))
  assert.ok(
    !sent([
      ['traceparent', parent[1].replace(traceId, '1'.repeat(32))],
      ['tracestate', 'a=1'],
    ]).includes('tracestate: a=1'),
  )
})

test('whatever a client sends, the gate’s own fields stand once, and none of its cookies is among them', () => {
  const name = fc.oneof(
    fc.constantFrom(...spoofed, ...connectionFields, 'cookie', 'x-a', 'accept'),
    fc.stringMatching(/^[!#$%&'*+.^_`|~0-9a-z-]{1,30}$/),
  )
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom('host, x-forwarded-for', '__Host-postern=s; a=1', 'close', 'x-postern-identity-kind'),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (headers) => {
      const lines = sent(headers, session)
      assert.deepEqual(lines.slice(-own.length - 5), sent([], session))
      const names = lines.slice(0, -own.length - 5).map((line) => line.slice(0, line.indexOf(': ')))
      assert.ok(!names.some((each) => /_|^host$|^forwarded$|^x[^a-z0-9]?(forwarded|postern|ms-)/.test(each)))
      const cookie = lines.find((line) => line.startsWith('cookie: '))?.slice(8) ?? ''
      assert.ok(!cookie.split(';').some((pair) => isOwnCookie(pair)))
    }),
  )
})
