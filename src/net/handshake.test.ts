import assert from 'node:assert/strict'
import { getEventListeners, once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { createServer } from 'node:tls'
import { handlesLeft, openHandles } from '../../test/openHandles.ts'
import { makeCertificate, makeChain } from '../../test/pki.ts'
import type { TestServer } from '../../test/tcpServer.ts'
import { tcpServer, tlsServer } from '../../test/tcpServer.ts'
import type { TlsHandshake } from '../model/observation.ts'
import { createNet } from './createNet.ts'
import type { HandshakeQuestion, Limits, Net } from './net.ts'

const { root, intermediate, leaf } = await makeChain()
const identity = { key: leaf.keyPem, cert: leaf.pem + intermediate.pem }
const net = createNet({ trust: { site: [root.pem], machine: [], node: [] }, userAgent: 'postern/test' })

const patient: Limits = { signal: new AbortController().signal, timeoutMs: 10_000 }
const hasty: Limits = { ...patient, timeoutMs: 100 }

async function shake(
  server: Pick<TestServer, 'address' | 'port'>,
  question: Partial<HandshakeQuestion> = {},
  limits: Limits = patient,
  via: Net = net,
): ReturnType<Net['handshake']> {
  const { socket } = await via.connect(server, patient)
  assert.ok(socket)
  const { address, port } = server
  return via.handshake(socket, { address, port, serverName: 'localhost', ...question }, limits)
}

async function listening(t: TestContext, server: Server): Promise<AddressInfo> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const at = server.address()
  assert.ok(at !== null && typeof at === 'object')
  return at
}

test('an established handshake tells version, cipher, ALPN, chain, anchor and octets', async (t) => {
  const server = await tlsServer(t, { ...identity, ALPNProtocols: ['http/1.1'] })
  const { seen, socket, fetched } = await shake(server, { alpn: ['http/1.1'] })
  socket?.destroy()
  const { chain, at, ms, bytesIn, bytesOut, ...rest } = seen
  assert.deepEqual(rest, {
    kind: 'tls-handshake',
    address: '127.0.0.1',
    port: server.port,
    serverName: 'localhost',
    offered: {
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      alpn: ['http/1.1'],
      helloOctets: rest.offered.helloOctets,
    },
    outcome: 'established',
    version: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    alpn: 'http/1.1',
    sentCertificates: 2,
    anchoredIn: ['site'],
    signaturesVerify: true,
    nameMatches: true,
    stapledOcsp: false,
  })
  assert.deepEqual(
    chain.map(({ subject, from }) => [subject, from]),
    [
      ['CN=localhost', 'handshake'],
      ['CN=Test Issuing CA,O=Test', 'handshake'],
      ['CN=Test Root,O=Test', 'site'],
    ],
  )
  assert.match(at, /Z$/)
  assert.ok(ms >= 0 && bytesIn > 1000 && bytesOut > 200)
  assert.deepEqual(fetched, [])
  await server.idle()
})

test('the ClientHello fits into one segment, and offers no post-quantum share', async (t) => {
  const hello = Promise.withResolvers<Buffer>()
  const server = await tcpServer(t, (socket) => socket.once('data', hello.resolve))
  const [octets] = await Promise.all([hello.promise, shake(server, { alpn: ['http/1.1'] }, hasty)])
  assert.ok(octets.length < 600, `${octets.length} octets`)
  assert.ok(octets.includes('localhost'))
  assert.ok(!octets.includes(Buffer.from('11ec', 'hex')), 'X25519MLKEM768 is 0x11ec')
})

test('an address is sent as no SNI, and held against the addresses of the certificate', async (t) => {
  const made = await makeCertificate({ subject: 'CN=x', names: [{ type: 'ip', value: '127.0.0.1' }] })
  const server = await tlsServer(t, { key: made.keyPem, cert: made.pem })
  const right = await shake(server, { serverName: '127.0.0.1' })
  const wrong = await shake(server, { serverName: '127.0.0.2' })
  for (const { socket } of [right, wrong]) socket?.destroy()
  assert.deepEqual([right.seen.serverName, right.seen.nameMatches, wrong.seen.nameMatches], [undefined, true, false])
})

