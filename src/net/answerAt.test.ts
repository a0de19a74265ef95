import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { freePorts } from '../../test/freePorts.ts'
import type { Answering, AnswerLimits, AnswerPlace, Answers, Arrival } from './answerAt.ts'
import { answerAt, usualAnswerLimits } from './answerAt.ts'
import { systemClock } from './clock.ts'

const line = 'a line of our own\r\n'
const answers: Answers = {
  banner: () => Buffer.from(line),
  bannerWithin: (_at, _peer, length) => (length < 10 ? undefined : Buffer.from(line).subarray(0, length)),
  isBanner: (octets) => Buffer.from(octets).toString().startsWith('a line'),
}

interface Opened extends Answering {
  readonly port: number
  readonly arrivals: Arrival[]
  /** Waits until so many arrivals of a kind have been told. */
  told(kind: Arrival['kind'], count?: number): Promise<void>
}

async function opened(
  t: TestContext,
  transport: AnswerPlace['transport'],
  limits: Partial<AnswerLimits> = {},
  clock = systemClock,
  filesLeft?: () => number,
): Promise<Opened> {
  const [port = 0] = await freePorts(1)
  const arrivals: Arrival[] = []
  let wake = (): void => {}
  const answering = await answerAt(
    [{ address: '127.0.0.1', port, transport }],
    answers,
    (arrival) => {
      arrivals.push(arrival)
      wake()
    },
    clock,
    { ...usualAnswerLimits, ...limits },
    filesLeft,
  )
  t.after(() => answering.close())
  return {
    ...answering,
    port,
    arrivals,
    async told(kind, count = 1) {
      while (arrivals.filter((one) => one.kind === kind).length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

/** What a connection hears until it is ended. */
async function heard(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (part: Buffer) => {
    text += part.toString()
  })
  socket.on('error', () => {})
  await closed(socket)
  return text
}

/** Waits for the end of a connection, by whatever it comes. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve())
  })
}

const kindsOf = (arrivals: readonly Arrival[]): readonly string[] => arrivals.map(({ kind }) => kind)

test('a connection on which octets come is answered with one line and left', async (t) => {
  const { port, arrivals } = await opened(t, 'tcp', { quietMs: 60_000, idleMs: 60_000 })
  const socket = connect(port, '127.0.0.1')
  socket.write('anything')
  assert.equal(await heard(socket), line)
  assert.deepEqual(kindsOf(arrivals), ['connected', 'spoke'])
  assert.equal(arrivals[0]?.from.address, '127.0.0.1')
})

test('a connection on which nothing is said is answered after a moment, and octets that come later are told', async (t) => {
  const { port, arrivals, told } = await opened(t, 'tcp', { quietMs: 5, idleMs: 60_000 })
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const [first] = await once(socket, 'data')
  assert.equal(String(first), line)
  socket.end('late')
  await told('spoke')
  assert.deepEqual(kindsOf(arrivals), ['connected', 'silent', 'spoke'])
})

test('who speaks slowly and does not leave is cut, and so is who never stops speaking', async (t) => {
  const rows: readonly (readonly [Partial<AnswerLimits>, string])[] = [
    [{ idleMs: 30 }, 'x'],
    [{ idleMs: 60_000, mostOctets: 1000 }, 'x'.repeat(5000)],
  ]
  for (const [limits, said] of rows) {
    const { port, arrivals } = await opened(t, 'tcp', limits)
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.on('error', () => {}).resume()
    const flow = setInterval(() => socket.write(said), 1)
    await closed(socket)
    clearInterval(flow)
    assert.deepEqual(kindsOf(arrivals), ['connected', 'spoke'])
  }
})

test('more connections at once than are allowed are turned away, and others come in again when some have left', async (t) => {
  const { port, told, arrivals } = await opened(t, 'tcp', { quietMs: 60_000, idleMs: 60_000, connectionsOfOne: 2 })
  const [first, second] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  await told('connected', 2)
  assert.equal(await heard(connect(port, '127.0.0.1')), '')
  assert.deepEqual(kindsOf(arrivals), ['connected', 'connected', 'turned-away'])
  first.end()
  assert.equal(await heard(first), line)
  const third = connect(port, '127.0.0.1')
  third.write('again')
  assert.equal(await heard(third), line)
  second.destroy()
})

test('more connections than there are files for are ended in order, and told as that', async (t) => {
  const usual = { quietMs: 60_000, idleMs: 60_000 }
  const { port, told, arrivals, connections } = await opened(t, 'tcp', usual, systemClock, () => 26)
  assert.equal(connections, 2)
  const [first, second] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  await told('connected', 2)
  const third = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const errors: unknown[] = []
  third.on('error', (error) => errors.push(error))
  // Where nobody is left to take them, octets are answered by a reset.
  const goOn = (times: number): void => {
    if (times === 0) third.end()
    else third.write('late', () => setImmediate(goOn, times - 1))
  }
  third.once('end', () => goOn(20))
  assert.equal(await heard(third), '')
  assert.deepEqual([kindsOf(arrivals), errors], [['connected', 'connected', 'out-of-files'], []])
  first.write('x')
  assert.equal(await heard(first), line)
  second.destroy()
})

test('no more doors are opened than leave files for who comes', async (t) => {
  const ports = await freePorts(3)
  const places = ports.map((port): AnswerPlace => ({ address: '127.0.0.1', port, transport: 'tcp' }))
  const answering = await answerAt(
    places,
    answers,
    () => {},
    systemClock,
    usualAnswerLimits,
    () => 27,
  )
  t.after(() => answering.close())
  assert.deepEqual([answering.opened.length, answering.left.map(({ code }) => code)], [2, ['EMFILE']])
})

test('a datagram is answered with no more than came', async (t) => {
  const { port, arrivals } = await opened(t, 'udp')
  const client = createSocket('udp4')
  t.after(() => client.close())
  client.send('twelve octet', port, '127.0.0.1')
  const [answer] = await once(client, 'message')
  assert.equal(String(answer), line.slice(0, 12))
  assert.deepEqual(kindsOf(arrivals), ['datagram'])
})

test('a datagram that is too short, or is the answer of another listener, is told and not answered', async (t) => {
  const { port, told, arrivals } = await opened(t, 'udp')
  const client = createSocket('udp4')
  t.after(() => client.close())
  let answered = 0
  client.on('message', () => {
    answered += 1
  })
  client.send('short', port, '127.0.0.1')
  client.send(line, port, '127.0.0.1')
  await told('unanswered', 2)
  client.send('a question that is answered', port, '127.0.0.1')
  await once(client, 'message')
  assert.equal(answered, 1)
  assert.deepEqual(kindsOf(arrivals), ['unanswered', 'unanswered', 'datagram'])
})

test('an answer that is longer than its question is not sent, whoever made it', async (t) => {
  const [port = 0] = await freePorts(1)
  const kinds: string[] = []
  const long: Answers = { ...answers, bannerWithin: () => Buffer.from(line.repeat(10)) }
  const place = { address: '127.0.0.1', port, transport: 'udp' as const }
  let told = (): void => {}
  const arrived = new Promise<void>((resolve) => {
    told = resolve
  })
  const answering = await answerAt(
    [place],
    long,
    ({ kind }) => {
      kinds.push(kind)
      told()
    },
    systemClock,
  )
  t.after(() => answering.close())
  const client = createSocket('udp4')
  t.after(() => client.close())
  client.send('a question', port, '127.0.0.1')
  await arrived
  assert.deepEqual(kinds, ['unanswered'])
})

test('two listeners that are set against each other say one thing each, and stop', async (t) => {
  const one = await opened(t, 'udp')
  const other = await opened(t, 'udp')
  // A question that carries the other listener's address as its own: its answer goes there.
  const forged = createSocket('udp4')
  await other.close()
  await new Promise<void>((resolve) => forged.bind(other.port, '127.0.0.1', resolve))
  t.after(() => forged.close())
  forged.send('a question that is answered', one.port, '127.0.0.1')
  const [answer] = await once(forged, 'message')
  forged.send(answer, one.port, '127.0.0.1')
  await one.told('unanswered')
  assert.deepEqual(kindsOf(one.arrivals), ['datagram', 'unanswered'])
})

test('a service that answers every answer, in whose name somebody has asked, is soon left unanswered', async (t) => {
  const service = createSocket('udp4')
  await new Promise<void>((resolve) => service.bind(0, '127.0.0.1', resolve))
  t.after(() => service.close())
  const clock = { now: () => 0, monotonicMs: () => clock.ms, ms: 0 }
  const { port, told, arrivals } = await opened(t, 'udp', {}, clock)
  service.on('message', () => service.send('no such question is known here', port, '127.0.0.1'))
  service.send('a question with a borrowed address', port, '127.0.0.1')
  await told('unanswered')
  assert.equal(arrivals.filter(({ kind }) => kind === 'datagram').length, 10)
  // Another who asks from there is answered.
  const client = createSocket('udp4')
  t.after(() => client.close())
  client.send('a question like any other', port, '127.0.0.1')
  await once(client, 'message')
})

test('a flood of datagrams is answered in the number that is allowed, and then by the second', async (t) => {
  const clock = { now: () => 0, monotonicMs: () => clock.ms, ms: 0 }
  const { port, told, arrivals } = await opened(t, 'udp', { datagramsOfOne: { burst: 3, perSecond: 2 } }, clock)
  const client = createSocket('udp4')
  t.after(() => client.close())
  const send = (): Promise<void> =>
    new Promise((resolve) => {
      client.send('a question like any other', port, '127.0.0.1', () => resolve())
    })
  for (let sent = 1; sent <= 8; sent += 1) await send()
  await told('unanswered', 5)
  assert.equal(arrivals.filter(({ kind }) => kind === 'datagram').length, 3)
  clock.ms = 1000
  for (let sent = 1; sent <= 4; sent += 1) await send()
  await told('unanswered', 7)
  assert.equal(arrivals.filter(({ kind }) => kind === 'datagram').length, 5)
})

test('a place that another has stays with it, and the rest is opened', async (t) => {
  const holder = createServer((socket) => socket.end('mine'))
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
  t.after(() => holder.close())
  const address = holder.address()
  const taken = typeof address === 'object' ? (address?.port ?? 0) : 0
  const [free = 0] = await freePorts(1)
  const places = [taken, free].map((port) => ({ address: '127.0.0.1', port, transport: 'tcp' as const }))
  const answering = await answerAt(places, answers, () => {}, systemClock)
  t.after(() => answering.close())
  assert.deepEqual(answering.left, [{ ...places[0], code: 'EADDRINUSE' }])
  assert.deepEqual(answering.opened, [places[1]])
  assert.equal(await heard(connect(taken, '127.0.0.1')), 'mine')
})

test('all addresses of both families are had side by side, and IPv4 keeps its own form', async (t) => {
  const [port = 0] = await freePorts(1)
  const arrivals: Arrival[] = []
  const places = (['tcp', 'udp'] as const).flatMap((transport) =>
    ['0.0.0.0', '::'].map((address) => ({ address, port, transport })),
  )
  const answering = await answerAt(places, answers, (arrival) => arrivals.push(arrival), systemClock)
  t.after(() => answering.close())
  // Where a machine has no IPv6 at all, its places are left with a reason; never because the other family has the port.
  assert.deepEqual(
    answering.left.filter(({ address, code }) => address === '0.0.0.0' || code === 'EADDRINUSE'),
    [],
  )
  const socket = connect(port, '127.0.0.1')
  socket.write('x')
  await heard(socket)
  assert.equal(arrivals[0]?.from.address, '127.0.0.1')
})

test('closing frees the ports and cuts what is open', async (t) => {
  const { port, told, close } = await opened(t, 'tcp', { quietMs: 60_000, idleMs: 60_000 })
  const socket = connect(port, '127.0.0.1')
  await told('connected')
  const ended = heard(socket)
  await close()
  await ended
  // A second time is no mistake.
  await close()
  const again = await answerAt([{ address: '127.0.0.1', port, transport: 'tcp' }], answers, () => {}, systemClock)
  assert.equal(again.left.length, 0)
  await again.close()
})
