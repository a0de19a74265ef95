/** The probes that ask a service in its own protocol, against servers that answer well or misbehave in one way each. */
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { askProbe } from '../../test/askProbe.ts'
import { makeCertificate } from '../../test/pki.ts'
import type { Reply } from '../../test/serviceReplies.ts'
import { replies } from '../../test/serviceReplies.ts'
import type { TestServer } from '../../test/tcpServer.ts'
import { tcpServer, tlsServer } from '../../test/tcpServer.ts'
import type { Observation } from '../model/observation.ts'
import type { ServiceAnswer } from '../model/serviceAnswer.ts'
import { createNet } from '../net/createNet.ts'
import { printableOctets } from '../wire/printable-octets.ts'

const certificate = await makeCertificate({ subject: 'CN=x', names: [{ type: 'dns', value: 'dc1.corp.example' }] })
const identity = { key: certificate.keyPem, cert: certificate.pem, ALPNProtocols: ['http/1.1'] }
const net = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test' })
const ask = askProbe.bind(undefined, net)
const name = 'dc1.corp.example'

type TcpScheme = keyof typeof replies

interface Row {
  readonly inTls?: true
  /** What a sound server's answer is told as, but for what depends on the clock. */
  readonly answer: Partial<ServiceAnswer>
  /** What the question is, in octets that can be printed. */
  readonly begins: RegExp
  readonly of?: string
}

const http = /^POST \/wsman HTTP\/1\.1\\x0D\\x0AHost: dc1\.corp\.example:\d+\\x0D\\x0A/
const signIn = { kind: 'ws-management', said: 'sign-in', schemes: ['Negotiate'] } as const
const controller = {
  kind: 'root-dse',
  activeDirectory: true,
  dnsHostName: 'dc1.corp.example',
  domain: 'corp.example',
  synchronized: true,
  saslMechanisms: ['GSSAPI'],
} as const
const search = /^0\\x82\\x01\\xB6\\x02\\x01\\x01c.*currentTime/

