import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { people } from '../../../src/lab/tenant/index.ts'
import type { RawAnswer } from '../rawBackend.ts'
import { well } from '../rawBackend.ts'
import type { Question } from './attackBrowser.ts'
import { AttackBrowser } from './attackBrowser.ts'
import type { Range, Row } from './attackRange.ts'
import { openRange, playRows, reasonsOf } from './attackRange.ts'
import type { Shot } from './shoot.ts'
import { closing, fieldIn, fieldsIn, octetsOf, openSocket } from './shoot.ts'

interface SessionRow extends Row {
  /** @param browser has signed in as somebody ordinary */
  readonly play: (browser: AttackBrowser, range: Range) => Promise<Shot>
  /** Whether the session lets in afterwards; default: it does. */
  readonly isOver?: true
}

const { ordinary } = people
const name = '__Host-postern'
const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const upgrade = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`]
const evil = 'Origin: https://evil.example'

const asks =
  (place: string, question: Question = {}): SessionRow['play'] =>
  (browser) =>
    browser.ask(place, question)

/** With cookies that are made of the one of a session. */
const withCookies =
  (cookiesOf: (id: string) => readonly string[]): SessionRow['play'] =>
  (browser, range) =>
    range.shoot(
      closing('GET /team/first', ...cookiesOf(browser.cookies.get(name) ?? '').map((line) => `Cookie: ${line}`)),
    )

const refused = (what: string, reason: string, play: SessionRow['play'], status = 401): SessionRow => ({
  name: what,
  answers: [status],
  recorded: [reason],
  play,
})

const guessed: readonly SessionRow[] = [
  refused(
    'an id that somebody made up',
    'session-unknown',
    withCookies(() => [`${name}=${'p'.repeat(43)}`]),
  ),
  refused(
    'an id with one letter changed',
    'session-unknown',
    withCookies((id) => [`${name}=${id.startsWith('A') ? 'B' : 'A'}${id.slice(1)}`]),
  ),
  refused(
    'an id in another case',
    'session-unknown',
    withCookies((id) => [
      `${name}=${id.replaceAll(/[a-z]/gi, (one) => (one < 'a' ? one.toLowerCase() : one.toUpperCase()))}`,
    ]),
  ),
  refused(
    'an id that is cut',
    'not-signed-in',
    withCookies((id) => [`${name}=${id.slice(0, 42)}`]),
  ),
  refused(
    'an id that is longer',
    'not-signed-in',
    withCookies((id) => [`${name}=${id}A`]),
  ),
  refused(
    'an id in quotes',
    'not-signed-in',
    withCookies((id) => [`${name}="${id}"`]),
  ),
  refused(
    'an id by a name that any neighbour may set',
    'not-signed-in',
    withCookies((id) => [`postern=${id}; __Secure-postern=${id}`]),
  ),
  refused(
    'an id by a name in another case',
    'not-signed-in',
    withCookies((id) => [`__host-postern=${id}`]),
  ),
  refused(
    'an id by the name of the browser’s cookie',
    'not-signed-in',
    withCookies((id) => [`__Host-postern-b=${id}`]),
  ),
  refused(
    'a session twice: another before it',
    'not-signed-in',
    withCookies((id) => [`${name}=${'p'.repeat(43)}; ${name}=${id}`]),
  ),
  refused(
    'a session twice: in two fields',
    'not-signed-in',
    withCookies((id) => [`${name}=${id}`, `${name}=${'p'.repeat(43)}`]),
  ),
  refused(
    'a session behind a thousand cookies',
    'not-signed-in',
    withCookies((id) => [`${'a=1;'.repeat(1000)}${name}=${id}`]),
  ),
  refused('the name of a session in the place of its id', 'not-signed-in', (_browser, { gate, shoot }) => {
    const [session] = gate.serving.signIn?.sessions.list() ?? []
    return shoot(closing('GET /team/first', `Cookie: ${name}=${session?.name}`))
  }),
  refused(
    'a token that is not good beside a session that is',
    'not-a-jwt',
    asks('/team/first', { fields: ['Authorization: Bearer one'] }),
  ),
  refused('a session without the role', 'role-missing', asks('/open/admin/first'), 403),
  {
    ...refused('an id after signing out', 'revoked', async (browser, range) => {
      const id = browser.cookies.get(name)
      await browser.ask('/.postern/sign-out', { method: 'POST', fields: [`Origin: ${range.gate.origin}`] })
      assert.equal(browser.cookies.has(name), false)
      return await range.shoot(closing('GET /team/first', `Cookie: ${name}=${id}`))
    }),
    isOver: true,
  },
]

const foreign: readonly SessionRow[] = [
  ...(
    [
      [
        'CSRF: a form of another site',
        { method: 'POST', fields: [evil, 'Content-Type: application/x-www-form-urlencoded'], body: 'a=1' },
      ],
      ['CSRF: a form of a page without an origin', { method: 'POST', fields: ['Origin: null'], body: 'a=1' }],
      ['CSRF: a form of a neighbour', { method: 'POST', fields: ['Origin: https://app.localhost'], body: 'a=1' }],
      [
        'CSRF: a form of another port of this host',
        { method: 'POST', fields: ['Origin: https://localhost:1'], body: 'a=1' },
      ],
      ['CSRF: a form of this host without TLS', { method: 'POST', fields: ['Origin: http://{host}'], body: 'a=1' }],
      [
        'CSRF: a form of an origin that begins like ours',
        { method: 'POST', fields: ['Origin: https://{host}.evil.example'], body: 'a=1' },
      ],
      [
        'CSRF: a browser that names the site alone',
        { method: 'POST', fields: ['Sec-Fetch-Site: cross-site'], body: 'a=1' },
      ],
      ['CSRF: a browser that says same-site', { method: 'PUT', fields: ['Sec-Fetch-Site: same-site'], body: 'a=1' }],
      ['CSRF: DELETE', { method: 'DELETE', fields: [evil] }],
      ['CSRF: a method that nobody knows', { method: 'PROPPATCH', fields: [evil] }],
      ['CSRF: a WebSocket of another site', { fields: [evil, 'Connection: Upgrade', ...upgrade] }],
      [
        'CSRF: a WebSocket of a page without an origin',
        { fields: ['Origin: null', 'Connection: Upgrade', ...upgrade] },
      ],
      [
        'CSRF: a WebSocket of another port of this host',
        { fields: ['Origin: https://localhost:1', 'Connection: Upgrade', ...upgrade] },
      ],
      [
        'CSRF: a WebSocket of an origin in capitals',
        { fields: ['Origin: HTTPS://{host}', 'Connection: Upgrade', ...upgrade] },
      ],
    ] as const
  ).map(([what, question]) => refused(what, 'cross-origin', asks('/team/first', question), 403)),
  refused(
    'CSRF: signing out by a form of another site',
    'cross-origin',
    asks('/.postern/sign-out', { method: 'POST', fields: [evil] }),
    403,
  ),
  refused(
    'signing out by somebody who says to be the tenant',
    'answer-unreadable',
    asks('/.postern/front-channel-sign-out?iss=https%3A%2F%2Fevil.example&sid=one'),
    400,
  ),
  refused(
    'signing out with two ids',
    'answer-unreadable',
    asks('/.postern/front-channel-sign-out?iss=a&sid=one&sid=two'),
    400,
  ),
  {
    name: 'CSRF: a link to sign out asks first',
    answers: [200],
    recorded: [],
    play: asks('/.postern/sign-out', { fields: ['Sec-Fetch-Site: cross-site'] }),
  },
  {
    name: 'CSRF: a form of our own passes',
    answers: [200],
    reaches: ['POST /team/first'],
    recorded: ['passed'],
    play: (browser, { gate }) =>
      browser.ask('/team/first', { method: 'POST', fields: [`Origin: ${gate.origin}`], body: 'a=1' }),
  },
]

/** Nobody has signed in, and it is no page that a browser wants to show. */
const scripts: readonly SessionRow[] = (
  [
    ['a script is sent nowhere: by its header', { fields: ['Accept: text/html', 'X-Requested-With: XMLHttpRequest'] }],
    ['a script is sent nowhere: by what browsers say', { fields: ['Accept: text/html', 'Sec-Fetch-Mode: cors'] }],
    ['a script is sent nowhere: by what it wants', { fields: ['Accept: application/json'] }],
    ['a picture is sent nowhere', { fields: ['Accept: image/*', 'Sec-Fetch-Mode: no-cors'] }],
    [
      'a form is sent nowhere',
      { method: 'POST', fields: ['Accept: text/html', 'Sec-Fetch-Mode: navigate'], body: 'a=1' },
    ],
    [
      'a WebSocket is sent nowhere',
      { fields: ['Accept: text/html', 'Origin: https://{host}', 'Connection: Upgrade', ...upgrade] },
    ],
  ] as const
).map(([what, question]) =>
  refused(what, 'not-signed-in', async (browser) => {
    const cookies = [...browser.cookies]
    browser.cookies.clear()
    const shot = await browser.ask('/team/first', question)
    assert.equal(fieldIn(shot.text, 'location'), undefined)
    assert.equal(fieldIn(shot.text, 'set-cookie'), undefined)
    for (const [key, value] of cookies) browser.cookies.set(key, value)
    return shot
  }),
)

const cached = (what: string, fields: string): SessionRow => ({
  name: what,
  answers: [200],
  reaches: [`GET /team/cached?${encodeURIComponent(fields)}`],
  recorded: ['passed'],
  play: asks(`/team/cached?${encodeURIComponent(fields)}`),
})

const caching: readonly SessionRow[] = [
  cached('no cache keeps what says that all may keep it', 'Cache-Control: public, max-age=3600\r\n'),
  cached('no cache keeps what says nothing', ''),
  cached('no cache keeps what has a date', 'Expires: Thu, 01 Jan 2099 00:00:00 GMT\r\n'),
  cached(
    'no cache keeps what speaks to caches alone',
    'CDN-Cache-Control: max-age=3600\r\nSurrogate-Control: max-age=3600\r\n',
  ),
  cached('no cache keeps what says both', 'Cache-Control: private\r\nCache-Control: public\r\n'),
]

const answer: RawAnswer = (request, socket) => {
  if (request.target === '/team/socket') {
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
  } else if (request.target === '/team/events') {
    socket.write(
      'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n',
    )
  } else if (request.target.startsWith('/team/cached?')) {
    socket.write(`HTTP/1.1 200 OK\r\n${decodeURIComponent(request.target.slice(13))}Content-Length: 5\r\n\r\nwell\n`)
  } else well(request, socket)
}

for (const [what, rows] of Object.entries({
  'a session is that of who signed in, and lets in nobody by anything like it': guessed,
  'pages of others do nothing in the name of who has signed in': foreign,
  'what is no page is answered and sent nowhere': scripts,
  'no cache keeps what somebody had to sign in for': caching,
})) {
  test(what, async (t) => {
    const range = await openRange(t, { answer })
    const play = async ({ play: attack, isOver }: SessionRow): Promise<Shot> => {
      const browser = new AttackBrowser(t, range.gate)
      await browser.signIn(ordinary.id)
      range.poison.push(...browser.cookies.values())
      const shot = await attack(browser, range)
      assert.equal(await browser.who(), isOver === true ? undefined : ordinary.id)
      return shot
    }
    await playRows(t, range, rows, play, ({ recorded }, { text }, octets) => {
      for (const one of octets) assert.doesNotMatch(one, /__host-postern/i)
      if (recorded.includes('passed') || !text.startsWith('HTTP/1.1 200')) {
        assert.deepEqual(
          fieldsIn(text).filter(([field]) => /cache|expires|surrogate/.test(field)),
          [['cache-control', 'no-store']],
        )
      }
    })
  })
}

/** Opens something that stays open; resolves when its beginning has come, with a promise of its end. */
async function opened(
  range: Range,
  browser: AttackBrowser,
  lines: string,
): Promise<{ readonly port: number; readonly ended: Promise<void> }> {
  const socket = await openSocket(range.gate)
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.write(octetsOf(range.gate, lines.replace('COOKIE', `Cookie: ${name}=${browser.cookies.get(name)}`)))
  await new Promise((resolve) => socket.once('data', resolve))
  socket.resume()
  return { port: socket.localPort ?? 0, ended }
}

test('what is open ends with the session, whoever ends it, and what is of another session goes on', async (t) => {
  const range = await openRange(t, { answer })
  const { gate } = range
  const streams = 'GET /team/events HTTP/1.1\r\nHost: {host}\r\nCOOKIE\r\n\r\n'
  const sockets = `GET /team/socket HTTP/1.1\r\nHost: {host}\r\nOrigin: https://{host}\r\nConnection: Upgrade\r\n${upgrade.join('\r\n')}\r\nCOOKIE\r\n\r\n`
  const sessions = gate.serving.signIn?.sessions
  const other = new AttackBrowser(t, gate)
  await other.signIn(people.admin.id)
  const staying = await opened(range, other, sockets)
  let isOtherOver = false
  void staying.ended.then(() => (isOtherOver = true))
  const ways: Readonly<Record<string, (browser: AttackBrowser) => unknown>> = {
    'an administrator revokes the person': () =>
      sessions?.end({ tenantId: gate.scene.tenant.id, objectId: ordinary.id }, 'revoked'),
    'the person signs out': (browser) =>
      browser.ask('/.postern/sign-out', { method: 'POST', fields: [`Origin: ${gate.origin}`] }),
    'the person signs in anew': (browser) => browser.signIn(ordinary.id),
  }
  const ports: number[] = []
  for (const end of Object.values(ways)) {
    const browser = new AttackBrowser(t, gate)
    await browser.signIn(ordinary.id)
    const open = [await opened(range, browser, streams), await opened(range, browser, sockets)]
    await end(browser)
    for (const { ended, port } of open) {
      await ended
      ports.push(port)
    }
    await range.bystander()
  }
  assert.equal(isOtherOver, false)
  const events = await range.recorded()
  for (const port of ports) assert.deepEqual(reasonsOf(events, port), ['ended'])
})
