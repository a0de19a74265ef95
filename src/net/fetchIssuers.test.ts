import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { MadeCertificate } from '../../test/pki.ts'
import { makeCertificate } from '../../test/pki.ts'
import type { TestServer } from '../../test/tcpServer.ts'
import { tcpServer, tlsServer } from '../../test/tcpServer.ts'
import { createNet } from './createNet.ts'
import type { Limits, Net, ProxyWay } from './net.ts'

const patient: Limits = { signal: new AbortController().signal, timeoutMs: 10_000 }
const root = await makeCertificate({ subject: 'CN=Root', ca: true })
const issuing = await makeCertificate({ subject: 'CN=Issuing', issuer: root, ca: true })
const stranger = await makeCertificate({ subject: 'CN=Stranger', ca: true })

const leafOf = (issuer: MadeCertificate, ...caIssuers: readonly string[]): Promise<MadeCertificate> =>
  makeCertificate({ subject: 'CN=localhost', issuer, names: [{ type: 'dns', value: 'localhost' }], caIssuers })

/** A web server that gives each path of the table its octets, and 404 for the rest. */
function library(t: TestContext, shelf: Readonly<Record<string, Uint8Array | string>>): Promise<TestServer> {
  return tcpServer(t, (socket) => {
    socket.once('data', (request: Buffer) => {
      const path = request.toString().split(' ')[1] ?? ''
      const octets = shelf[path]
      if (octets === undefined) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/pkix-cert\r\n\r\n')
      socket.end(octets)
    })
  })
}

async function shake(
  t: TestContext,
  leaf: MadeCertificate,
  names: Readonly<Record<string, string>>,
  limits: Limits = patient,
  through?: ProxyWay,
): ReturnType<Net['handshake']> {
  const server = await tlsServer(t, { key: leaf.keyPem, cert: leaf.pem })
  const trust = { site: [root.pem], machine: [], node: [] }
  const proxyCredentials = { egress: { user: 'postern', password: 'sesame' } }
  const net = createNet({ trust, userAgent: 'postern/test', names, proxyCredentials })
  const { socket } = await net.connect(server, patient)
  assert.ok(socket)
  const { address, port } = server
  const question = { address, port, serverName: 'localhost', fetchIssuers: true, ...(through && { through }) }
  const shaken = await net.handshake(socket, question, limits)
  t.after(() => shaken.socket?.destroy())
  return shaken
}

function bundle(...certificates: readonly MadeCertificate[]): Uint8Array {
  const der = (tag: number, ...contents: readonly Uint8Array[]): Buffer => {
    const body = Buffer.concat(contents)
    return Buffer.concat([
      Buffer.from([tag, 0x83, body.length >> 16, (body.length >> 8) & 255, body.length & 255]),
      body,
    ])
  }
  const id = (last: number): Buffer => Buffer.from([0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, last])
  const content = [
    Buffer.from([2, 1, 1]),
    der(0x31),
    der(0x30, id(1)),
    der(0xa0, ...certificates.map((made) => made.der)),
    der(0x31),
  ]
  return der(0x30, id(2), der(0xa0, der(0x30, ...content)))
}

for (const { what, octets } of [
  { what: 'DER', octets: issuing.der },
  { what: 'PEM', octets: issuing.pem },
  { what: 'a bundle with others in it', octets: bundle(stranger, issuing) },
]) {
  test(`a missing issuer is fetched as ${what}, and completes the chain`, async (t) => {
    const web = await library(t, { '/ca.crt': octets })
    const leaf = await leafOf(issuing, 'http://aia.example/ca.crt')
    const { seen, fetched } = await shake(t, leaf, { 'aia.example': `127.0.0.1:${web.port}` })
    assert.deepEqual(
      seen.chain.map(({ subject, from }) => [subject, from]),
      [
        ['CN=localhost', 'handshake'],
        ['CN=Issuing', 'aia'],
        ['CN=Root', 'site'],
      ],
    )
    assert.deepEqual([seen.sentCertificates, seen.anchoredIn, seen.signaturesVerify], [1, ['site'], true])
    assert.deepEqual(
      fetched.map(({ at: _, ms: __, ...rest }) => rest),
      [{ kind: 'aia-fetch', url: 'http://aia.example/ca.crt', outcome: 'certificate', subject: 'CN=Issuing' }],
    )
  })
}

