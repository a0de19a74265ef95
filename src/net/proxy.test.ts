import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer, connect as dial } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { handlesLeft, openHandles } from '../../test/openHandles.ts'
import { makeChain } from '../../test/pki.ts'
import type { TestServer } from '../../test/tcpServer.ts'
import { endless, tcpServer, tlsServer } from '../../test/tcpServer.ts'
import { systemClock } from './clock.ts'
import { createNet } from './createNet.ts'
import type { Limits } from './net.ts'
import type { ProxyCredentials, ThroughProxy } from './proxy.ts'
import { connectThrough } from './proxy.ts'

const net = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test' })
const patient: Limits = { signal: new AbortController().signal, timeoutMs: 20_000 }
const hasty: Limits = { ...patient, timeoutMs: 150 }
const anna: ProxyCredentials = { user: 'anna', password: 'hunter2 & co' }

function through(
  proxy: { readonly address: string; readonly port: number },
  {
    host = 'login.example',
    port = 443,
    credentials,
    limits = patient,
  }: {
    readonly host?: string
    readonly port?: number
    readonly credentials?: ProxyCredentials
    readonly limits?: Limits
  } = {},
): Promise<ThroughProxy> {
  return connectThrough(proxy, host, port, credentials, limits, systemClock)
}

/** Answers the first octets of a request with these, and ends. */
const answer = (octets: string | Buffer) => (socket: Socket) => void socket.once('data', () => socket.end(octets))

/** A proxy that leads every tunnel to one place, and keeps what it was asked. */
async function openProxy(t: TestContext, target: TestServer): Promise<{ proxy: TestServer; asked: string[] }> {
  const asked: string[] = []
  const proxy = await tcpServer(t, (socket) => {
    socket.once('data', (request: Buffer) => {
      asked.push(request.toString())
      const onward = dial({ host: target.address, port: target.port })
      onward.on('error', () => socket.destroy())
      onward.once('connect', () => {
        socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 Connection established\r\nVia: 1.1 p\r\n\r\n')
        socket.pipe(onward).pipe(socket)
      })
      socket.once('close', () => onward.destroy())
    })
  })
  return { proxy, asked }
}

test('a tunnel is asked for in as few words as there can be, and leads through to TLS', async (t) => {
  const { leaf, intermediate } = await makeChain()
  const target = await tlsServer(t, { key: leaf.keyPem, cert: leaf.pem + intermediate.pem }, (socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nOK'))
  })
  const { proxy, asked } = await openProxy(t, target)
  const { connected, seen, answer } = await through(proxy, { host: 'Login.example' })
  assert.equal(connected.outcome, 'connected')
  assert.deepEqual(asked, ['CONNECT Login.example:443 HTTP/1.1\r\nHost: Login.example:443\r\n\r\n'])
  assert.deepEqual(
    [seen?.method, seen?.url, seen?.outcome, seen?.status, seen?.headers, seen?.body.kind],
    ['CONNECT', 'Login.example:443', 'response', 200, { via: '1.1 p' }, 'empty'],
  )
  assert.ok(answer.kind === 'established')
  const shaken = await net.handshake(answer.socket, { ...target, serverName: 'localhost' }, patient)
  assert.equal(shaken.seen.outcome, 'established')
  assert.ok(shaken.socket)
  const url = 'https://login.example/'
  const page = await net.request(shaken.socket, { url, address: target.address, method: 'GET' }, patient)
  assert.deepEqual([page.status, page.body.bytes], [200, 2])
  await proxy.idle()
})

test('what the target says at once, in the same segment, is there for whoever reads next', async (t) => {
  const proxy = await tcpServer(t, (socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nSSH-2.0-x'))
    socket.on('data', (more: Buffer) => void (more.toString() === 'go on' && socket.end(' and more')))
  })
  const { answer } = await through(proxy)
  assert.ok(answer.kind === 'established')
  const { socket } = answer
  await sleep(5)
  let came = ''
  socket.on('data', (octets: Buffer) => {
    came += octets.toString()
  })
  socket.write('go on')
  await once(socket, 'end')
  assert.equal(came, 'SSH-2.0-x and more')
})

test('credentials are sent when there are some, and an IPv6 target stands in brackets', async (t) => {
  const asked: string[] = []
  const proxy = await tcpServer(t, (socket) => {
    socket.once('data', (request: Buffer) => {
      asked.push(request.toString())
      socket.end('HTTP/1.1 200 OK\r\n\r\n')
    })
  })
  const { answer } = await through(proxy, {
    host: '2001:db8::1',
    port: 8443,
    credentials: { user: 'ü', password: ':p' },
  })
  assert.equal(answer.kind, 'established')
  if (answer.kind === 'established') answer.socket.destroy()
  assert.deepEqual(asked[0]?.split('\r\n').slice(0, 3), [
    'CONNECT [2001:db8::1]:8443 HTTP/1.1',
    'Host: [2001:db8::1]:8443',
    'Proxy-Authorization: Basic w7w6OnA=',
  ])
})

const page = '<html><title>Corp proxy: not allowed</title></html>'

