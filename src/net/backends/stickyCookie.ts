import { createHmac, timingSafeEqual } from 'node:crypto'

/** Name of the cookie that keeps a browser at one server of a backend. */
export function stickyCookieName(backend: string): string {
  return `__Host-postern-server-${Buffer.from(backend).toString('base64url')}`
}

/**
 * The value that stands for a server: nothing but a mark that the key makes of it, so that it tells nobody which servers or
 * how many there are, and cannot be made up. It stays the same when servers are added, and after a restart with the same key.
 *
 * @param key 32 octets or more
 */
export function stickyValue(key: Uint8Array, backend: string, server: string): string {
  const mac = createHmac('sha256', key)
    .update(JSON.stringify(['sticky', backend, server]))
    .digest()
  return mac.subarray(0, 18).toString('base64url')
}

/** Whether a value that a client sent is the one of a server. */
export function isStickyValue(sent: string, value: string): boolean {
  const [one, other] = [Buffer.from(sent), Buffer.from(value)]
  return one.length === other.length && timingSafeEqual(one, other)
}
