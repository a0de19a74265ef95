import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { type ConnectionOptions, connect } from 'node:tls'
import fc from 'fast-check'
import { readFirstOctets } from './clientHello.ts'

/** What Node's own client sends first. */
async function helloOf(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  assert.ok(bound !== null && typeof bound === 'object')
  const client = connect({ host: '127.0.0.1', port: bound.port, ...options })
  client.on('error', () => {})
  const [accepted]: Socket[] = await once(server, 'connection')
  assert.ok(accepted)
  accepted.on('error', () => {})
  let hello = Buffer.alloc(0)
  for await (const chunk of accepted) {
    hello = Buffer.concat([hello, chunk])
    if (readFirstOctets(hello).kind !== 'incomplete') break
  }
  client.destroy()
  accepted.destroy()
  server.close()
  await once(server, 'close')
  return hello
}

/** The same handshake octets in records of a few octets each (RFC 8446 §5.1 allows it). */
function inSmallRecords(hello: Buffer): Buffer {
  const records: Buffer[] = []
  for (let at = 5; at < hello.length; at += 7) {
    const part = hello.subarray(at, at + 7)
    records.push(Buffer.from([22, 3, 1, 0, part.length]), part)
  }
  return Buffer.concat(records)
}

test('the name is read from the ClientHello of a TLS client', async () => {
  const hello = await helloOf({ servername: 'Login.MicrosoftOnline.com' })
  assert.deepEqual(readFirstOctets(hello), { kind: 'client-hello', serverName: 'login.microsoftonline.com' })
  const old = await helloOf({ servername: 'app01.corp.example', maxVersion: 'TLSv1.2' })
  assert.deepEqual(readFirstOctets(old), { kind: 'client-hello', serverName: 'app01.corp.example' })
})

test('a ClientHello without a name is one all the same', async () => {
  assert.deepEqual(readFirstOctets(await helloOf({ servername: '' })), { kind: 'client-hello' })
})

test('a ClientHello in many records is read like one in a single record', async () => {
  const hello = inSmallRecords(await helloOf({ servername: 'graph.microsoft.com' }))
  assert.deepEqual(readFirstOctets(hello), { kind: 'client-hello', serverName: 'graph.microsoft.com' })
})

test('every part of a ClientHello is incomplete', async () => {
  const hello = inSmallRecords(await helloOf({ servername: 'graph.microsoft.com' }))
  for (let length = 0; length < hello.length; length += 1) {
    assert.equal(readFirstOctets(hello.subarray(0, length)).kind, 'incomplete', `${length} octets`)
  }
})

test('what is not TLS is told from the first octets', () => {
  for (const text of ['GET / HTTP/1.1\r\n\r\n', 'SSH-2.0-x\r\n', '\u0000']) {
    assert.deepEqual(readFirstOctets(Buffer.from(text)), { kind: 'not-tls' })
  }
})

test('any octets are read without an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => {
      assert.match(readFirstOctets(octets).kind, /^(client-hello|not-tls|incomplete)$/)
    }),
  )
})

test('a ClientHello with one octet changed is read without an exception', async () => {
  const hello = await helloOf({ servername: 'graph.microsoft.com', maxVersion: 'TLSv1.2' })
  fc.assert(
    fc.property(fc.nat(hello.length - 1), fc.nat(255), (at, octet) => {
      const changed = Buffer.from(hello)
      changed[at] = octet
      assert.match(readFirstOctets(changed).kind, /^(client-hello|not-tls|incomplete)$/)
    }),
  )
})
