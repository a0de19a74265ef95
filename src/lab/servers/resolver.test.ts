import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { Resolver as Client } from 'node:dns/promises'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { openResolver, type Resolver } from './resolver.ts'

const cloudName = 'login.microsoftonline.com'

/** A resolver, and Node's own client (c-ares) that asks it. */
async function opened(t: TestContext, ownZone = true): Promise<{ resolver: Resolver; client: Client }> {
  const resolver = await openResolver({
    address: '127.0.0.1',
    port: 0,
    ownZone,
    serves: (name) => name === cloudName,
  })
  t.after(() => resolver.close())
  const client = new Client({ timeout: 2000, tries: 1 })
  client.setServers([`${resolver.address}:${resolver.port}`])
  t.after(() => client.cancel())
  return { resolver, client }
}

/** One raw answer over UDP. */
async function askUdp(port: number, query: Uint8Array): Promise<Buffer> {
  const socket = createSocket('udp4')
  try {
    socket.send(query, port, '127.0.0.1')
    const [answer] = await once(socket, 'message')
    return answer
  } finally {
    socket.close()
  }
}

/** A question for the address of a name, id 7, recursion desired, written by hand (RFC 1035 §4.1). */
function question(name: string): Buffer {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)])
  return Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1])
}

test('names of the cloud resolve to loopback, over IPv4 only', async (t) => {
  const { client } = await opened(t)
  assert.deepEqual(await client.resolve4(cloudName), ['127.0.0.1'])
  await assert.rejects(client.resolve6(cloudName), { code: 'ENODATA' })
})

test('a name that the lab does not serve does not exist', async (t) => {
  const { client } = await opened(t)
  await assert.rejects(client.resolve4('www.example.org'), { code: 'ENOTFOUND' })
})

test('the zone of the site has its hosts, its authority and the records by which controllers are found', async (t) => {
  const { client } = await opened(t)
  assert.deepEqual(await client.resolve4('app01.corp.example'), ['127.0.0.1'])
  assert.equal((await client.resolveSoa('corp.example')).nsname, 'dns01.corp.example')
  assert.deepEqual(await client.resolveNs('corp.example'), ['dns01.corp.example'])
  const [ldap] = await client.resolveSrv('_ldap._tcp.dc._msdcs.corp.example')
  assert.equal(ldap?.name, 'dc01.corp.example')
  assert.equal(ldap?.port, 389)
  await assert.rejects(client.resolve4('nobody.corp.example'), { code: 'ENOTFOUND' })
  await assert.rejects(client.resolve4('_msdcs.corp.example'), { code: 'ENODATA' }, 'a name above others exists')
})

test('a resolver outside does not know the zone of the site', async (t) => {
  const { client } = await opened(t, false)
  assert.deepEqual(await client.resolve4(cloudName), ['127.0.0.1'])
  await assert.rejects(client.resolve4('app01.corp.example'), { code: 'ENOTFOUND' })
})

test('authority is claimed for the own zone and for nothing else', async (t) => {
  const { resolver } = await opened(t)
  const authoritative = async (name: string): Promise<boolean> =>
    ((await askUdp(resolver.port, question(name))).readUInt16BE(2) & 0x0400) !== 0
  assert.equal(await authoritative('app01.corp.example'), true)
  assert.equal(await authoritative('nobody.corp.example'), true)
  assert.equal(await authoritative(cloudName), false)
  assert.equal(await authoritative('www.example.org'), false)
})

test('an answer repeats id and question as they were asked', async (t) => {
  const { resolver } = await opened(t)
  const asked = question('LoGiN.microsoftonline.COM')
  const answer = await askUdp(resolver.port, asked)
  assert.deepEqual(answer.subarray(0, 2), asked.subarray(0, 2))
  assert.deepEqual(answer.subarray(12, asked.length), asked.subarray(12))
})

test('a name can be denied, sent elsewhere and restored, while others stay as they are', async (t) => {
  const { resolver, client } = await opened(t)
  const deny = resolver.conduct(cloudName, { does: 'deny' })
  await assert.rejects(client.resolve4(cloudName), { code: 'ENOTFOUND' })
  assert.deepEqual(await client.resolve4('app01.corp.example'), ['127.0.0.1'])
  const elsewhere = resolver.conduct(cloudName, { does: 'answer', addresses: ['127.0.0.2'] })
  assert.deepEqual(await client.resolve4(cloudName), ['127.0.0.2'])
  await assert.rejects(client.resolve6(cloudName), { code: 'ENODATA' })
  elsewhere()
  await assert.rejects(client.resolve4(cloudName), { code: 'ENOTFOUND' })
  deny()
  assert.deepEqual(await client.resolve4(cloudName), ['127.0.0.1'])
})

