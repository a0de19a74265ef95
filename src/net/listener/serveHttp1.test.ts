import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as requestHttps } from 'node:https'
import { test } from 'node:test'
import fc from 'fast-check'
import { ask, openListener, refusalsIn, refusedTimes, shaken } from '../../../test/gateListener.ts'

const host = 'host: gate.example\r\n'
const get = `GET / HTTP/1.1\r\n${host}connection: close\r\n\r\n`
const post = (fields: string, body: string): string => `POST / HTTP/1.1\r\n${host}${fields}\r\n${body}`
const chunked = 'transfer-encoding: chunked\r\n'

/** What can be read in two ways, each sent on a connection of its own with a request behind it. */
const twoMeanings: Readonly<Record<string, string>> = {
  'a length and chunks': post(`content-length: 5\r\n${chunked}`, '0\r\n\r\n'),
  'chunks and a length': post(`${chunked}content-length: 5\r\n`, '0\r\n\r\n'),
  'two lengths': post('content-length: 4\r\ncontent-length: 5\r\n', 'hello'),
  'two lengths that are the same': post('content-length: 5\r\ncontent-length: 5\r\n', 'hello'),
  'two lengths in one field': post('content-length: 5, 5\r\n', 'hello'),
  'a length with a sign': post('content-length: +5\r\n', 'hello'),
  'a negative length': post('content-length: -5\r\n', 'hello'),
  'a length that is empty': post('content-length: \r\n', 'hello'),
  'a length in hexadecimal': post('content-length: 0x5\r\n', 'hello'),
  'a length that is too large for a number': post('content-length: 99999999999999999999\r\n', 'hello'),
  'a coding besides chunks': post('transfer-encoding: gzip, chunked\r\n', '0\r\n\r\n'),
  'a coding behind chunks': post('transfer-encoding: chunked, identity\r\n', '0\r\n\r\n'),
  'the coding identity': post('transfer-encoding: identity\r\n', '0\r\n\r\n'),
  'a coding that is nearly chunks': post('transfer-encoding: xchunked\r\n', '0\r\n\r\n'),
  'chunks behind a vertical tab': post('transfer-encoding: \x0bchunked\r\n', '0\r\n\r\n'),
  'chunks twice': post(`${chunked}${chunked}`, '0\r\n\r\n'),
  'chunks in HTTP/1.0': `POST / HTTP/1.0\r\n${host}${chunked}\r\n0\r\n\r\n`,
  'two hosts': `GET / HTTP/1.1\r\n${host}host: other.example\r\n\r\n`,
  'one host twice': `GET / HTTP/1.1\r\n${host}${host}\r\n`,
  'no host': 'GET / HTTP/1.1\r\n\r\n',
  'lines without a carriage return': 'GET / HTTP/1.1\nhost: gate.example\n\n',
  'one line without a carriage return': `GET / HTTP/1.1\r\nhost: gate.example\nx: y\r\n\r\n`,
  'an end of the head without a carriage return': `GET / HTTP/1.1\r\n${host}\n`,
  'a carriage return alone': 'GET / HTTP/1.1\r\nhost: gate.example\rx: y\r\n\r\n',
  'a folded field': `GET / HTTP/1.1\r\n${host}x: a\r\n b\r\n\r\n`,
  'a blank before the colon': post('transfer-encoding : chunked\r\n', '0\r\n\r\n'),
  'a tab in a name': `GET / HTTP/1.1\r\n${host}x\ty: z\r\n\r\n`,
  'a NUL in a value': `GET / HTTP/1.1\r\n${host}x: a\0b\r\n\r\n`,
  'a target with a host of its own': `GET https://other.example/ HTTP/1.1\r\n${host}\r\n`,
  'a target that is a host': `GET other.example:443 HTTP/1.1\r\n${host}\r\n`,
  'a target without a slash': `GET x HTTP/1.1\r\n${host}\r\n`,
  CONNECT: `CONNECT other.example:443 HTTP/1.1\r\n${host}\r\n`,
  'HTTP/0.9': 'GET /\r\n\r\n',
  'HTTP/1.2': `GET / HTTP/1.2\r\n${host}\r\n`,
  'HTTP/2.0 in text': `GET / HTTP/2.0\r\n${host}\r\n`,
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'an upgrade with a body': `GET / HTTP/1.1\r\n${host}connection: upgrade\r\nupgrade: websocket\r\ncontent-length: 5\r\n\r\nhello`,
  'an upgrade with chunks': `GET / HTTP/1.1\r\n${host}connection: upgrade\r\nupgrade: websocket\r\n${chunked}\r\n0\r\n\r\n`,
}
for (const [name, text] of Object.entries(twoMeanings)) {
  test(`${name}: refused with 400, told once, and nothing behind it is read`, async (t) => {
    const { port, news, targets } = await openListener(t, {
      handlers: { upgrade: (_request, socket) => void socket.destroy() },
    })
    const socket = await shaken(port)
    const answer = await ask(socket, Buffer.from(`${text}${get}`, 'latin1'))
    assert.match(answer, /^HTTP\/1.1 400 Bad Request\r\n/)
    assert.equal(answer.match(/HTTP\/1.1/g)?.length, 1)
    assert.deepEqual(refusalsIn(news), ['bad-framing'])
    assert.deepEqual(targets, [])
  })
}