test('issuers are fetched from link to link', async (t) => {
  const second = await makeCertificate({
    subject: 'CN=Second',
    issuer: issuing,
    ca: true,
    caIssuers: ['http://aia.example/issuing'],
  })
  const web = await library(t, { '/second': second.der, '/issuing': issuing.der })
  const leaf = await leafOf(second, 'http://aia.example/second')
  const { seen, fetched } = await shake(t, leaf, { 'aia.example:80': `127.0.0.1:${web.port}` })
  assert.deepEqual([fetched.length, seen.chain.length, seen.anchoredIn], [2, 4, ['site']])
})

test('no more than three links are fetched', async (t) => {
  const shelf: Record<string, Uint8Array> = {}
  let issuer = await makeCertificate({ subject: 'CN=0', ca: true })
  for (let link = 1; link <= 6; link += 1) {
    shelf[`/${link}`] = issuer.der
    issuer = await makeCertificate({
      subject: `CN=${link}`,
      issuer,
      ca: true,
      caIssuers: [`http://aia.example/${link}`],
    })
  }
  const web = await library(t, { ...shelf, '/7': issuer.der })
  const leaf = await leafOf(issuer, 'http://aia.example/7')
  const { seen, fetched } = await shake(t, leaf, { 'aia.example': `127.0.0.1:${web.port}` })
  assert.deepEqual([fetched.length, seen.chain.length, seen.anchoredIn], [3, 4, []])
})

test('the second address is asked when the first has nothing', async (t) => {
  const web = await library(t, { '/ca.crt': issuing.der })
  const leaf = await leafOf(
    issuing,
    'ldap:///CN=x',
    'https://aia.example/a',
    'http://aia.example/gone',
    'http://aia.example/ca.crt',
  )
  const { seen, fetched } = await shake(t, leaf, { 'aia.example': `127.0.0.1:${web.port}` })
  assert.deepEqual(
    fetched.map(({ outcome, status }) => [outcome, status]),
    [
      ['http-status', 404],
      ['certificate', undefined],
    ],
  )
  assert.deepEqual(seen.anchoredIn, ['site'])
})

for (const { what, octets, outcome, subject } of [
  { what: 'a page', octets: '<html>Sign in to the network</html>', outcome: 'not-a-certificate', subject: undefined },
  { what: 'a megabyte', octets: Buffer.alloc(1_048_576), outcome: 'not-a-certificate', subject: undefined },
  { what: 'the certificate of another CA', octets: stranger.der, outcome: 'wrong-issuer', subject: 'CN=Stranger' },
] as const) {
  test(`${what} in place of an issuer is ${outcome}, and the chain stays open`, async (t) => {
    const web = await library(t, { '/ca.crt': octets })
    const leaf = await leafOf(issuing, 'http://aia.example/ca.crt')
    const { seen, fetched } = await shake(t, leaf, { 'aia.example': `127.0.0.1:${web.port}` })
    assert.deepEqual([fetched.length, fetched[0]?.outcome, fetched[0]?.subject], [1, outcome, subject])
    assert.deepEqual([seen.outcome, seen.chain.length, seen.anchoredIn], ['established', 1, []])
  })
}

for (const host of [
  '127.0.0.1',
  'localhost',
  '10.0.0.1',
  '169.254.169.254',
  '[::1]',
  '[fe80::1]',
  '[::ffff:127.0.0.1]',
  '0.0.0.0',
  '2130706433',
]) {
  test(`a certificate cannot send this machine to ${host}`, async (t) => {
    const { fetched } = await shake(t, await leafOf(issuing, `http://${host}/ca.crt`), {})
    assert.deepEqual(
      fetched.map(({ outcome }) => outcome),
      ['refused-address'],
    )
  })
}

