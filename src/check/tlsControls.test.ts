import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { makeCertificate } from '../../test/pki.ts'
import { tcpServer, tlsServer } from '../../test/tcpServer.ts'
import type { Observation } from '../model/observation.ts'
import { createNet } from '../net/createNet.ts'
import { observe as observeHttp } from '../probes/http.ts'
import type { Keep, Question } from '../probes/probe.ts'
import { observe as observeTls } from '../probes/tls.ts'
import { encodeRefusedHello } from '../wire/refused-hello.ts'
import { askControls } from './askControls.ts'
import { openLedger } from './ledger.ts'
import type { Surroundings } from './surroundings.ts'
import { symptomOf } from './symptomOf.ts'

const net = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test' })
const neutralName = 'neutral.example'
const made = await makeCertificate({ subject: `CN=${neutralName}`, names: [{ type: 'dns', value: neutralName }] })
const identity = { key: made.keyPem, cert: made.pem }

/** Asks, then asks the controls of what failed; what the controls saw, in words. */
async function controlled(
  question: Question,
  over: Partial<Surroundings>,
  t: TestContext,
  timeoutMs = 10_000,
): Promise<readonly string[]> {
  const ledger = openLedger()
  const seen: Observation[] = []
  const limits = { signal: t.signal, timeoutMs }
  const observe = question.scheme === 'http' ? observeHttp : observeTls
  await observe(question, net, ledger.page(seen, 'probe'), limits)
  const around: Surroundings = {
    resolvers: { internal: [], control: [] },
    isOwn: () => false,
    otherPorts: [],
    usedSources: [],
    otherHosts: [],
    otherAddresses: [],
    otherWays: [],
    otherTunnels: [],
    ...over,
  }
  const slot = (_: Keep, work: () => Promise<void>): Promise<void> => work()
  const made = await askControls(question, symptomOf(seen, question.address), around, { net, ledger, limits, slot })
  return made.flatMap((one) =>
    one.kind === 'tls-handshake'
      ? [`${one.varies ?? one.role} ${one.serverName} ${one.outcome}`]
      : one.kind === 'http-exchange'
        ? [`${one.varies ?? one.role} ${one.outcome} ${one.status}`]
        : one.kind === 'tcp-connect' && one.farewell !== undefined
          ? [`left after ${one.farewell.bytesOut}: ${one.farewell.outcome}`]
          : [],
  )
}

const asks = (port: number, scheme: Question['scheme'] = 'tls'): Question => ({
  scheme,
  name: 'a.example',
  address: '127.0.0.1',
  port,
  transport: 'tcp',
})
const afterHello = (act: (socket: Socket) => void) => (socket: Socket) => void socket.once('data', () => act(socket))

test('a name that is cut is sent to a server that has nothing to do with it, and so is the name of that one', async (t) => {
  const cutting = await tcpServer(
    t,
    afterHello((socket) => socket.resetAndDestroy()),
  )
  const { address, port } = await tlsServer(t, identity)
  const neutral = { address, port, name: neutralName }
  assert.deepEqual((await controlled(asks(cutting.port), { neutral }, t)).toSorted(), [
    'hello-size a.example reset',
    'host a.example established',
    `host ${neutralName} established`,
    'repeat a.example reset',
  ])
})

test('a name of the site is not told to a server elsewhere', async (t) => {
  const cutting = await tcpServer(
    t,
    afterHello((socket) => socket.resetAndDestroy()),
  )
  const { address, port } = await tlsServer(t, identity)
  const over = { neutral: { address, port, name: neutralName }, isOwn: (name: string) => name === 'a.example' }
  assert.deepEqual(await controlled(asks(cutting.port), over, t), [
    'repeat a.example reset',
    'hello-size a.example reset',
  ])
})

test('a silent handshake is offered the long ClientHello too, unless better questions take all eight connections', async (t) => {
  const silent = await tcpServer(t, (socket) => socket.resume())
  const { address, port } = await tlsServer(t, identity)
  const others = ['127.0.0.2', '127.0.0.3'].map((other) => ({ ...asks(silent.port), address: other }))
  const over = {
    neutral: { address, port, name: neutralName },
    controlName: neutralName,
    otherAddresses: ['127.0.0.4'],
    otherWays: others,
  }
  const alone = await controlled(asks(silent.port), {}, t, 300)
  assert.ok(alone.includes('hello-size a.example timeout'), alone.join())
  const told = await controlled(asks(silent.port), over, t, 300)
  assert.ok(!told.some((one) => one.startsWith('hello-size')), told.join())
})

test('a silent port is left without a word and after a hello that every server refuses, to see who leaves as well', async (t) => {
  const silent = await tcpServer(t, (socket) => socket.resume())
  const told = await controlled(asks(silent.port), {}, t, 300)
  const said = encodeRefusedHello('a.example').length
  assert.deepEqual(told.filter((one) => one.startsWith('left')).toSorted(), [
    'left after 0: ended',
    `left after ${said}: ended`,
  ])
})

test('a name that is answered by an alert is sent nowhere else', async (t) => {
  const refusing = await tcpServer(
    t,
    afterHello((socket) => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 112]))),
  )
  const { address, port } = await tlsServer(t, identity)
  const over = { neutral: { address, port, name: neutralName } }
  assert.deepEqual(await controlled(asks(refusing.port), over, t), ['repeat a.example alert'])
})

test('what answers a ClientHello in no known protocol is asked in plain HTTP', async (t) => {
  const odd = await tcpServer(
    t,
    afterHello((socket) => socket.end('400 plain\r\n')),
  )
  const told = await controlled(asks(odd.port), {}, t)
  assert.ok(told.includes('plain-http not-http undefined'), told.join())
})

test('what says HTTP or SSH by itself is not asked again', async (t) => {
  for (const banner of ['HTTP/1.1 400 Bad Request\r\n\r\n', 'SSH-2.0-x\r\n']) {
    const speaking = await tcpServer(
      t,
      afterHello((socket) => socket.end(banner)),
    )
    assert.deepEqual(await controlled(asks(speaking.port), {}, t), [])
  }
})

test('a port that ends a plain request without a word is asked for TLS', async (t) => {
  const { port } = await tlsServer(t, identity)
  const told = await controlled(asks(port, 'http'), {}, t)
  assert.ok(told.includes('tls a.example established'), told.join())
})

/** What begins a message of LDAP (RFC 4511 §4.1.1), a SEQUENCE. */
const ldapMessage = 0x30

for (const [scheme, times] of [
  ['ldaps', 1],
  ['gcs', 1],
  ['tls', 0],
] as const) {
  test(`a cut ClientHello of ${scheme} is followed by ${times === 0 ? 'no question' : 'one question'} in plain LDAP`, async (t) => {
    const firsts: (string | number | undefined)[] = []
    const plain = await tcpServer(t, (socket) => {
      socket.once('data', (octets) => {
        firsts.push(octets[0])
        socket.end()
      })
    })
    await controlled(asks(plain.port, scheme), {}, t)
    assert.equal(firsts.filter((first) => first === ldapMessage).length, times)
  })
}
