import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import { connectionReadings } from '../watch/judgement/index.ts'
import { connectionsNow, localPortCount } from './connectionsNow.ts'

test('connections of this machine are counted by their other end, and come to a reading of each target that has or had some', async (t) => {
  const server = createServer(() => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const sockets = [1, 2, 3].map(() => connect(address.port, '127.0.0.1'))
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  const counts = await connectionsNow(t.signal)
  if (counts === undefined) return t.skip('this platform does not tell')
  const target = `target:127.0.0.1:${address.port}`
  const gone = 'target:127.0.0.1:1'
  const readings = connectionReadings(counts, new Set([target, gone, 'target:192.0.2.1:2']), new Set([gone]), 7)
  assert.deepEqual(
    readings.map(({ subject, value, at }) => [subject, value, at]),
    [
      [target, 3, 7],
      [gone, 0, 7],
    ],
  )
  if (process.platform === 'linux') assert.ok(((await localPortCount(t.signal)) ?? 0) > 0)
})