const rows: Readonly<Record<TcpScheme, Row>> = {
  kerberos: {
    answer: {
      kind: 'kerberos-error',
      code: 6,
      name: 'KDC_ERR_C_PRINCIPAL_UNKNOWN',
      realm: 'CORP.EXAMPLE',
      serverTime: '2026-11-21T18:37:44.763Z',
    },
    begins: /^\\x00\\x00\\x00.{4}j.*postern-probe.*CORP\.EXAMPLE/,
    of: 'CORP.EXAMPLE',
  },
  kpasswd: {
    answer: {
      kind: 'kerberos-error',
      code: 2,
      realm: 'CORP.EXAMPLE',
      resultCode: 2,
    },
    begins: /^\\x00\\x00\\x04.*\\xFF\\x80.*CORP\.EXAMPLE.*kadmin.*changepw/,
    of: 'CORP.EXAMPLE',
  },
  epm: { answer: { kind: 'rpc-bound', interface: 'epm' }, begins: /^\\x05\\x00\\x0B\\x03/, of: 'epm' },
  ldap: { answer: controller, begins: search },
  ldaps: { inTls: true, answer: controller, begins: search },
  gc: { answer: controller, begins: search },
  gcs: { inTls: true, answer: controller, begins: search },
  smb: {
    answer: {
      kind: 'smb',
      dialect: '3.1.1',
      signing: 'required',
      serverGuid: '00316364-0000-0000-0000-000000000000',
      mechanisms: ['MS-Kerberos', 'Kerberos', 'NTLMSSP'],
    },
    begins: /^\\x00\\x00\\x00\\xC8\\xFESMB/,
  },
  winrm: { answer: signIn, begins: http },
  winrms: { inTls: true, answer: signIn, begins: http },
  adws: {
    answer: { kind: 'framing', said: 'upgrade' },
    begins: /^\\x00\\x01\\x00\\x01\\x02\\x02.net\.tcp:\/\/dc1\.corp\.example:9389\//,
  },
  amqps: {
    inTls: true,
    answer: { kind: 'amqp', mechanisms: ['MSSBCBS', 'PLAIN', 'ANONYMOUS', 'EXTERNAL'] },
    begins: /^AMQP\\x03\\x01\\x00\\x00$/,
  },
  mssql: { answer: { kind: 'tds', version: '10.0.2531', encryption: 'on' }, begins: /^\\x12\\x01\\x00\// },
}

/** One server, in the clear or inside TLS, that writes down what it is asked first. */
function serve(
  t: TestContext,
  { inTls }: Row,
  run: (socket: Socket) => void,
  asked: Buffer[] = [],
): Promise<TestServer> {
  const welcome = (socket: Socket): void => {
    socket.once('data', (octets: Buffer) => asked.push(octets))
    run(socket)
  }
  return inTls ? tlsServer(t, identity, welcome) : tcpServer(t, welcome)
}

const onceAsked = (act: (socket: Socket, request: Buffer) => void) => (socket: Socket) =>
  void socket.once('data', (request: Buffer) => act(socket, request))

/** The observation of the question itself, behind those of the connection. */
function spoken(kept: readonly Observation[]) {
  const seen = kept.find((each) => each.kind === 'service-exchange' || each.kind === 'http-exchange')
  assert.ok(seen?.kind === 'service-exchange' || seen?.kind === 'http-exchange')
  return seen
}

const banner = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

interface Misdeed {
  readonly does: string
  run(reply: Reply): (socket: Socket) => void
  /** Of a service's own protocol, and of HTTP; a wait is short where it is to end. */
  readonly outcomes: readonly string[]
  readonly http: readonly string[]
  readonly waits?: true
}

const misdeeds: readonly Misdeed[] = [
  {
    does: 'speaks HTTP',
    run: () => onceAsked((socket) => void socket.end(banner)),
    outcomes: ['other-protocol'],
    http: ['response'],
  },
  {
    does: 'greets as SSH does',
    run: () => (socket) => void socket.resume().write('SSH-2.0-OpenSSH_9.2\r\n'),
    outcomes: ['other-protocol'],
    http: ['not-http'],
  },
  {
    does: 'answers with an alert of TLS',
    run: () => onceAsked((socket) => void socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 40]))),
    outcomes: ['other-protocol'],
    http: ['not-http'],
  },
  {
    does: 'answers garbage',
    run: () => onceAsked((socket) => void socket.end(Buffer.alloc(4096, 0xff))),
    outcomes: ['other-protocol'],
    http: ['not-http'],
  },
  {
    does: 'begins well and goes on in garbage',
    run: (reply) =>
      onceAsked((socket, request) => {
        const sound = reply(request)
        const kept = Math.min(9, sound.length)
        socket.end(Buffer.concat([sound.subarray(0, kept), Buffer.alloc(4096, 0xff)]))
      }),
    outcomes: ['other-protocol', 'closed'],
    http: ['not-http', 'closed'],
  },
  {
    does: 'says nothing',
    run: () => (socket) => void socket.resume(),
    outcomes: ['timeout'],
    http: ['timeout'],
    waits: true,
  },
  {
    does: 'closes when it is asked',
    run: () => onceAsked((socket) => void socket.end()),
    outcomes: ['closed'],
    http: ['closed'],
  },
  {
    does: 'resets when it is asked',
    run: () => onceAsked((socket) => void socket.resetAndDestroy()),
    outcomes: ['reset'],
    http: ['reset'],
  },
  {
    does: 'answers one octet and no more',
    run: (reply) => onceAsked((socket, request) => void socket.write(reply(request).subarray(0, 1))),
    outcomes: ['timeout'],
    http: ['timeout'],
    waits: true,
  },
  {
    does: 'answers when nobody waits any longer',
    run: (reply) => onceAsked((socket, request) => void socket.once('close', () => socket.write(reply(request)))),
    outcomes: ['timeout'],
    http: ['timeout'],
    waits: true,
  },
]

/** Long enough for a connection and a handshake of loopback on a busy machine, in milliseconds. */
const shortWait = { clear: 500, tls: 1000 }

