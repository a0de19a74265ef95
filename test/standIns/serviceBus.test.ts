import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeChain } from '../pki.ts'
import { hex, said } from './said.ts'
import type { ServiceBusConduct } from './serviceBus.ts'
import { openServiceBus } from './serviceBus.ts'

const chain = await makeChain()
const certificate = { cert: chain.leaf.pem + chain.intermediate.pem, key: chain.leaf.keyPem }
const tls = { ca: chain.root.pem, name: 'localhost' }

async function serviceBus(t: TestContext, conduct?: ServiceBusConduct): Promise<number> {
  const place = { address: '127.0.0.1', port: 0 }
  const standIn = await openServiceBus(place, { certificate, ...(conduct && { conduct }) })
  t.after(() => standIn.close())
  return standIn.port
}

const ascii = (text: string): string => Buffer.from(text).toString('hex')
/** Protocol headers: `AMQP`, the protocol, and its version (AMQP 1.0 part 2 §2.2, part 5 §5.3.2; 0-9-1 §4.2.2). */
const sasl = hex(`${ascii('AMQP')} 03 01 00 00`)
const plain = hex(`${ascii('AMQP')} 00 01 00 00`)
const before = hex(`${ascii('AMQP')} 00 00 09 01`)

/** A frame of SASL with an array of four symbols, as Azure Service Bus sends it (part 5 §5.3.3.1). */
const mechanisms = hex(`0000003f 02 01 0000  00 53 40  c0 32 01  e0 2f 04 b3
  00000007 ${ascii('MSSBCBS')} 00000005 ${ascii('PLAIN')} 00000009 ${ascii('ANONYMOUS')} 00000008 ${ascii('EXTERNAL')}`)
const greeting = Buffer.concat([sasl, mechanisms])

/** sasl-init for ANONYMOUS (part 5 §5.3.3.2), and the outcome that refuses it (§5.3.3.6, code 1). */
const init = hex(`0000001a 02 01 0000  00 53 41  c0 0d 02  a3 09 ${ascii('ANONYMOUS')} 40`)
const refused = hex('00000010 02 01 0000  00 53 44  c0 03 01 50 01')

test('the header of SASL is said back with the mechanisms, inside TLS', async (t) => {
  const port = await serviceBus(t)
  assert.deepEqual(await said(port, sasl, { tls, awaits: greeting.length }), greeting)
  assert.deepEqual(await said(port, sasl, { tls, awaits: greeting.length, piece: 1 }), greeting)
})

for (const { what, octets } of [
  { what: 'AMQP without SASL', octets: plain },
  { what: 'AMQP 0-9-1', octets: before },
  { what: 'another version of SASL', octets: hex(`${ascii('AMQP')} 03 01 01 00`) },
  { what: 'HTTP', octets: Buffer.from('GET / HTTP/1.1\r\n\r\n') },
]) {
  test(`${what} is met with the header that is wanted, and the connection ends`, async (t) => {
    assert.deepEqual(await said(await serviceBus(t), octets, { tls, awaits: 1000 }), sasl)
  })
}

test('a sign-in is refused, and the connection ends', async (t) => {
  assert.equal(init.length, 0x1a)
  const heard = await said(await serviceBus(t), Buffer.concat([sasl, init]), { tls, awaits: 1000 })
  assert.deepEqual(heard, Buffer.concat([greeting, refused]))
})

for (const { what, octets } of [
  { what: 'a frame of AMQP', octets: hex('00000010 02 00 0000 00 53 10 c0 03 01 50 01') },
  { what: 'a frame shorter than its size', octets: hex('00000002') },
  { what: 'a frame of 513 octets', octets: hex('00000201 02 01 0000') },
  { what: 'a frame of 4 GB', octets: hex('ffffffff 02 01 0000') },
]) {
  test(`${what} in place of a sign-in ends the connection`, async (t) => {
    const heard = await said(await serviceBus(t), Buffer.concat([sasl, octets]), { tls, awaits: 1000 })
    assert.deepEqual(heard, greeting)
  })
}

for (const { conduct, heard, over } of [
  { conduct: 'amqp-0-9-1', heard: before, over: true },
  { conduct: 'no-sasl', heard: plain, over: true },
  { conduct: 'header-only', heard: sasl, over: false },
  { conduct: 'silent', heard: Buffer.alloc(0), over: false },
] as const) {
  test(`what is told to be ${conduct} is so`, async (t) => {
    const awaits = over ? 1000 : heard.length
    assert.deepEqual(await said(await serviceBus(t, conduct), sasl, { tls, awaits }), heard)
  })
}

test('without TLS it speaks in the clear, and meets a ClientHello with the header that it wants', async (t) => {
  const port = await serviceBus(t, 'no-tls')
  assert.deepEqual(await said(port, sasl, { awaits: greeting.length }), greeting)
  assert.deepEqual(await said(port, hex('16 03 01 00 05 01 00 00 01 00'), { awaits: 1000 }), sasl)
})

test('with TLS, words in the clear are met with no more than an alert', async (t) => {
  const heard = await said(await serviceBus(t), sasl, { awaits: 1000 })
  assert.ok(heard.length === 0 || heard[0] === 0x15, heard.toString('hex'))
})

test('any octets are met with a header, and behind the right one with mechanisms', async (t) => {
  const port = await serviceBus(t, 'no-tls')
  const behind = fc.uint8Array({ maxLength: 600 }).map((octets) => Buffer.concat([sasl, octets]))
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 100 }), behind), async (octets) => {
      const heard = await said(port, octets)
      const answers = [Buffer.alloc(0), sasl, greeting, Buffer.concat([greeting, refused])]
      assert.ok(
        answers.some((answer) => answer.equals(heard)),
        heard.toString('hex'),
      )
    }),
    { numRuns: 60 },
  )
  assert.deepEqual(await said(port, sasl, { awaits: greeting.length }), greeting)
})
