import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import type { MadeCertificate } from '../../test/pki.ts'
import { makeCertificate, makeRevocationList } from '../../test/pki.ts'
import type { TestServer } from '../../test/tcpServer.ts'
import { tcpServer, tlsServer } from '../../test/tcpServer.ts'
import { ocspAnswer } from '../lab/servers/ocspAnswer.ts'
import { certificateParts } from '../wire/certificateParts.ts'
import type { NetOptions } from './createNet.ts'
import { createNet } from './createNet.ts'
import type { Limits, Net, ProxyWay } from './net.ts'

const dayMs = 86_400_000
const patient: Limits = { signal: new AbortController().signal, timeoutMs: 10_000 }
const root = await makeCertificate({ subject: 'CN=Root', ca: true })
const other = await makeCertificate({ subject: 'CN=Other', ca: true })

const crl = 'http://pki.example/root.crl'
const ocsp = 'http://pki.example/ocsp'
const leafOf = (wish: { crl?: readonly string[]; ocsp?: readonly string[] }): Promise<MadeCertificate> =>
  makeCertificate({ subject: 'CN=localhost', issuer: root, names: [{ type: 'dns', value: 'localhost' }], ...wish })
const serialOf = ({ der }: MadeCertificate): string =>
  Buffer.from(certificateParts(der)?.serial ?? [])
    .toString('hex')
    .replace(/^(?:00)+/, '')

const now = Math.floor(Date.now() / 1000) * 1000
const responder = (over: Partial<Parameters<typeof ocspAnswer>[1]> = {}) => ({
  revokedAt: () => undefined,
  aboutAnother: false,
  thisUpdate: now - dayMs,
  nextUpdate: now + dayMs,
  key: root.issuing.key,
  keyHash: new Uint8Array(20),
  ...over,
})

type Answer = Uint8Array | string | ((path: string) => Promise<Uint8Array | undefined>)
interface Library extends TestServer {
  readonly asked: string[]
}

/** A web server that gives what begins with a path of the table its octets, and 404 for the rest. */
async function library(t: TestContext, shelf: Readonly<Record<string, Answer>>): Promise<Library> {
  const asked: string[] = []
  const answer = async (request: string): Promise<Uint8Array | string | undefined> => {
    const path = request.split(' ')[1] ?? ''
    asked.push(path)
    const [, found] = Object.entries(shelf).find(([begin]) => path.startsWith(begin)) ?? []
    return typeof found === 'function' ? await found(path) : found
  }
  const server = await tcpServer(t, (socket) => {
    socket.once('data', async (request: Buffer) => {
      const octets = await answer(request.toString())
      if (octets === undefined) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n')
      socket.end(octets)
    })
  })
  return { ...server, asked }
}

/** What a responder says to the question in a path (RFC 6960 A.1). */
const says = (wish: Parameters<typeof ocspAnswer>[1]) => async (path: string) =>
  ocspAnswer(Buffer.from(decodeURIComponent(path.split('/').at(-1) ?? ''), 'base64'), wish)

type Made = Pick<NetOptions, 'names' | 'proxyCredentials'> & { readonly trusts?: 'node' }
const netOf = ({ trusts, ...options }: Made): Net =>
  createNet({
    trust:
      trusts === 'node' ? { site: [], machine: [], node: [root.pem] } : { site: [root.pem], machine: [], node: [] },
    userAgent: 'postern/test',
    ...options,
  })
const leadsTo = (port: number): Made => ({ names: { 'pki.example': `127.0.0.1:${port}` } })

/** The chain that a server of this certificate shows. */
async function verified(t: TestContext, net: Net, leaf: MadeCertificate, port?: number) {
  const server =
    port === undefined ? await tlsServer(t, { key: leaf.keyPem, cert: leaf.pem }) : { address: '127.0.0.1', port }
  const { socket } = await net.connect(server, patient)
  assert.ok(socket)
  const shaken = await net.handshake(socket, { ...server, serverName: 'localhost' }, patient)
  shaken.socket?.destroy()
  assert.ok(shaken.verified)
  return shaken.verified
}

