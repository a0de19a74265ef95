import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { backendOf, eachAnswered, openFront, recordingServer, sendRaw } from '../../../test/backendRig.ts'
import type { Choosable } from './chooseServer.ts'
import { chooseServer } from './chooseServer.ts'
import { isStickyValue, stickyCookieName, stickyValue } from './stickyCookie.ts'

const said = (word: string): string => `HTTP/1.1 200 OK\r\ncontent-length: ${word.length}\r\n\r\n${word}`
const get = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
const bodyOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n') + 4)

/** A clock that the test moves. */
function handClock(): { now(): number; monotonicMs(): number; move(ms: number): void } {
  let at = 1_000_000
  return {
    now: () => at,
    monotonicMs: () => at,
    move: (ms) => {
      at += ms
    },
  }
}

/** A port of loopback where nobody answers until it is opened. */
async function shutPort(): Promise<{
  port: number
  open(onConnection: (socket: Socket) => void): Promise<() => void>
}> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return {
    port,
    async open(onConnection) {
      const sockets = new Set<Socket>()
      const opened = createServer((socket) => {
        sockets.add(socket.on('error', () => {}))
        onConnection(socket)
      }).listen(port, '127.0.0.1')
      await once(opened, 'listening')
      return () => {
        for (const socket of sockets) socket.destroy()
        opened.close()
      }
    },
  }
}

test('requests go to the server with the least in flight, and to equals by turns', async (t) => {
  const [one, two] = [
    await recordingServer(t, eachAnswered(said('one'))),
    await recordingServer(t, eachAnswered(said('two'))),
  ]
  const front = await openFront(t, backendOf([one.url, two.url]))
  const words: string[] = []
  for (let each = 0; each < 6; each += 1) words.push(bodyOf(await sendRaw(front.port, get)))
  assert.deepEqual(words.toSorted(), ['one', 'one', 'one', 'two', 'two', 'two'])
})

const server = fc.record({
  isWell: fc.boolean(),
  ejectedUntilMs: fc.constantFrom(0, 50, 200),
  backSinceMs: fc.constantFrom(undefined, 0, 90),
  inFlight: fc.nat(4),
  mostInFlight: fc.integer({ min: 1, max: 4 }),
}) satisfies fc.Arbitrary<Choosable>

test('whatever is chosen is well and has room, and a resting server only where all rest', () => {
  fc.assert(
    fc.property(fc.array(server), fc.nat(), (servers, turn) => {
      const chosen = chooseServer(servers, 100, turn)
      const well = servers.filter(({ isWell }) => isWell)
      if (chosen === 'unwell') return assert.equal(well.length, 0)
      const calm = well.filter(({ ejectedUntilMs }) => ejectedUntilMs <= 100)
      const may = calm.length > 0 ? calm : well
      if (chosen === 'busy') return assert.ok(may.every(({ inFlight, mostInFlight }) => inFlight >= mostInFlight))
      assert.ok(may.includes(chosen) && chosen.inFlight < chosen.mostInFlight)
    }),
  )
})

test('a server that came back is given less at first', () => {
  const usual = { isWell: true, ejectedUntilMs: 0, inFlight: 3, mostInFlight: 99 }
  const [old, back] = [{ ...usual }, { ...usual, inFlight: 1, backSinceMs: 0 }]
  assert.equal(chooseServer([old, back], 3000, 0), old)
  assert.equal(chooseServer([old, back], 30_000, 0), back)
})

test('a connection that is refused is tried at another server, whatever the method: nothing was sent', async (t) => {
  const shut = await shutPort()
  const app = await recordingServer(t, (came, socket) => {
    if (came.endsWith('hello')) socket.write(said('ok'))
  })
  const front = await openFront(t, backendOf([`http://127.0.0.1:${shut.port}`, app.url]))
  for (let each = 0; each < 2; each += 1) {
    const post = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello'
    assert.equal(bodyOf(await sendRaw(front.port, post)), 'ok')
  }
  assert.deepEqual(front.went.map(({ attempts }) => attempts).toSorted(), [1, 2])
  assert.equal(app.came.join('').match(/POST/g)?.length, 2)
})

