import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import fc from 'fast-check'
import { hex, said } from './said.ts'
import type { SqlServerOptions } from './sqlServer.ts'
import { openSqlServer } from './sqlServer.ts'

async function sqlServer(t: TestContext, options: SqlServerOptions = {}): Promise<number> {
  const standIn = await openSqlServer({ address: '127.0.0.1', port: 0 }, options)
  t.after(() => standIn.close())
  return standIn.port
}

/** The request of MS-TDS §4.1 in its own layout, with its wish for encryption and its instance replaced. */
const request = ({ wish = '01', instance = '00' } = {}): Buffer => {
  const length = hex(instance).length
  const behind = (0x21 + length).toString(16).padStart(4, '0')
  const last = (0x25 + length).toString(16).padStart(4, '0')
  return hex(`12 01 00 ${(0x2e + length).toString(16)} 00 00 01 00
    00 00 1A 00 06  01 00 20 00 01  02 00 21 ${length.toString(16).padStart(4, '0')}  03 ${behind} 00 04  04 ${last} 00 01  FF
    09 00 00 00 00 00  ${wish}  ${instance}  B8 0D 00 00  01`)
}

/** The response of MS-TDS §4.2: the layout of SQL Server, with version 16.0.1000.6 and no MARS. */
const response = ({ encryption = '01', instance = '00' } = {}): Buffer =>
  hex(`04 01 00 2b 00 00 01 00
    00 00 1a 00 06  01 00 20 00 01  02 00 21 00 01  03 00 22 00 00  04 00 22 00 01  ff
    10 00 03 e8 00 06  ${encryption}  ${instance}  00`)

test("the specification's own request is answered in the layout of the specification's answer", async (t) => {
  const port = await sqlServer(t)
  assert.equal(request().length, 0x2f)
  assert.deepEqual(await said(port, request(), { awaits: 43 }), response())
  assert.deepEqual(await said(port, request(), { awaits: 43, piece: 1 }), response())
})

// MS-TDS §2.2.6.5: what a client wishes, the server's setting, what it answers.
for (const { setting, wish, encryption } of [
  { setting: 'off', wish: '00', encryption: '00' },
  { setting: 'off', wish: '01', encryption: '01' },
  { setting: 'off', wish: '02', encryption: '02' },
  { setting: 'on', wish: '00', encryption: '03' },
  { setting: 'on', wish: '01', encryption: '01' },
  { setting: 'on', wish: '02', encryption: '03' },
  { setting: 'not-supported', wish: '00', encryption: '02' },
  { setting: 'not-supported', wish: '01', encryption: '02' },
  { setting: 'not-supported', wish: '02', encryption: '02' },
] as const) {
  test(`with encryption ${setting}, the wish ${wish} is answered with ${encryption}`, async (t) => {
    const heard = await said(await sqlServer(t, { encryption: setting }), request({ wish }), { awaits: 43 })
    assert.deepEqual(heard, response({ encryption }))
  })
}

test('the instance that is asked for is compared with its own', async (t) => {
  const own = await sqlServer(t)
  const another = await sqlServer(t, { conduct: 'another-instance' })
  const named = (name: string): string => `${Buffer.from(name).toString('hex')} 00`
  for (const { port, instance, matches } of [
    { port: own, instance: named(''), matches: '00' },
    { port: own, instance: named('MSSQLServer'), matches: '00' },
    { port: own, instance: named('ADFS'), matches: '01' },
    { port: another, instance: named(''), matches: '00' },
    { port: another, instance: named('MSSQLServer'), matches: '01' },
    { port: another, instance: named('ARCHIVE'), matches: '00' },
  ]) {
    assert.deepEqual(await said(port, request({ instance }), { awaits: 43 }), response({ instance: matches }), instance)
  }
})

const options = '00 000b 0006 01 0011 0001 ff 090000000000 00'
const packet = (payload: string, type = '12', status = '01'): Buffer =>
  hex(`${type} ${status} ${(8 + hex(payload).length).toString(16).padStart(4, '0')} 0000 01 00 ${payload}`)

