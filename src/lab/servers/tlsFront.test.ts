import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get as getPlain } from 'node:http'
import { get, type RequestOptions } from 'node:https'
import { createConnection } from 'node:net'
import { before, type TestContext, test } from 'node:test'
import { openPki, type Pki } from './pki.ts'
import { openTlsFront, type TlsFront } from './tlsFront.ts'

let pki: Pki
before(async () => {
  pki = await openPki({ clock: Date.now, publishedAt: 'http://pki.corp.example' })
})

async function opened(t: TestContext): Promise<TlsFront> {
  const front = await openTlsFront({
    pki,
    address: '127.0.0.1',
    port: 0,
    name: 'one.example',
    serves: (name) => name === 'other.example',
    answers: (request, response) => response.end(`hello ${request.headers.host}`),
  })
  t.after(() => front.close())
  return front
}

/** What a strict client that trusts the lab's root gets: the text, or its error code. */
async function textOf({ door }: TlsFront, name: string, more: RequestOptions = {}): Promise<string> {
  const asked = get({
    host: door.address,
    port: door.port,
    servername: name,
    headers: { host: name },
    ca: [pki.rootPem],
    agent: false,
    ...more,
  })
  try {
    const [response] = await once(asked, 'response')
    let text = ''
    for await (const chunk of response) text += chunk
    return text
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) return 'error'
    // Node calls an end before the handshake by the code of a reset; only a read meets a real one.
    return error.code === 'ECONNRESET' && !('syscall' in error) ? 'closed' : String(error.code)
  }
}

test('each name is served with a certificate of its own, at the same time', async (t) => {
  const front = await opened(t)
  const texts = await Promise.all(['one.example', 'other.example', 'one.example'].map((name) => textOf(front, name)))
  assert.deepEqual(texts, ['hello one.example', 'hello other.example', 'hello one.example'])
})

test('a name that is not served, or none, gets the certificate of the front', async (t) => {
  const front = await opened(t)
  assert.equal(await textOf(front, 'stranger.example'), 'ERR_TLS_CERT_ALTNAME_INVALID')
  const named = {
    checkServerIdentity: (_: string, { subjectaltname }: { subjectaltname?: string }) => new Error(subjectaltname),
  }
  const asked = get({
    host: '127.0.0.1',
    port: front.door.port,
    servername: '',
    ca: [pki.rootPem],
    agent: false,
    ...named,
  })
  await assert.rejects(once(asked, 'response'), { message: 'DNS:one.example' })
})

const codes = {
  expired: 'CERT_HAS_EXPIRED',
  'not-yet-valid': 'CERT_NOT_YET_VALID',
  'wrong-name': 'ERR_TLS_CERT_ALTNAME_INVALID',
  'private-root': 'SELF_SIGNED_CERT_IN_CHAIN',
  'of-a-client': 'INVALID_PURPOSE',
  incomplete: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  inspected: 'SELF_SIGNED_CERT_IN_CHAIN',
  console: 'DEPTH_ZERO_SELF_SIGNED_CERT',
} as const

for (const [certificate, code] of Object.entries(codes) as [keyof typeof codes, string][]) {
  test(`a front that presents a certificate of the kind ${certificate} is refused by OpenSSL with ${code}`, async (t) => {
    const front = await opened(t)
    const restore = front.conduct('*', { does: 'serve', certificate })
    assert.equal(await textOf(front, 'one.example'), code)
    restore()
    assert.equal(await textOf(front, 'one.example'), 'hello one.example')
  })
}

test('one name is reset after its ClientHello, and the others are not', async (t) => {
  const front = await opened(t)
  const restore = front.conduct('other.example', { does: 'reset' })
  assert.equal(await textOf(front, 'other.example'), 'ECONNRESET')
  assert.equal(await textOf(front, 'one.example'), 'hello one.example')
  restore()
  assert.equal(await textOf(front, 'other.example'), 'hello other.example')
})

test('an old front takes TLS 1.1 and refuses what is newer', async (t) => {
  const front = await opened(t)
  front.conduct('*', { does: 'serve', certificate: 'genuine', versions: 'old' })
  assert.equal(await textOf(front, 'one.example'), 'EPROTO')
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  assert.equal(await textOf(front, 'one.example', old), 'hello one.example')
})

