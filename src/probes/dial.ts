import type { Socket } from 'node:net'
import type { Limits, Net, ProxyWay } from '../net/net.ts'
import type { Keep, Question } from './probe.ts'

/** The proxy that a question goes through, and where it listens. */
export function proxyOf({ via, address }: Question): ProxyWay | undefined {
  return via && { name: via.proxy, address, port: via.port }
}

/**
 * Opens the connection that a question is put over: straight to its address, or through a tunnel of its proxy, and keeps
 * what is seen on the way.
 *
 * @returns undefined when there is none; else the caller closes it
 */
export async function dial(question: Question, net: Net, keep: Keep, limits: Limits): Promise<Socket | undefined> {
  const { address, port, name } = question
  const proxy = proxyOf(question)
  if (proxy === undefined) {
    const { seen, socket } = await net.connect({ address, port }, limits)
    keep(seen)
    return socket
  }
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