test('a silent server is a time-out, a closed one unreachable, a caller who gives up is told so', async (t) => {
  const silent = await tcpServer(t, (socket) => socket.resume())
  const leaf = await leafOf(issuing, 'http://aia.example/ca.crt')
  const names = { 'aia.example': `127.0.0.1:${silent.port}` }
  const late = await shake(t, leaf, names, { ...patient, timeoutMs: 400 })
  assert.deepEqual([late.seen.outcome, late.fetched[0]?.outcome], ['established', 'timeout'])

  const closed = await shake(t, leaf, { 'aia.example': '127.0.0.1:1' })
  assert.deepEqual([closed.fetched[0]?.outcome, closed.fetched[0]?.detail], ['unreachable', 'ECONNREFUSED'])

  const controller = new AbortController()
  const waiting = shake(t, leaf, names, { signal: controller.signal, timeoutMs: 600_000 })
  while (silent.open.size === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  controller.abort()
  const aborted = await waiting
  assert.deepEqual([aborted.seen.outcome, aborted.fetched[0]?.outcome], ['established', 'aborted'])
  await silent.idle()
})

test('an address that cannot be asked is passed over', async (t) => {
  const leaf = await leafOf(
    issuing,
    'http://aia.example:0/',
    'http://',
    `http://x/${'y'.repeat(3000)}`,
    'file:///etc/hosts',
  )
  const { seen, fetched } = await shake(t, leaf, {})
  assert.deepEqual([seen.outcome, fetched], ['established', []])
})

for (const mapping of [':PORT', '127.0.0.1:PORT']) {
  test(`names: may map an address by ${mapping}`, async (t) => {
    const web = await library(t, { '/ca.crt': issuing.der })
    const leaf = await leafOf(issuing, 'http://localhost/ca.crt')
    const { fetched } = await shake(t, leaf, { localhost: mapping.replace('PORT', String(web.port)) })
    assert.deepEqual(
      fetched.map(({ outcome }) => outcome),
      ['certificate'],
    )
  })
}

for (const { names, url, outcome } of [
  { names: { 'aia.example': '127.0.0.1' }, url: 'http://aia.example:PORT/ca.crt', outcome: 'refused-address' },
  { names: { 'aia.example': '127.0.0.1:PORT' }, url: 'http://aia.example:25/ca.crt', outcome: 'certificate' },
  { names: { 'aia.example:PORT': '127.0.0.1' }, url: 'http://aia.example:PORT/ca.crt', outcome: 'certificate' },
  { names: { 'aia.example:81': '127.0.0.1:PORT' }, url: 'http://aia.example:81/ca.crt', outcome: 'certificate' },
]) {
  const mapping = Object.entries(names).flat().join(': ')
  test(`names: { ${mapping} } and a certificate that names ${url} are ${outcome}`, async (t) => {
    const web = await library(t, { '/ca.crt': issuing.der })
    const here = (text: string): string => text.replace('PORT', String(web.port))
    const mapped = Object.fromEntries(Object.entries(names).map(([name, place]) => [here(name), here(place)]))
    const { fetched } = await shake(t, await leafOf(issuing, here(url)), mapped)
    assert.deepEqual(
      fetched.map((seen) => seen.outcome),
      [outcome],
    )
  })
}

for (const [what, octets] of [
  ['a bundle', bundle(...Array<MadeCertificate>(60).fill(stranger), issuing)],
  ['PEM', `${stranger.pem.repeat(60)}${issuing.pem}`],
] as const) {
  test(`of ${what} with 60 certificates the first are looked at, and no more`, async (t) => {
    const web = await library(t, { '/ca.crt': octets })
    const leaf = await leafOf(issuing, 'http://aia.example/ca.crt')
    const { fetched } = await shake(t, leaf, { 'aia.example': `127.0.0.1:${web.port}` })
    assert.deepEqual(
      fetched.map(({ outcome, subject }) => [outcome, subject]),
      [['wrong-issuer', 'CN=Stranger']],
    )
  })
}

test('a bundle of tens of thousands of empty entries is no certificate', async (t) => {
  const entries = bundle({ ...stranger, der: Buffer.from('3000'.repeat(32_500), 'hex') })
  const web = await library(t, { '/ca.crt': entries })
  const leaf = await leafOf(issuing, 'http://aia.example/ca.crt')
  const { fetched } = await shake(t, leaf, { 'aia.example': `127.0.0.1:${web.port}` })
  assert.deepEqual(
    fetched.map(({ outcome }) => outcome),
    ['not-a-certificate'],
  )
})

test('nothing is fetched when the chain ends in a root, or when nobody asks for it', async (t) => {
  const web = await library(t, {})
  const leaf = await leafOf(root, 'http://aia.example/ca.crt')
  const { fetched } = await shake(t, leaf, { 'aia.example': `127.0.0.1:${web.port}` })
  assert.deepEqual(fetched, [])
})

/** A proxy that gives the issuer to those whom it knows, and counts what it is asked. */
async function proxy(t: TestContext, answer: string | Uint8Array): Promise<{ way: ProxyWay; heads: string[] }> {
  const heads: string[] = []
  const { port } = await tcpServer(t, (socket) => {
    socket.once('data', (request: Buffer) => {
      heads.push(request.toString())
      if (!/^proxy-authorization: Basic cG9zdGVybjpzZXNhbWU=\r$/im.test(request.toString())) {
        return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n\r\n')
      }
      socket.write(`HTTP/1.1 200 OK\r\nContent-Type: ${typeof answer === 'string' ? answer : 'x/y'}\r\n\r\n`)
      socket.end(answer)
    })
  })
  return { way: { name: 'egress', address: '127.0.0.1', port }, heads }
}

test('behind a proxy it is the proxy that is asked for the issuer, by the whole address and with who asks', async (t) => {
  const web = await library(t, {})
  const { way: through, heads } = await proxy(t, issuing.der)
  const leaf = await leafOf(issuing, 'http://aia.example/ca.crt')
  const names = { 'aia.example': `127.0.0.1:${web.port}` }
  const known = await shake(t, leaf, names, patient, through)
  assert.deepEqual(known.seen.anchoredIn, ['site'])
  assert.deepEqual(
    known.fetched.map(({ outcome, through: by }) => [outcome, by]),
    [['certificate', 'egress']],
  )
  assert.match(heads[0] ?? '', /^GET http:\/\/aia\.example\/ca\.crt HTTP\/1\.1\r\nHost: aia\.example\r\n/)
  const unknown = await shake(t, leaf, names, patient, { ...through, name: 'other' })
  assert.deepEqual(
    unknown.fetched.map(({ outcome, status, through: by }) => [outcome, status, by]),
    [['http-status', 407, 'other']],
  )
})

test('what a proxy was shown and sends back is struck out', async (t) => {
  const { way: through } = await proxy(t, 'text/sesame')
  const { fetched } = await shake(t, await leafOf(issuing, 'http://aia.example/ca.crt'), {}, patient, through)
  assert.deepEqual(
    fetched.map(({ outcome, detail }) => [outcome, detail]),
    [['not-a-certificate', '11 octets of text/*']],
  )
})

for (const host of ['127.0.0.1', '10.0.0.1', '[::1]', 'localhost', 'a.localhost.', 'intranet']) {
  test(`a certificate cannot send a proxy to ${host}`, async (t) => {
    const { way: through, heads } = await proxy(t, issuing.der)
    const { fetched } = await shake(t, await leafOf(issuing, `http://${host}/ca.crt`), {}, patient, through)
    assert.deepEqual([fetched.map(({ outcome }) => outcome), heads], [['refused-address'], []])
  })
}
