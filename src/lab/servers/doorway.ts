import { once } from 'node:events'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { errorCode } from '../../net/errno.ts'

/**
 * One TCP port of the small network. It stays the lab's own from opening to closing, whether it answers or not, so that
 * no other program can step in where a fault wants nobody.
 */
export interface Doorway {
  readonly address: string
  readonly port: number
  /** Answers again after {@link shut} or {@link vacate}. */
  open(): Promise<void>
  /** Refuses: every SYN is answered with RST, the port is still held. */
  shut(): Promise<void>
  /** Leaves the port to something else of the lab. */
  vacate(): Promise<void>
  close(): Promise<void>
}

export interface DoorwayOptions {
  readonly address: string
  /** 0: any free port, of those that no system hands out by itself. */
  readonly port: number
}

/**
 * Listens, and hands each connection to `welcome`; a connection error ends that connection and nothing else.
 *
 * A port is held shut by an outgoing connection that is bound to it: it is taken, and nobody listens. That needs a
 * listener to connect to, the `anchor`, which is the doorway's own and lives as long as the port is shut.
 */
export async function openDoorway(options: DoorwayOptions, welcome: (socket: Socket) => void): Promise<Doorway> {
  const { address } = options
  const connections = new Set<Socket>()
  let server: Server | undefined
  let hold: Closing | undefined

  const listen = async (port: number): Promise<Server> => {
    const listening = createServer({ noDelay: true }, (socket) => {
      keep(connections, socket)
      welcome(socket)
    })
    await listenOn(listening, address, port)
    return listening
  }

  const vacate = async (): Promise<void> => {
    const leaving = server
    server = undefined
    for (const socket of connections) socket.destroy()
    if (leaving) await closed(leaving)
    await hold?.()
    hold = undefined
  }

  server = options.port === 0 ? await drawn(listen) : await listen(options.port)
  const port = portOf(server)

  return {
    address,
    port,
    async open() {
      if (server) return
      await vacate()
      server = await listen(port)
    },
    async shut() {
      await vacate()
      hold = await holdPort(address, port)
    },
    vacate,
    close: vacate,
  }
}

type Closing = () => Promise<void>

/**
 * Systems give outgoing connections ports from 32768 (Linux) or 49152 (RFC 6335 §6). A doorway that changes hands lets
 * go of its port for a moment, in which nobody shall be given it.
 */
const [lowest, highest] = [20_000, 32_000] as const
const draws = 100

/** Listens on a port that is drawn until a free one comes; taken, and forbidden as Windows reserves some, are alike. */
async function drawn(listen: (port: number) => Promise<Server>): Promise<Server> {
  for (let left = draws; ; left -= 1) {
    try {
      return await listen(lowest + Math.floor(Math.random() * (highest - lowest)))
    } catch (error) {
      const code = errorCode(error)
      if (left === 1 || (code !== 'EADDRINUSE' && code !== 'EACCES')) throw error
    }
  }
}

/** Occupies a port without listening on it. */
async function holdPort(address: string, localPort: number): Promise<Closing> {
  const accepted = new Set<Socket>()
  const anchor = createServer((socket) => keep(accepted, socket))
  await listenOn(anchor, address, 0)
  const holder = createConnection({ host: address, port: portOf(anchor), localAddress: address, localPort })
  const release = async (): Promise<void> => {
    const gone = holder.destroyed ? undefined : once(holder, 'close')
    // Reset rather than closed, so that no TIME_WAIT of the port is left over.
    holder.resetAndDestroy()
    for (const socket of accepted) socket.destroy()
    await Promise.all([gone, closed(anchor)])
  }
  try {
    await once(holder, 'connect')
  } catch (error) {
    await release()
    throw error
  }
  holder.on('error', () => holder.destroy())
  return release
}

/** Follows a connection to its end; without a listener an ECONNRESET would end the process. */
function keep(connections: Set<Socket>, socket: Socket): void {
  connections.add(socket)
  socket.on('error', () => socket.destroy())
  socket.on('close', () => connections.delete(socket))
}

async function listenOn(server: Server, host: string, port: number): Promise<void> {
  const listening = once(server, 'listening')
  server.listen({ host, port })
  await listening
}

function portOf(server: Server): number {
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new TypeError('a TCP server has an address and a port')
  return bound.port
}

async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()))
}
