/**
 * Servers of Kerberos, RPC, directories, SMB and their neighbours that misbehave in one way each: `postern check` ends with
 * a verdict on every one of them, in bounded time and memory.
 */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { encoded, encodedInteger, tags } from '../src/wire/der.ts'
import { flowNamed, reportOf, runCheckCommand } from './checkCommand.ts'
import { makeCertificate } from './pki.ts'
import { ownFolder } from './realProxy.ts'
import type { Reply } from './serviceReplies.ts'
import { netlogonAnswer, principalUnknown, replies, searchEnd, ticketUnreadable } from './serviceReplies.ts'
import { tcpServer, tlsServer } from './tcpServer.ts'

const root = await makeCertificate({ subject: 'CN=Root', ca: true })
const names = [{ type: 'dns', value: '*.corp.example' }] as const
const certificate = await makeCertificate({ subject: 'CN=x', issuer: root, names })
const identity = { key: certificate.keyPem, cert: certificate.pem }

/** Each scheme, the port of its row, and how a message of it begins that is as long as it can say. */
const schemes = {
  kerberos: { port: 88, longest: '7fffffff7e84fffffff0' },
  kpasswd: { port: 464, longest: '7fffffffffff0001' },
  epm: { port: 135, longest: '05000c0310000000ffff000001000000' },
  ldap: { port: 389, longest: '3084ffffffff0201016484fffffff0' },
  ldaps: { port: 636, longest: '3084ffffffff0201016484fffffff0', inTls: true },
  smb: { port: 445, longest: '00fffffffe534d4240000000' },
  winrm: { port: 5985, longest: Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 4294967295\r\n\r\n').toString('hex') },
  adws: { port: 9389, longest: '08ffffffff0f' },
  amqps: { port: 5671, longest: '414d515003010000ffffffff02010000', inTls: true },
  mssql: { port: 1433, longest: '0400ffff00000100' },
} as const
type Scheme = keyof typeof schemes
const all = Object.keys(schemes) as Scheme[]

const onceAsked = (act: (socket: Socket, request: Buffer) => void) => (socket: Socket) =>
  void socket.once('data', (request: Buffer) => act(socket, request))

/** Writes the same again and again until nobody listens any more. */
const pours = (start: Buffer, piece: Buffer) =>
  onceAsked((socket) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(piece)) {}
    }
    socket.on('drain', more)
    socket.write(start)
    more()
  })

const drips = (reply: Reply) =>
  onceAsked((socket, request) => {
    const sound = reply(request)
    let at = 0
    const drip = setInterval(() => socket.write(sound.subarray(at, ++at)), 300)
    socket.once('close', () => clearInterval(drip))
  })

const text = (words: string): Uint8Array => encoded(tags.octetString, Buffer.from(words))

/** As long as the protocol lets an answer be, and sound. */
const large: Partial<Record<Scheme, Reply>> = {
  ldap: () => {
    const attributes = Object.entries({
      supportedCapabilities: ['1.2.840.113556.1.4.800'],
      supportedSASLMechanisms: Array.from({ length: 1000 }, (_, at) => `MECHANISM-${at}`),
      vendorName: ['x'.repeat(40_000)],
    }).map(([name, values]) => encoded(tags.sequence, text(name), encoded(tags.set, ...values.map(text))))
    const entry = encoded(tags.application(4), text(''), encoded(tags.sequence, ...attributes))
    return Buffer.concat([encoded(tags.sequence, encodedInteger(1), entry), searchEnd(1)])
  },
  winrm: () => {
    const fields = Array.from({ length: 40 }, () => `WWW-Authenticate: ${'Negotiate, '.repeat(100)}Kerberos\r\n`).join(
      '',
    )
    return Buffer.from(`HTTP/1.1 401 \r\nServer: Microsoft-HTTPAPI/2.0\r\n${fields}Content-Length: 0\r\n\r\n`)
  },
  smb: (request) => {
    const sound = replies.smb(request)
    const octets = Buffer.concat([sound, Buffer.alloc(65_000 - sound.length)])
    octets.writeUInt32BE(octets.length - 4, 0)
    return octets
  },
}

