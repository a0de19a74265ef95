import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { handlesLeft, openHandles } from '../../test/openHandles.ts'
import { makeChain } from '../../test/pki.ts'
import type { TestServer } from '../../test/tcpServer.ts'
import { endless, tcpServer, tlsServer } from '../../test/tcpServer.ts'
import { createNet } from './createNet.ts'
import type { HttpQuestion, Limits, Net } from './net.ts'

const net = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test', maxBodyBytes: 100_000 })
const patient: Limits = { signal: new AbortController().signal, timeoutMs: 10_000 }
const hasty: Limits = { ...patient, timeoutMs: 150 }

async function get(
  server: TestServer,
  question: Partial<HttpQuestion> = {},
  limits: Limits = patient,
): ReturnType<Net['request']> {
  const { address, port } = server
  const { socket } = await net.connect(server, patient)
  assert.ok(socket)
  const url = `http://sts.contoso.com:${port}/adfs/probe?x=1`
  const seen = await net.request(socket, { url, address, method: 'GET', ...question }, limits)
  assert.ok(socket.destroyed)
  return seen
}

/** Answers the first octets of a request with these, and ends. */
const answer = (octets: string | Buffer) => (socket: Socket) => void socket.once('data', () => socket.end(octets))

test('an answer is told by status, kept fields and page; the request says no more than it must', async (t) => {
  const asked = Promise.withResolvers<string>()
  const body = '{"issuer":"https://sts.contoso.com/adfs","secret":"x"}'
  const server = await tcpServer(t, (socket) => {
    socket.once('data', (octets: Buffer) => {
      asked.resolve(octets.toString())
      socket.end(
        `HTTP/1.1 200 OK\r\nServer: Microsoft-HTTPAPI/2.0\r\nContent-Type: application/json\r\nSet-Cookie: a=b\r\nX-Ms-Request-Id: 1\r\nX-Other: y\r\n\r\n${body}`,
      )
    })
  })
  const { at, ms, firstByteMs, ownLagMs: _, ...seen } = await get(server)
  assert.deepEqual(seen, {
    kind: 'http-exchange',
    url: `http://sts.contoso.com:${server.port}/adfs/probe?x=1`,
    address: '127.0.0.1',
    method: 'GET',
    outcome: 'response',
    status: 200,
    headers: { server: 'Microsoft-HTTPAPI/2.0', 'content-type': 'application/json', 'x-ms-request-id': '1' },
    body: { kind: 'json', bytes: body.length, members: { issuer: 'https://sts.contoso.com/adfs' } },
  })
  assert.match(at, /Z$/)
  assert.ok(firstByteMs !== undefined && ms >= firstByteMs)
  assert.deepEqual((await asked.promise).split('\r\n'), [
    'GET /adfs/probe?x=1 HTTP/1.1',
    `Host: sts.contoso.com:${server.port}`,
    'User-Agent: postern/test',
    'Accept: */*',
    'Connection: close',
    '',
    '',
  ])
})

test('a body that is sent comes with its length and the fields of the question', async (t) => {
  const asked = Promise.withResolvers<string>()
  const server = await tcpServer(t, (socket) => {
    socket.on('data', (octets: Buffer) => {
      if (octets.toString().endsWith('grüße')) {
        asked.resolve(octets.toString())
        socket.end('HTTP/1.1 204 No Content\r\n\r\n')
      }
    })
  })
  const seen = await get(server, { method: 'POST', body: 'grüße', headers: { 'Content-Type': 'text/plain' } })
  assert.deepEqual([seen.outcome, seen.status, seen.body.kind], ['response', 204, 'empty'])
  assert.match(await asked.promise, /Content-Type: text\/plain\r\nContent-Length: 7\r\n/)
})

test('a redirect is told and not followed', async (t) => {
  const server = await tcpServer(
    t,
    answer('HTTP/1.1 302 Found\r\nLocation: https://portal.example/\r\nContent-Length: 0\r\n\r\n'),
  )
  const seen = await get(server)
  assert.deepEqual([seen.status, seen.headers], [302, { location: 'https://portal.example/', 'content-length': '0' }])
})