async function ask(t: TestContext, made: Made, leaf: MadeCertificate, limits = patient, through?: ProxyWay) {
  const net = netOf(made)
  return net.revocation(await verified(t, net, leaf), limits, through)
}

const short = (told: Awaited<ReturnType<Net['revocation']>>) => told.map(({ method, outcome }) => [method, outcome])

test('list and responder are asked, and tell that a certificate counts', async (t) => {
  const web = await library(t, { '/root.crl': await makeRevocationList(root), '/ocsp/': says(responder()) })
  const leaf = await leafOf({ crl: ['ldap:///CN=Root', crl], ocsp: [ocsp] })
  const told = await ask(t, leadsTo(web.port), leaf)
  assert.deepEqual(
    told.map(({ at, ms, thisUpdate, nextUpdate, bytes, ...rest }) => {
      assert.ok(Date.parse(at) >= now && ms >= 0 && (bytes ?? 0) > 100)
      assert.ok(Date.parse(thisUpdate ?? '') < Date.now() && Date.parse(nextUpdate ?? '') > Date.now())
      return rest
    }),
    [
      { method: 'ocsp', url: ocsp, outcome: 'good' },
      { method: 'crl', url: crl, outcome: 'good' },
    ].map((each) => ({ kind: 'revocation-check', subject: 'CN=localhost', serial: serialOf(leaf), ...each })),
  )
})

test('each certificate below the root is asked about, and the root is not', async (t) => {
  const issuing = await makeCertificate({ subject: 'CN=Issuing', issuer: root, ca: true, crl: [crl] })
  const leaf = await makeCertificate({
    subject: 'CN=localhost',
    issuer: issuing,
    crl: ['http://pki.example/issuing.crl'],
  })
  const web = await library(t, {
    '/root.crl': await makeRevocationList(root),
    '/issuing.crl': await makeRevocationList(issuing, {
      revoked: [{ serial: serialOf(leaf), at: new Date('2026-05-06T07:08:09Z'), reason: 4 }],
    }),
  })
  const told = await ask(t, leadsTo(web.port), { ...leaf, pem: leaf.pem + issuing.pem })
  assert.deepEqual(
    told.map(({ subject, outcome, revokedAt, reason }) => [subject, outcome, revokedAt, reason]),
    [
      ['CN=localhost', 'revoked', '2026-05-06T07:08:09.000Z', 'superseded'],
      ['CN=Issuing', 'good', undefined, undefined],
    ],
  )
})

test('a list is fetched once for all certificates that name it, and a responder asked once for each', async (t) => {
  const web = await library(t, { '/root.crl': await makeRevocationList(root), '/ocsp/': says(responder()) })
  const net = netOf(leadsTo(web.port))
  const leaves = [await leafOf({ crl: [crl], ocsp: [ocsp] }), await leafOf({ crl: [crl], ocsp: [ocsp] })]
  const chains = await Promise.all(leaves.map((leaf) => verified(t, net, leaf)))
  const inFlight = await Promise.all([...chains, ...chains].map((chain) => net.revocation(chain, patient)))
  const afterwards = await Promise.all(chains.map((chain) => net.revocation(chain, patient)))
  for (const { outcome } of [...inFlight, ...afterwards].flat()) assert.equal(outcome, 'good')
  assert.equal(web.asked.filter((path) => path === '/root.crl').length, 1)
  assert.equal(web.asked.filter((path) => path.startsWith('/ocsp/')).length, 2)
})

test('a chain that names no address is not asked about', async (t) => {
  const web = await library(t, {})
  assert.deepEqual(await ask(t, leadsTo(web.port), await leafOf({})), [])
  assert.deepEqual(web.asked, [])
})

