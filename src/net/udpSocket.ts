import type { Socket } from 'node:dgram'
import { createSocket } from 'node:dgram'

/**
 * A UDP socket that is only given addresses. Left to itself, Node loads what resolves names for it, which opens the files
 * of `/etc` and waits inside the system where one of them is a pipe.
 */
export function udpSocket(family: 4 | 6, { ipv6Only = false } = {}): Socket {
  return createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    ipv6Only,
    lookup: (address, _options, callback) => queueMicrotask(() => callback(null, address, family)),
  })
}
