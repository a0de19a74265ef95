/** Proxies that misbehave in one way each: `postern check` ends with a verdict, in bounded time and memory. */
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { flowNamed, reportOf, runCheckCommand } from './checkCommand.ts'
import { ownFolder } from './realProxy.ts'
import { tcpServer } from './tcpServer.ts'

const secret = 'hunter2-and-co'
const encoded = btoa(`svc:${secret}`)

interface Row {
  readonly does: string
  readonly run: (socket: Socket) => void
  /** `verdict cause`, and what is said of it. */
  readonly told: RegExp
  /** The whole that a client that is not bounded would wait for, or hold. */
  readonly service?: 'http'
}

/** Once what was asked has come. */
const asked =
  (answer: (socket: Socket, request: Buffer) => void) =>
  (socket: Socket): void =>
    void socket.once('data', (request: Buffer) => answer(socket, request))

const rows: readonly Row[] = [
  {
    does: 'answers garbage',
    run: asked((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')),
    told: /^blocked proxy-dead: .* answers with what is no HTTP \("SSH-2\.0-OpenSSH_9\.2/,
  },
  {
    does: 'answers noise',
    run: asked((socket) => socket.end(Buffer.alloc(4096, 0xff))),
    told: /^blocked proxy-dead: .* answers with what is no HTTP/,
  },
  {
    does: 'drips one octet a second',
    run: asked((socket) => {
      const answer = 'HTTP/1.1 200 Connection established\r\n\r\n'
      let at = 0
      const drip = setInterval(() => socket.write(answer[at++ % answer.length] ?? ''), 1000)
      socket.once('close', () => clearInterval(drip))
    }),
    told: /^blocked proxy-dead: .* (?:begins an answer \(octets: \d+\) and does not finish it|gives no answer) within/,
  },
  {
    does: 'sends 10 MB of headers',
    run: asked((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      for (let sent = 0; sent < 160; sent += 1) socket.write(`X-${sent}: ${'a'.repeat(65_536)}\r\n`)
    }),
    told: /^blocked proxy-dead: .* sends more than the head of an answer may hold/,
  },
  {
    does: 'says 200 and then nothing',
    run: asked((socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\n')),
    told: /^(?:unknown undetermined|blocked silent-service): /,
  },
  {
    does: 'says 200 and then noise',
    run: asked((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.on('data', () => socket.end(Buffer.alloc(4096, 0xff)))
    }),
    told: /^wrong not-the-service: /,
  },
  {
    does: 'sends interim answers without an end',
    run: asked((socket) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(100)));
        socket.once('drain', more)
      }
      more()
    }),
    told: /^blocked proxy-dead: /,
  },
  {
    does: 'ends the connection at once',
    run: (socket) => void socket.end(),
    told: /^blocked proxy-dead: .* ends the connection \(closed\)/,
  },
  {
    does: 'resets the connection at once',
    run: (socket) => void socket.resetAndDestroy(),
    told: /^blocked proxy-dead: /,
  },
  {
    does: 'echoes what it is asked',
    run: asked((socket, request) => void socket.end(request)),
    told: /^blocked proxy-dead: .* answers with what is no HTTP \("CONNECT app\.partner\.\w+:\d+ HTTP\/1\.1"\)/,
  },
  {
    does: 'refuses and shows the credentials in its page and its fields',
    run: asked((socket) => {
      const page = `<html><title>svc:${secret} may not</title></html>`
      socket.end(
        `HTTP/1.1 403 Forbidden\r\nServer: ${encoded}\r\nLocation: http://x/?${secret}\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n${page}`,
      )
    }),
    told: /^blocked proxy-name-denied: .*\(403, \* may not\)|^blocked proxy-name-denied: /,
  },
  {
    does: 'says 200 and shows the credentials in the tunnel',
    run: asked((socket, request) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.once('data', () => socket.end(request.subarray(request.indexOf('Proxy-Auth'))))
    }),
    told: /^wrong /,
  },
  {
    does: 'shows the credentials to plain HTTP',
    service: 'http',
    run: asked((socket) => {
      const page = `<html><title>${secret}</title>${encoded}</html>`
      socket.end(
        `HTTP/1.1 200 OK\r\nServer: ${encoded}\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n${page}`,
      )
    }),
    told: /^open -: /,
  },
  {
    does: 'never ends the body of plain HTTP',
    service: 'http',
    run: asked((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n')
      const more = (): void => {
        while (!socket.destroyed && socket.write('<p>'.repeat(20_000)));
        socket.once('drain', more)
      }
      more()
    }),
    told: /^\w+ \S+: /,
  },
]

const site = (port: number, service: string): string => `site: hostile
hosts:
  here: { roles: [domain-member], addresses: ["127.0.0.1"] }
  app: { roles: [scim-app], name: app.partner.example }
resolvers: { internal: ["127.0.0.1:1"] }
proxies:
  egress: { url: "http://127.0.0.1:${port}", used-by: [here], credentials: "env:PROXY_AUTH" }
names: { app.partner.example: "127.0.0.1:1" }
flows:
  - { id: app, from: here, to: app, ports: [${service === 'http' ? 80 : 443}], transport: [tcp], service: ${service}, direction: outbound-internet }
`

for (const { does, run, told, service = 'https' } of rows) {
  test(`a proxy that ${does} gets a verdict, and no secret comes back`, { timeout: 60_000 }, async (t) => {
    const folder = await ownFolder(t)
    const { port } = await tcpServer(t, run)
    const result = await runCheckCommand(folder, site(port, service), {
      env: { PROXY_AUTH: `svc:${secret}` },
      args: ['--json', '--flow', 'app'],
      timeoutMs: 500,
    })
    const { verdict, cause = '-', says, evidence } = flowNamed(reportOf(result), 'app')
    assert.match(`${verdict} ${cause}: ${says}`, told)
    assert.ok(evidence.length < 20, `${evidence.length} observations`)
    assert.ok(result.stdout.length < 200_000, `a report of ${result.stdout.length} characters`)
    assert.ok(result.peakMiB < 400, `${result.peakMiB} MiB`)
    for (const form of [secret, encoded.slice(0, 12)]) {
      assert.ok(!result.stdout.includes(form) && !result.stderr.includes(form), `${form} came back: ${result.stdout}`)
    }
  })
}