test('what does not count says why', async (t) => {
  const stale = { thisUpdate: now - 3 * dayMs, nextUpdate: now - dayMs }
  const revokedAt = () => now - dayMs
  for (const [shelf, outcomes] of [
    [
      {
        '/root.crl': await makeRevocationList(root, { forged: true }),
        '/ocsp/': says(responder({ key: other.issuing.key })),
      },
      'bad-signature',
    ],
    [
      { '/root.crl': await makeRevocationList(other), '/ocsp/': says(responder({ aboutAnother: true })) },
      'other-certificate',
    ],
    [
      {
        '/root.crl': await makeRevocationList(root, { nextUpdate: new Date(now - 1000) }),
        '/ocsp/': says(responder(stale)),
      },
      'stale',
    ],
    [{ '/root.crl': Buffer.alloc(3000, 0x30), '/ocsp/': Buffer.alloc(3000, 0x30) }, 'not-an-answer'],
    [{}, 'http-status'],
    [{ '/ocsp/': says(responder({ revokedAt })), '/root.crl': '' }, 'revoked not-an-answer'],
  ] as const) {
    const web = await library(t, shelf)
    const told = await ask(t, leadsTo(web.port), await leafOf({ crl: [crl], ocsp: [ocsp] }))
    const [first = '', second = first] = outcomes.split(' ')
    assert.deepEqual(short(told), [
      ['ocsp', first],
      ['crl', second],
    ])
  }
})

const second = { crl: 'http://pki.example/second.crl', ocsp: 'http://pki.example/second' }
const twofold = { crl: [crl, second.crl, 'http://pki.example/third.crl'], ocsp: [ocsp, second.ocsp] }
const byPath = (told: Awaited<ReturnType<Net['revocation']>>) =>
  told.map(({ url = '', outcome }) => [url.replace('http://pki.example', ''), outcome])

test('where the first address does not tell, the second of the same kind is asked, and no third', async (t) => {
  const stale = { thisUpdate: now - 3 * dayMs, nextUpdate: now - dayMs }
  const list = await makeRevocationList(root)
  const revokedAt = () => now - dayMs
  for (const { shelf, told } of [
    {
      shelf: { '/second.crl': list, '/second/': says(responder()) },
      told: ['/ocsp http-status', '/second good', '/root.crl http-status', '/second.crl good'],
    },
    {
      shelf: { '/root.crl': await makeRevocationList(other), '/ocsp/': says(responder(stale)) },
      told: ['/ocsp stale', '/second http-status', '/root.crl other-certificate', '/second.crl http-status'],
    },
    {
      shelf: {
        '/root.crl': await makeRevocationList(root, { forged: true }),
        '/second.crl': list,
        '/ocsp/': says(responder({ key: other.issuing.key })),
        '/second/': says(responder({ revokedAt })),
      },
      told: ['/ocsp bad-signature', '/second revoked', '/root.crl bad-signature', '/second.crl good'],
    },
    {
      shelf: { '/root.crl': list, '/second.crl': '', '/ocsp/': says(responder({ revokedAt })) },
      told: ['/ocsp revoked', '/root.crl good'],
    },
  ]) {
    const web = await library(t, shelf)
    const seen = await ask(t, leadsTo(web.port), await leafOf(twofold))
    assert.deepEqual(
      byPath(seen),
      told.map((each) => each.split(' ')),
    )
    assert.ok(!web.asked.includes('/third.crl'))
  }
})

test('a first address that stays silent leaves the second a time-out of its own', async (t) => {
  const list = await makeRevocationList(root)
  const web = await tcpServer(t, (socket) => {
    socket.once('data', (request: Buffer) => {
      if (request.includes('/root.crl')) return
      socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), list]))
    })
  })
  const told = await ask(t, leadsTo(web.port), await leafOf({ crl: twofold.crl }), { ...patient, timeoutMs: 2000 })
  assert.deepEqual(byPath(told), [
    ['/root.crl', 'timeout'],
    ['/second.crl', 'good'],
  ])
  await web.idle()
})