/** Bodies that turn out to be wrong when the request is with its handler already. */
const wrongChunks: Readonly<Record<string, string>> = {
  'a chunk that ends with a line feed': '1\na\r\n0\r\n\r\n',
  'a chunk of negative size': '-1\r\na\r\n0\r\n\r\n',
  'a size in the manner of C': '0x1\r\na\r\n0\r\n\r\n',
  'a size that is too large for a number': '10000000000000001\r\na\r\n0\r\n\r\n',
  'a blank behind the size': '1 \r\na\r\n0\r\n\r\n',
  'a line feed in an extension': '1;a\nb\r\na\r\n0\r\n\r\n',
  'extensions without end': `1;${'a'.repeat(20_000)}\r\na\r\n0\r\n\r\n`,
  'a chunk that is longer than it says': '1\r\nab\r\n0\r\n\r\n',
}
for (const [name, body] of Object.entries(wrongChunks)) {
  test(`${name}: the connection ends, and nothing behind it is read`, async (t) => {
    const { port, news, targets } = await openListener(t)
    const answer = await ask(await shaken(port), post(chunked, body) + get)
    assert.ok((answer.match(/HTTP\/1.1/g)?.length ?? 0) <= 1, answer)
    assert.deepEqual(refusalsIn(news), ['bad-framing'])
    assert.equal(targets.length <= 1, true)
  })
}

test('a chunk that is wrong behind an answer that was early has no answer of its own', async (t) => {
  const { port, news } = await openListener(t, {
    handlers: { request: (_request, response) => void response.end('early') },
  })
  const socket = await shaken(port)
  let text = ''
  socket.on('data', (chunk) => {
    text += String(chunk)
    if (text.endsWith('early')) socket.write('x\r\n')
  })
  socket.write(post(chunked, ''))
  await once(socket, 'close')
  assert.equal(text.match(/HTTP\/1.1/g)?.length, 1)
  assert.deepEqual(refusalsIn(news), ['bad-framing'])
})

test('a token of 11 KB and cookies of 20 KB pass', async (t) => {
  const { port } = await openListener(t)
  const fields = `authorization: Bearer ${'t'.repeat(11_000)}\r\ncookie: c=${'c'.repeat(20_000)}\r\n`
  assert.match(await ask(await shaken(port), get.replace(host, host + fields)), /^HTTP\/1.1 200 /)
})

