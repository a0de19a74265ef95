import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Doorway } from './doorway.ts'

/** A port whose SYNs are dropped: by the kernel, since the queue of its listener is full and nobody empties it. */
export interface BlackHole {
  /** Answers to SYNs again with RST, then frees the port. */
  close(): Promise<void>
}

/**
 * Lets every SYN to a server of the lab vanish; returns what opens it again.
 *
 * @throws Error as {@link openBlackHole}; the server is open then, unless the lab ends
 */
export async function swallow(door: Doorway, signal: AbortSignal): Promise<() => Promise<void>> {
  await door.vacate()
  try {
    const hole = await openBlackHole(door.address, door.port, signal)
    return async () => {
      await hole.close()
      await door.open()
    }
  } catch (error) {
    if (!signal.aborted) await door.open()
    throw error
  }
}

/** How long a connect on loopback may take before it is hanging; it takes well under a millisecond otherwise. */
const hangsAfterMs = 400
/** Connects that may be taken into the queue. Linux takes backlog + 1, others round up; a queue longer than this does not fill. */
const mostInQueue = 64

/**
 * The thread listens, says so, and then waits without ever returning to its event loop, so that no connection is
 * accepted. It is written as text because a bundled program has no second file to start a thread from, and in words that
 * a script and a module share, since a thread takes over how its process was started.
 */
const thread = `
const { createServer } = process.getBuiltinModule('node:net')
const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads')
const server = createServer((socket) => socket.resetAndDestroy())
server.on('error', (error) => parentPort.postMessage({ failed: error.message }))
server.listen({ host: workerData.address, port: workerData.port, backlog: 1 }, () => {
  parentPort.postMessage({ listening: true })
  Atomics.wait(new Int32Array(workerData.gate), 0, 0)
  server.close()
})
`

/**
 * Takes a free port of this machine and makes it swallow SYNs, without rights: a listener that never accepts, and as
 * many connections as its queue holds.
 *
 * @throws Error when the port cannot be had, or this system takes every connection all the same
 */
export async function openBlackHole(address: string, port: number, signal: AbortSignal): Promise<BlackHole> {
  const gate = new SharedArrayBuffer(4)
  const worker = new Worker(thread, { eval: true, workerData: { address, port, gate } })
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const inQueue: Socket[] = []

  const close = async (): Promise<void> => {
    for (const socket of inQueue) socket.resetAndDestroy()
    const release = new Int32Array(gate)
    Atomics.store(release, 0, 1)
    Atomics.notify(release, 0)
    await ended
  }

  try {
    const [said] = await once(worker, 'message', { signal })
    if (said.failed !== undefined) throw new Error(`port ${port} of ${address} cannot be listened on: ${said.failed}`)
    while (inQueue.length < mostInQueue) {
      const socket = createConnection({ host: address, port })
      socket.on('error', () => socket.destroy())
      inQueue.push(socket)
      if (!(await isTaken(socket, signal))) return { close }
    }
    throw new Error(`this system queues more than ${mostInQueue} connections, so that no SYN is dropped`)
  } catch (error) {
    await close()
    throw error
  }
}

/** Whether a connection is taken at once; one that hangs stays, and would fill the queue if it were not full after all. */
async function isTaken(socket: Socket, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(hangsAfterMs)])
  try {
    await once(socket, 'connect', { signal: limit })
    return true
  } catch {
    signal.throwIfAborted()
    if (!limit.aborted) throw new Error('the connection was refused: nobody listens on the port')
    // When it was this process that stood still, the connection is there and has not been looked at yet.
    await setImmediate()
    return !socket.connecting
  }
}
