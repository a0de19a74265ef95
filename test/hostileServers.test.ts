/**
 * Servers that misbehave in one way each, straight and through a proxy: `postern check` ends with a verdict that says
 * what was seen, in bounded time and memory.
 */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { ocspAnswer } from '../src/lab/servers/ocspAnswer.ts'
import { flowNamed, reportOf, runCheckCommand } from './checkCommand.ts'
import type { MadeCertificate } from './pki.ts'
import { makeCertificate, makeRevocationList } from './pki.ts'
import { ownFolder } from './realProxy.ts'
import { tcpServer } from './tcpServer.ts'

const name = 'app.partner.example'
const root = await makeCertificate({ subject: 'CN=Root', ca: true })
const names = [{ type: 'dns', value: name }] as const
const leafOf = (issuer: MadeCertificate, asks = false): Promise<MadeCertificate> =>
  makeCertificate({
    subject: `CN=${name}`,
    issuer,
    names,
    ...(asks && { crl: ['http://pki.example/root.crl'], ocsp: ['http://pki.example/ocsp'] }),
  })
const plainLeaf = await leafOf(root)
const askingLeaf = await leafOf(root, true)

/** Once something was asked. */
const asked =
  (answer: (socket: Socket, request: Buffer) => void) =>
  (socket: Socket): void =>
    void socket.once('data', (request: Buffer) => answer(socket, request))

const pours = (start: string, piece: Buffer, most = Number.POSITIVE_INFINITY) =>
  asked((socket) => {
    socket.write(start)
    let sent = 0
    const more = (): void => {
      while (!socket.destroyed && sent < most) {
        sent += piece.length
        if (!socket.write(piece)) return
      }
    }
    socket.on('drain', more)
    more()
  })

const drips = (text: string) =>
  asked((socket) => {
    let at = 0
    const drip = setInterval(() => socket.write(text[at++ % text.length] ?? ''), 100)
    socket.once('close', () => clearInterval(drip))
  })