interface Row {
  readonly does: string
  run(scheme: Scheme): ((socket: Socket) => void) | undefined
  readonly schemes?: readonly Scheme[]
  /** What is told of none of them. */
  readonly never: RegExp
}

const rows: readonly Row[] = [
  {
    does: 'answer with noise',
    run: () => onceAsked((socket) => void socket.end(Buffer.alloc(4096, 0xff))),
    never: /^open/,
  },
  { does: 'pour noise without an end', run: () => pours(Buffer.alloc(0), Buffer.alloc(65_536, 0xff)), never: /^open/ },
  {
    does: 'begin an answer of 4 GB and send it',
    run: (scheme) => pours(Buffer.from(schemes[scheme].longest, 'hex'), Buffer.alloc(65_536)),
    // What HTTP answers well counts before its body has come to an end.
    never: /^open (?!winrm)/,
  },
  { does: 'answer one octet at a time', run: (scheme) => drips(replies[scheme]), never: /^open (?!adws)/ },
  {
    does: 'answer what they are asked',
    run: () => onceAsked((socket, request) => void socket.end(request)),
    never: /^open/,
  },
  {
    does: 'answer at great length',
    schemes: ['ldap', 'winrm', 'smb'],
    run: (scheme) => {
      const reply = large[scheme]
      return reply && onceAsked((socket, request) => void socket.write(reply(request)))
    },
    never: /^(?!open)/,
  },
]

/** Runs the check on the flows, in a folder of its own. */
async function check(t: TestContext, ports: ReadonlyMap<string, number>, flows: readonly string[], timeoutMs: number) {
  const folder = await ownFolder(t)
  await writeFile(join(folder, 'root.pem'), root.pem)
  const args = ['--json', ...[...ports.keys()].flatMap((scheme) => ['--flow', scheme])]
  return await runCheckCommand(folder, site(ports, flows), { args, timeoutMs })
}

async function serve(t: TestContext, scheme: Scheme, run: (socket: Socket) => void): Promise<number> {
  return ('inTls' in schemes[scheme] ? await tlsServer(t, identity, run) : await tcpServer(t, run)).port
}

const site = (ports: ReadonlyMap<string, number>, flows: readonly string[]): string => `site: hostile
hosts:
  here: { roles: [domain-member], addresses: ["127.0.0.1"] }
${[...ports.keys()].map((host) => `  ${host}: { roles: [domain-controller], name: ${host}.corp.example }`).join('\n')}
resolvers: { internal: ["127.0.0.1:1"] }
trust: { certificates: [root.pem] }
names: { ${[...ports].map(([host, port]) => `${host}.corp.example: "127.0.0.1:${port}"`).join(', ')} }
flows:
${flows.join('\n')}
`

const flowOf = (scheme: string, port: number, transport = 'tcp'): string =>
  `  - { id: ${scheme}, from: here, to: ${scheme}, ports: [${port}], transport: [${transport}], service: ${scheme}, direction: internal }`

for (const { does, run, schemes: asked = all, never } of rows) {
  test(`servers that ${does} get a verdict each`, { timeout: 120_000 }, async (t) => {
    const ports = new Map<string, number>()
    for (const scheme of asked) {
      const conduct = run(scheme)
      if (conduct !== undefined) ports.set(scheme, await serve(t, scheme, conduct))
    }
    const flows = asked.map((scheme) => flowOf(scheme, schemes[scheme].port))
    const result = await check(t, ports, flows, 1000)
    const report = reportOf(result)
    for (const scheme of asked) {
      const { verdict, cause = '-', says, evidence } = flowNamed(report, scheme)
      const told = `${verdict} ${scheme} ${cause}: ${says}`
      t.diagnostic(told.slice(0, 160))
      assert.doesNotMatch(told, never)
      assert.ok(evidence.length < 25, `${evidence.length} observations of ${scheme}`)
    }
    assert.ok(result.stdout.length < 60_000 * asked.length, `a report of ${result.stdout.length} characters`)
    assert.ok(result.peakMiB < 400, `${result.peakMiB} MiB`)
  })
}

