import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { askProbe } from '../../test/askProbe.ts'
import { makeCertificate } from '../../test/pki.ts'
import { tcpServer, tlsServer } from '../../test/tcpServer.ts'
import { schemes } from '../model/service.ts'
import { createNet } from '../net/createNet.ts'
import { probes } from './index.ts'

const root = await makeCertificate({ subject: 'CN=Root', ca: true })
const leaf = await makeCertificate({
  subject: 'CN=x',
  issuer: root,
  names: [{ type: 'dns', value: 'sts.contoso.com' }],
})
const identity = { key: leaf.keyPem, cert: leaf.pem }
const net = createNet({ trust: { site: [root.pem], machine: [], node: [] }, userAgent: 'postern/test' })

const ask = askProbe.bind(undefined, net)

const afterHello = (act: (socket: Socket) => void) => (socket: Socket) => void socket.once('data', () => act(socket))
const alert = (number: number): Buffer => Buffer.from([0x15, 3, 3, 0, 2, 2, number])

test('each probe of the folder is registered under its scheme, and each says what it is', async () => {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  const files = readdirSync(folder).map((file) => file.replace(/\.ts$/, ''))
  // The global catalog is a directory on another port.
  const shared = { ldap: ['gc'], ldaps: ['gcs'] } as Readonly<Record<string, readonly string[]>>
  assert.deepEqual(
    Object.keys(probes).toSorted(),
    files
      .filter((file) => (schemes as readonly string[]).includes(file))
      .flatMap((file) => [file, ...(shared[file] ?? [])])
      .toSorted(),
  )
  for (const [scheme, probe] of Object.entries(probes)) {
    assert.equal(probe.scheme, scheme)
    assert.ok(probe.example.startsWith(`${scheme}://`), probe.example)
    assert.ok(URL.canParse(probe.example))
    assert.ok(probe.transports.length > 0)
    for (const text of [probe.sends, probe.proves, probe.limits]) assert.match(text, /^.{20,}[^.]$/)
    const { load: _, ...descriptor } = probe
    const { observe, ...loaded } = await probe.load()
    assert.deepEqual(loaded, descriptor)
    assert.equal(typeof observe, 'function')
  }
})

test('tcp connects, sends nothing and closes', async (t) => {
  let octets = 0
  const server = await tcpServer(t, (socket) => socket.on('data', (some: Buffer) => (octets += some.length)))
  const { inShort } = await ask('tcp', server)
  assert.deepEqual(inShort, ['probe tcp-connect connected'])
  await server.idle()
  assert.equal(octets, 0)
})

test('tls shakes hands under the name, without ALPN, and closes', async (t) => {
  const server = await tlsServer(t, identity)
  const { kept, inShort } = await ask('tls', { ...server, name: 'sts.contoso.com' })
  assert.deepEqual(inShort, ['probe tcp-connect connected', 'probe tls-handshake established'])
  const [, shaken] = kept
  assert.ok(shaken?.kind === 'tls-handshake')
  assert.deepEqual([shaken.serverName, shaken.nameMatches, shaken.offered.alpn], ['sts.contoso.com', true, []])
  await server.idle()
})

test('tls fetches the issuer that is missing, and keeps the fetch', async (t) => {
  const issuing = await makeCertificate({ subject: 'CN=Issuing', issuer: root, ca: true })
  const short = await makeCertificate({ subject: 'CN=x', issuer: issuing, caIssuers: ['http://127.0.0.1/ca.crt'] })
  const server = await tlsServer(t, { key: short.keyPem, cert: short.pem })
  const { inShort } = await ask('tls', server)
  assert.deepEqual(inShort.slice(1), ['probe tls-handshake established', 'probe aia-fetch refused-address'])
})