test('service records can lead to other hosts, and lead where they did after it', async (t) => {
  const { resolver, client } = await opened(t)
  const name = '_kerberos._tcp.corp.example'
  const usual = await client.resolveSrv(name)
  const undo = resolver.conduct(name, { does: 'locate', at: ['dc02.corp.example', 'dc03.corp.example'] })
  const led = await client.resolveSrv(name)
  assert.deepEqual(led.map((record) => record.name).toSorted(), ['dc02.corp.example', 'dc03.corp.example'])
  assert.ok(led.every(({ port }) => port === usual[0]?.port))
  undo()
  assert.deepEqual(await client.resolveSrv(name), usual)
})

test('an answer that is cut short over UDP is whole over TCP', async (t) => {
  const { resolver, client } = await opened(t)
  resolver.conduct(cloudName, { does: 'truncate' })
  const answer = await askUdp(resolver.port, question(cloudName))
  assert.equal(answer.readUInt16BE(2) & 0x0200, 0x0200)
  assert.equal(answer.readUInt16BE(6), 0)
  assert.deepEqual(await client.resolve4(cloudName), ['127.0.0.1'], 'c-ares asks again over TCP')
  await resolver.tcp.shut()
  await assert.rejects(client.resolve4(cloudName))
})

test('a silent resolver answers neither over UDP nor over TCP', async (t) => {
  const { resolver } = await opened(t)
  const speak = resolver.silence()
  const udp = createSocket('udp4')
  const tcp = createConnection({ host: '127.0.0.1', port: resolver.port })
  await once(tcp, 'connect')
  let answers = 0
  udp.on('message', () => {
    answers += 1
  })
  tcp.on('data', () => {
    answers += 1
  })
  const asked = question(cloudName)
  udp.send(asked, resolver.port, '127.0.0.1')
  tcp.write(Buffer.concat([Buffer.from([0, asked.length]), asked]))
  await new Promise((resolve) => setTimeout(resolve, 200))
  assert.equal(answers, 0)
  speak()
  assert.ok((await askUdp(resolver.port, asked)).length > asked.length)
  udp.close()
  tcp.destroy()
})

test('several questions on one TCP connection are answered, in whatever pieces they come', async (t) => {
  const { resolver } = await opened(t)
  const asked = question('app01.corp.example')
  const frame = Buffer.concat([Buffer.from([0, asked.length]), asked])
  const socket = createConnection({ host: '127.0.0.1', port: resolver.port })
  let seen = 0
  let length = 0
  const both = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      if (length === 0) length = 2 + chunk.readUInt16BE(0)
      seen += chunk.length
      if (seen === 2 * length) resolve()
    })
  })
  for (const octet of frame) socket.write(Buffer.of(octet))
  socket.write(frame)
  await both
  socket.destroy()
})

test('no octets keep the resolver from answering the next question', async (t) => {
  const { resolver } = await opened(t)
  const socket = createSocket('udp4')
  const asked = question(cloudName)
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        fc.tuple(fc.nat(asked.length - 1), fc.nat(255)).map(([at, octet]) => {
          const changed = Uint8Array.from(asked)
          changed[at] = octet
          return changed
        }),
      ),
      async (octets) => {
        socket.send(octets, resolver.port, '127.0.0.1')
        assert.equal((await askUdp(resolver.port, asked)).readUInt16BE(0), 7)
      },
    ),
    { numRuns: 60 },
  )
  socket.close()
})

test('a failure has its code, an alias of itself has no address, and who waits is answered in the end', async (t) => {
  const { resolver, client } = await opened(t)
  for (const [rcode, code] of [
    ['serverFailure', 'ESERVFAIL'],
    ['refused', 'EREFUSED'],
  ] as const) {
    const mend = resolver.conduct(cloudName, { does: 'fail', rcode })
    await assert.rejects(client.resolve4(cloudName), { code })
    mend()
  }
  resolver.conduct(cloudName, { does: 'go-round', by: 'alias.example' })
  assert.deepEqual(await client.resolve4(cloudName), [])
  const answer = await askUdp(resolver.port, question(cloudName))
  assert.deepEqual([answer.readUInt16BE(2) & 0x000f, answer.readUInt16BE(6)], [0, 2])
  resolver.conduct(cloudName, { does: 'wait', ms: 20 })
  assert.deepEqual(await client.resolve4(cloudName), ['127.0.0.1'])
})
