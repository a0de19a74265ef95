import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { askProbe } from '../../test/askProbe.ts'
import type { Reply } from '../../test/serviceReplies.ts'
import { rpcServer } from '../../test/serviceReplies.ts'
import { tcpServer } from '../../test/tcpServer.ts'
import type { Observation } from '../model/observation.ts'
import { createNet } from '../net/createNet.ts'

const net = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test' })
const ask = askProbe.bind(undefined, net, 'epm')

const answers =
  (reply: Reply) =>
  (socket: Socket): void =>
    void socket.on('data', (request: Buffer) => socket.write(reply(request)))

/** Each observation as `port: what`, with the mapper's port left out. */
function told(kept: readonly Observation[], mapper: number): readonly string[] {
  return kept.map((seen) => {
    assert.ok(seen.kind === 'tcp-connect' || seen.kind === 'service-exchange')
    const what =
      seen.kind === 'tcp-connect' ? seen.outcome : `${seen.asked} ${seen.of} ${seen.answer?.kind ?? seen.outcome}`
    return seen.port === mapper ? what : `${seen.port}: ${what}`
  })
}

const interfaces = ['drsuapi', 'netlogon', 'lsarpc', 'samr']
const mapped = ['connected', 'rpc-bind epm rpc-bound', ...interfaces.map((each) => `endpoint-map ${each} endpoint`)]

test('the mapper is asked on one connection, and each interface is bound at the port that it gives', async (t) => {
  const served = await Promise.all(interfaces.map(() => tcpServer(t, answers(rpcServer()))))
  let connections = 0
  const mapper = await tcpServer(t, (socket) => {
    connections += 1
    answers(rpcServer(...served.map(({ port }) => port)))(socket)
  })
  const { kept } = await ask(mapper)
  const seen = told(kept, mapper.port)
  assert.deepEqual(seen.slice(0, 6), mapped)
  assert.deepEqual(
    seen.slice(6).toSorted(),
    served
      .flatMap(({ port }, at) => [`${port}: connected`, `${port}: rpc-bind ${interfaces[at]} rpc-bound`])
      .toSorted(),
  )
  assert.equal(connections, 1)
  for (const server of [mapper, ...served]) await server.idle()
})

test('interfaces that share a port are bound one after the other', async (t) => {
  let most = 0
  const shared = await tcpServer(t, (socket) => {
    most = Math.max(most, shared.open.size)
    answers(rpcServer())(socket)
  })
  const mapper = await tcpServer(t, answers(rpcServer(shared.port)))
  const { kept } = await ask(mapper)
  assert.deepEqual(
    told(kept, mapper.port).slice(6),
    interfaces.flatMap((each) => [`${shared.port}: connected`, `${shared.port}: rpc-bind ${each} rpc-bound`]),
  )
  // The server may hear of the end of one connection after the beginning of the next.
  assert.ok(most <= 2, `${most} at once`)
})

for (const { does, run, says } of [
  { does: 'is closed', run: undefined, says: ['refused'] },
  {
    does: 'is silent',
    run: (socket: Socket) => void socket.resume(),
    says: ['connected', 'rpc-bind drsuapi timeout'],
  },
  {
    does: 'belongs to another service',
    run: (socket: Socket) => void socket.resume().write('SSH-2.0-OpenSSH_9.2\r\n'),
    says: ['connected', 'rpc-bind drsuapi other-protocol'],
  },
  {
    does: 'resets who says something',
    run: (socket: Socket) => void socket.once('data', () => socket.resetAndDestroy()),
    says: ['connected', 'rpc-bind drsuapi reset'],
  },
] as const) {
  test(`a port that ${does} is dialled once, whatever is said to live there`, async (t) => {
    const port = run === undefined ? 1 : (await tcpServer(t, run)).port
    const mapper = await tcpServer(t, answers(rpcServer(port)))
    const { kept } = await ask(mapper, 1000)
    assert.deepEqual(
      told(kept, mapper.port).slice(6),
      says.map((each) => `${port}: ${each}`),
    )
  })
}

/** From Samba 4.17: an interface that is not registered, and a fault. */
const notRegistered: Reply = (request) => {
  const octets = `05000203100000004000000002000000 28000000 0000 00 00 ${'00'.repeat(24)} 10000000 00000000 00000000 d6a0c916`
  const answer = Buffer.from(octets.replaceAll(' ', ''), 'hex')
  request.copy(answer, 12, 12, 16)
  return answer
}
const accessDenied: Reply = (request) => {
  const answer = Buffer.from(
    '05000303100000002000000002000000200000000000000005000000 00000000'.replaceAll(' ', ''),
    'hex',
  )
  request.copy(answer, 12, 12, 16)
  return answer
}
const another: Reply = (request) => {
  const answer = notRegistered(request)
  answer.writeUInt32LE(99, 12)
  return answer
}

for (const { says, reply, seen } of [
  {
    says: 'knows none of them',
    reply: notRegistered,
    seen: interfaces.map((each) => `endpoint-map ${each} no-endpoint`),
  },
  { says: 'lets nobody ask', reply: accessDenied, seen: interfaces.map((each) => `endpoint-map ${each} rpc-fault`) },
  { says: 'answers another question', reply: another, seen: ['endpoint-map drsuapi other-protocol'] },
]) {
  test(`a mapper that ${says} leads to no other port`, async (t) => {
    const bind = rpcServer()
    const mapper = await tcpServer(
      t,
      answers((request) => (request[2] === 0x0b ? bind(request) : reply(request))),
    )
    const { kept } = await ask(mapper)
    assert.deepEqual(told(kept, mapper.port), ['connected', 'rpc-bind epm rpc-bound', ...seen])
    await mapper.idle()
  })
}

test('a mapper that closes in the middle is asked no more, and what it gave is bound', async (t) => {
  const served = await tcpServer(t, answers(rpcServer()))
  const reply = rpcServer(served.port)
  const mapper = await tcpServer(t, (socket) => {
    let count = 0
    socket.on('data', (request: Buffer) => {
      count += 1
      if (count <= 2) socket.write(reply(request))
      else socket.end()
    })
  })
  const { kept } = await ask(mapper)
  assert.deepEqual(told(kept, mapper.port), [
    ...mapped.slice(0, 3),
    'endpoint-map netlogon closed',
    `${served.port}: connected`,
    `${served.port}: rpc-bind drsuapi rpc-bound`,
  ])
})