/** A connection that is closed when the request is there, and what becomes of the request. */
const resets: readonly (readonly [says: string, request: string, asked: number, status: number])[] = [
  ['GET is asked again', get, 2, 200],
  ['DELETE is asked again', get.replace('GET', 'DELETE'), 2, 200],
  ['POST without a body is not', get.replace('GET', 'POST'), 1, 502],
  ['PATCH is not', get.replace('GET', 'PATCH'), 1, 502],
  ['a method that nobody knows is not', get.replace('GET', 'LOCK'), 1, 502],
  [
    'PUT whose body has begun is not',
    'PUT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello',
    1,
    502,
  ],
]

for (const [says, request, asked, status] of resets) {
  test(`of a connection that is lost before its answer: ${says}`, async (t) => {
    let seen = 0
    const answer = (came: string, socket: Socket): void => {
      if (!came.includes('\r\n\r\n')) return
      seen += 1
      if (seen === 1) socket.destroy()
      else socket.write(said('ok'))
    }
    const [one, two] = [await recordingServer(t, answer), await recordingServer(t, answer)]
    const front = await openFront(t, backendOf([one.url, two.url]))
    assert.match(await sendRaw(front.port, request), new RegExp(`^HTTP/1.1 ${status} `))
    assert.equal(seen, asked)
    assert.equal(front.went[0]?.attempts, asked)
  })
}

test('an answer that has begun is never asked for again', async (t) => {
  let seen = 0
  const answer = (_: string, socket: Socket): void => {
    seen += 1
    socket.end('HTTP/1.1 200 OK\r\ncontent-le')
  }
  const [one, two] = [await recordingServer(t, answer), await recordingServer(t, answer)]
  const front = await openFront(t, backendOf([one.url, two.url]))
  assert.match(await sendRaw(front.port, get), /^HTTP\/1\.1 502 /)
  assert.equal(seen, 1)
})

test('at most two servers are asked', async (t) => {
  const shut = [await shutPort(), await shutPort(), await shutPort()]
  const front = await openFront(t, backendOf(shut.map(({ port }) => `http://127.0.0.1:${port}`)))
  assert.match(await sendRaw(front.port, get), /^HTTP\/1\.1 502 /)
  assert.equal(front.went[0]?.attempts, 2)
})

test('a server that fails three times rests, and comes back when it has rested', async (t) => {
  const clock = handClock()
  const shut = await shutPort()
  const app = await recordingServer(t, eachAnswered(said('app')))
  const url = `http://127.0.0.1:${shut.port}`
  const front = await openFront(t, backendOf([url, app.url]), { tools: { clock } })
  for (let each = 0; each < 8; each += 1) assert.equal(bodyOf(await sendRaw(front.port, get)), 'app')
  assert.deepEqual(front.news, [{ backend: 'app', server: url, state: 'ejected', why: 'connect-refused' }])
  assert.deepEqual(front.went.map(({ attempts }) => attempts).filter((count) => count === 2).length, 3)
  // It fails once more after its rest, and rests for twice as long.
  clock.move(10_000 + 30_000)
  for (let each = 0; each < 4; each += 1) await sendRaw(front.port, get)
  assert.equal(front.news.length, 2)
  t.after(await shut.open((socket) => socket.on('data', () => socket.write(said('back')))))
  clock.move(19_000)
  for (let each = 0; each < 4; each += 1) assert.equal(bodyOf(await sendRaw(front.port, get)), 'app')
  clock.move(40_000)
  const words: string[] = []
  for (let each = 0; each < 4; each += 1) words.push(bodyOf(await sendRaw(front.port, get)))
  assert.ok(words.includes('back'))
  assert.deepEqual(front.news.at(-1), { backend: 'app', server: url, state: 'well', why: 'answers-again' })
  assert.deepEqual(
    front.backends.state().map(({ state }) => state),
    ['well', 'well'],
  )
})

test('the only server is asked even while it rests', async (t) => {
  const shut = await shutPort()
  const front = await openFront(t, backendOf([`http://127.0.0.1:${shut.port}`]), { tools: { clock: handClock() } })
  for (let each = 0; each < 4; each += 1) assert.match(await sendRaw(front.port, get), /^HTTP\/1\.1 502 /)
  assert.equal(front.backends.state()[0]?.state, 'ejected')
  t.after(await shut.open((socket) => socket.on('data', () => socket.write(said('back')))))
  assert.equal(bodyOf(await sendRaw(front.port, get)), 'back')
  assert.equal(front.backends.state()[0]?.state, 'well')
})