test('an answer that comes octet by octet is read like any other', async (t) => {
  const server = await tcpServer(t, (socket) => {
    socket.setNoDelay(true)
    socket.once('data', () => {
      const send = ([first, ...rest]: readonly number[]): void => {
        if (first === undefined) return void socket.end()
        socket.write(Buffer.of(first))
        setImmediate(send, rest)
      }
      send([...Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n')])
    })
  })
  const seen = await get(server)
  assert.deepEqual([seen.outcome, seen.body], ['response', { kind: 'text', bytes: 2, members: {} }])
})

test('an upgrade that was not asked for is told, and the connection is closed', async (t) => {
  const server = await tcpServer(
    t,
    answer('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  )
  const seen = await get(server)
  assert.deepEqual([seen.outcome, seen.status], ['response', 101])
  await server.idle()
})

for (const { does, server, outcome, more } of [
  {
    does: 'closes without a word',
    server: answer(''),
    outcome: 'closed',
    more: { status: undefined, code: undefined },
  },
  {
    does: 'resets',
    server: (socket: Socket) => void socket.once('data', () => socket.resetAndDestroy()),
    outcome: 'reset',
    more: { code: 'ECONNRESET' },
  },
  {
    does: 'talks garbage',
    server: answer('220 mail.example ESMTP\r\n'),
    outcome: 'not-http',
    more: { firstOctets: '220 mail.example ESMTP\\x0D\\x0A', status: undefined },
  },
  {
    does: 'introduces itself as SSH before anything was sent',
    server: (socket: Socket) => void socket.resume().write('SSH-2.0-OpenSSH_9.2\r\n'),
    outcome: 'not-http',
    more: { firstOctets: 'SSH-2.0-OpenSSH_9.2\\x0D\\x0A' },
  },
  {
    does: 'answers in TLS',
    server: answer(Buffer.from('15030100020246', 'hex')),
    outcome: 'not-http',
    more: { firstOctets: '\\x15\\x03\\x01\\x00\\x02\\x02F' },
  },
  {
    does: 'closes in the middle of a body of a stated length',
    server: answer('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort'),
    outcome: 'closed',
    more: { status: 200, body: { kind: 'text', bytes: 5, members: {} } },
  },
  {
    does: 'sends a small body in chunks of one octet',
    server: answer(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(60_000)}0\r\n\r\n`),
    outcome: 'too-large',
    more: { status: 200 },
  },
  {
    does: 'sends a field of 10 MB',
    server: answer(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(10_000_000)}\r\n\r\n`),
    outcome: 'too-large',
    more: { status: undefined, code: 'HPE_HEADER_OVERFLOW' },
  },
] as const) {
  test(`a server that ${does} is ${outcome}`, async (t) => {
    const listening = await tcpServer(t, server)
    const seen = await get(listening)
    assert.equal(seen.outcome, outcome)
    for (const [key, value] of Object.entries(more)) assert.deepEqual(seen[key as keyof typeof seen], value, key)
    await listening.idle()
  })
}

for (const { what, server, status } of [
  {
    what: 'header fields',
    server: endless('HTTP/1.1 200 OK\r\n', Buffer.from('X-Field: value\r\n'.repeat(500))),
    status: undefined,
  },
  { what: 'a body', server: endless('HTTP/1.1 200 OK\r\n\r\n', Buffer.alloc(65_536, 'x')), status: 200 },
  {
    what: 'chunks of one octet',
    server: endless('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', Buffer.from('1\r\nx\r\n'.repeat(10_000))),
    status: 200,
  },
  {
    what: 'chunks of one octet with the longest extension that passes',
    server: endless(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
      Buffer.from(`1;${'e'.repeat(16)}\r\nx\r\n`.repeat(3000)),
    ),
    status: 200,
  },
  {
    what: 'trailer fields',
    server: endless(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n',
      Buffer.from('X-Field: value\r\n'.repeat(500)),
    ),
    status: 200,
  },
  {
    what: 'interim answers',
    server: endless('', Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100))),
    status: undefined,
  },
]) {
  test(`a server that sends ${what} without end is too large, and is not listened to any longer`, async (t) => {
    const listening = await tcpServer(t, server)
    const seen = await get(listening)
    assert.deepEqual([seen.outcome, seen.status], ['too-large', status])
    await listening.idle()
  })
}

test('a server that drips one octet at a time ends in the time-out, with what came', async (t) => {
  const server = await tcpServer(t, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      const drip = setInterval(() => socket.write('x'), 10)
      socket.once('close', () => clearInterval(drip))
    })
  })
  const seen = await get(server, {}, hasty)
  assert.deepEqual([seen.outcome, seen.status, seen.body.kind], ['timeout', 200, 'text'])
  assert.equal(seen.bytesIn, 'HTTP/1.1 200 OK\r\n\r\n'.length + seen.body.bytes)
  await server.idle()
})

