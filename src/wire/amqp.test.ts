import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeSaslHeader, lengthOfAmqpAnswer, readAmqpAnswer } from './amqp.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'))
const ascii = (text: string): string => Buffer.from(text).toString('hex')

const header = '414d5150 03 01 00 00'

/** A frame of SASL around a body (OASIS AMQP 1.0 part 2 §2.3.1): size, offset of two words, type 1, two octets unused. */
const frame = (body: string): string => {
  const size = 8 + hex(body).length
  return `${size.toString(16).padStart(8, '0')} 02 01 0000 ${body}`
}

/**
 * As Azure Service Bus lays it out: symbols with sizes of four octets in an array with a size of one. Logs of its clients
 * show the frame's first 27 octets, and the size leaves room for just these names.
 */
const serviceBus = hex(`${header}
  0000003f 02 01 0000
  00 53 40
  c0 32 01
  e0 2f 04 b3
  00000007 ${ascii('MSSBCBS')}
  00000005 ${ascii('PLAIN')}
  00000009 ${ascii('ANONYMOUS')}
  00000008 ${ascii('EXTERNAL')}`)
const offered = ['MSSBCBS', 'PLAIN', 'ANONYMOUS', 'EXTERNAL']

test('the header asks for protocol 3, version 1.0.0', () => {
  assert.deepEqual(encodeSaslHeader(), Uint8Array.of(0x41, 0x4d, 0x51, 0x50, 3, 1, 0, 0))
})

test('the mechanisms behind an echoed header are read in their order', () => {
  assert.deepEqual(readAmqpAnswer(serviceBus), { kind: 'mechanisms', mechanisms: offered })
  assert.equal(lengthOfAmqpAnswer(serviceBus), serviceBus.length)
})

/** Taken from RabbitMQ 3.10.8 with its plugin for AMQP 1.0, asked by the header for SASL. */
const rabbitMq = hex(`414d5150 03010000
  00000034 02 01 0000 00 53 40 c0 27 01 e0 24 03 b3
  00000009 414e4f4e594d4f5553 00000005 504c41494e 00000008 414d51504c41494e`)

test('what a real broker says is read: its mechanisms, and the header alone where it takes clients without SASL', () => {
  const mechanisms = ['ANONYMOUS', 'PLAIN', 'AMQPLAIN']
  assert.deepEqual(readAmqpAnswer(rabbitMq), { kind: 'mechanisms', mechanisms })
  assert.equal(lengthOfAmqpAnswer(rabbitMq), rabbitMq.length)
  assert.notEqual(readAmqpAnswer(hex('414d5150 00010000')).kind, 'mechanisms')
})

const plain = `a3 05 ${ascii('PLAIN')}`
for (const { what, body, mechanisms } of [
  {
    what: 'symbols with sizes of one octet',
    body: `00 53 40 c0 15 01 e0 12 02 a3 05 ${ascii('PLAIN')} 09 ${ascii('ANONYMOUS')}`,
    mechanisms: ['PLAIN', 'ANONYMOUS'],
  },
  { what: 'one symbol and no array', body: `00 53 40 c0 08 01 ${plain}`, mechanisms: ['PLAIN'] },
  {
    what: 'one symbol with a size of four octets',
    body: `00 53 40 c0 0b 01 b3 00000005 ${ascii('PLAIN')}`,
    mechanisms: ['PLAIN'],
  },
  {
    what: 'list and array with sizes of four octets',
    body: `00 53 40 d0 00000014 00000001 f0 0000000b 00000001 a3 05 ${ascii('PLAIN')}`,
    mechanisms: ['PLAIN'],
  },
  {
    what: 'a descriptor of eight octets',
    body: `00 80 0000000000000040 c0 08 01 ${plain}`,
    mechanisms: ['PLAIN'],
  },
  {
    what: 'a descriptor in words',
    body: `00 a3 19 ${ascii('amqp:sasl-mechanisms:list')} c0 08 01 ${plain}`,
    mechanisms: ['PLAIN'],
  },
  {
    what: 'a name that would act on a terminal',
    body: '00 53 40 c0 07 01 a3 04 1b5b324a',
    mechanisms: ['\\x1B[2J'],
  },
]) {
  test(`${what}: read`, () => {
    assert.deepEqual(readAmqpAnswer(hex(`${header} ${frame(body)}`)), { kind: 'mechanisms', mechanisms })
  })
}

test('an extended header is passed over, and what follows the frame is not looked at', () => {
  const body = `cafebabe 00 53 40 c0 08 01 ${plain}`
  const octets = hex(`${header} 00000019 03 01 0000 ${body} 00000008 02`)
  assert.equal(lengthOfAmqpAnswer(octets), 8 + 0x19)
  assert.deepEqual(readAmqpAnswer(octets), { kind: 'mechanisms', mechanisms: ['PLAIN'] })
})

for (const { octets, protocol } of [
  { octets: '00 00 09 01', protocol: 'AMQP 0-9-1' },
  { octets: '01 01 00 0a', protocol: 'AMQP 0-10' },
  { octets: '00 01 00 00', protocol: 'AMQP 1.0.0 without SASL' },
  { octets: '02 01 00 00', protocol: 'AMQP 1.0.0 with TLS of its own' },
  { octets: '03 01 01 00', protocol: 'AMQP 1.1.0 with SASL' },
  { octets: '07 02 03 04', protocol: 'AMQP 2.3.4, protocol 7' },
]) {
  test(`another header is an offer: ${protocol}`, () => {
    const answer = hex(`414d5150 ${octets} 00`)
    assert.deepEqual(readAmqpAnswer(answer), { kind: 'offers', protocol })
    assert.equal(lengthOfAmqpAnswer(answer), 8)
  })
}