for (const { does, server, expected, seen } of [
  {
    does: 'wants credentials of any of four schemes',
    server: answer(
      'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: Digest realm="a", nonce="b", Basic realm="Corp"\r\nX-Squid-Error: ERR_CACHE_ACCESS_DENIED 0\r\nContent-Length: 0\r\n\r\n',
    ),
    expected: { kind: 'authentication-required' },
    seen: {
      outcome: 'response',
      status: 407,
      title: undefined,
      schemes: 'Negotiate, NTLM, Digest realm="a", nonce="b", Basic realm="Corp"',
    },
  },
  {
    does: 'wants credentials and does not say which',
    server: answer('HTTP/1.1 407 \r\n\r\n'),
    expected: { kind: 'authentication-required' },
    seen: { outcome: 'response', status: 407, title: undefined },
  },
  {
    does: 'forbids it with a page, and keeps the connection open',
    server: (socket: Socket) =>
      void socket.once('data', () =>
        socket.write(`HTTP/1.1 403 Forbidden\r\nContent-Length: ${page.length}\r\n\r\n${page}`),
      ),
    expected: { kind: 'forbidden' },
    seen: { outcome: 'response', status: 403, title: 'Corp proxy: not allowed' },
  },
  {
    does: 'does not reach the target, with a page in chunks, and keeps the connection open',
    server: (socket: Socket) =>
      void socket.once('data', () =>
        socket.write(
          `HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n<title>\r\n3\r\nDNS\r\n0\r\n\r\n`,
        ),
      ),
    expected: { kind: 'gateway-failure', status: 503 },
    seen: { outcome: 'response', status: 503, title: 'DNS' },
  },
  {
    does: 'waited in vain itself, and ends its page with the connection',
    server: answer(`HTTP/1.1 504 Gateway Timeout\r\n\r\n${page}`),
    expected: { kind: 'gateway-failure', status: 504 },
    seen: { outcome: 'response', status: 504, title: 'Corp proxy: not allowed' },
  },
  {
    does: 'is a web server and knows no CONNECT',
    server: answer('HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n\r\n'),
    expected: { kind: 'other-status', status: 405 },
    seen: { outcome: 'response', status: 405, title: undefined },
  },
  {
    does: 'resets in the middle of its page',
    server: (socket: Socket) =>
      void socket.once('data', () => {
        socket.write(`HTTP/1.1 502 Bad Gateway\r\nContent-Length: 9999\r\n\r\n${page}`, () =>
          setTimeout(() => socket.resetAndDestroy(), 20),
        )
      }),
    expected: { kind: 'gateway-failure', status: 502 },
    seen: { outcome: 'response', status: 502, title: 'Corp proxy: not allowed' },
  },
  {
    does: 'speaks SSH',
    server: (socket: Socket) => void socket.resume().write('SSH-2.0-OpenSSH_9.2\r\n'),
    expected: { kind: 'garbage' },
    seen: { outcome: 'not-http', status: undefined, title: undefined },
  },
  {
    does: 'sends 70 KiB of header fields',
    server: answer(`HTTP/1.1 200 OK\r\n${'X-Field: 8901234\r\n'.repeat(4000)}\r\n`),
    expected: { kind: 'garbage' },
    seen: { outcome: 'too-large', status: undefined, title: undefined },
  },
  {
    does: 'ends without a word',
    server: answer(''),
    expected: { kind: 'closed' },
    seen: { outcome: 'closed', status: undefined, title: undefined },
  },
  {
    does: 'ends in the middle of its head',
    server: answer('HTTP/1.1 200 OK\r\nVia: '),
    expected: { kind: 'closed' },
    seen: { outcome: 'closed', status: undefined, title: undefined },
  },
  {
    does: 'resets',
    server: (socket: Socket) => void socket.once('data', () => socket.resetAndDestroy()),
    expected: { kind: 'closed' },
    seen: { outcome: 'reset', status: undefined, title: undefined },
  },
] as const) {
  test(`a proxy that ${does} is ${expected.kind}`, async (t) => {
    const proxy = await tcpServer(t, server)
    const came = await through(proxy)
    assert.deepEqual(came.answer, expected)
    assert.deepEqual(
      [came.seen?.outcome, came.seen?.status, came.seen?.body.title],
      [seen.outcome, seen.status, seen.title],
    )
    if ('schemes' in seen) assert.equal(came.seen?.headers['proxy-authenticate'], seen.schemes)
    await proxy.idle()
  })
}

for (const { what, server, expected } of [
  {
    what: 'header fields',
    server: endless('HTTP/1.1 200 OK\r\n', Buffer.from('X-Field: value\r\n'.repeat(500))),
    expected: 'garbage',
  },
  {
    what: 'interim answers',
    server: endless('', Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100))),
    expected: 'garbage',
  },
  {
    what: 'a page',
    server: endless('HTTP/1.1 403 No\r\n\r\n<title>No</title>', Buffer.alloc(65_536, 'x')),
    expected: 'forbidden',
  },
  {
    what: 'chunks of one octet',
    server: endless('HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n', Buffer.from('1\r\nx\r\n'.repeat(9999))),
    expected: 'forbidden',
  },
]) {
  test(`a proxy that sends ${what} without end is ${expected}, and is not listened to any longer`, async (t) => {
    const proxy = await tcpServer(t, server)
    const { answer, seen } = await through(proxy, { limits: { ...patient, timeoutMs: 600_000 } })
    assert.equal(answer.kind, expected)
    assert.ok((seen?.body.bytes ?? 0) <= 65_536)
    await proxy.idle()
  })
}

