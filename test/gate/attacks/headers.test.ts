import assert from 'node:assert/strict'
import { test } from 'node:test'
import { people } from '../../../src/lab/tenant/index.ts'
import { heldOctets } from '../../heldOctets.ts'
import type { Row } from './attackRange.ts'
import { openRange, playRows } from './attackRange.ts'
import { closing } from './shoot.ts'

interface HeaderRow extends Row {
  readonly fields: readonly string[]
  readonly line?: string
  /** Stands in nothing that comes to the backend, in whatever case. */
  readonly never?: RegExp
}

const forged = people.admin.id
const open = { line: 'GET /open/first', answers: [200], reaches: ['GET /open/first'], recorded: ['passed'] }

/** An open request whose field goes no further. */
const stripped = (name: string, field: string, never = /POISON-17/): HeaderRow => ({
  ...open,
  name,
  fields: [field],
  never,
})

/** A request for what is closed that a field of it must not open. */
const denied = (name: string, ...fields: readonly string[]): HeaderRow => ({
  name,
  line: 'GET /team/first',
  fields,
  answers: [401],
  recorded: ['not-signed-in'],
})

const twins: readonly HeaderRow[] = [
  stripped('the field of an identity', 'X-Postern-Identity-Object-Id: POISON-17'),
  stripped('the field of an identity in small letters', 'x-postern-identity-object-id: POISON-17'),
  stripped('the field of an identity with underscores', 'X_Postern_Identity_Object_Id: POISON-17'),
  stripped('the field of an identity with one underscore', 'X-Postern-Identity-Object_Id: POISON-17'),
  stripped('the field of an identity with dots', 'X.Postern.Identity.Object.Id: POISON-17'),
  stripped('any field with an underscore', 'X_Note: POISON-17'),
  stripped('the assertion', 'X-Postern-Assertion: POISON-17'),
  stripped('a field of identities that the gate does not set', 'X-Postern-Identity-Anything: POISON-17'),
  stripped('the user of another gateway', 'X-Forwarded-User: POISON-17'),
  stripped('the e-mail of another gateway', 'X-Auth-Request-Email: POISON-17'),
  stripped('the principal of App Service', 'X-MS-CLIENT-PRINCIPAL-ID: POISON-17'),
  stripped('the user of a web server', 'Remote-User: POISON-17'),
  stripped('the user of a web server with an underscore', 'REMOTE_USER: POISON-17'),
  stripped('the certificate of a client', 'X-Client-Cert: POISON-17'),
  stripped('httpoxy', 'Proxy: http://POISON-17/'),
  stripped('another path', 'X-Original-URL: /team/POISON-17'),
  stripped('another path of another kind', 'X-Rewrite-URL: /team/POISON-17'),
  stripped('another path that a gateway would judge', 'X-Forwarded-Uri: /open/POISON-17'),
  stripped('another method', 'X-HTTP-Method-Override: DELETE', /DELETE/),
  stripped('another method with underscores', 'X_HTTP_METHOD_OVERRIDE: DELETE', /DELETE/),
  stripped('another host', 'X-Forwarded-Host: POISON-17'),
  stripped('another host of another kind', 'X-Host: POISON-17'),
  stripped('another prefix', 'X-Forwarded-Prefix: /POISON-17'),
  stripped('another scheme', 'X-Forwarded-Proto: http', /proto: ?http\r/),
  stripped('another address', 'X-Forwarded-For: 10.0.0.17', /10\.0\.0\.17/),
  stripped('another address of another kind', 'X-Real-IP: 10.0.0.17', /10\.0\.0\.17/),
  stripped('another address by the standard', 'Forwarded: for=10.0.0.17', /10\.0\.0\.17/),
  stripped('a trace of somebody else', `Traceparent: 00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, /a{32}/),
  stripped('the session of the gate', `Cookie: __Host-postern=POISON-17; app=1`),
  stripped('the session of the gate in capitals', `Cookie: app=1; __HOST-POSTERN=POISON-17`),
  stripped('the session of the gate behind a blank', `Cookie: app=1;  __Host-postern-b =POISON-17`),
  stripped('a token that nobody has looked at', 'Authorization: Bearer POISON-17'),
  stripped('a login that signs in a connection', 'Authorization: Negotiate POISON-17'),
]

const rows: readonly HeaderRow[] = [
  ...twins,
  {
    ...open,
    name: 'a list of fields that are of the connection takes none of the gate’s own away',
    fields: ['Connection: x-postern-identity-kind, x-forwarded-for, host, forwarded, x-request-id, content-length'],
  },
  {
    ...open,
    name: 'a field that is called like what every object has',
    fields: ['__proto__: one', 'constructor: two', 'hasOwnProperty: 3'],
  },
  { ...open, name: 'two cookie fields', fields: ['Cookie: a=1', 'Cookie: b=2'] },
  denied('the user agent of a health check', 'User-Agent: GoogleHC/1.0'),
  denied('the user agent of another health check', 'User-Agent: kube-probe/1.30'),
  denied('the user agent of the load balancer', 'User-Agent: ELB-HealthChecker/2.0', 'X-Forwarded-For: 127.0.0.1'),
  denied(
    'an identity that the client tells',
    `X-Postern-Identity-Object-Id: ${forged}`,
    'X-Postern-Identity-Kind: user',
  ),
  denied(
    'an identity that is of the connection',
    'Connection: x-postern-identity-kind',
    'X-Postern-Identity-Kind: user',
  ),
  denied('an open path that the client tells', 'X-Original-URL: /open/first', 'X-Forwarded-Uri: /open/first'),
  denied('a method that the client tells', 'X-HTTP-Method-Override: OPTIONS'),
  { ...denied('a login with a name and a password', 'Authorization: Basic YWRtaW46YWRtaW4='), recorded: ['no-token'] },
  {
    ...denied('a preflight of a page'),
    line: 'OPTIONS /team/first',
    fields: ['Origin: https://evil.example', 'Access-Control-Request-Method: GET'],
  },
  { ...denied('HEAD for what is closed'), line: 'HEAD /team/first' },
  { ...denied('a method that nobody knows'), line: 'PROPFIND /team/first' },
  { ...denied('all of the server'), line: 'OPTIONS *', answers: [400], recorded: ['target-form'] },
  { ...denied('what was sent is sent back'), line: 'TRACE /open/first', answers: [501], recorded: ['method-unknown'] },
  {
    ...denied('the way of proxies to empty caches'),
    line: 'PURGE /open/x',
    answers: [200],
    reaches: ['PURGE /open/x'],
    recorded: ['passed'],
  },
  {
    ...denied(
      'an address of inside that the client tells',
      'X-Forwarded-For: 10.0.0.1',
      'Forwarded: for=10.0.0.1',
      'X-Real-IP: 10.0.0.1',
      'True-Client-IP: 10.0.0.1',
    ),
    line: 'GET /inside/x',
    answers: [403],
    recorded: ['address-not-allowed'],
  },
  {
    ...denied('two authorizations', 'Authorization: Bearer one', 'Authorization: Bearer two'),
    answers: [400],
    recorded: ['header-twice'],
  },
  {
    ...denied('two origins', 'Origin: https://{host}', 'Origin: https://evil.example'),
    answers: [400],
    recorded: ['header-twice'],
  },
  {
    ...denied('two thousand fields', ...Array.from({ length: 2000 }, (_, at) => `X-${at}: POISON-17`)),
    answers: [431],
    recorded: ['head-too-large'],
  },
  {
    ...denied('a field of a hundred thousand letters', `X-Note: ${'POISON-17'.repeat(11_000)}`),
    answers: [431],
    recorded: ['head-too-large'],
  },
  { ...denied('two thousand cookies', `Cookie: ${'POISON-17=1;'.repeat(2000)}`) },
  {
    ...denied(
      'cookies that are none',
      'Cookie: ;;;=;==; =POISON-17; %zz=%; "__Host-postern=1"; \x80=\xff;__Host-postern',
    ),
  },
  { ...denied('a cookie of sixty thousand letters', `Cookie: __Host-postern=${'P'.repeat(60_000)}`) },
  {
    ...denied('sixty thousand letters that pass', `X-Note: ${'x'.repeat(60_000)}`),
    line: 'GET /open/long',
    answers: [200],
    reaches: ['GET /open/long'],
    recorded: ['passed'],
  },
]

test('no header field opens what is closed, or tells the backend what only the gate may tell', async (t) => {
  const range = await openRange(t)
  range.poison.push('POISON-17')
  const shoot = ({ line = 'GET /team/first', fields }: HeaderRow) => range.shoot(closing(line, ...fields))
  await playRows(t, range, rows, shoot, ({ never = /POISON-17/ }, _shot, octets) => {
    for (const text of octets) {
      assert.doesNotMatch(text, never)
      for (const once of [
        /^x-postern-identity-kind: nobody\r$/gm,
        /^x-forwarded-for: 127\.0\.0\.1\r$/gm,
        /^host: /gm,
        /^x-request-id: /gm,
      ]) {
        assert.equal(text.match(once)?.length, 1, `${once}`)
      }
      assert.doesNotMatch(text, /_[^:\r]*: .*POISON/)
    }
  })
})

/** @param address of which the request is taken to be; undefined: it is refused */
function told(name: string, address: string | undefined, ...fields: readonly string[]): HeaderRow {
  const recordedAt = `/inside/${name.replaceAll(' ', '-')}`
  const row = { name, line: `GET ${recordedAt}`, fields }
  if (address === undefined) return { ...row, answers: [400], recorded: ['forwarded-unreadable'] }
  return address.startsWith('10.')
    ? { ...row, recordedAt, answers: [200], reaches: [row.line], recorded: ['passed'] }
    : { ...row, recordedAt, answers: [403], recorded: ['address-not-allowed'] }
}

/** The gate stands behind 127.0.0.0/8, and 10.0.0.0/8 is inside. */
const forwarded: readonly HeaderRow[] = [
  told('a proxy tells an address of inside', '10.0.0.1', 'X-Forwarded-For: 10.0.0.1'),
  told(
    'a proxy tells an address of outside behind one of inside that the client has written',
    '192.0.2.1',
    'X-Forwarded-For: 10.0.0.1, 192.0.2.1',
  ),
  told('the same in two fields', '192.0.2.1', 'X-Forwarded-For: 10.0.0.1', 'X-Forwarded-For: 192.0.2.1'),
  told('the same by the standard', '192.0.2.1', 'Forwarded: for=10.0.0.1, for=192.0.2.1'),
  told('the client has written the other field', undefined, 'X-Forwarded-For: 192.0.2.1', 'Forwarded: for=10.0.0.1'),
  told(
    'the client has written a field that no proxy of these reads',
    '192.0.2.1',
    'X-Forwarded-For: 192.0.2.1',
    'X-Real-IP: 10.0.0.1',
  ),
  told('a list that is no list', undefined, 'Forwarded: for=10.0.0.1;;;for="'),
  told('an address that is none', undefined, 'X-Forwarded-For: 10.0.0.1, 010.0.0.1'),
  told('an element with two addresses', undefined, 'Forwarded: for=10.0.0.1;for=192.0.2.1'),
  told('a quote that does not end', undefined, 'Forwarded: for="10.0.0.1'),
  told('a list of a thousand', undefined, `Forwarded: ${Array.from({ length: 1000 }, () => 'for=10.0.0.1').join()}`),
  told('nothing is told, and the proxy is not inside', '127.0.0.1'),
  told('somebody who is not known', '127.0.0.1', 'Forwarded: for=unknown'),
]

test('behind a proxy the address is what that one says, and nothing that stands further left', async (t) => {
  const range = await openRange(t, { edit: (yaml) => yaml.replace('  limits:', '  behind: [127.0.0.0/8]\n  limits:') })
  await playRows(
    t,
    range,
    forwarded,
    ({ line = '', fields }) => range.shoot(closing(line, ...fields)),
    (_row, { port }, octets) => {
      assert.ok(port > 0)
      for (const text of octets) assert.match(text, /^x-forwarded-for: 10\.0\.0\.1\r$/m)
    },
  )
})

test('heads that are as large as they may be leave nothing behind', async (t) => {
  const range = await openRange(t)
  const octets = closing(
    'GET /open/first',
    ...Array.from({ length: 100 }, (_, at) => `X-${at}-${'n'.repeat(200)}: ${'v'.repeat(350)}`),
  )
  for (let round = 0; round < 20; round += 1) await range.shoot(octets)
  const before = heldOctets() - range.backend.came.join('').length
  for (let round = 0; round < 200; round += 1) assert.deepEqual((await range.shoot(octets)).statuses, [200])
  const grown = heldOctets() - range.backend.came.join('').length - before
  assert.ok(grown < 16 * 1024 * 1024, `${grown} octets more are held`)
})