test('a front that speaks plain HTTP answers a plain request and not a ClientHello', async (t) => {
  const front = await opened(t)
  front.conduct('*', { does: 'speak-http' })
  assert.equal(await textOf(front, 'one.example'), 'EPROTO')
  const asked = getPlain({ host: '127.0.0.1', port: front.door.port, headers: { host: 'one.example' }, agent: false })
  const [response] = await once(asked, 'response')
  assert.equal(response.statusCode, 200)
  response.resume()
  await once(response, 'end')
})

test('a silent front accepts and says nothing, and closing ends the connection', async (t) => {
  const front = await opened(t)
  front.conduct('*', { does: 'stay-silent' })
  const socket = createConnection({ host: '127.0.0.1', port: front.door.port })
  await once(socket, 'connect')
  let octets = 0
  socket.on('data', (chunk: Buffer) => {
    octets += chunk.length
  })
  socket.write('GET / HTTP/1.1\r\n\r\n')
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.equal(octets, 0)
  const ended = once(socket, 'close')
  await front.close()
  await ended
})

test('other answers take the place of the usual ones for one name only', async (t) => {
  const front = await opened(t)
  front.conduct('other.example', {
    does: 'serve',
    certificate: 'genuine',
    answers: (_request, response) => response.end('blocked'),
  })
  const texts = await Promise.all([textOf(front, 'other.example'), textOf(front, 'one.example')])
  assert.deepEqual(texts, ['blocked', 'hello one.example'])
})

test('the Date field tells the time of the clock that is given', async (t) => {
  const clock = () => Date.UTC(2026, 0, 31, 12)
  const place = { address: '127.0.0.1', port: 0 } as const
  const front = await openTlsFront({
    ...place,
    pki,
    clock,
    name: 'one.example',
    answers: (_request, response) => response.end('hello'),
  })
  t.after(() => front.close())
  const asked = get({ host: '127.0.0.1', port: front.door.port, rejectUnauthorized: false, agent: false })
  const [response] = await once(asked, 'response')
  response.resume()
  assert.equal(response.headers.date, 'Sat, 31 Jan 2026 12:00:00 GMT')
})

test('conducts are taken back in the reverse order in which they were set', async (t) => {
  const front = await opened(t)
  const first = front.conduct('*', { does: 'reset' })
  const second = front.conduct('*', { does: 'serve', certificate: 'expired' })
  assert.equal(await textOf(front, 'one.example'), 'CERT_HAS_EXPIRED')
  second()
  assert.equal(await textOf(front, 'one.example'), 'ECONNRESET')
  first()
  assert.equal(await textOf(front, 'one.example'), 'hello one.example')
})

test('a front can be held to one version, want a certificate, hang up or babble, and serves again after it', async (t) => {
  const front = await opened(t)
  const serve = { does: 'serve', certificate: 'genuine' } as const
  const rows = [
    [{ ...serve, versions: 'TLSv1.2' }, { minVersion: 'TLSv1.3' }, /^EPROTO$|^ERR_SSL/],
    [{ ...serve, versions: 'TLSv1.2' }, {}, /^hello/],
    [{ ...serve, versions: 'TLSv1.3' }, { maxVersion: 'TLSv1.2' }, /^EPROTO$|^ERR_SSL/],
    [{ ...serve, versions: 'TLSv1.3' }, {}, /^hello/],
    [{ ...serve, clients: 'with-certificate' }, {}, /^EPROTO$|^ERR_SSL/],
    [{ ...serve, clients: 'asked' }, {}, /^hello/],
    [{ ...serve, group: 'X25519MLKEM768' }, { ecdhCurve: 'X25519:P-256:P-384' }, /^EPROTO$|^ERR_SSL/],
    [{ ...serve, group: 'X25519MLKEM768' }, {}, /^hello/],
    [{ does: 'hang-up' }, {}, /^(closed|ECONNRESET|EPIPE)$/],
    [{ does: 'babble' }, {}, /^EPROTO$|^ERR_SSL/],
    [{ ...serve, certificate: 'self-signed' }, {}, /^DEPTH_ZERO_SELF_SIGNED_CERT$/],
    [{ ...serve, certificate: 'orphaned' }, {}, /^UNABLE_TO_VERIFY_LEAF_SIGNATURE$/],
    [{ ...serve, certificate: 'weak-key' }, { ciphers: 'DEFAULT@SECLEVEL=2' }, /^UNSPECIFIED$/],
  ] as const
  for (const [conduct, client, expected] of rows) {
    const undo = front.conduct('*', conduct)
    assert.match(await textOf(front, 'one.example', client), expected, JSON.stringify(conduct))
    undo()
    assert.equal(await textOf(front, 'one.example'), 'hello one.example')
  }
})