for (const { where, start } of [
  { where: 'its status line', start: 'HTTP/1.' },
  { where: 'a header field', start: 'HTTP/1.1 200 OK\r\nX-Field: ' },
]) {
  test(`a server that drips one octet at a time in ${where} ends in the time-out`, async (t) => {
    const server = await tcpServer(t, (socket) => {
      socket.once('data', () => {
        socket.write(start)
        const drip = setInterval(() => socket.write('1'), 10)
        socket.once('close', () => clearInterval(drip))
      })
    })
    const seen = await get(server, {}, hasty)
    assert.ok(seen.outcome === 'timeout' || seen.outcome === 'not-http', seen.outcome)
    assert.equal(seen.status, undefined)
    if (seen.outcome === 'timeout') assert.ok((seen.bytesIn ?? 0) >= start.length)
    await server.idle()
  })
}

test('a silent server is a time-out without a first octet', async (t) => {
  const server = await tcpServer(t, (socket) => socket.resume())
  const seen = await get(server, {}, hasty)
  assert.deepEqual([seen.outcome, seen.firstByteMs, seen.bytesIn], ['timeout', undefined, undefined])
  await server.idle()
})

test('a caller who gives up is told so, and no connection is left', async (t) => {
  const server = await tcpServer(t, (socket) => socket.resume())
  const before = openHandles('TCPSocketWrap')
  const controller = new AbortController()
  const waiting = get(server, {}, { signal: controller.signal, timeoutMs: 600_000 })
  while (server.open.size === 0) await new Promise((resolve) => setImmediate(resolve))
  controller.abort()
  assert.equal((await waiting).outcome, 'aborted')
  await server.idle()
  assert.ok((await handlesLeft('TCPSocketWrap', before)) <= before)
})

test('a request that cannot be written is misuse, and closes its connection all the same', async (t) => {
  const server = await tcpServer(t, (socket) => socket.resume())
  for (const wrong of [{ url: 'no url' }, { headers: { 'X-Field': 'a\r\nb' } }]) {
    await assert.rejects(get(server, wrong), TypeError)
  }
  await server.idle()
})

test('a request goes inside TLS as well', async (t) => {
  const { leaf, intermediate } = await makeChain()
  const identity = { key: leaf.keyPem, cert: leaf.pem + intermediate.pem }
  const server = await tlsServer(
    t,
    identity,
    (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nOK')),
  )
  const { socket: raw } = await net.connect(server, patient)
  assert.ok(raw)
  const { socket } = await net.handshake(raw, { ...server, serverName: 'localhost' }, patient)
  assert.ok(socket)
  const url = `https://localhost:${server.port}/`
  const seen = await net.request(socket, { url, address: server.address, method: 'GET' }, patient)
  assert.deepEqual([seen.outcome, seen.status, seen.body.kind], ['response', 200, 'text'])
  await server.idle()
})

for (const { line, status } of [
  { line: 'HTTP/1.1 999 Request denied', status: 999 },
  { line: 'HTTP/1.1 700', status: 700 },
  { line: 'HTTP/1.1  200 OK', status: 200 },
  { line: 'HTTP/1.1 200OK', status: 200 },
  { line: 'HTTP/2 200', status: 200 },
  { line: 'HTTP/1.1 600 x\r\nContent-Length: 99999999999999999999', status: 600 },
]) {
  test(`an answer that begins with ${JSON.stringify(line)} is HTTP, of status ${status}`, async (t) => {
    const server = await tcpServer(t, answer(`${line}\r\n\r\n`))
    const seen = await get(server)
    assert.deepEqual([seen.outcome, seen.status, seen.bytesIn], ['response', status, undefined])
  })
}

for (const line of ['HTTP/1.1 fine', 'HTTP/1.1 2000 OK', 'HTTP/1.1']) {
  test(`an answer that begins with ${JSON.stringify(line)} has no status`, async (t) => {
    const server = await tcpServer(t, answer(`${line}\r\n\r\n`))
    const seen = await get(server)
    assert.deepEqual([seen.outcome, seen.status], ['not-http', undefined])
    assert.match(seen.firstOctets ?? '', /^HTTP\/1\.1/)
  })
}

for (const [what, octets] of [
  ['ends its lines with LF alone', 'HTTP/1.1 200 OK\nServer: old\nContent-Length: 2\n\nhi'],
  ['has a space before a colon', 'HTTP/1.1 200 OK\r\nServer : old\r\nContent-Length: 2\r\n\r\nhi'],
  [
    'names a length and chunks',
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
  ],
] as const) {
  test(`a server that ${what} speaks HTTP all the same`, async (t) => {
    const server = await tcpServer(t, answer(octets))
    const seen = await get(server)
    assert.deepEqual([seen.outcome, seen.status], ['response', 200])
  })
}
