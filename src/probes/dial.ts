import type { Socket } from 'node:net'
import type { Limits, Net } from '../net/net.ts'
import type { Keep, Question } from './probe.ts'

/**
 * Opens the connection that a question is put over: straight to its address, or through a tunnel of its proxy, and keeps
 * what is seen on the way.
 *
 * @returns undefined when there is none; else the caller closes it
 */
export async function dial(
  { address, port, name, via }: Question,
  net: Net,
  keep: Keep,
  limits: Limits,
): Promise<Socket | undefined> {
  if (via === undefined) {
    const { seen, socket } = await net.connect({ address, port }, limits)
    keep(seen)
    return socket
  }
  const proxy = { name: via.proxy, address, port: via.port }
  const { seen, asked, socket } = await net.tunnel(proxy, { host: name ?? address, port }, limits)
  keep(seen)
  if (asked !== undefined) keep(asked)
  return socket
}

/**
 * Opens the connection that plain HTTP is spoken over. It needs no tunnel: a proxy is asked for the whole URL
 * (RFC 9112 §3.2.2), as services do it.
 */
export async function dialPlain(
  { address, port, via }: Question,
  net: Net,
  keep: Keep,
  limits: Limits,
): Promise<Socket | undefined> {
  const { seen, socket } = await net.connect({ address, port: via?.port ?? port }, limits)
  keep(via === undefined ? seen : { ...seen, proxy: via.proxy })
  return socket
}