test('a head that is too large, or of too many fields, gets 431 and is told once', async (t) => {
  const { port, news, targets } = await openListener(t, { limits: { headOctets: 16_384, headFields: 50 } })
  const large = `GET / HTTP/1.1\r\n${host}x: ${'a'.repeat(17_000)}\r\n\r\n`
  const target = `GET /${'a'.repeat(17_000)} HTTP/1.1\r\n${host}\r\n`
  const endless = `GET / HTTP/1.1\r\n${host}${'x: y\r\n'.repeat(20_000)}`
  const many = `GET / HTTP/1.1\r\n${host}${'x: y\r\n'.repeat(50)}\r\n`
  for (const text of [large, target, endless, many]) {
    assert.match(await ask(await shaken(port), text), /^HTTP\/1.1 431 /)
  }
  assert.deepEqual(refusalsIn(news), Array(4).fill('head-too-large'))
  assert.deepEqual(targets, [])
  assert.match(await ask(await shaken(port), get.replace(host, host + 'x: y\r\n'.repeat(48))), /^HTTP\/1.1 200 /)
})

test('a head that comes in drops gets 408 and is told once, while others are served', async (t) => {
  const { port, news } = await openListener(t, { limits: { headSeconds: 3 } })
  const slow = await shaken(port)
  const answer = ask(slow, 'GET / HTTP/1.1\r\n')
  const timer = setInterval(() => slow.write('x'), 100)
  slow.once('close', () => clearInterval(timer))
  assert.match(await ask(await shaken(port), get), /^HTTP\/1.1 200 /)
  assert.match(await answer, /^HTTP\/1.1 408 /)
  assert.deepEqual(refusalsIn(news), ['head-timeout'])
})

test('a connection that is opened ahead and not used ends, and nobody is accused', async (t) => {
  const { port, news, told } = await openListener(t, { limits: { headSeconds: 1 } })
  const socket = await shaken(port)
  let text = ''
  socket.on('data', (chunk) => {
    text += String(chunk)
  })
  await once(socket, 'close')
  await told((all) => all.length === 2)
  assert.equal(text, '')
  assert.deepEqual(
    news.map(({ kind }) => kind),
    ['opened', 'closed'],
  )
})

test('a connection is kept for the idle time after an answer, and no longer', async (t) => {
  const { port, news, told } = await openListener(t, { limits: { idleSeconds: 2 } })
  const socket = await shaken(port)
  socket.write(`GET /1 HTTP/1.1\r\n${host}\r\n`)
  await once(socket, 'data')
  socket.write(`GET /2 HTTP/1.1\r\n${host}\r\n`)
  await once(socket, 'data')
  await once(socket, 'close')
  await told((all) => all.length === 2)
  assert.deepEqual(refusalsIn(news), [])
})

test('a body that stops coming ends the connection; one that comes slowly does not, nor does an answer that is awaited', async (t) => {
  const { port } = await openListener(t, {
    limits: { bodyIdleSeconds: 2 },
    handlers: {
      request(request, response) {
        request.on('error', () => {})
        request.resume()
        if (request.url === '/late') setTimeout(() => response.end('late'), 5000)
        else request.on('end', () => response.end('whole'))
      },
    },
  })
  const stopped = await shaken(port)
  const stoppedAnswer = ask(stopped, `POST /stopped HTTP/1.1\r\n${host}content-length: 10\r\n\r\nhello`)
  const slow = await shaken(port)
  const slowAnswer = ask(slow, `POST / HTTP/1.1\r\n${host}connection: close\r\ncontent-length: 10\r\n\r\n`)
  const timer = setInterval(() => slow.write('x'), 200)
  slow.once('close', () => clearInterval(timer))
  const late = ask(await shaken(port), get.replace('/', '/late'))
  assert.equal(await stoppedAnswer, '')
  assert.match(await slowAnswer, /whole$/)
  assert.match(await late, /late$/)
})

test('a client that does not read its answer is cut', async (t) => {
  const { port, told } = await openListener(t, {
    limits: { bodyIdleSeconds: 1 },
    handlers: { request: (_request, response) => void response.end(Buffer.alloc(64 * 1024 * 1024)) },
  })
  const socket = await shaken(port)
  socket.pause()
  socket.write(get)
  await told((all) => all.some(({ kind }) => kind === 'closed'))
})