test('one address that stands twice is asked once, and who gives up is asked for no second', async (t) => {
  const web = await library(t, {})
  assert.deepEqual(short(await ask(t, leadsTo(web.port), await leafOf({ crl: [crl, crl] }))), [['crl', 'http-status']])
  const net = netOf(leadsTo(web.port))
  const chain = await verified(t, net, await leafOf(twofold))
  const controller = new AbortController()
  controller.abort()
  assert.deepEqual(short(await net.revocation(chain, { ...patient, signal: controller.signal })), [
    ['ocsp', 'aborted'],
    ['crl', 'aborted'],
  ])
})

test('a page in the place of a list keeps its title', async (t) => {
  const page = '<html><head><title>Web Page Blocked</title></head></html>'
  const web = await library(t, { '/': page })
  const told = await ask(t, leadsTo(web.port), await leafOf({ crl: [crl], ocsp: [ocsp] }))
  for (const { outcome, title, bytes, detail } of told) {
    assert.deepEqual([outcome, title, bytes], ['not-an-answer', 'Web Page Blocked', page.length])
    assert.equal(detail, `${page.length} octets of text/plain`)
  }
  assert.equal(told.length, 2)
})

test('a closed port and what speaks no HTTP are told apart', async (t) => {
  const odd = await tcpServer(t, (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'))
  const closed = await ask(t, leadsTo(1), await leafOf({ crl: [crl] }))
  const strange = await ask(t, leadsTo(odd.port), await leafOf({ crl: [crl] }))
  assert.deepEqual(
    [closed, strange].flat().map(({ outcome, detail }) => [outcome, detail]),
    [
      ['unreachable', 'ECONNREFUSED'],
      ['not-an-answer', 'no HTTP'],
    ],
  )
})

test('a list of 100 MB is cut off, and an answer of a responder long before', { timeout: 60_000 }, async (t) => {
  const sent = { crl: 0, ocsp: 0 }
  const web = await tcpServer(t, (socket) => {
    const piece = Buffer.alloc(262_144, 0x30)
    socket.once('data', (request: Buffer) => {
      const what = request.includes('/root.crl') ? 'crl' : 'ocsp'
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n')
      const more = (): void => {
        while (!socket.destroyed && sent[what] < 100_000_000) {
          sent[what] += piece.length
          if (!socket.write(piece)) return
        }
      }
      socket.on('drain', more)
      more()
    })
  })
  const told = await ask(t, leadsTo(web.port), await leafOf({ crl: [crl], ocsp: [ocsp] }))
  assert.deepEqual(short(told), [
    ['ocsp', 'too-large'],
    ['crl', 'too-large'],
  ])
  assert.ok(sent.crl < 60_000_000 && sent.ocsp < 20_000_000, JSON.stringify(sent))
  await web.idle()
})

test('a list that drips is a time-out for all who wait for it, and nothing stays open', async (t) => {
  const timers = new Set<NodeJS.Timeout>()
  t.after(() => timers.forEach(clearInterval))
  const web = await tcpServer(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    const timer = setInterval(() => socket.write('0'), 5)
    timers.add(timer)
    socket.once('close', () => clearInterval(timer))
  })
  const net = netOf(leadsTo(web.port))
  const chain = await verified(t, net, await leafOf({ crl: [crl] }))
  const short: Limits = { ...patient, timeoutMs: 300 }
  const told = await Promise.all([net.revocation(chain, short), net.revocation(chain, short)])
  assert.deepEqual(
    told.flat().map(({ outcome }) => outcome),
    ['timeout', 'timeout'],
  )
  // Who began the fetch knows how far it came.
  const [{ detail, bytesIn = 0 } = {}] = told.flat()
  assert.ok(bytesIn > 0)
  assert.equal(detail, `${bytesIn} octets of it came`)
  await web.idle()
})

test('who gives up leaves a list to the others, and the last one ends the fetch', { timeout: 60_000 }, async (t) => {
  // Far longer than the test may take: nothing but giving up ends a fetch.
  const endless: Limits = { ...patient, timeoutMs: 600_000 }
  const list = await makeRevocationList(root)
  const waiting: (() => void)[] = []
  const web = await tcpServer(t, (socket) => {
    socket.once('data', () =>
      waiting.push(() => socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), list]))),
    )
  })
  const net = netOf(leadsTo(web.port))
  const chain = await verified(t, net, await leafOf({ crl: [crl] }))
  const asked = async (count: number): Promise<void> => {
    while (waiting.length < count) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const [first, second] = [new AbortController(), new AbortController()]
  const one = net.revocation(chain, { ...endless, signal: first.signal })
  const two = net.revocation(chain, patient)
  await asked(1)
  first.abort()
  assert.equal((await one)[0]?.outcome, 'aborted')
  waiting[0]?.()
  assert.equal((await two)[0]?.outcome, 'good')

  const fresh = netOf(leadsTo(web.port))
  const alone = fresh.revocation(chain, { ...endless, signal: second.signal })
  await asked(2)
  second.abort()
  assert.equal((await alone)[0]?.outcome, 'aborted')
  await web.idle()
  assert.equal((await fresh.revocation(chain, { ...patient, signal: second.signal }))[0]?.outcome, 'aborted')
})