test('a header alone is one', () => {
  assert.deepEqual(readAmqpAnswer(hex(header)), { kind: 'header' })
  assert.equal(lengthOfAmqpAnswer(hex(header)), undefined)
})

for (const { what, octets, why } of [
  { what: 'HTTP', octets: hex(ascii('HTTP/1.1 400 Bad Request\r\n')), why: 'the header is not of AMQP' },
  {
    what: 'a frame of 4 GB',
    octets: hex(`${header} ffffffff 02 01 0000`),
    why: 'the length 4294967295 is over 512, the most of a frame of SASL',
  },
  {
    what: 'a frame of 513 octets',
    octets: hex(`${header} 00000201`),
    why: 'the length 513 is over 512, the most of a frame of SASL',
  },
  {
    what: 'a frame without a body',
    octets: hex(`${header} 00000008`),
    why: 'the length 8 is too short for a frame of SASL',
  },
  {
    what: 'a frame of AMQP',
    octets: hex(`${header} 00000010 02 00`),
    why: 'the frame behind the header is of type 0x00, not 0x01',
  },
  {
    what: 'a body that begins inside the header',
    octets: hex(`${header} 00000010 01`),
    why: 'no frame of SASL follows the header',
  },
  {
    what: 'a body that begins behind the end',
    octets: hex(`${header} 00000010 04`),
    why: 'no frame of SASL follows the header',
  },
]) {
  test(`${what} is another protocol`, () => {
    assert.deepEqual(lengthOfAmqpAnswer(octets), { why })
    assert.deepEqual(readAmqpAnswer(octets), { kind: 'other', why })
  })
}

for (const { what, body } of [
  { what: 'another performative', body: `00 53 44 c0 08 01 ${plain}` },
  { what: 'another performative in words', body: `00 a3 16 ${ascii('amqp:sasl-outcome:list')} c0 08 01 ${plain}` },
  { what: 'no descriptor', body: `c0 08 01 ${plain}` },
  { what: 'an empty list', body: '00 53 40 45' },
  { what: 'a list of no fields', body: `00 53 40 c0 08 00 ${plain}` },
  { what: 'a list without a count', body: `00 53 40 c0 00 01 ${plain}` },
  { what: 'an array without a count', body: `00 53 40 c0 0b 01 e0 00 01 a3 05 ${ascii('PLAIN')}` },
  { what: 'null for the mechanisms', body: '00 53 40 c0 02 01 40' },
  { what: 'an array of nothing', body: '00 53 40 c0 05 01 e0 02 00 a3' },
  { what: 'an array of strings', body: `00 53 40 c0 0b 01 e0 08 01 a1 05 ${ascii('PLAIN')}` },
  { what: 'an array of four billion symbols', body: '00 53 40 d0 00000011 00000001 f0 00000008 ffffffff a3 01 41 00' },
  { what: 'a symbol longer than its array', body: `00 53 40 c0 0b 01 e0 08 01 a3 7f ${ascii('PLAIN')}` },
  { what: 'a list longer than its frame', body: `00 53 40 c0 ff 01 ${plain}` },
  { what: 'a list of 4 GB', body: `00 53 40 d0 ffffffff 00000001 ${plain}` },
]) {
  test(`${what} lists no mechanisms`, () => {
    const octets = hex(`${header} ${frame(body)}`)
    assert.deepEqual(readAmqpAnswer(octets), { kind: 'other', why: 'the frame behind the header lists no mechanisms' })
  })
}

test('any prefix of an answer is cut short or a header, and has the length of the whole once it is known', () => {
  for (let cut = 0; cut < serviceBus.length; cut += 1) {
    const prefix = serviceBus.subarray(0, cut)
    assert.equal(lengthOfAmqpAnswer(prefix), cut < 12 ? undefined : serviceBus.length, `${cut}`)
    assert.equal(readAmqpAnswer(prefix).kind, cut === 8 ? 'header' : 'other', `${cut}`)
  }
})

test('any octets, and any answer with an octet changed, give a value that prints and is no longer than a frame', () => {
  const changed = fc.tuple(fc.nat(serviceBus.length - 1), fc.nat(255)).map(([at, octet]) => serviceBus.with(at, octet))
  const behindHeader = fc
    .uint8Array({ minLength: 1, maxLength: 100 })
    .map((body) => hex(`${header} ${frame(`005340${Buffer.from(body).toString('hex')}`)}`))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), behindHeader, changed), (octets) => {
      const answer = readAmqpAnswer(octets)
      const length = lengthOfAmqpAnswer(octets)
      assert.match(JSON.stringify(answer), /^[ -~]*$/)
      assert.ok(typeof length !== 'number' || (length >= 8 && length <= 8 + 512))
      if (answer.kind === 'mechanisms') {
        assert.ok(typeof length === 'number' && length <= octets.length)
        assert.ok(answer.mechanisms.length >= 1 && answer.mechanisms.length <= octets.length)
        assert.ok(answer.mechanisms.every((name) => name.length <= 160))
      }
    }),
    { numRuns: 2000 },
  )
})
