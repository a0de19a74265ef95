import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AdwsOptions } from './adws.ts'
import { openAdws } from './adws.ts'
import { hex, said } from './said.ts'

async function adws(t: TestContext, options: AdwsOptions = {}): Promise<number> {
  const standIn = await openAdws({ address: '127.0.0.1', port: 0 }, options)
  t.after(() => standIn.close())
  return standIn.port
}

const ascii = (text: string): string => Buffer.from(text).toString('hex')
/** The records of MC-NMF §2.2.3 as octets, in the order of the grammar in §3.1.1.2; each can be another. */
const sent = {
  version: '00 01 00',
  mode: '01 02',
  via: `02 4b ${ascii('net.tcp://dc1.corp.example:9389/ActiveDirectoryWebServices/Windows/Resource')}`,
  encoding: '03 08',
  upgrade: `09 15 ${ascii('application/negotiate')}`,
}
const preamble = (over: Partial<typeof sent> = {}): Buffer => hex(Object.values({ ...sent, ...over }).join(''))
const via = (uri: string): string => `02 ${uri.length.toString(16).padStart(2, '0')} ${ascii(uri)}`

/** A fault record (MC-NMF §2.2.5): its type, the size of its URI, the URI. */
function fault(name: string): Buffer {
  const uri = `http://schemas.microsoft.com/ws/2006/05/framing/faults/${name}`
  return hex(`08 ${uri.length.toString(16)} ${ascii(uri)}`)
}

test('a whole preamble with the upgrade that the service wants is met with one octet', async (t) => {
  const port = await adws(t)
  assert.deepEqual(await said(port, preamble(), { awaits: 1 }), hex('0a'))
  assert.deepEqual(await said(port, preamble(), { awaits: 1, piece: 1 }), hex('0a'))
  // Appendix A, note 3: the minor version is not looked at.
  assert.deepEqual(await said(port, preamble({ version: '00 01 07' }), { awaits: 1 }), hex('0a'))
  for (const uri of [
    'net.tcp://10.77.5.10:9389/ActiveDirectoryWebServices/Windows/Enumeration',
    'net.tcp://[2001:db8::7]:9389/activedirectorywebservices/windows/resource',
  ]) {
    assert.deepEqual(await said(port, preamble({ via: via(uri) }), { awaits: 1 }), hex('0a'), uri)
  }
})

for (const { what, over, name } of [
  { what: 'another major version', over: { version: '00 02 00' }, name: 'UnsupportedVersion' },
  { what: 'a mode for one message', over: { mode: '01 01' }, name: 'UnsupportedMode' },
  { what: 'an address that nothing serves', over: { via: via('net.tcp://dc1:9389/Other') }, name: 'EndpointNotFound' },
  { what: 'another scheme', over: { via: via('http://dc1:9389/x') }, name: 'EndpointNotFound' },
  {
    what: 'an endpoint for names and passwords',
    over: { via: via('net.tcp://dc1:9389/ActiveDirectoryWebServices/UserName/Resource') },
    name: 'EndpointNotFound',
  },
  { what: 'messages as text', over: { encoding: '03 03' }, name: 'ContentTypeInvalid' },
  { what: 'an encoding by its name', over: { encoding: `04 08 ${ascii('text/xml')}` }, name: 'ContentTypeInvalid' },
  { what: 'another upgrade', over: { upgrade: `09 13 ${ascii('application/ssl-tls')}` }, name: 'UpgradeInvalid' },
]) {
  test(`${what} is met with ${name}, and the connection ends`, async (t) => {
    const heard = await said(await adws(t), preamble(over), { awaits: 1000 })
    assert.deepEqual(heard, fault(name))
  })
}

