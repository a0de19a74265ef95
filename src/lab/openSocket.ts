import { once } from 'node:events'
import { handshake, patienceMs, told } from './control.ts'
import type { Network } from './network.ts'
import { liveName, livePath } from './site.ts'

/** Opens the WebSocket of the live view as a plain client: the status of the answer, or how it ended. */
export async function openSocket(network: Network, limitMs = patienceMs): Promise<string> {
  return await told(network, limitMs, async (signal) => {
    const socket = await handshake(network.live.door, liveName, signal)
    try {
      const fields = [
        `Host: ${liveName}`,
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version: 13',
      ]
      socket.write(`GET ${livePath} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`)
      const [first]: Buffer[] = await once(socket, 'data', { signal })
      return /^HTTP\/1\.1 (\d{3})/.exec(first?.toString('latin1') ?? '')?.[1] ?? 'not HTTP'
    } finally {
      socket.destroy()
    }
  })
}