test('a silent proxy is a time-out, one that stays silent after a refusal is the refusal', async (t) => {
  const silent = await tcpServer(t, (socket) => socket.resume())
  assert.equal((await through(silent, { limits: hasty })).answer.kind, 'timeout')
  const stuck = await tcpServer(
    t,
    (socket) => void socket.once('data', () => socket.write('HTTP/1.1 403 No\r\n\r\n<title>No')),
  )
  const { answer, seen } = await through(stuck, { limits: hasty })
  assert.deepEqual([answer.kind, seen?.body.title], ['forbidden', 'No'])
  await Promise.all([silent.idle(), stuck.idle()])
})

test('a caller who gives up is told so, and no connection is left', async (t) => {
  const proxy = await tcpServer(t, (socket) => socket.resume())
  const before = openHandles('TCPSocketWrap')
  const controller = new AbortController()
  const waiting = through(proxy, { limits: { signal: controller.signal, timeoutMs: 600_000 } })
  while (proxy.open.size === 0) await sleep(1)
  controller.abort()
  assert.equal((await waiting).answer.kind, 'aborted')
  await proxy.idle()
  assert.ok((await handlesLeft('TCPSocketWrap', before)) <= before)
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

test('a proxy that is not there is unconnected, as the attempt says', async () => {
  const { answer, connected, seen } = await through({ address: '127.0.0.1', port: await freePort() })
  assert.deepEqual([answer.kind, connected.outcome, seen], ['unconnected', 'refused', undefined])
})

const token = Buffer.from(`${anna.user}:${anna.password}`).toString('base64')
const knowing = createNet({
  trust: { site: [], machine: [], node: [] },
  userAgent: 'postern/test',
  proxyCredentials: { egress: anna },
})

for (const { how, server } of [
  { how: 'as they are', server: (socket: Socket) => void socket.pipe(socket) },
  {
    how: 'in its page and head',
    server: (socket: Socket) =>
      void socket.once('data', (request: Buffer) =>
        socket.end(
          `HTTP/1.1 407 No\r\nVia: ${token}\r\nProxy-Authenticate: Basic realm="${token}"\r\n\r\n<title>${request.toString()}</title>`,
        ),
      ),
  },
  {
    how: 'deciphered',
    server: answer(
      `HTTP/1.1 403 No\r\nVia: ${anna.password}\r\n\r\n<title>${'x'.repeat(115)}${anna.password}</title>${encodeURIComponent(anna.password)}`,
    ),
  },
]) {
  test(`credentials that a server sends back ${how} are in no observation`, async (t) => {
    const proxy = await tcpServer(t, server)
    const said = JSON.stringify(await knowing.tunnel({ ...proxy, name: 'egress' }, { host: 'a', port: 443 }, patient))
    assert.match(said, /showedCredentials/)
    for (const secret of [token.slice(0, 8), anna.password.slice(0, 4)]) assert.ok(!said.includes(secret), said)
  })
}

for (const wrong of [
  { host: 'a b' },
  { host: 'a\r\nX: y' },
  { host: '' },
  { port: 0 },
  { port: 65_536 },
  { credentials: { user: 'a:b', password: '' } },
]) {
  test(`${JSON.stringify(wrong)} is misuse`, async (t) => {
    const proxy = await tcpServer(t, (socket) => socket.resume())
    await assert.rejects(through(proxy, wrong), RangeError)
    assert.equal(proxy.open.size, 0)
  })
}

test('any answer is one of the kinds, and nothing is left open but a tunnel', async (t) => {
  let script: readonly Uint8Array[] = []
  const proxy = await tcpServer(t, (socket) => {
    socket.once('data', () => {
      for (const piece of script) socket.write(piece)
      socket.end()
    })
  })
  const known = [
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 407 x\r\n',
    'HTTP/1.1 100 x\r\n\r\n',
    'Content-Length: 3\r\n',
    'Transfer-Encoding: chunked\r\n',
    '\r\n',
    '0\r\n\r\n',
    '5\r\nab',
  ]
  const piece = fc.oneof(
    fc.constantFrom(...known).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 60 }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 7 }), async (pieces) => {
      script = pieces
      const { answer, seen } = await through(proxy, { credentials: anna })
      assert.ok(!['timeout', 'aborted', 'unconnected'].includes(answer.kind))
      assert.doesNotMatch(JSON.stringify(seen), /[\p{Cc}]/u)
      if (answer.kind === 'established') answer.socket.destroy()
    }),
    { numRuns: 150 },
  )
  await proxy.idle()
})
