import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { patienceMs, told } from './control.ts'
import type { Network } from './network.ts'

/**
 * Asks a time server as a plain client: the stratum and how many minutes it is away from the lab's clock, such as
 * `stratum 2, 0 min`; the kiss code of a refusal; or `refused`, or `silence`.
 */
export async function tellTime(network: Network, limitMs = patienceMs): Promise<string> {
  const { address, port } = network.time
  return await told(network, limitMs, async (signal) => {
    const socket = createSocket('udp4')
    try {
      const request = Buffer.alloc(48)
      request[0] = 0x1b
      request.write('a stamp!', 40, 'latin1')
      socket.send(request, port, address)
      const [answer]: Buffer[] = await once(socket, 'message', { signal })
      if (answer === undefined || answer.toString('latin1', 24, 32) !== 'a stamp!') return 'not ours'
      const [, stratum = 0] = answer
      if (stratum === 0) return answer.toString('latin1', 12, 16)
      const serverSec = answer.readUInt32BE(40) - 2_208_988_800
      return `stratum ${stratum}, ${Math.round((serverSec - network.clock() / 1000) / 60)} min`
    } finally {
      socket.close()
    }
  })
}