for (const [scheme, row] of Object.entries(rows) as [TcpScheme, Row][]) {
  const reply = replies[scheme]
  describe(scheme, { concurrency: true }, () => {
    test('a sound server is told with what it says', async (t) => {
      const asked: Buffer[] = []
      // What follows the first question is in tests of its own.
      const server = await serve(
        t,
        row,
        onceAsked((socket, request) => {
          socket.once('data', () => socket.end())
          socket.write(reply(request))
        }),
        asked,
      )
      const { kept } = await ask(scheme, { ...server, name })
      const seen = spoken(kept)
      assert.match(printableOctets(asked[0] ?? Buffer.alloc(0), 4096), row.begins)
      assert.deepEqual({ ...seen.answer, ...row.answer }, seen.answer)
      assert.deepEqual([seen.role, seen.address], ['probe', server.address])
      if (seen.kind === 'service-exchange') {
        assert.deepEqual([seen.outcome, seen.port, seen.inTls, seen.of], ['answer', server.port, row.inTls, row.of])
        assert.ok(seen.bytesIn > 0 && seen.bytesOut === asked[0]?.length)
        assert.deepEqual([seen.firstOctets, seen.detail], [undefined, undefined])
      }
      await server.idle()
    })

    for (const { does, run, outcomes, http: httpOutcomes, waits } of misdeeds) {
      // One octet is all that Active Directory Web Services answers; Node resets no connection from inside TLS.
      if (scheme === 'adws' && does === 'answers one octet and no more') continue
      if (row.inTls && does === 'resets when it is asked') continue
      test(`a server that ${does} has answered nothing`, async (t) => {
        const server = await serve(t, row, run(reply))
        const wait = row.inTls ? shortWait.tls : shortWait.clear
        const { kept, inShort } = await ask(scheme, { ...server, name }, waits ? wait : 10_000)
        const seen = spoken(kept)
        const expected: readonly string[] = seen.kind === 'http-exchange' ? httpOutcomes : outcomes
        assert.ok(expected.includes(seen.outcome), seen.outcome)
        assert.equal(seen.answer, undefined)
        if (seen.kind === 'service-exchange') {
          const isSilent = /nothing|closes|resets|no longer|any longer/.test(does)
          assert.ok(isSilent || seen.firstOctets !== undefined || seen.detail !== undefined, JSON.stringify(seen))
        }
        // What is asked besides is in tests of its own.
        assert.equal(kept.findLast(({ role }) => role !== 'control')?.id, seen.id, inShort.join())
        await server.idle()
      })
    }

    test('a port that is closed is dialled once', async () => {
      assert.deepEqual((await ask(scheme, { address: '127.0.0.1', port: 1 })).inShort, ['probe tcp-connect refused'])
    })

    test('an abort is kept, and nothing is dialled', async () => {
      const { inShort } = await ask(scheme, { address: '127.0.0.1', port: 1 }, 1000, AbortSignal.abort())
      assert.deepEqual(inShort, ['probe tcp-connect aborted'])
    })
  })
}

test('kerberos tells a controller of another realm by its own word', async (t) => {
  const server = await tcpServer(
    t,
    onceAsked((socket, request) => void socket.write(replies.kerberos(request))),
  )
  const { kept } = await ask('kerberos', { ...server, name, domain: 'other.example' })
  const seen = spoken(kept)
  assert.ok(seen.kind === 'service-exchange' && seen.answer?.kind === 'kerberos-error')
  assert.deepEqual([seen.of, seen.answer.realm], ['OTHER.EXAMPLE', 'CORP.EXAMPLE'])
})

for (const scheme of ['kerberos', 'kpasswd', 'smb'] as const) {
  test(`${scheme} asks in other words each time, since a server may repeat its answer to the same`, async (t) => {
    const asked: string[] = []
    const server = await tcpServer(
      t,
      onceAsked((socket, request) => {
        asked.push(request.toString('hex'))
        socket.write(replies[scheme](request))
      }),
    )
    await ask(scheme, { ...server, name })
    await ask(scheme, { ...server, name })
    assert.equal(new Set(asked).size, 2)
  })
}

test('the clock of a service is held against the middle between question and answer', async (t) => {
  const server = await tcpServer(
    t,
    onceAsked((socket, request) => {
      socket.once('data', () => socket.end())
      socket.write(replies.ldap(request))
    }),
  )
  const before = Date.now()
  const { kept } = await ask('ldap', { ...server, name })
  const elapsed = Date.now() - before
  const { answer } = spoken(kept)
  // The time is told to the second, and taken to be half of one later.
  assert.ok(answer?.kind === 'root-dse' && answer.skewMs !== undefined)
  assert.ok(Math.abs(answer.skewMs) <= 501 + elapsed, `${answer.skewMs}`)
})