for (const scheme of ['tls', 'https'] as const) {
  for (const { does, server, control } of [
    { does: 'refuses the version', server: afterHello((s) => s.end(alert(70))), control: ['TLSv1', 'TLSv1.1'] },
    { does: 'refuses the parameters', server: afterHello((s) => s.end(alert(40))), control: ['TLSv1', 'TLSv1.1'] },
    { does: 'resets', server: afterHello((s) => s.resetAndDestroy()), control: ['TLSv1.2', 'TLSv1.2'] },
    { does: 'closes', server: afterHello((s) => s.end()), control: ['TLSv1.2', 'TLSv1.2'] },
    { does: 'does not know the name', server: afterHello((s) => s.end(alert(112))) },
    { does: 'says nothing', server: (s: Socket) => void s.resume() },
  ]) {
    test(`${scheme} asks a server that ${does} ${control ? `again with ${control.join(' to ')}` : 'once'}`, async (t) => {
      const listening = await tcpServer(t, server)
      const { kept, inShort } = await ask(
        scheme,
        { ...listening, name: 'sts.contoso.com' },
        does === 'says nothing' ? 100 : 10_000,
      )
      assert.ok(inShort[1]?.startsWith('probe tls-handshake '))
      assert.equal(kept.length, control === undefined ? 2 : 4)
      const [, , connect, varied] = kept
      if (control !== undefined) {
        assert.ok(connect?.kind === 'tcp-connect' && varied?.kind === 'tls-handshake')
        assert.deepEqual([varied.offered.minVersion, varied.offered.maxVersion], control)
        for (const seen of [connect, varied]) assert.deepEqual([seen.role, seen.varies], ['control', 'tls-version'])
      }
      await listening.idle()
    })
  }

  for (const { says, octets, outcome, heard, following = [] } of [
    {
      says: 'speaks HTTP',
      octets: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
      outcome: 'not-tls',
      heard: { outcome: 'not-tls', firstOctets: 'HTTP/1.1 400 Bad Request\\x0D\\x0A\\x0D\\x0A' },
    },
    {
      says: 'warns that it does not know the name',
      octets: Buffer.from([0x15, 3, 3, 0, 2, 1, 112]),
      outcome: 'closed',
      heard: { outcome: 'closed', alert: { number: 112, name: 'unrecognized_name', warning: true } },
      following: ['control tls-version tcp-connect connected', 'control tls-version tls-handshake closed'],
    },
  ]) {
    test(`${scheme} hears out a server that ${says} by asking the same again`, async (t) => {
      const server = await tcpServer(
        t,
        afterHello((s) => s.end(octets)),
      )
      const { kept, inShort } = await ask(scheme, { ...server, name: 'sts.contoso.com' })
      assert.deepEqual(inShort, [
        'probe tcp-connect connected',
        `probe tls-handshake ${outcome}`,
        'repeat tcp-connect connected',
        `repeat tls-handshake ${heard.outcome}`,
        ...following,
      ])
      const [, first, , again] = kept
      assert.ok(first?.kind === 'tls-handshake' && again?.kind === 'tls-handshake')
      for (const [key, value] of Object.entries(heard)) assert.deepEqual(again[key as keyof typeof again], value, key)
      assert.deepEqual(again.offered, first.offered)
      await server.idle()
    })
  }
}

test('tls offers no other versions to a server that had wanted a client certificate', async (t) => {
  const server = await tlsServer(t, { ...identity, maxVersion: 'TLSv1.2', requestCert: true })
  const { kept, inShort } = await ask('tls', server)
  assert.deepEqual(inShort, [
    'probe tcp-connect connected',
    'probe tls-handshake alert',
    'repeat tcp-connect connected',
    'repeat tls-handshake alert',
  ])
  assert.ok(kept[3]?.kind === 'tls-handshake' && kept[3].clientCertificateRequested)
})

test('http gets the usual path of the service under its name', async (t) => {
  const asked = Promise.withResolvers<string>()
  const server = await tcpServer(t, (socket) => {
    socket.once('data', (octets: Buffer) => {
      asked.resolve(octets.toString())
      socket.end('HTTP/1.1 200 OK\r\n\r\n')
    })
  })
  const { inShort } = await ask('http', { ...server, name: 'sts.contoso.com' })
  assert.deepEqual(inShort, ['probe tcp-connect connected', 'probe http-exchange response'])
  assert.ok((await asked.promise).startsWith(`GET / HTTP/1.1\r\nHost: sts.contoso.com:${server.port}\r\n`))
  await server.idle()
})

test('https gets the path that it is asked for, inside TLS with ALPN', async (t) => {
  const asked = Promise.withResolvers<string>()
  const server = await tlsServer(t, { ...identity, ALPNProtocols: ['http/1.1'] }, (socket) => {
    socket.once('data', (octets: Buffer) => {
      asked.resolve(octets.toString())
      socket.end('HTTP/1.1 200 OK\r\n\r\n{"issuer":"x"}')
    })
  })
  const { kept, inShort } = await ask('https', { ...server, name: 'sts.contoso.com', path: '//evil.example/x' })
  assert.deepEqual(inShort, [
    'probe tcp-connect connected',
    'probe tls-handshake established',
    'probe http-exchange response',
  ])
  assert.ok((await asked.promise).startsWith('GET //evil.example/x HTTP/1.1\r\nHost: sts.contoso.com:'))
  assert.ok(kept[1]?.kind === 'tls-handshake' && kept[1].alpn === 'http/1.1')
  assert.ok(kept[2]?.kind === 'http-exchange' && kept[2].body.members['issuer'] === 'x')
  await server.idle()
})

