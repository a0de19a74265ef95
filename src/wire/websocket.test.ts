import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { UpgradeAnswer } from './websocket.ts'
import {
  decodeClose,
  encodeClose,
  encodeControlFrame,
  judgeUpgrade,
  splitServerFrame,
  webSocketAccept,
  webSocketHeaders,
  webSocketKey,
} from './websocket.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'))
const sha1 = (octets: Uint8Array): Uint8Array => createHash('sha1').update(octets).digest()

/** The example of RFC 6455 §1.3. */
const offer = { key: 'dGhlIHNhbXBsZSBub25jZQ==', protocols: ['amqp'] }
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

test('the key of RFC 6455 §1.3 is answered as it says there', () => {
  assert.equal(webSocketKey(new TextEncoder().encode('the sample nonce')), offer.key)
  assert.equal(webSocketAccept(offer.key, sha1), accept)
  assert.throws(() => webSocketKey(new Uint8Array(15)), RangeError)
})

test('an opening handshake asks for version 13, and for subprotocols only where there are some', () => {
  assert.deepEqual(webSocketHeaders(offer), {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': offer.key,
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Protocol': 'amqp',
  })
  assert.ok(!('Sec-WebSocket-Protocol' in webSocketHeaders({ ...offer, protocols: [] })))
})

const switched = {
  upgrade: 'WebSocket',
  connection: 'keep-alive, Upgrade',
  'sec-websocket-accept': accept,
  'sec-websocket-protocol': 'amqp',
}

for (const { what, status = 101, change, comes } of [
  { what: 'that switches', change: {}, comes: { kind: 'accepted', protocol: 'amqp' } },
  { what: 'without a subprotocol', change: { 'sec-websocket-protocol': undefined }, comes: { kind: 'accepted' } },
  { what: 'of a proxy that strips the upgrade', status: 426, change: {}, comes: { kind: 'not-switched', status: 426 } },
  { what: 'without Upgrade', change: { upgrade: undefined }, comes: 'Upgrade is not websocket' },
  { what: 'that upgrades to h2c', change: { upgrade: 'h2c' }, comes: 'Upgrade is not websocket' },
  { what: 'without Connection', change: { connection: 'close' }, comes: 'Connection does not name the upgrade' },
  {
    what: 'to another key',
    change: { 'sec-websocket-accept': accept.toLowerCase() },
    comes: 'Sec-WebSocket-Accept does not belong to the key',
  },
  {
    what: 'with an extension',
    change: { 'sec-websocket-extensions': 'permessage-deflate' },
    comes: 'an extension that was not offered',
  },
  {
    what: 'with another subprotocol',
    change: { 'sec-websocket-protocol': 'mqtt' },
    comes: 'a subprotocol that was not offered',
  },
]) {
  const expected = typeof comes === 'string' ? { kind: 'not-websocket', why: comes } : comes
  test(`an answer ${what} is ${expected.kind}`, () => {
    const answer: UpgradeAnswer = { status, headers: { ...switched, ...change } }
    assert.deepEqual(judgeUpgrade(answer, offer, accept), expected)
  })
}

test('the frames of RFC 6455 §5.7 are written and read as they stand there', () => {
  const hello = new TextEncoder().encode('Hello')
  assert.deepEqual(encodeControlFrame('pong', hello, hex('37fa213d')), hex('8a85 37fa213d 7f9f4d5158'))
  assert.deepEqual(splitServerFrame(hex('8905 48656c6c6f'), 125), {
    kind: 'frame',
    frame: { final: true, opcode: 'ping', payload: hello },
    used: 7,
  })
  assert.deepEqual(splitServerFrame(hex('0103 48656c'), 125), {
    kind: 'frame',
    frame: { final: false, opcode: 'text', payload: hello.subarray(0, 3) },
    used: 5,
  })
})