for (const { san, asked, matches } of [
  { san: 'sts.contoso.com', asked: 'sts.contoso.com', matches: true },
  { san: 'sts.contoso.com', asked: 'STS.contoso.com.', matches: true },
  { san: '*.contoso.com', asked: 'sts.contoso.com', matches: true },
  { san: '*.contoso.com', asked: 'a.sts.contoso.com', matches: false },
  { san: '*.contoso.com', asked: 'contoso.com', matches: false },
  { san: 's*.contoso.com', asked: 'sts.contoso.com', matches: false },
  { san: 'xn--bcher-kva.example', asked: 'bücher.example', matches: true },
  { san: undefined, asked: 'localhost', matches: false },
]) {
  test(`a certificate for ${san ?? 'no name but its CN'} ${matches ? 'names' : 'does not name'} ${asked}`, async (t) => {
    const names = san === undefined ? {} : { names: [{ type: 'dns' as const, value: san }] }
    const made = await makeCertificate({ subject: 'CN=localhost', ...names })
    const server = await tlsServer(t, { key: made.keyPem, cert: made.pem })
    const { seen, socket } = await shake(server, { serverName: asked })
    socket?.destroy()
    assert.equal(seen.nameMatches, matches)
  })
}

test('expired, self-signed and unknown certificates are no reason to refuse: their facts are recorded', async (t) => {
  const made = await makeCertificate({
    subject: 'CN=FGT60F-CONSOLE',
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date('2021-01-01T00:00:00Z'),
  })
  const server = await tlsServer(t, { key: made.keyPem, cert: made.pem })
  const { seen, socket } = await shake(server)
  socket?.destroy()
  const [only] = seen.chain
  assert.deepEqual(
    [seen.outcome, seen.chain.length, only?.selfSigned, only?.notAfter, seen.anchoredIn, seen.nameMatches],
    ['established', 1, true, '2021-01-01T00:00:00.000Z', [], false],
  )
})

test('a stapled OCSP answer is seen', async (t) => {
  const server = createServer(identity, (socket) => socket.on('error', () => {}).resume())
  server.on('OCSPRequest', (_certificate, _issuer, answer) => answer(null, Buffer.from('3003', 'hex')))
  const { seen, socket } = await shake(await listening(t, server))
  socket?.destroy()
  assert.deepEqual([seen.outcome, seen.stapledOcsp], ['established', true])
})

test('a certificate of thousands of names is held against the last of them as well', async (t) => {
  const names = Array.from({ length: 1000 }, (_, at) => ({ type: 'dns' as const, value: `n${at}.contoso.com` }))
  const made = await makeCertificate({ subject: 'CN=localhost', names })
  const server = await tlsServer(t, { key: made.keyPem, cert: made.pem })
  const { seen, socket } = await shake(server, { serverName: 'n999.contoso.com' })
  socket?.destroy()
  const [leaf] = seen.chain
  assert.deepEqual([seen.nameMatches, leaf?.subjectAltNames.length, leaf?.subjectAltNameCount], [true, 64, 1000])
})

test('a name too long for SNI is judged all the same', async (t) => {
  const server = await tlsServer(t, identity)
  const { seen, socket } = await shake(server, { serverName: 'a'.repeat(300) })
  socket?.destroy()
  assert.deepEqual([seen.outcome, seen.nameMatches], ['established', false])
})

const alertRecord = (level: number, number: number): Buffer => Buffer.from([0x15, 3, 3, 0, 2, level, number])
const afterHello = (act: (socket: Socket) => void) => (socket: Socket) => void socket.once('data', () => act(socket))

