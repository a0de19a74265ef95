import { once } from 'node:events'
import type { Server } from 'node:net'
import { connect, createServer } from 'node:net'

/** Below those that systems hand out by themselves (RFC 6335 §6, and Linux from 32768): nobody is given one between here and its use. */
const [lowest, highest] = [12_000, 32_000] as const

/** Ports of TCP that nobody has now; all are held at once, so that no two are the same. */
export async function freePorts(count: number): Promise<number[]> {
  const servers: { readonly port: number; readonly server: Server }[] = []
  while (servers.length < count) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest))
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]).catch(() => false)
    if (isFree) servers.push({ port, server })
  }
  await Promise.all(servers.map(({ server }) => new Promise((resolve) => server.close(resolve))))
  return servers.map(({ port }) => port)
}

/** Whether somebody listens there, on the loopback address. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
