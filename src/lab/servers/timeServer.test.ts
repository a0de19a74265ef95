import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { openTimeServer, type TimeConduct } from './timeServer.ts'

const now = Date.UTC(2026, 10, 20, 10, 0, 0, 250)
/** Seconds from 1900 to 1970 (RFC 5905 §6). */
const epoch = 2_208_988_800

/** The first answer to a request, as octets. */
async function asked(port: number, request: Buffer): Promise<Buffer> {
  const socket = createSocket('udp4')
  try {
    socket.send(request, port, '127.0.0.1')
    const [answer] = await once(socket, 'message', { signal: AbortSignal.timeout(20_000) })
    return answer
  } finally {
    socket.close()
  }
}

const request = Buffer.alloc(48)
request[0] = 0x23
request.write('a stamp!', 40, 'latin1')

for (const { conduct, leap, stratum, reference, awaySec } of [
  { conduct: { does: 'tell' }, leap: 0, stratum: 2, reference: [198, 51, 100, 1], awaySec: 0 },
  { conduct: { does: 'tell', awayMs: -90_000 }, leap: 0, stratum: 2, reference: [198, 51, 100, 1], awaySec: -90 },
  { conduct: { does: 'tell', follows: 'nothing' }, leap: 3, stratum: 16, reference: [0, 0, 0, 0], awaySec: 0 },
  { conduct: { does: 'refuse', code: 'DENY' }, leap: 3, stratum: 0, reference: [...Buffer.from('DENY')], awaySec: 0 },
] as const satisfies readonly { readonly conduct: TimeConduct; readonly [key: string]: unknown }[]) {
  test(`a time server that is to ${JSON.stringify(conduct)} does so, and then as before`, async (t) => {
    const server = await openTimeServer({ address: '127.0.0.1', port: 0 }, () => now)
    t.after(() => server.close())
    const undo = server.conduct(conduct)
    const answer = await asked(server.port, request)
    assert.deepEqual(
      [answer.length, (answer[0] ?? 0) >> 6, (answer[0] ?? 0) & 0x3f, answer[1]],
      [48, leap, 0x24, stratum],
    )
    assert.deepEqual([...answer.subarray(12, 16)], reference)
    assert.equal(answer.toString('latin1', 24, 32), 'a stamp!')
    assert.equal(answer.readUInt32BE(40) - epoch, Math.floor(now / 1000) + awaySec)
    assert.equal(answer.readUInt32BE(44), 2 ** 30)
    undo()
    assert.equal((await asked(server.port, request))[1], 2)
  })
}

test('what is no request is left without an answer', async (t) => {
  const server = await openTimeServer({ address: '127.0.0.1', port: 0 }, () => now)
  t.after(() => server.close())
  const socket = createSocket('udp4')
  t.after(() => socket.close())
  socket.send(Buffer.from('time?'), server.port, '127.0.0.1')
  socket.send(request, server.port, '127.0.0.1')
  const [answer] = await once(socket, 'message', { signal: AbortSignal.timeout(20_000) })
  assert.equal(answer.length, 48)
})

test('a port that is taken is said, and nothing stays open', async (t) => {
  const server = await openTimeServer({ address: '127.0.0.1', port: 0 }, () => now)
  t.after(() => server.close())
  await assert.rejects(
    openTimeServer({ address: '127.0.0.1', port: server.port }, () => now),
    { code: 'EADDRINUSE' },
  )
})