/** What ends a handshake, and what is seen of it: by the platform's words alone, and with the octets kept. */
for (const { does, server, outcome, more = {}, heard = {} } of [
  {
    does: 'resets after the ClientHello',
    server: afterHello((s) => s.resetAndDestroy()),
    outcome: 'reset',
    more: { code: 'ECONNRESET', bytesIn: 0 },
  },
  {
    does: 'ends after the ClientHello',
    server: afterHello((s) => s.end()),
    outcome: 'closed',
    more: { code: undefined, bytesIn: 0 },
  },
  {
    does: 'answers with a fatal alert',
    server: afterHello((s) => s.end(alertRecord(2, 40))),
    outcome: 'alert',
    more: { alert: { number: 40, name: 'handshake_failure' }, bytesIn: 7 },
  },
  {
    does: 'answers with an alert, octet by octet',
    server: afterHello((s) => {
      s.setNoDelay(true)
      const send = ([first, ...rest]: readonly number[]): void => {
        if (first === undefined) return void s.end()
        s.write(Buffer.of(first))
        setImmediate(send, rest)
      }
      send([...alertRecord(2, 70)])
    }),
    outcome: 'alert',
    more: { alert: { number: 70, name: 'protocol_version' } },
  },
  {
    does: 'warns that it knows no such name, and ends',
    server: afterHello((s) => s.end(alertRecord(1, 112))),
    outcome: 'closed',
    more: { bytesIn: 7 },
    heard: { alert: { number: 112, name: 'unrecognized_name', warning: true } },
  },
  {
    does: 'warns that it knows no such name, and refuses all the same',
    server: afterHello((s) => s.end(Buffer.concat([alertRecord(1, 112), alertRecord(2, 40)]))),
    outcome: 'alert',
    more: { alert: { number: 40, name: 'handshake_failure' }, bytesIn: 14 },
  },
  {
    does: 'says close_notify and ends',
    server: afterHello((s) => s.end(alertRecord(1, 0))),
    outcome: 'closed',
    more: { code: undefined, bytesIn: 7 },
    heard: { alert: { number: 0, name: 'close_notify' } },
  },
  {
    does: 'answers in plain HTTP',
    server: afterHello((s) => s.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    outcome: 'not-tls',
    more: { code: 'ERR_SSL_WRONG_VERSION_NUMBER', bytesIn: 28 },
    heard: { firstOctets: 'HTTP/1.1 400 Bad Request\\x0D\\x0A\\x0D\\x0A' },
  },
  {
    does: 'asks in plain HTTP',
    server: (s: Socket) => void s.resume().write('GET / HTTP/1.1\r\n\r\n'),
    outcome: 'not-tls',
    heard: { firstOctets: 'GET / HTTP/1.1\\x0D\\x0A\\x0D\\x0A' },
  },
  {
    does: 'introduces itself as SSH before anything was sent',
    server: (s: Socket) => void s.resume().write('SSH-2.0-OpenSSH_9.2\r\n'),
    outcome: 'not-tls',
    heard: { firstOctets: 'SSH-2.0-OpenSSH_9.2\\x0D\\x0A' },
  },
  {
    does: 'says three octets that are no TLS, and ends',
    server: afterHello((s) => s.end('+OK')),
    outcome: 'not-tls',
    more: { bytesIn: 3, code: undefined },
    heard: { firstOctets: '+OK' },
  },
  {
    does: 'announces a record that is longer than any',
    server: afterHello((s) => s.end(Buffer.from('160303fffe00', 'hex'))),
    outcome: 'not-tls',
    heard: { firstOctets: '\\x16\\x03\\x03\\xFF\\xFE\\x00' },
  },
  {
    does: 'talks nonsense in a TLS record',
    server: afterHello((s) => s.end(Buffer.from('160303000401020304', 'hex'))),
    outcome: 'error',
    more: { code: 'ERR_SSL_UNEXPECTED_MESSAGE' },
  },
] as const satisfies readonly {
  does: string
  server: (socket: Socket) => void
  outcome: TlsHandshake['outcome']
  more?: { readonly [key in keyof TlsHandshake]?: TlsHandshake[key] | undefined }
  heard?: Partial<TlsHandshake>
}[]) {
  for (const keepOctets of [false, true]) {
    const what = { outcome, ...more, ...(keepOctets ? heard : { firstOctets: undefined }) }
    test(`a server that ${does} is ${what.outcome}${keepOctets ? ', and heard' : ''}`, async (t) => {
      const listening = await tcpServer(t, server)
      const { seen, socket } = await shake(listening, { keepOctets })
      assert.equal(socket, undefined)
      for (const [key, value] of Object.entries(what)) assert.deepEqual(seen[key as keyof typeof seen], value, key)
      assert.ok(seen.bytesOut > 200)
      await listening.idle()
    })
  }
}

test('a silent server is a time-out with no octet in, and its connection is closed', async (t) => {
  const server = await tcpServer(t, (socket) => socket.resume())
  const { seen } = await shake(server, {}, hasty)
  assert.deepEqual([seen.outcome, seen.bytesIn, seen.chain], ['timeout', 0, []])
  assert.ok(seen.bytesOut > 200)
  await server.idle()
})

for (const keepOctets of [false, true]) {
  test(`a server that drips what is no TLS is known by it when the time is over${keepOctets ? ', and heard' : ''}`, async (t) => {
    const server = await tcpServer(t, (socket) => void socket.resume().write('SS'))
    const { seen } = await shake(server, { keepOctets }, hasty)
    assert.deepEqual([seen.outcome, seen.bytesIn, seen.firstOctets], ['not-tls', 2, keepOctets ? 'SS' : undefined])
  })
}

test('a caller who gives up is told so, and neither connection, timer nor listener is left', async (t) => {
  const server = await tcpServer(t, (socket) => socket.resume())
  const before = openHandles('TCPSocketWrap')
  const controller = new AbortController()
  const waiting = shake(server, {}, { signal: controller.signal, timeoutMs: 600_000 })
  while (server.open.size === 0) await new Promise((resolve) => setImmediate(resolve))
  controller.abort()
  assert.equal((await waiting).seen.outcome, 'aborted')
  await server.idle()
  assert.ok((await handlesLeft('TCPSocketWrap', before)) <= before)
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
})

test('a caller who had given up already has the connection closed all the same', async (t) => {
  const server = await tcpServer(t, (socket) => socket.resume())
  const { seen } = await shake(server, {}, { ...patient, signal: AbortSignal.abort() })
  assert.deepEqual([seen.outcome, seen.bytesOut], ['aborted', 0])
  await server.idle()
})

test('a connection that was reset before the handshake began is a reset', async (t) => {
  const server = await tcpServer(t, () => {})
  const { socket } = await net.connect(server, patient)
  assert.ok(socket)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  while (server.open.size === 0) await new Promise((resolve) => setImmediate(resolve))
  for (const accepted of server.open) accepted.resetAndDestroy()
  await closed
  const { seen } = await net.handshake(socket, { ...server, serverName: 'localhost' }, patient)
  assert.deepEqual([seen.outcome, seen.bytesIn, seen.bytesOut], ['reset', 0, 0])
})

test('versions are offered as asked: a server of TLS 1.1 refuses 1.2 and takes 1.0 to 1.1', async (t) => {
  const old = { ...identity, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const
  const server = await tlsServer(t, old)
  const { seen: refused } = await shake(server)
  assert.deepEqual([refused.outcome, refused.alert?.number], ['alert', 70])
  const { seen: taken, socket } = await shake(server, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })
  socket?.destroy()
  assert.deepEqual([taken.outcome, taken.version], ['established', 'TLSv1.1'])
  const { helloOctets, ...offered } = taken.offered
  assert.deepEqual(offered, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', alpn: [] })
  assert.ok(helloOctets !== undefined && helloOctets < 512)
})

test('the usual hello fits one packet, the post-quantum one does not, and both are counted with and without a tap', async (t) => {
  const server = await tlsServer(t, identity)
  const told = []
  for (const hello of ['small', 'post-quantum'] as const) {
    for (const keepOctets of [false, true]) {
      const { seen, socket } = await shake(server, { hello, keepOctets })
      socket?.destroy()
      assert.equal(seen.outcome, 'established')
      assert.equal(seen.offered.hello, hello === 'small' ? undefined : 'post-quantum')
      told.push(seen.offered.helloOctets ?? 0)
    }
  }
  const [small = 0, smallTapped, long = 0, longTapped] = told
  assert.deepEqual([smallTapped, longTapped], [small, long])
  assert.ok(small > 200 && small < 512, `small: ${small}`)
  assert.ok(long > 1400, `post-quantum: ${long}`)
})

test('a version that is not offered and chosen all the same is refused by this side', async (t) => {
  const helloOfTls10 = Buffer.from(`160301002a0200002603010000${'00'.repeat(30)}00c00900`, 'hex')
  const server = await tcpServer(
    t,
    afterHello((socket) => socket.write(helloOfTls10)),
  )
  const { seen } = await shake(server)
  assert.deepEqual([seen.outcome, seen.code], ['local-refusal', 'ERR_SSL_UNSUPPORTED_PROTOCOL'])
})

test('a server that wants a client certificate in TLS 1.2 and gives up is heard to have asked, chain and all', async (t) => {
  const server = await tlsServer(t, { ...identity, maxVersion: 'TLSv1.2', requestCert: true })
  const { seen } = await shake(server, { keepOctets: true })
  assert.deepEqual(
    [seen.outcome, seen.clientCertificateRequested, seen.sentCertificates, seen.anchoredIn, seen.nameMatches],
    ['alert', true, 2, ['site'], true],
  )
})

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  for (const requestCert of [false, true]) {
    const says = requestCert ? 'said' : 'not said'
    test(`a server of ${version} that takes any client is ${says} to have asked for a certificate`, async (t) => {
      const options = { ...identity, minVersion: version, maxVersion: version, requestCert, rejectUnauthorized: false }
      const server = createServer(options, (socket) => void socket.on('error', () => {}).resume())
      const { seen, socket } = await shake(await listening(t, server))
      socket?.destroy()
      assert.deepEqual([seen.version, seen.clientCertificateRequested], [version, requestCert || undefined])
    })
  }
}

test('an alert that follows the handshake does not bring the process down', async (t) => {
  const server = await tlsServer(t, { ...identity, requestCert: true })
  const { seen, socket } = await shake(server)
  assert.equal(seen.outcome, 'established')
  assert.ok(socket)
  await new Promise((resolve) => socket.resume().once('close', resolve))
})

for (const keepOctets of [false, true]) {
  const how = keepOctets ? 'with the octets kept' : 'by the platform alone'

  test(`what is established ${how} can be talked over`, async (t) => {
    const server = await tlsServer(t, identity, (socket) => void socket.pipe(socket))
    const { socket } = await shake(server, { keepOctets })
    assert.ok(socket)
    const sent = Buffer.alloc(300_000, 'x')
    socket.end(sent)
    const echoed: Buffer[] = []
    for await (const octets of socket) echoed.push(octets)
    assert.ok(Buffer.concat(echoed).equals(sent))
    await server.idle()
  })

  test(`closing what was established ${how} closes the connection`, async (t) => {
    const server = await tlsServer(t, identity)
    const before = openHandles('TCPSocketWrap')
    const { socket } = await shake(server, { keepOctets })
    socket?.destroy()
    await server.idle()
    assert.ok((await handlesLeft('TCPSocketWrap', before)) <= before)
  })

  test(`what is established ${how} and closed at once was established for the server as well`, async (t) => {
    const secure = Promise.withResolvers<void>()
    const server = await tlsServer(t, identity, () => secure.resolve())
    const { socket } = await shake(server, { keepOctets })
    socket?.destroy()
    await Promise.race([secure.promise, server.idle().then(() => assert.fail('the server saw no handshake'))])
  })

  test(`a connection that the server had ended before the handshake began is closed, ${how}`, async (t) => {
    const server = await tcpServer(t, (socket) => void socket.end())
    const { socket: over } = await net.connect(server, patient)
    assert.ok(over)
    await new Promise((resolve) => setTimeout(resolve, 20))
    const { seen } = await net.handshake(over, { ...server, serverName: 'localhost', keepOctets }, patient)
    assert.deepEqual([seen.outcome, seen.bytesIn], ['closed', 0])
    await server.idle()
  })
}