for (const scheme of ['tcp', 'tls', 'http', 'https'] as const) {
  test(`${scheme} keeps a refused connection and goes no further`, async () => {
    const { inShort } = await ask(scheme, { address: '127.0.0.1', port: 1 })
    assert.deepEqual(inShort, ['probe tcp-connect refused'])
  })

  test(`${scheme} keeps what an abort left`, async () => {
    const { inShort } = await ask(scheme, { address: '127.0.0.1', port: 1 }, 1000, AbortSignal.abort())
    assert.deepEqual(inShort, ['probe tcp-connect aborted'])
  })
}

/** A name server on one port of UDP and TCP that sends each question back with these flags. */
async function nameServer(t: TestContext, udpFlags: number) {
  const asked: string[] = []
  const answer = (query: Buffer, flags: number, transport: string): Buffer => {
    const end = query.indexOf(0, 12)
    asked.push(`${transport} ${query.subarray(13, end).toString('latin1').toLowerCase()} ${query[end + 2]}`)
    const reply = Buffer.from(query.subarray(0, end + 5))
    reply.writeUInt16BE(flags, 2)
    reply.writeUInt16BE(0, 10)
    return reply
  }
  const server = await tcpServer(t, (socket) => {
    socket.once('data', (octets: Buffer) => {
      const reply = answer(octets.subarray(2), 0x8180, 'tcp')
      socket.end(Buffer.concat([Buffer.from([0, reply.length]), reply]))
    })
  })
  const udp = createSocket('udp4', (query, from) => udp.send(answer(query, udpFlags, 'udp'), from.port, from.address))
  udp.bind(server.port, '127.0.0.1')
  await once(udp, 'listening')
  t.after(() => udp.close())
  return { server, asked }
}

for (const { question, asks } of [
  { question: { transport: 'udp', domain: 'corp', name: 'dc01' }, asks: ['udp corp 6'] },
  { question: { transport: 'udp', name: 'corp' }, asks: ['udp corp 6'] },
  { question: { transport: 'udp' }, asks: ['udp  2'] },
  { question: { transport: 'tcp', domain: 'corp' }, asks: ['tcp corp 6'] },
] as const) {
  test(`dns asks ${asks.join(', ')} for ${JSON.stringify(question)}`, async (t) => {
    const { server, asked } = await nameServer(t, 0x8180)
    const { kept, inShort } = await ask('dns', { ...server, ...question })
    assert.deepEqual(inShort, ['probe name-lookup no-data'])
    assert.deepEqual(asked, asks)
    assert.ok(kept[0]?.kind === 'name-lookup' && kept[0].resolverRole === 'target')
  })
}

test('dns asks over TCP for what did not fit into a datagram', async (t) => {
  const { server, asked } = await nameServer(t, 0x8380)
  const { inShort } = await ask('dns', { ...server, transport: 'udp', domain: 'corp' })
  assert.deepEqual(inShort, ['probe name-lookup answer', 'control transport name-lookup no-data'])
  assert.deepEqual(asked, ['udp corp 6', 'tcp corp 6'])
})

test('tls and https ask for the state of a certificate that a store vouches for, once, and go on meanwhile', async (t) => {
  const asked: string[] = []
  const web = await tcpServer(t, (socket) =>
    socket.once('data', (request: Buffer) => {
      asked.push(request.toString().split('\r\n', 1)[0] ?? '')
      socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
    }),
  )
  const crl = [`http://127.0.0.1:${web.port}/a.crl`]
  const names = [{ type: 'dns', value: 'sts.contoso.com' }] as const
  const known = await makeCertificate({ subject: 'CN=x', issuer: root, names, crl })
  const strange = await makeCertificate({ subject: 'CN=x', crl })
  const answer = (socket: Socket): unknown => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\n'))
  const told = ['probe tls-handshake established', 'probe http-exchange response', 'probe revocation-check http-status']
  for (const [scheme, expected] of [
    ['tls', told.filter((each) => !each.includes('http-exchange'))],
    ['https', told],
  ] as const) {
    const server = await tlsServer(t, { key: known.keyPem, cert: known.pem }, answer)
    const { inShort } = await ask(scheme, { ...server, name: 'sts.contoso.com' })
    assert.deepEqual(inShort.slice(1).toSorted(), expected.toSorted())
    await server.idle()
  }
  const server = await tlsServer(t, { key: strange.keyPem, cert: strange.pem }, answer)
  assert.deepEqual((await ask('tls', server)).inShort.slice(1), ['probe tls-handshake established'])
  assert.deepEqual(asked, ['GET /a.crl HTTP/1.1'])
  await web.idle()
})
