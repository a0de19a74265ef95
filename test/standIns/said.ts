import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** How octets are said to a server. */
export interface Saying {
  /** Inside TLS, with the name of the certificate that is expected, and who vouches for it. */
  readonly tls?: { readonly ca: string; readonly name: string }
  /** In pieces of so many octets; default: as a whole. */
  readonly piece?: number
  /** Waits for so many octets before it leaves; default: it leaves as soon as all is said. */
  readonly awaits?: number
}

/** Says octets to a server on loopback, leaves, and gives all that it answered until the connection was over. */
export async function said(port: number, octets: Uint8Array, { tls, piece, awaits = 0 }: Saying = {}): Promise<Buffer> {
  const place = { host: '127.0.0.1', port }
  const socket = tls === undefined ? connect(place) : connectTls({ ...place, ca: [tls.ca], servername: tls.name })
  socket.setNoDelay()
  let heard = Buffer.alloc(0)
  const leave = (): void => {
    if (heard.length >= awaits) socket.end()
  }
  socket.on('data', (part: Buffer) => {
    heard = Buffer.concat([heard, part])
    leave()
  })
  // Who is cut off has heard what it has heard.
  socket.on('error', () => {})
  const closed = once(socket, 'close')
  await Promise.race([once(socket, tls === undefined ? 'connect' : 'secureConnect'), closed])
  const size = piece ?? Math.max(octets.length, 1)
  for (let at = 0; at < octets.length && !socket.destroyed; at += size) socket.write(octets.subarray(at, at + size))
  leave()
  await closed
  return heard
}

/** Octets out of hexadecimal with spaces. */
export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s+/g, ''), 'hex')