for (const { what, octets } of [
  { what: 'no record at all', octets: hex(ascii('GET / HTTP/1.0\r\n\r\n')) },
  { what: 'records in another order', octets: preamble({ mode: sent.via, via: sent.mode }) },
  { what: 'an end of the preamble without an upgrade', octets: preamble({ upgrade: '0c' }) },
  { what: 'an address of no octets', octets: preamble({ via: '02 00' }) },
  { what: 'an address of 2049 octets', octets: preamble({ via: '02 81 10' }) },
  { what: 'an address of 34 GB', octets: preamble({ via: '02 ff ff ff ff 7f' }) },
  { what: 'a size without an end', octets: preamble({ via: '02 ff ff ff ff ff ff ff' }) },
  { what: 'an upgrade with a name of 257 octets', octets: preamble({ upgrade: '09 81 02' }) },
]) {
  test(`${what} is met with the end of the connection, and no fault`, async (t) => {
    assert.deepEqual(await said(await adws(t), octets, { awaits: 1000 }), Buffer.alloc(0))
  })
}

test('a sign-in that begins ends the connection', async (t) => {
  // A first message of MS-NNS §2.2.1 with a token of two octets.
  const heard = await said(await adws(t), Buffer.concat([preamble(), hex('16 01 00 00 02 60 00')]), { awaits: 1000 })
  assert.deepEqual(heard, hex('0a'))
})

test('who says nothing more loses the connection', async (t) => {
  const port = await adws(t, { patienceMs: 50 })
  assert.deepEqual(await said(port, preamble(), { awaits: 1000 }), hex('0a'))
  assert.deepEqual(await said(port, preamble().subarray(0, 20), { awaits: 1000 }), Buffer.alloc(0))
})

for (const { conduct, heard } of [
  { conduct: 'paused', heard: fault('EndpointPaused') },
  { conduct: 'closes', heard: Buffer.alloc(0) },
  { conduct: 'leaves', heard: hex('0a') },
  {
    conduct: 'other-protocol',
    heard: Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'),
  },
] as const) {
  test(`what is told to be ${conduct} is so, and then the connection is over`, async (t) => {
    assert.deepEqual(await said(await adws(t, { conduct }), preamble(), { awaits: 1000 }), heard)
  })
}

test('one that is paused refuses what is wrong in a preamble before that', async (t) => {
  const port = await adws(t, { conduct: 'paused' })
  assert.deepEqual(await said(port, preamble({ version: '00 02 00' }), { awaits: 1000 }), fault('UnsupportedVersion'))
})

test('one that is silent hears and says nothing', async (t) => {
  assert.deepEqual(await said(await adws(t, { conduct: 'silent' }), preamble()), Buffer.alloc(0))
})

test('a line feed is followed by more', async (t) => {
  const heard = await said(await adws(t, { conduct: 'line-feed' }), preamble(), { awaits: 2 })
  assert.match(heard.toString(), /^\nCommands/)
})

test('one that is slow agrees later, and refuses at once', async (t) => {
  const port = await adws(t, { conduct: 'slow', lateMs: 20 })
  assert.deepEqual(await said(port, preamble({ mode: '01 01' }), { awaits: 1000 }), fault('UnsupportedMode'))
  assert.deepEqual(await said(port, preamble(), { awaits: 1 }), hex('0a'))
  const never = await adws(t, { conduct: 'slow', lateMs: 2 ** 31 - 1 })
  const waiting = connect(never, '127.0.0.1')
  t.after(() => waiting.destroy())
  waiting.write(preamble())
  waiting.once('data', () => assert.fail('agreed at once'))
  await once(waiting, 'connect')
  // Another whole conversation with the same server has taken place meanwhile.
  assert.deepEqual(await said(never, preamble({ mode: '01 01' }), { awaits: 1000 }), fault('UnsupportedMode'))
})

test('any octets, and any preamble with octets changed, are met with an upgrade, a fault or nothing', async (t) => {
  const port = await adws(t)
  const changed = fc
    .array(fc.tuple(fc.nat(preamble().length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
    .map((changes) => {
      const octets = preamble()
      for (const [at, octet] of changes) octets[at] = octet
      return octets
    })
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), changed), async (octets) => {
      const heard = await said(port, octets)
      assert.ok(heard.length === 0 || heard.equals(hex('0a')) || heard[0] === 8, heard.toString('hex'))
    }),
    { numRuns: 60 },
  )
  assert.deepEqual(await said(port, preamble(), { awaits: 1 }), hex('0a'))
})