for (const { what, octets, says } of [
  { what: 'nothing', octets: '', says: { kind: 'incomplete', missing: 2 } },
  { what: 'half a header', octets: '82', says: { kind: 'incomplete', missing: 1 } },
  { what: 'half a length', octets: '827e01', says: { kind: 'incomplete', missing: 1 } },
  { what: 'a frame that is two octets short', octets: '8903 41', says: { kind: 'incomplete', missing: 2 } },
  { what: 'a reserved bit', octets: 'c100', says: 'a reserved bit is set, and no extension was agreed on' },
  { what: 'a reserved opcode', octets: '8300', says: 'the opcode 3 is reserved' },
  { what: 'a mask', octets: '8a85 37fa213d 7f9f4d5158', says: 'a server frame is masked' },
  { what: 'a ping in parts', octets: '0900', says: 'a ping frame is in parts' },
  { what: 'a long close', octets: '887e0080', says: 'a close frame is longer than 125 octets' },
  { what: 'a length in too many octets', octets: '827e0005', says: 'a length of 5 in 2 octets' },
  {
    what: 'a frame of 4 GiB',
    octets: '827f0000000100000000',
    says: 'a frame of 4294967296 octets, taken are up to 1000',
  },
  {
    what: 'a page',
    octets: Buffer.from('HTTP/1.1 200 OK').toString('hex'),
    says: 'a reserved bit is set, and no extension was agreed on',
  },
]) {
  const expected = typeof says === 'string' ? { kind: 'violation', why: says } : says
  test(`${what} is ${expected.kind}`, () => assert.deepEqual(splitServerFrame(hex(octets), 1000), expected))
}

test('any control frame of ours has its payload under the mask', () => {
  const mask = fc.uint8Array({ minLength: 4, maxLength: 4 })
  const opcode = fc.constantFrom('close' as const, 'ping' as const, 'pong' as const)
  fc.assert(
    fc.property(opcode, fc.uint8Array({ maxLength: 125 }), mask, (opcode, payload, mask) => {
      const octets = encodeControlFrame(opcode, payload, mask)
      const unmasked = octets.slice(6).map((octet, index) => octet ^ (mask[index % 4] ?? 0))
      const asServer = Uint8Array.from([octets[0] ?? 0, (octets[1] ?? 0) & 0x7f, ...unmasked])
      assert.deepEqual(splitServerFrame(asServer, 125), {
        kind: 'frame',
        frame: { final: true, opcode, payload },
        used: asServer.length,
      })
      assert.equal(splitServerFrame(octets, 125).kind, 'violation')
    }),
  )
  assert.throws(() => encodeControlFrame('ping', new Uint8Array(126), new Uint8Array(4)), RangeError)
  assert.throws(() => encodeControlFrame('ping', new Uint8Array(), new Uint8Array(3)), RangeError)
})

test('any server frame is read whole, and is incomplete by what is missing anywhere before its end', () => {
  const lengths = fc.oneof(fc.nat(130), fc.integer({ min: 65_530, max: 65_540 }))
  fc.assert(
    fc.property(lengths, fc.boolean(), fc.nat(70_000), (length, final, cut) => {
      const header =
        length < 126
          ? [length]
          : length < 65_536
            ? [126, length >> 8, length & 255]
            : [127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255]
      const octets = new Uint8Array(1 + header.length + length)
      octets.set([(final ? 0x80 : 0) | 2, ...header])
      const split = splitServerFrame(octets, 70_000)
      assert.ok(split.kind === 'frame' && split.frame.payload.length === length && split.used === octets.length)
      if (cut >= octets.length) return
      const part = splitServerFrame(octets.subarray(0, cut), 70_000)
      assert.ok(part.kind === 'incomplete' && part.missing >= 1 && part.missing <= octets.length - cut)
    }),
  )
})

test('any octets give a value, as a frame and as what a Close frame says', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      const split = splitServerFrame(octets, 100)
      if (split.kind === 'frame') assert.ok(split.used <= octets.length && split.frame.payload.length <= 100)
      if (split.kind === 'incomplete') assert.ok(split.missing >= 1 && split.missing <= 110)
      const close = decodeClose(octets)
      assert.ok(close === undefined || (close.code >= 1000 && close.code <= 4999))
    }),
    { numRuns: 2000 },
  )
})

