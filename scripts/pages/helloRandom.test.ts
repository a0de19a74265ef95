import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { tcpServer } from '../../test/tcpServer.ts'
import { helloRandom } from './helloRandom.ts'

async function hello(t: TestContext): Promise<Buffer> {
  let kept = Buffer.alloc(0)
  const server = await tcpServer(t, (socket) => {
    socket.once('data', (octets) => {
      kept = Buffer.from(octets)
      socket.destroy()
    })
  })
  const client = connect({ port: server.port, host: server.address, servername: 'dc01.corp.example' })
  client.on('error', () => {})
  await new Promise((resolve) => client.once('close', resolve))
  return kept
}

test('two handshakes differ where it is said, and nowhere else', async (t) => {
  const [one, other] = [await hello(t), await hello(t)]
  const random = helloRandom(one)
  assert.ok(random !== undefined && random.size >= 32 + 32 + 32, `${random?.size}`)
  assert.equal(one.length, other.length)
  const still = (octets: Buffer) => octets.filter((_, at) => !random.has(at))
  assert.deepEqual(still(one), still(other))
  const marked = [...random]
  assert.ok(marked.filter((at) => one[at] === other[at]).length < marked.length / 8)
})

test('what is no ClientHello has none', () => {
  for (const octets of ['', '16030300020246', '300902010164040400']) {
    assert.equal(helloRandom(Buffer.from(octets, 'hex')), undefined)
  }
})
