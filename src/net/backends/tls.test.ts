import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { before, test } from 'node:test'
import type { SecureContextOptions, TLSSocket } from 'node:tls'
import { backendOf, openFront, recordingServer, sendRaw } from '../../../test/backendRig.ts'
import type { MadeCertificate } from '../../../test/pki.ts'
import { makeCertificate } from '../../../test/pki.ts'
import { tlsServer } from '../../../test/tcpServer.ts'

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const get = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
const day = 86_400_000

let root: MadeCertificate
let foreign: MadeCertificate
before(async () => {
  root = await makeCertificate({ subject: 'O=Test,CN=Test Root', ca: true })
  foreign = await makeCertificate({ subject: 'O=Test,CN=Foreign Root', ca: true })
})

type Names = readonly { readonly type: 'dns' | 'ip'; readonly value: string }[]
const app: Names = [{ type: 'dns', value: 'app.corp.example' }]

async function leaf(
  names: Names = app,
  issuer = root,
  notAfter = new Date(Date.now() + day),
): Promise<SecureContextOptions> {
  const notBefore = new Date(Date.now() - 2 * day)
  const made = await makeCertificate({ subject: 'CN=leaf', issuer, names, notBefore, notAfter })
  return { cert: made.pem, key: made.keyPem }
}

/** A server of TLS, and a front whose backend it is by a name that no resolver knows. */
async function setUp(t: TestContext, options: SecureContextOptions, rest: { url?: string; serverName?: string } = {}) {
  const asked: (string | false | null)[] = []
  const came: Buffer[] = []
  const server = await tlsServer(t, options, (socket: TLSSocket) => {
    asked.push(Reflect.get(socket, 'servername') as string)
    socket.on('data', (chunk: Buffer) => {
      came.push(chunk)
      socket.write(ok)
    })
  })
  const url = rest.url ?? 'https://app.corp.example:9443'
  const { serverName } = rest
  const front = await openFront(t, backendOf([url], serverName === undefined ? {} : { serverName }), {
    tools: { trust: { app: [root.pem] }, names: { 'app.corp.example:9443': `127.0.0.1:${server.port}` } },
  })
  return { front, asked, came }
}

test('a server is dialled where `names` has it, and held to its name', async (t) => {
  const { front, asked } = await setUp(t, await leaf())
  assert.match(await sendRaw(front.port, get), /^HTTP\/1\.1 200 /)
  assert.deepEqual(asked, ['app.corp.example'])
})

test('another name for its certificates is sent, and is what they are held to', async (t) => {
  const names: Names = [{ type: 'dns', value: 'inner.corp.example' }]
  const { front, asked } = await setUp(t, await leaf(names), { serverName: 'inner.corp.example' })
  assert.match(await sendRaw(front.port, get), /^HTTP\/1\.1 200 /)
  assert.deepEqual(asked, ['inner.corp.example'])
})

test('an address is held to the addresses of the certificate, and not sent as a name', async (t) => {
  const server = await tlsServer(t, await leaf([{ type: 'ip', value: '127.0.0.1' }]), (socket) =>
    socket.on('data', () => socket.write(ok)),
  )
  const front = await openFront(t, backendOf([`https://127.0.0.1:${server.port}`]), {
    tools: { trust: { app: [root.pem] } },
  })
  assert.match(await sendRaw(front.port, get), /^HTTP\/1\.1 200 /)
})

const wrong: readonly (readonly [says: string, options: () => Promise<SecureContextOptions>, reason: string])[] = [
  ['another name', () => leaf([{ type: 'dns', value: 'evil.example' }]), 'tls-name'],
  ['out of its dates', () => leaf(app, root, new Date(Date.now() - day)), 'tls-expired'],
  ['of another CA', () => leaf(app, foreign), 'tls-untrusted'],
  [
    'TLS 1.1 alone',
    async () => ({ ...(await leaf()), minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    'tls-failed',
  ],
]

for (const [says, options, reason] of wrong) {
  test(`a server is sent nothing over TLS that is not its own: ${says}`, async (t) => {
    const { front, came } = await setUp(t, await options())
    const answer = await sendRaw(front.port, get)
    assert.match(answer, /^HTTP\/1\.1 502 /)
    assert.doesNotMatch(answer, /app\.corp|127\.0\.0\.1|CERT/)
    assert.equal(front.went[0]?.reason, reason)
    assert.deepEqual(came, [])
  })
}

test('a server that speaks no TLS where it should is 502, and nothing of the request reaches it', async (t) => {
  const plain = await recordingServer(t, (_, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const front = await openFront(t, backendOf(['https://app.corp.example:9443']), {
    tools: { trust: { app: [root.pem] }, names: { 'app.corp.example': `127.0.0.1:${plain.port}` } },
  })
  assert.match(await sendRaw(front.port, get), /^HTTP\/1\.1 502 /)
  assert.doesNotMatch(plain.came.join(''), /GET \//)
})

test('a CA that is no certificate is misuse, told at once', async (t) => {
  await assert.rejects(
    openFront(t, backendOf(['https://a.example']), {
      tools: { trust: { app: ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'] } },
    }),
  )
})