test('requests that are sent without waiting are answered in order, up to a bound', async (t) => {
  const { port, news } = await openListener(t, {
    handlers: { request: (request, response) => void setTimeout(() => response.end(`<${request.url}>`), 20) },
  })
  const some = [1, 2, 3].map((index) => `GET /${index} HTTP/1.1\r\n${host}\r\n`).join('')
  assert.deepEqual((await ask(await shaken(port), some + get)).match(/<.*?>/g), ['</1>', '</2>', '</3>', '</>'])
  assert.deepEqual(refusalsIn(news), [])
  const flood = `GET / HTTP/1.1\r\n${host}\r\n`.repeat(200)
  assert.ok((await ask(await shaken(port), flood)).length < 4000)
  assert.deepEqual(refusalsIn(news), ['protocol-flood'])
})

test('an upgrade is handed over with its socket, and drained with it', async (t) => {
  const { listener, port } = await openListener(t, {
    handlers: {
      upgrade(_request, socket, _head, connection) {
        socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n${connection.id}`)
        socket.on('error', () => {})
        socket.on('data', (chunk) => socket.write(chunk))
      },
    },
  })
  const socket = await shaken(port)
  socket.write(`GET /socket HTTP/1.1\r\n${host}connection: upgrade\r\nupgrade: echo\r\n\r\n`)
  assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1.1 101 [\s\S]*1$/)
  const drained = listener.drain(1)
  socket.write('still here')
  assert.equal(String((await once(socket, 'data'))[0]), 'still here')
  await Promise.all([drained, once(socket.resume(), 'close')])
})

test('an upgrade behind a request that is not answered yet ends the connection', async (t) => {
  const { port, news } = await openListener(t, {
    handlers: { request() {}, upgrade: (_request, socket) => void socket.end('upgraded') },
  })
  const upgrade = `GET /socket HTTP/1.1\r\n${host}connection: upgrade\r\nupgrade: echo\r\n\r\n`
  assert.equal(await ask(await shaken(port), `GET / HTTP/1.1\r\n${host}\r\n${upgrade}`), '')
  assert.deepEqual(refusalsIn(news), ['bad-framing'])
})

test('an upload that is answered early does not make what follows a request', async (t) => {
  const { port, targets } = await openListener(t, {
    handlers: { request: (_request, response) => void response.end('early') },
  })
  const body = get.replace('/', '/smuggled')
  const text = post(`content-length: ${body.length}\r\n`, body)
  const answer = await ask(await shaken(port), text + get)
  assert.equal(answer.match(/early/g)?.length, 2)
  assert.deepEqual(targets, ['/', '/'])
})

test('a request that expects what nobody knows is a request like any other', async (t) => {
  const { port, targets } = await openListener(t)
  assert.match(await ask(await shaken(port), get.replace(host, `${host}expect: wonders\r\n`)), /^HTTP\/1.1 200 /)
  assert.deepEqual(targets, ['/'])
})

test('clients of the platform upload and download as ever', async (t) => {
  const { port } = await openListener(t, {
    handlers: { request: (request, response) => void request.pipe(response) },
  })
  const asked = requestHttps({
    host: '127.0.0.1',
    port,
    method: 'PUT',
    rejectUnauthorized: false,
    agent: false,
    headers: { expect: '100-continue' },
  })
  asked.end(Buffer.alloc(3_000_000))
  const [response] = await once(asked, 'response')
  let length = 0
  for await (const chunk of response) length += chunk.length
  assert.equal(length, 3_000_000)
})

test('whatever comes behind a handshake, the connection ends or is served, and others are', async (t) => {
  const { port, told } = await openListener(t, { limits: { headSeconds: 3 } })
  const parts = fc.constantFrom(
    'GET / HTTP/1.1',
    '\r\n',
    '\n',
    host,
    chunked,
    'content-length: 3',
    ':',
    ' ',
    '0',
    '\0',
    'é',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(parts, { maxLength: 20 }), async (some) => {
      const socket = await shaken(port)
      socket.end(some.join(''))
      socket.resume()
      await once(socket, 'close')
    }),
    { numRuns: 60 },
  )
  await told(refusedTimes(1))
  assert.match(await ask(await shaken(port), get), /^HTTP\/1.1 200 /)
})