test('an address inside is gone to where the site or this machine trusts the CA, and nowhere else', async (t) => {
  const web = await library(t, { '/root.crl': await makeRevocationList(root) })
  const leaf = await leafOf({ crl: [`http://127.0.0.1:${web.port}/root.crl`] })
  const inside = await ask(t, {}, leaf)
  const outside = await ask(t, { trusts: 'node' }, leaf)
  assert.deepEqual([inside[0]?.outcome, outside[0]?.outcome, web.asked.length], ['good', 'refused-address', 1])
})

test('a stapled answer is read as well', async (t) => {
  const leaf = await leafOf({ ocsp: [ocsp] })
  const web = await library(t, { '/ocsp/': says(responder()) })
  const net = netOf(leadsTo(web.port))
  await net.revocation(await verified(t, net, leaf), patient)
  const answer = await says(responder({ revokedAt: () => now - dayMs }))(web.asked[0] ?? '')
  assert.ok(answer)
  const server = createTlsServer({ key: leaf.keyPem, cert: leaf.pem })
  server.on('OCSPRequest', (_certificate, _issuer, reply) => reply(null, Buffer.from(answer)))
  server.on('secureConnection', (socket) => socket.on('error', () => {}))
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const told = await net.revocation(await verified(t, net, leaf, (server.address() as AddressInfo).port), patient)
  assert.deepEqual(
    told.map(({ method, outcome, url }) => [method, outcome, url]),
    [
      ['staple', 'revoked', undefined],
      ['ocsp', 'good', ocsp],
    ],
  )
})

test('through a proxy the whole address is asked for, with who asks, and its refusal is told', async (t) => {
  const list = await makeRevocationList(root)
  const heads: string[] = []
  const server = await tcpServer(t, (socket) => {
    socket.once('data', (request: Buffer) => {
      heads.push(request.toString())
      if (!/^proxy-authorization: Basic cG9zdGVybjpzZXNhbWU=\r$/im.test(request.toString())) {
        return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n\r\n')
      }
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.end(list)
    })
  })
  const leaf = await leafOf({ crl: [crl] })
  const through: ProxyWay = { name: 'egress', address: '127.0.0.1', port: server.port }
  const known = await ask(
    t,
    { proxyCredentials: { egress: { user: 'postern', password: 'sesame' } } },
    leaf,
    patient,
    through,
  )
  const unknown = await ask(t, {}, leaf, patient, through)
  assert.deepEqual(
    [...known, ...unknown].map(({ outcome, status, through: by }) => [outcome, status, by]),
    [
      ['good', undefined, 'egress'],
      ['http-status', 407, 'egress'],
    ],
  )
  assert.match(heads[0] ?? '', /^GET http:\/\/pki\.example\/root\.crl HTTP\/1\.1\r\nHost: pki\.example\r\n/)
})