test('any close that may be sent comes back, and none that may not', () => {
  fc.assert(
    fc.property(fc.nat(5999), fc.string({ unit: 'binary', maxLength: 30 }), (code, reason) => {
      const allowed = /^(100[0-3]|100[7-9]|101[0-4]|[34]\d{3})$/.test(String(code))
      if (allowed) assert.deepEqual(decodeClose(encodeClose({ code, reason })), { code, reason })
      else assert.throws(() => encodeClose({ code, reason }), RangeError)
    }),
  )
  assert.deepEqual(decodeClose(new Uint8Array()), { code: 1005, reason: '' })
  for (const wrong of ['03', '03ed', '03e8ff']) assert.equal(decodeClose(hex(wrong)), undefined, wrong)
})

/** Fields of an answer's head, by their names in small letters. */
function headOf(octets: Uint8Array): UpgradeAnswer {
  const [line = '', ...fields] = Buffer.from(octets).toString('latin1').split('\r\n\r\n')[0]?.split('\r\n') ?? []
  const headers = fields.map((field) => [
    field.slice(0, field.indexOf(':')).toLowerCase(),
    field.slice(field.indexOf(':') + 1),
  ])
  return { status: Number(line.split(' ')[1]), headers: Object.fromEntries(headers) }
}

test('nginx 1.22.1 before Chromium 156, captured: it switches, answers a ping and a close', () => {
  const head = hex(`
    485454502f312e312031303120576562536f636b65742050726f746f636f6c2048616e647368616b650d0a5365727665
    723a206e67696e782f312e32322e310d0a446174653a205361742c203231204e6f7620323032362032333a31353a3030
    20474d540d0a436f6e6e656374696f6e3a20757067726164650d0a557067726164653a20576562536f636b65740d0a53
    65632d576562536f636b65742d4163636570743a20733370504c4d426954786151396b59477a7a685a52624b2b784f6f
    3d0d0a0d0a`)
  assert.deepEqual(judgeUpgrade(headOf(head), { ...offer, protocols: [] }, accept), { kind: 'accepted' })
  const pong = splitServerFrame(hex('8a07706f737465726e'), 125)
  assert.deepEqual(pong, {
    kind: 'frame',
    frame: { final: true, opcode: 'pong', payload: new TextEncoder().encode('postern') },
    used: 9,
  })
  const close = splitServerFrame(hex('880203e8'), 125)
  assert.ok(close.kind === 'frame' && close.frame.opcode === 'close')
  assert.deepEqual(decodeClose(close.frame.payload), { code: 1000, reason: '' })
})

test('nginx 1.22.1 before Chromium 156, captured: a text of more than 125 octets', () => {
  const octets = hex(`
    817e01187b226964223a312c22726573756c74223a7b2270726f746f636f6c56657273696f6e223a22312e33222c2270
    726f64756374223a224368726f6d652f3135362e302e383037382e3739222c227265766973696f6e223a224061323163
    653935633234636533393634343136663039616531383632663533663331396562346430222c22757365724167656e74
    223a224d6f7a696c6c612f352e3020285831313b204c696e7578207838365f363429204170706c655765624b69742f35
    33372e333620284b48544d4c2c206c696b65204765636b6f2920486561646c6573734368726f6d652f3135362e302e30
    2e30205361666172692f3533372e3336222c226a7356657273696f6e223a2231352e362e37352e3237227d7d`)
  const read = splitServerFrame(octets, 1000)
  assert.ok(read.kind === 'frame' && read.used === octets.length)
  assert.deepEqual([read.frame.final, read.frame.opcode], [true, 'text'])
  assert.match(Buffer.from(read.frame.payload).toString(), /^\{"id":1,"result":\{"protocolVersion":"1\.3",.*\}\}$/)
})

test('nginx 1.22.1, captured: without the upgrade passed on the answer is that of a gateway', () => {
  const head = hex(`
    485454502f312e31203530322042616420476174657761790d0a5365727665723a206e67696e782f312e32322e310d0a
    446174653a205361742c203231204e6f7620323032362032333a31353a303020474d540d0a436f6e74656e742d547970
    653a20746578742f68746d6c0d0a436f6e74656e742d4c656e6774683a203135370d0a436f6e6e656374696f6e3a206b
    6565702d616c6976650d0a0d0a`)
  assert.deepEqual(judgeUpgrade(headOf(head), offer, accept), { kind: 'not-switched', status: 502 })
})