test('datagrams of noise, and floods of them, get a verdict each', { timeout: 120_000 }, async (t) => {
  const ports = new Map<string, number>()
  for (const scheme of ['kerberos', 'kpasswd', 'cldap']) {
    const socket = createSocket('udp4', (_request, from) => {
      for (let count = 0; count < 200; count += 1) socket.send(Buffer.alloc(1400, count), from.port, from.address)
    })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    t.after(() => socket.close())
    ports.set(scheme, socket.address().port)
  }
  const flows = [flowOf('kerberos', 88, 'udp'), flowOf('kpasswd', 464, 'udp'), flowOf('cldap', 389, 'udp')]
  const result = await check(t, ports, flows, 500)
  const report = reportOf(result)
  for (const scheme of ports.keys()) {
    const { verdict, cause = '-', says, evidence } = flowNamed(report, scheme)
    t.diagnostic(`${verdict} ${scheme} ${cause}: ${says}`.slice(0, 160))
    assert.notEqual(verdict, 'open')
    assert.ok(evidence.length < 25)
  }
})

/** The wait of a question, and how long after it such a server answers: well behind, and while the check may still ask others. */
const waitMs = 1000
const lateMs = 1.5 * waitMs

test('services that answer once their wait is over are silent, and what comes late is nobody’s answer', {
  timeout: 120_000,
}, async (t) => {
  const ports = new Map<string, number>()
  let late = 0
  const timers = new Set<NodeJS.Timeout>()
  t.after(() => {
    for (const timer of timers) clearTimeout(timer)
  })
  const later = (act: () => void): void => {
    timers.add(
      setTimeout(() => {
        late += 1
        act()
      }, lateMs),
    )
  }
  for (const scheme of all) {
    const conduct = onceAsked((socket, request) => later(() => void socket.write(replies[scheme](request))))
    ports.set(scheme, await serve(t, scheme, conduct))
  }
  const datagrams = { 'kerberos-udp': principalUnknown, 'kpasswd-udp': ticketUnreadable, 'cldap-udp': netlogonAnswer }
  for (const [flow, reply] of Object.entries(datagrams)) {
    const socket = createSocket('udp4', (request, from) => {
      const answer = typeof reply === 'function' ? reply(request) : reply
      later(() => socket.send(answer, from.port, from.address))
    })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    t.after(() => socket.close())
    ports.set(flow, socket.address().port)
  }
  const flows = [...ports.keys()].map((id) => {
    const [service = id] = id.split('-')
    const port = service === 'cldap' ? 389 : schemes[service as Scheme].port
    return `  - { id: ${id}, from: here, to: ${id}, ports: [${port}], transport: [${id === service ? 'tcp' : 'udp'}], service: ${service}, direction: internal }`
  })
  const report = reportOf(await check(t, ports, flows, waitMs))
  for (const id of ports.keys()) {
    const { verdict, cause = '-', says, evidence } = flowNamed(report, id)
    const told = `${verdict} ${id} ${cause}: ${says}`
    t.diagnostic(told.slice(0, 160))
    const outcomes = evidence.flatMap((seen) => ('asked' in seen ? [seen.outcome] : []))
    assert.match(told, id.endsWith('-udp') ? /^unknown \S+ undetermined:/ : /^blocked \S+ silent-service:/)
    assert.ok(
      outcomes.every((outcome) => outcome === 'timeout'),
      `${id}: ${outcomes.join(', ')}`,
    )
  }
  assert.ok(late > 0)
})
