import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:http'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { AnswerSink, ServeApiOptions } from './serveApi.ts'
import { serveApi } from './serveApi.ts'

const statuses = { 'foreign-host': 421, 'foreign-page': 403, 'too-many-streams': 503, fault: 500 } as const

async function opened(t: TestContext, options: Partial<ServeApiOptions> = {}) {
  const sinks: AnswerSink[] = []
  const served = await serveApi({
    port: 0,
    async answer({ method, path, query, body }) {
      if (path === '/stream') return { status: 200, fields: {}, stream: (sink) => sinks.push(sink) }
      if (path === '/throws') throw new TypeError('a secret of the inside')
      const read = method === 'POST' ? await body() : { ok: '' }
      return { status: 200, fields: {}, body: JSON.stringify({ method, path, query, ...read }) }
    },
    refuse: (refusal) => ({ status: statuses[refusal], fields: {}, body: refusal }),
    ...options,
  })
  assert.ok('ok' in served)
  t.after(() => served.ok.close())
  const { hostname, port } = new URL(served.ok.url)
  const ask = async (
    path: string,
    method = 'GET',
    headers: Readonly<Record<string, string>> = {},
    body?: string | Buffer,
  ) => {
    const asked = request({ hostname, port, path, method, headers, agent: false })
    asked.end(body)
    const [response]: IncomingMessage[] = await once(asked, 'response')
    assert.ok(response !== undefined)
    return response
  }
  const told = async (...asking: Parameters<typeof ask>) => {
    const response = await ask(...asking)
    let text = ''
    for await (const part of response.setEncoding('utf8')) text += String(part)
    return { status: response.statusCode, text }
  }
  return { server: served.ok, port: Number(port), sinks, ask, told }
}

test('a request is given as it was sent: path and query are neither decoded nor shortened', async (t) => {
  const { told } = await opened(t)
  const { text } = await told('/a/../%2e%2e/b?c=%20&d?e')
  assert.deepEqual(JSON.parse(text), { method: 'GET', path: '/a/../%2e%2e/b', query: 'c=%20&d?e', ok: '' })
})

const hosts: readonly (readonly [host: string, status: number])[] = [
  ['127.0.0.1:8480', 200],
  ['LOCALHOST', 200],
  ['localhost.attacker.example', 421],
  ['127.0.0.1.attacker.example', 421],
  ['127.0.0.1@attacker.example', 421],
  ['127.0.0.1:80:80', 421],
  ['[::1]:8480', 421],
  ['0.0.0.0', 421],
]

for (const [host, status] of hosts) {
  test(`the host ${host} is ${status === 200 ? 'this machine' : 'none of this machine'}`, async (t) => {
    const { told } = await opened(t)
    assert.equal((await told('/', 'GET', { host })).status, status)
  })
}

test('of a target in absolute form its own host counts, whatever the Host field says', async (t) => {
  const { told } = await opened(t)
  assert.equal((await told('http://attacker.example/a', 'GET', { host: '127.0.0.1' })).status, 421)
  const own = await told('http://127.0.0.1/a?b', 'GET', { host: 'attacker.example' })
  assert.deepEqual([own.status, JSON.parse(own.text).path], [200, '/a'])
})