test('a server that says that it is not well is given nothing until it says otherwise', async (t) => {
  let status = '500 Internal Server Error'
  const app = await recordingServer(t, (came, socket) => {
    const asksHealth = came.split('\r\n\r\n').at(-2)?.startsWith('GET /healthz ')
    socket.write(asksHealth ? `HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n` : said('app'))
  })
  const health = { path: '/healthz', everySeconds: 1, timeoutMs: 5000 }
  const front = await openFront(t, backendOf([app.url], { health }))
  const until = async (state: string): Promise<void> => {
    while (front.backends.state()[0]?.state !== state) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await until('unwell')
  assert.match(await sendRaw(front.port, get), /^HTTP\/1\.1 503 /)
  assert.equal(front.went[0]?.reason, 'no-server-well')
  status = '204 No Content'
  await until('well')
  assert.equal(bodyOf(await sendRaw(front.port, get)), 'app')
  assert.deepEqual(
    front.news.map(({ state, why }) => [state, why]),
    [
      ['unwell', 'health-status'],
      ['well', 'answers-again'],
    ],
  )
})

test('a health check that hangs ends with the backends', async (t) => {
  const app = await recordingServer(t, () => {})
  const front = await openFront(
    t,
    backendOf([app.url], { health: { path: '/', everySeconds: 300, timeoutMs: 60_000 } }),
  )
  await app.until((came) => came.join('').includes('GET / '))
  await front.backends.close()
  await app.idle()
})

test('a browser stays at the server that it came to, by a value that tells nothing else', async (t) => {
  const [one, two] = [
    await recordingServer(t, eachAnswered(said('one'))),
    await recordingServer(t, eachAnswered(said('two'))),
  ]
  const front = await openFront(t, backendOf([one.url, two.url], { sticky: true }))
  const first = await sendRaw(front.port, get)
  const cookie = /^set-cookie: ([^;]+)(.*)$/im.exec(first)
  assert.match(cookie?.[1] ?? '', /^__Host-postern-server-YXBw=[\w-]{24}$/)
  assert.equal(cookie?.[2], '; Path=/; Secure; HttpOnly; SameSite=Lax')
  const again = get.replace('\r\n\r\n', `\r\nCookie: a=1; ${cookie?.[1]}\r\n\r\n`)
  for (let each = 0; each < 4; each += 1) {
    const answer = await sendRaw(front.port, again)
    assert.equal(bodyOf(answer), bodyOf(first))
    assert.doesNotMatch(answer, /set-cookie/i)
  }
  for (const came of [...one.came, ...two.came]) assert.doesNotMatch(came, /postern-server/)
  const forged = get.replace('\r\n\r\n', '\r\nCookie: __Host-postern-server-YXBw=AAAAAAAAAAAAAAAAAAAAAAAA\r\n\r\n')
  assert.match(await sendRaw(front.port, forged), /set-cookie: __Host-postern-server-YXBw=/i)
})

test('the mark of a server is of its key, its backend and itself', () => {
  const key = new Uint8Array(32).fill(1)
  const mark = stickyValue(key, 'app', 'http://a')
  assert.ok(isStickyValue(mark, mark))
  const others = [
    stickyValue(key, 'app', 'http://b'),
    stickyValue(key, 'b', 'http://a'),
    stickyValue(new Uint8Array(32), 'app', 'http://a'),
    '',
    mark.slice(1),
  ]
  for (const other of others) assert.ok(!isStickyValue(other, mark))
  assert.match(stickyCookieName('äpp'), /^__Host-postern-server-[\w-]+$/)
})

test('requests above the connections of a server wait their turn, and one whose client leaves gives it up', async (t) => {
  let release: () => void = () => {}
  const app = await recordingServer(t, (came, socket) => {
    if (came.split('\r\n\r\n').at(-2)?.startsWith('GET /hold ')) release = () => void socket.write(said('held'))
    else socket.write(said('next'))
  })
  const front = await openFront(t, backendOf([app.url], { connections: 1 }))
  const held = sendRaw(front.port, get.replace('/', '/hold'))
  await app.until((came) => came.join('').includes('/hold'))
  const next = sendRaw(front.port, get)
  const leaving = connect(front.port, '127.0.0.1')
  leaving.write(get)
  while (front.asked() < 3) await new Promise((resolve) => setImmediate(resolve))
  leaving.destroy()
  await front.ended(1)
  assert.equal(front.went[0]?.reason, 'client-gone')
  assert.equal(app.came.length, 1)
  release()
  assert.equal(bodyOf(await held), 'held')
  assert.equal(bodyOf(await next), 'next')
  assert.equal(front.backends.state()[0]?.inFlight, 0)
})
