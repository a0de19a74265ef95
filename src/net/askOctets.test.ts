import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import fc from 'fast-check'
import { handlesLeft, openHandles } from '../../test/openHandles.ts'
import { makeCertificate } from '../../test/pki.ts'
import type { TestServer } from '../../test/tcpServer.ts'
import { endless, tcpServer, tlsServer } from '../../test/tcpServer.ts'
import type { OctetQuestion } from './askOctets.ts'
import { askOctets } from './askOctets.ts'
import { systemClock } from './clock.ts'

const never = new AbortController().signal
const limits = (timeoutMs = 10_000) => ({ signal: never, timeoutMs })
const certificate = await makeCertificate({ subject: 'CN=x' })
const identity = { key: certificate.keyPem, cert: certificate.pem }

/** A protocol whose messages begin with how many octets follow, 127 at most. */
const lengthOf: OctetQuestion['lengthOf'] = ([first]) =>
  first === undefined ? undefined : first > 0x7f ? { why: 'the length has its highest bit set' } : first + 1
const message = (text: string): Buffer => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])
const textOf = (answer: Uint8Array | undefined): string | undefined =>
  answer && Buffer.from(answer.subarray(1)).toString()

async function open(t: TestContext, { port, address }: TestServer): Promise<Socket> {
  const socket = connect(port, address)
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

async function openTls(t: TestContext, { port, address }: TestServer): Promise<Socket> {
  const socket = connectTls({ port, host: address, rejectUnauthorized: false })
  t.after(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

/** Asks for one answer, and gives what was seen but for the times. */
async function ask(over: Socket, text = 'hello', within = limits(), of = lengthOf) {
  const { seen, answer } = await askOctets(over, { octets: message(text), lengthOf: of }, within, systemClock)
  const { at, ms, ...told } = seen
  assert.ok(Date.parse(at) > 0 && ms >= 0)
  return { told, answer }
}

const onceAsked = (act: (socket: Socket) => void) => (socket: Socket) => void socket.once('data', () => act(socket))
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

for (const { inTls, serve, dial } of [
  { inTls: 'in the clear', serve: tcpServer, dial: open },
  {
    inTls: 'inside TLS',
    serve: (t: TestContext, run: (socket: Socket) => void) => tlsServer(t, identity, run),
    dial: openTls,
  },
] as const) {
  test(`an answer is given whole, and the connection is left open, ${inTls}`, async (t) => {
    const server = await serve(
      t,
      onceAsked((socket) => void socket.write(message('good day'))),
    )
    const socket = await dial(t, server)
    const { told, answer } = await ask(socket)
    assert.deepEqual(told, { outcome: 'answer', bytesOut: 6, bytesIn: 9 })
    assert.equal(textOf(answer), 'good day')
    assert.ok(!socket.destroyed)
  })

  test(`an answer that comes octet by octet is given whole, ${inTls}`, async (t) => {
    const server = await serve(
      t,
      onceAsked(async (socket) => {
        for (const octet of message('good day')) {
          socket.write(Buffer.from([octet]))
          await turn()
        }
      }),
    )
    const { told, answer } = await ask(await dial(t, server))
    assert.deepEqual([told.outcome, told.bytesIn, textOf(answer)], ['answer', 9, 'good day'])
  })

  test(`what comes beyond an answer is read by the questions that follow, ${inTls}`, async (t) => {
    const asked: string[] = []
    const server = await serve(t, (socket) => {
      socket.on('data', (octets: Buffer) => asked.push(octets.toString()))
      socket.once('data', () => socket.write(Buffer.concat(['a', 'bb', 'ccc', 'd'].map(message)).subarray(0, -1)))
    })
    const socket = await dial(t, server)
    const answers: (string | undefined)[] = []
    for (const text of ['1', '2', '3']) {
      answers.push(textOf((await ask(socket, text)).answer))
      await turn()
    }
    // The fourth has not come to its end.
    const { told } = await ask(socket, '4', limits(50))
    assert.deepEqual(answers, ['a', 'bb', 'ccc'])
    assert.deepEqual(told, { outcome: 'timeout', bytesOut: 2, bytesIn: 1, firstOctets: '\\x01' })
    assert.equal(asked.join('').replaceAll('\x01', ''), '1234')
  })

  test(`many questions follow each other on one connection, and leave no listener behind, ${inTls}`, async (t) => {
    const server = await serve(t, (socket) => socket.on('data', (octets: Buffer) => socket.write(octets)))
    const socket = await dial(t, server)
    await ask(socket)
    const listeners = () => ['data', 'end', 'close', 'error'].map((event) => socket.listenerCount(event))
    const before = listeners()
    for (let count = 0; count < 20; count += 1) {
      assert.equal(textOf((await ask(socket, `question ${count}`)).answer), `question ${count}`)
    }
    assert.deepEqual(listeners(), before)
  })

  test(`what the server said before it was asked is read as the answer, ${inTls}`, async (t) => {
    const server = await serve(t, (socket) => void socket.write(message('welcome')))
    const socket = await dial(t, server)
    for (let count = 0; count < 5; count += 1) await turn()
    assert.equal(textOf((await ask(socket)).answer), 'welcome')
  })
}

for (const { does, run, told } of [
  {
    does: 'speaks another protocol at once',
    run: (socket: Socket) => void socket.resume().write(Buffer.from([0xff, 0x53, 0x4d])),
    told: {
      outcome: 'other-protocol',
      bytesIn: 3,
      firstOctets: '\\xFFSM',
      detail: 'the length has its highest bit set',
    },
  },
  {
    does: 'speaks another protocol when it is asked',
    run: onceAsked((socket) => void socket.end(`\xff${'a'.repeat(200)}`, 'latin1')),
    told: {
      outcome: 'other-protocol',
      bytesIn: 201,
      firstOctets: `\\xFF${'a'.repeat(79)}`,
      detail: 'the length has its highest bit set',
    },
  },
  {
    does: 'closes when it is asked',
    run: onceAsked((socket) => void socket.end()),
    told: { outcome: 'closed', bytesIn: 0 },
  },
  {
    does: 'closes in the middle of its answer',
    run: onceAsked((socket) => void socket.end(message('good day').subarray(0, 5))),
    told: { outcome: 'closed', bytesIn: 5, firstOctets: '\\x08good' },
  },
  {
    does: 'resets when it is asked',
    run: onceAsked((socket) => void socket.resetAndDestroy()),
    told: { outcome: 'reset', code: 'ECONNRESET', bytesIn: 0 },
  },
  {
    does: 'resets in the middle of its answer',
    run: onceAsked((socket) => {
      socket.write(message('good day').subarray(0, 5))
      setTimeout(() => socket.resetAndDestroy(), 50)
    }),
    told: { outcome: 'reset', code: 'ECONNRESET', bytesIn: 5, firstOctets: '\\x08good' },
  },
  {
    does: 'says nothing',
    run: (socket: Socket) => void socket.resume(),
    told: { outcome: 'timeout', bytesIn: 0 },
  },
  {
    does: 'begins an answer and does not go on',
    run: onceAsked((socket) => void socket.write(message('good day').subarray(0, 5))),
    told: { outcome: 'timeout', bytesIn: 5, firstOctets: '\\x08good' },
  },
] as const) {
  test(`a server that ${does} is told as ${told.outcome}, and no connection stays`, async (t) => {
    const server = await tcpServer(t, run)
    const socket = await open(t, server)
    const seen = await ask(socket, 'hello', limits(told.outcome === 'timeout' ? 200 : 10_000))
    assert.deepEqual(seen, { told: { ...told, bytesOut: 6 }, answer: undefined })
    assert.ok(socket.destroyed)
    await server.idle()
  })
}

for (const [seen, look] of [
  ['and nobody looked', () => {}],
  ['and somebody looked', (socket: Socket) => void socket.resume()],
] as const) {
  test(`a connection that the other end closed before the question, ${seen}, is told as closed`, async (t) => {
    const server = await tcpServer(t, (socket) => void socket.end())
    const socket = await open(t, server)
    look(socket)
    for (let count = 0; count < 20; count += 1) await turn()
    assert.deepEqual((await ask(socket)).told, { outcome: 'closed', bytesOut: 6, bytesIn: 0 })
    assert.ok(socket.destroyed)
  })
}

test('a connection of which only this half is open is told as closed', async (t) => {
  const server = await tcpServer(t, (socket) => void socket.end())
  const socket = connect({ port: server.port, host: server.address, allowHalfOpen: true })
  t.after(() => socket.destroy())
  socket.resume()
  while (!socket.readableEnded) await turn()
  assert.deepEqual((await ask(socket)).told, { outcome: 'closed', bytesOut: 6, bytesIn: 0 })
})

test('a connection that was reset before the question is told as reset', async (t) => {
  const server = await tcpServer(t, (socket) => void setTimeout(() => socket.resetAndDestroy(), 20))
  const socket = await open(t, server)
  socket.on('error', () => {})
  while (!socket.destroyed) await turn()
  assert.deepEqual((await ask(socket)).told, { outcome: 'reset', code: 'ECONNRESET', bytesOut: 6, bytesIn: 0 })
})

for (const [how, leave] of [
  ['closed', (socket: Socket) => void socket.end()],
  ['reset', (socket: Socket) => void socket.resetAndDestroy()],
] as const) {
  test(`a connection that is ${how} between two questions brings nothing down, and the second says so`, async (t) => {
    const server = await tcpServer(t, (socket) => {
      socket.once('data', () => {
        socket.write(message('good day'))
        socket.once('data', () => {})
        setTimeout(() => leave(socket), 20)
      })
    })
    const socket = await open(t, server)
    assert.equal((await ask(socket)).told.outcome, 'answer')
    await server.idle()
    for (let count = 0; count < 5; count += 1) await turn()
    assert.equal((await ask(socket, 'again')).told.outcome, how)
    assert.ok(socket.destroyed)
  })
}

test('a socket that this side destroyed is told as closed, and nothing is written', async (t) => {
  const server = await tcpServer(t, (socket) => socket.resume())
  const socket = await open(t, server)
  socket.destroy()
  assert.deepEqual((await ask(socket)).told, { outcome: 'closed', bytesOut: 6, bytesIn: 0 })
})

for (const when of ['before', 'during'] as const) {
  test(`a caller who gives up ${when} the wait is told so, and no socket or timer stays`, async (t) => {
    const server = await tcpServer(t, (socket) => socket.resume())
    const sockets = openHandles('TCPSocketWrap')
    const timers = openHandles('Timeout')
    const socket = await open(t, server)
    const controller = new AbortController()
    if (when === 'before') controller.abort()
    const asking = ask(socket, 'hello', { signal: controller.signal, timeoutMs: 600_000 })
    await turn()
    controller.abort()
    assert.deepEqual((await asking).told, { outcome: 'aborted', bytesOut: 6, bytesIn: 0 })
    assert.ok((await handlesLeft('TCPSocketWrap', sockets)) <= sockets)
    assert.ok((await handlesLeft('Timeout', timers)) <= timers)
  })
}

test('octets of another protocol that say themselves what they are are told as that', async (t) => {
  const server = await tcpServer(
    t,
    onceAsked((socket) => void socket.end(Buffer.from([0x15, 3, 1, 0, 2, 2, 40]))),
  )
  const { told } = await ask(await open(t, server), 'hello', limits(), () => ({ why: 'the reader’s own word' }))
  assert.deepEqual([told.outcome, told.detail], ['other-protocol', 'TLS alert 40 (handshake_failure)'])
})

test('an answer without an end is cut at the limit', async (t) => {
  const server = await tcpServer(t, endless('', Buffer.alloc(65_536, 0x61)))
  const socket = await open(t, server)
  const { told, answer } = await ask(socket, 'hello', limits(), () => undefined)
  assert.deepEqual([told.outcome, answer, told.firstOctets], ['other-protocol', undefined, 'a'.repeat(80)])
  assert.equal(told.detail, 'an answer of more than 1048576 octets')
  assert.ok(told.bytesIn > 1_048_576 && told.bytesIn <= 1_048_576 + 65_536, `${told.bytesIn}`)
  await server.idle()
})

for (const length of [1_048_577, 2 ** 32 - 1, Number.MAX_SAFE_INTEGER]) {
  test(`an answer that says that it has ${length} octets is not waited for`, async (t) => {
    const server = await tcpServer(
      t,
      onceAsked((socket) => void socket.write('abc')),
    )
    const { told } = await ask(await open(t, server), 'hello', limits(), () => length)
    assert.deepEqual([told.outcome, told.bytesIn, told.firstOctets], ['other-protocol', 3, 'abc'])
  })
}

test('the longest answer that is allowed is given, and what follows it is kept for the next question', async (t) => {
  const server = await tcpServer(
    t,
    onceAsked((socket) => void socket.write(Buffer.concat([Buffer.alloc(1_048_576, 0x62), message('next')]))),
  )
  const socket = await open(t, server)
  const { told, answer } = await ask(socket, 'hello', limits(), () => 1_048_576)
  assert.deepEqual([told.outcome, told.bytesIn], ['answer', 1_048_576])
  assert.ok(answer?.every((octet) => octet === 0x62))
  assert.equal(textOf((await ask(socket)).answer), 'next')
})

test('an answer is a copy of its own, which a later question does not change', async (t) => {
  const server = await tcpServer(t, (socket) => socket.on('data', (octets: Buffer) => socket.write(octets)))
  const socket = await open(t, server)
  const { answer: first } = await ask(socket, 'one')
  await ask(socket, 'two')
  assert.equal(textOf(first), 'one')
  assert.equal(first?.buffer.byteLength, 4)
})

test('whatever the pieces in which answers come, each question gets its own', async (t) => {
  let pieces: readonly Buffer[] = []
  const server = await tcpServer(
    t,
    onceAsked(async (socket) => {
      for (const piece of pieces) {
        socket.write(piece)
        await turn()
      }
    }),
  )
  const text = fc.string({ unit: 'binary-ascii', maxLength: 127 })
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 5 }), fc.array(fc.nat(200)), async (texts, cuts) => {
      const whole = Buffer.concat(texts.map(message))
      const ends = [...cuts.filter((cut) => cut < whole.length).toSorted((a, b) => a - b), whole.length]
      pieces = ends.map((end, at) => whole.subarray(ends[at - 1] ?? 0, end))
      const socket = await open(t, server)
      const answers: (string | undefined)[] = []
      for (let count = 0; count < texts.length; count += 1) answers.push(textOf((await ask(socket, 'q')).answer))
      socket.destroy()
      assert.deepEqual(answers, texts)
    }),
    { numRuns: 50 },
  )
})