const headers = pours('HTTP/1.1 200 OK\r\n', Buffer.from(`X-Field: ${'a'.repeat(65_536)}\r\n`), 10_000_000)
const page = asked((socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'))

interface Row {
  readonly does: string
  readonly service: 'http' | 'https'
  readonly run: (socket: Socket) => void
  /** Shakes hands with it first; absent: what speaks TLS gets what `run` says instead. */
  readonly identity?: MadeCertificate
  /** What the certificate's lists and answers are. */
  readonly pki?: (socket: Socket) => void
  /** How long one wait is, in milliseconds, where a second is too short for what is sent. */
  readonly timeoutMs?: number
  /** `verdict cause: says`. */
  readonly told: RegExp
  /** The same through a proxy, where it cannot be the same. */
  readonly toldProxied?: RegExp
}

const rows: readonly Row[] = [
  {
    does: 'answers garbage',
    service: 'http',
    run: asked((socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n')),
    told: /^wrong not-the-service: .* speaks SSH where HTTP belongs/,
  },
  {
    does: 'answers noise',
    service: 'http',
    run: asked((socket) => void socket.end(Buffer.alloc(4096, 0xff))),
    told: /^wrong not-the-service: .* speaks something else/,
  },
  {
    does: 'has a status line that nobody reads',
    service: 'http',
    run: asked((socket) => void socket.end('HTTP/1.1 fine\r\n\r\n')),
    told: /^wrong not-the-service: .* speaks HTTP, and its answer begins with no status/,
  },
  {
    does: 'drips',
    service: 'http',
    run: drips('HTTP/1.1 200 OK\r\nServer: slow\r\n'),
    told: /^unknown undetermined: .* began its answer and did not finish it: \d+ octets? in /,
  },
  {
    does: 'sends 10 MB of headers',
    service: 'http',
    run: headers,
    told: /^wrong not-the-service: .* headers without end/,
  },
  {
    does: 'sends interim answers without an end',
    service: 'http',
    run: pours('', Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'.repeat(100))),
    told: /^wrong not-the-service: .* headers without end/,
  },
  {
    does: 'sends a body without an end',
    service: 'http',
    run: pours('HTTP/1.1 200 OK\r\n\r\n', Buffer.alloc(65_536, 0x61)),
    told: /^open -: /,
  },
  {
    does: 'echoes what it is asked',
    service: 'http',
    run: asked((socket, request) => void socket.end(request)),
    told: /^wrong not-the-service: .* speaks something else/,
  },
  {
    does: 'answers a ClientHello with noise',
    service: 'https',
    run: asked((socket) => void socket.end(Buffer.alloc(4096, 0xff))),
    told: /^wrong not-the-service: .* speaks something else/,
  },
  {
    does: 'answers a ClientHello in drips',
    service: 'https',
    run: drips('HTTP/1.1 200 OK\r\n'),
    told: /^wrong not-the-service: .* answers the ClientHello with no TLS/,
    // Plain HTTP in a tunnel is what a proxy speaks that never opened it.
    toldProxied:
      /^wrong http-page-on-api: the proxy egress says that the tunnel .* stands, and answers in it by itself/,
  },
  {
    does: 'answers a ClientHello with 10 MB of headers',
    service: 'https',
    run: headers,
    told: /^wrong (?:not-the-service|http-page-on-api): /,
  },
  {
    does: 'begins a message of 16 MiB again and again',
    service: 'https',
    run: pours('', Buffer.from('160303000400ffffff0bffffff'.repeat(500), 'hex')),
    told: /^(?:unknown|blocked|wrong) \S+: /,
  },
  {
    does: 'drips under TLS',
    service: 'https',
    identity: plainLeaf,
    run: drips('HTTP/1.1 200 OK\r\nServer: slow\r\n'),
    told: /^unknown undetermined: .* began its answer and did not finish it: \d+ octets? in /,
  },
  {
    does: 'sends 10 MB of headers under TLS',
    service: 'https',
    identity: plainLeaf,
    run: headers,
    told: /^wrong not-the-service: .* headers without end/,
  },
  {
    does: 'sends a chain of 150 certificates',
    service: 'https',
    identity: await longChain(150),
    run: page,
    told: /^unknown undetermined: the chain on 443\/tcp on app goes on above "Issuing 135", which is the 16th/,
  },
  {
    does: 'has a list of 100 MB and a responder that speaks of another certificate',
    service: 'https',
    identity: askingLeaf,
    run: page,
    pki: asked((socket, request) => void answerOf(socket, request.toString())),
    timeoutMs: 10_000,
    told: /^degraded revocation-unreachable: .* speaks of another certificate and .* sends more than is read/,
  },
  {
    does: 'has a list and a responder that drip',
    service: 'https',
    identity: askingLeaf,
    run: page,
    pki: drips('HTTP/1.1 200 OK\r\n\r\n'),
    told: /^degraded revocation-unreachable: .* does not finish its answer/,
  },
]

/** The leaf's PEM holds those above it as well. */
async function longChain(length: number): Promise<MadeCertificate> {
  let issuer = root
  let above = ''
  for (let at = 0; at < length; at += 1) {
    issuer = await makeCertificate({ subject: `CN=Issuing ${at}`, issuer, ca: true })
    above = issuer.pem + above
  }
  const leaf = await leafOf(issuer)
  return { ...leaf, pem: leaf.pem + above }
}

async function answerOf(socket: Socket, request: string): Promise<void> {
  const path = new URL(request.split(' ')[1] ?? '/', 'http://pki.example').pathname
  const day = 86_400_000
  const wish = {
    revokedAt: () => undefined,
    aboutAnother: true,
    thisUpdate: Date.now() - day,
    nextUpdate: Date.now() + day,
    key: root.issuing.key,
    keyHash: new Uint8Array(20),
  }
  if (path.startsWith('/ocsp')) {
    const question = Buffer.from(decodeURIComponent(path.split('/').at(-1) ?? ''), 'base64')
    const octets = await ocspAnswer(question, wish)
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    return void socket.end(octets ?? '')
  }
  const list = Buffer.from(await makeRevocationList(root))
  const filler = Buffer.alloc(100_000_000 - list.length)
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n')
  socket.end(Buffer.concat([list, filler]))
}

/** What `run` says, behind a handshake where the row has a certificate. */
async function server(t: TestContext, { identity, run }: Row): Promise<number> {
  if (identity === undefined) return (await tcpServer(t, run)).port
  const inner = createTlsServer({ key: identity.keyPem, cert: identity.pem }, (socket) => {
    socket.on('error', () => {})
    run(socket)
  })
  inner.on('tlsClientError', () => {})
  return (await tcpServer(t, (socket) => void inner.emit('connection', socket))).port
}

/** A proxy that does what it is asked: it finds each name where the test has put it. */
async function proxy(t: TestContext, ports: Readonly<Record<string, number>>): Promise<number> {
  const { port } = await tcpServer(
    t,
    asked((socket, request) => {
      const [method = '', target = ''] = request.toString().split(' ')
      const host = method === 'CONNECT' ? target.split(':')[0] : new URL(target).hostname
      const there = connect(ports[host ?? ''] ?? 1, '127.0.0.1')
      there.on('error', () => socket.destroy())
      socket.on('close', () => there.destroy())
      there.on('close', () => socket.destroy())
      if (method === 'CONNECT') socket.write('HTTP/1.1 200 OK\r\n\r\n')
      else there.write(request)
      socket.pipe(there).pipe(socket)
    }),
  )
  return port
}

const site = (service: Row['service'], more: string): string => `site: hostile
hosts:
  here: { roles: [domain-member], addresses: ["127.0.0.1"] }
  app: { roles: [scim-app], name: ${name} }
resolvers: { internal: ["127.0.0.1:1"] }
trust: { certificates: [root.pem] }
${more}
flows:
  - { id: app, from: here, to: app, ports: [${service === 'http' ? 80 : 443}], transport: [tcp], service: ${service}, direction: outbound-internet }
`

for (const row of rows) {
  // What comes of plain HTTP through a proxy is the proxy's own answer: hostileProxies.test.ts has those.
  for (const way of row.service === 'http' ? (['straight'] as const) : (['straight', 'through a proxy'] as const)) {
    test(`a server that ${row.does} gets a verdict, ${way}`, { timeout: 60_000 }, async (t) => {
      const folder = await ownFolder(t)
      await writeFile(join(folder, 'root.pem'), root.pem)
      const port = await server(t, row)
      const pki = (await tcpServer(t, row.pki ?? (() => {}))).port
      const straight = `names: { ${name}: "127.0.0.1:${port}", pki.example: "127.0.0.1:${pki}" }`
      const proxied = async (): Promise<string> =>
        `proxies: { egress: { url: "http://127.0.0.1:${await proxy(t, { [name]: port, 'pki.example': pki })}", used-by: [here] } }\nnames: { ${name}: "127.0.0.1:1" }`
      const result = await runCheckCommand(folder, site(row.service, way === 'straight' ? straight : await proxied()), {
        args: ['--json', '--flow', 'app'],
        timeoutMs: row.timeoutMs ?? 1000,
      })
      const { verdict, cause = '-', says, evidence } = flowNamed(reportOf(result), 'app')
      const told = `${verdict} ${cause}: ${says}`
      assert.match(told, (way === 'straight' ? undefined : row.toldProxied) ?? row.told)
      assert.ok(evidence.length < 25, `${evidence.length} observations`)
      assert.ok(result.stdout.length < 200_000, `a report of ${result.stdout.length} characters`)
      assert.ok(result.peakMiB < 400, `${result.peakMiB} MiB`)
    })
  }
}