test('a request with the two options that matter is enough', async (t) => {
  assert.deepEqual(await said(await sqlServer(t), packet(options), { awaits: 43 }), response({ encryption: '00' }))
})

for (const { what, octets } of [
  { what: 'HTTP', octets: Buffer.from('GET / HTTP/1.0\r\n\r\n') },
  { what: 'an answer', octets: response() },
  { what: 'a login without a pre-login', octets: packet(options, '10') },
  { what: 'a packet that is not the last', octets: packet(options, '12', '00') },
  { what: 'a packet shorter than its header', octets: hex('12 01 0007 0000 01 00') },
  { what: 'a packet of 4097 octets', octets: hex('12 01 1001 0000 01 00') },
  { what: 'nothing in a packet', octets: packet('') },
  { what: 'options without an end', octets: packet('00 0006 0006') },
  { what: 'an option behind the end', octets: packet('00 0006 0006 01 00ff 0001 ff 090000000000 00') },
  { what: 'no version', octets: packet('01 0006 0001 ff 00') },
  { what: 'a version that is not the first', octets: packet('01 000b 0001 00 000c 0006 ff 00 090000000000') },
  { what: 'a version of four octets', octets: packet('00 0006 0004 ff 09000000') },
  { what: 'a wish for encryption without a meaning', octets: packet('00 000b 0006 01 0011 0001 ff 090000000000 09') },
]) {
  test(`${what} is met with the end of the connection`, async (t) => {
    assert.deepEqual(await said(await sqlServer(t), octets, { awaits: 1000 }), Buffer.alloc(0))
  })
}

test('a login is refused with error 18456, and the connection ends', async (t) => {
  const octets = Buffer.concat([request({ wish: '02' }), packet('00'.repeat(36), '10')])
  const heard = await said(await sqlServer(t), octets, { awaits: 1000 })
  assert.deepEqual(heard.subarray(0, 43), response({ encryption: '02' }))
  const refusal = heard.subarray(43)
  assert.equal(refusal.readUInt16BE(2), refusal.length)
  // ERROR (MS-TDS §2.2.7.10): token, length, number.
  assert.deepEqual([refusal[8], refusal.readUInt32LE(11)], [0xaa, 18456])
  // DONE behind it (§2.2.7.6), with DONE_ERROR.
  assert.deepEqual(refusal.subarray(11 + refusal.readUInt16LE(9)), hex('fd 0200 0000 0000000000000000'))
})

test('a handshake of TLS behind the answer ends the connection: there is no certificate', async (t) => {
  const octets = Buffer.concat([request(), packet('16 03 01 00 05 01 00 00 01 00')])
  assert.deepEqual(await said(await sqlServer(t), octets, { awaits: 1000 }), response())
})

test('what is told to close, to be silent or to talk garbage does so', async (t) => {
  const [closes, silent, garbage] = await Promise.all(
    (['closes', 'silent', 'garbage'] as const).map((conduct) => sqlServer(t, { conduct })),
  )
  assert.deepEqual(await said(closes ?? 0, request(), { awaits: 1000 }), Buffer.alloc(0))
  assert.deepEqual(await said(silent ?? 0, request()), Buffer.alloc(0))
  const heard = await said(garbage ?? 0, request(), { awaits: 1000 })
  assert.equal(heard.length, 48)
  assert.ok(heard.every((octet) => octet >= 0x80))
})

test('any octets, and any request with octets changed, are met with an answer or nothing', async (t) => {
  const port = await sqlServer(t)
  const changed = fc
    .array(fc.tuple(fc.nat(request().length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
    .map((changes) => {
      const octets = request()
      for (const [at, octet] of changes) octets[at] = octet
      return octets
    })
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), changed), async (octets) => {
      const heard = await said(port, octets)
      assert.ok(heard.length === 0 || (heard.length === 43 && heard[0] === 4), heard.toString('hex'))
    }),
    { numRuns: 60 },
  )
  assert.deepEqual(await said(port, request(), { awaits: 43 }), response())
})
