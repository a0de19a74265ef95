import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { test } from 'node:test'
import { openDoorway } from './doorway.ts'

/** `connected`, or the system's word. */
async function knock(port: number): Promise<string> {
  const socket = createConnection({ host: '127.0.0.1', port })
  try {
    await once(socket, 'connect')
    return 'connected'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'error'
  } finally {
    socket.on('error', () => {})
    socket.destroy()
  }
}

const anyPort = { address: '127.0.0.1', port: 0 }

test('a doorway welcomes, refuses when it is shut, and welcomes again', async () => {
  let welcomed = 0
  const door = await openDoorway(anyPort, () => {
    welcomed += 1
  })
  assert.equal(await knock(door.port), 'connected')
  await door.shut()
  assert.equal(await knock(door.port), 'ECONNREFUSED')
  await door.shut()
  assert.equal(await knock(door.port), 'ECONNREFUSED')
  await door.open()
  await door.open()
  assert.equal(await knock(door.port), 'connected')
  await door.close()
  assert.equal(await knock(door.port), 'ECONNREFUSED')
  assert.equal(welcomed, 2)
})

test('any port is one that no system hands out, so that nobody is given it while it changes hands', async (t) => {
  const doors = await Promise.all(Array.from({ length: 20 }, () => openDoorway(anyPort, () => {})))
  t.after(() => Promise.all(doors.map((door) => door.close())))
  assert.ok(doors.every(({ port }) => port >= 1024 && port < 32_768))
  assert.equal(new Set(doors.map(({ port }) => port)).size, doors.length)
})

const skip = process.platform === 'linux' ? false : 'reads the table of sockets that Linux keeps'

test('a port that is held shut is occupied, so that it is given to nobody who asks for a free one', {
  skip,
}, async () => {
  const states = async (port: number): Promise<readonly string[]> => {
    const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
    const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/))
    return lines.filter((fields) => fields[1] === local).map((fields) => fields[3] ?? '')
  }
  const [established, listening] = ['01', '0A']
  const door = await openDoorway(anyPort, () => {})
  assert.deepEqual(await states(door.port), [listening])
  await door.shut()
  assert.deepEqual(await states(door.port), [established])
  await door.close()
  assert.deepEqual(await states(door.port), [])
})

test('closing ends the connections that are open', async () => {
  const door = await openDoorway(anyPort, () => {})
  const socket = createConnection({ host: '127.0.0.1', port: door.port })
  await once(socket, 'connect')
  const ended = once(socket, 'close')
  socket.resume()
  await door.close()
  await ended
})

test('a connection that is reset by its client ends that connection only', async () => {
  const door = await openDoorway(anyPort, (socket) => socket.resume())
  const socket = createConnection({ host: '127.0.0.1', port: door.port })
  await once(socket, 'connect')
  socket.resetAndDestroy()
  assert.equal(await knock(door.port), 'connected')
  await door.close()
})

test('a port that is taken is an error that names it', async () => {
  const door = await openDoorway(anyPort, () => {})
  await assert.rejects(
    openDoorway({ address: '127.0.0.1', port: door.port }, () => {}),
    {
      code: 'EADDRINUSE',
      port: door.port,
    },
  )
  await door.close()
})