const pages: readonly (readonly [what: string, method: string, fields: Record<string, string>, status: number])[] = [
  ['a program', 'POST', {}, 200],
  [
    'a page of this server',
    'POST',
    { origin: 'http://localhost:1', host: 'localhost:1', 'sec-fetch-site': 'same-origin' },
    200,
  ],
  [
    'a page of another port',
    'POST',
    { origin: 'http://localhost:2', host: 'localhost:1', 'sec-fetch-site': 'same-site' },
    403,
  ],
  ['a page over TLS', 'POST', { origin: 'https://localhost:1', host: 'localhost:1' }, 403],
  ['a sandboxed frame', 'POST', { origin: 'null' }, 403],
  [
    'a form elsewhere',
    'POST',
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    403,
  ],
  ['a script elsewhere', 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
  ['an event source elsewhere', 'GET', { origin: 'http://attacker.example', 'sec-fetch-site': 'cross-site' }, 403],
  [
    'a frame elsewhere',
    'GET',
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    403,
  ],
  [
    'a link that was followed',
    'GET',
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    200,
  ],
  ['an address that was typed', 'GET', { 'sec-fetch-site': 'none' }, 200],
]

for (const [what, method, fields, status] of pages) {
  test(`${what} may ${status === 200 ? '' : 'not '}${method === 'GET' ? 'read' : 'send'}`, async (t) => {
    const { told } = await opened(t)
    assert.equal((await told('/', method, fields)).status, status)
  })
}

test('a body is read up to its bound, whether or not its length is said before', async (t) => {
  const { told } = await opened(t, { mostBodyOctets: 100 })
  const chunked = { 'transfer-encoding': 'chunked' }
  assert.equal(JSON.parse((await told('/', 'POST', {}, 'a'.repeat(100))).text).ok.length, 100)
  assert.equal(JSON.parse((await told('/', 'POST', chunked, 'a'.repeat(100))).text).ok.length, 100)
  for (const fields of [{}, chunked]) {
    assert.equal(JSON.parse((await told('/', 'POST', fields, 'a'.repeat(101))).text).why, 'too-large')
    assert.equal(JSON.parse((await told('/', 'POST', fields, 'a'.repeat(200_000))).text).why, 'too-large')
  }
  assert.equal(JSON.parse((await told('/', 'POST', {}, Buffer.from([0xc3, 0x28]))).text).why, 'not-utf8')
})

test('what a handler throws is told to whoever runs it, and not to the client', async (t) => {
  const faults: unknown[] = []
  const { told } = await opened(t, { onFault: (error) => faults.push(error) })
  assert.deepEqual(await told('/throws'), { status: 500, text: 'fault' })
  assert.equal(faults.length, 1)
})

test('a stream is written as it comes, and hears when its client leaves', async (t) => {
  const { ask, sinks } = await opened(t)
  const response = await ask('/stream')
  const [sink] = sinks
  assert.ok(sink !== undefined)
  sink.write('one')
  assert.equal(String((await once(response, 'data'))[0]), 'one')
  const left = once(sink.signal, 'abort')
  response.destroy()
  await left
  assert.equal(sink.write('two'), false)
})

test('there are no more streams than there is room for, and one that ends makes room', async (t) => {
  const { ask, told, sinks } = await opened(t, { mostStreams: 2 })
  const first = await ask('/stream')
  await ask('/stream')
  assert.deepEqual(await told('/stream'), { status: 503, text: 'too-many-streams' })
  assert.equal((await told('/other')).status, 200)
  const left = once(sinks[0]?.signal ?? new EventTarget(), 'abort')
  first.destroy()
  await left
  assert.equal((await ask('/stream')).statusCode, 200)
})

test('a client that reads nothing is found full, and is cut when its stream is ended', async (t) => {
  const { port, sinks } = await opened(t)
  const socket = connect(port, '127.0.0.1').pause()
  t.after(() => socket.destroy())
  socket.on('error', () => {})
  socket.write('GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  while (sinks.length === 0) await new Promise(setImmediate)
  const [sink] = sinks
  assert.ok(sink !== undefined)
  const part = 'a'.repeat(65_536)
  let written = 0
  // Buffers of the kernel are bounded; so is what may lie in this process before it is full.
  while (sink.write(part) || written < 10) {
    written += 1
    assert.ok(written < 10_000)
    await new Promise(setImmediate)
  }
  const gone = once(sink.signal, 'abort')
  sink.end()
  await gone
})

test('a client that reads nothing of what lies ready is cut, and so is a stream on which nothing moves', async (t) => {
  const { port, sinks } = await opened(t, { idleMs: 100 })
  for (const octets of [0, 50 * 1_048_576]) {
    const socket = connect(port, '127.0.0.1').pause()
    t.after(() => socket.destroy())
    socket.on('error', () => {})
    socket.write('GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
    while (sinks.length === 0) await new Promise(setImmediate)
    const sink = sinks.pop()
    assert.ok(sink !== undefined)
    const gone = once(sink.signal, 'abort')
    sink.write('a'.repeat(octets))
    await gone
  }
})

test('closing ends streams and idle connections at once', async (t) => {
  const { server, ask, sinks, port } = await opened(t)
  const response = await ask('/stream')
  const idle = connect(port, '127.0.0.1')
  await once(idle, 'connect')
  const ends = Promise.all([once(idle, 'close'), once(response, 'error')])
  response.resume()
  await server.close()
  await ends
  assert.equal(sinks[0]?.signal.aborted, true)
})

test('connections beyond those that there is room for are cut', async (t) => {
  const { port } = await opened(t, { mostConnections: 2 })
  const sockets = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  t.after(() => sockets.map((socket) => socket.destroy()))
  const third = connect(port, '127.0.0.1')
  third.on('error', () => {})
  await once(third, 'close')
})
