import { once } from 'node:events'
import type { AddressInfo, ListenOptions, Server } from 'node:net'

/** Opens a server, on a free port of loopback unless told otherwise, and gives its port; it goes with the test. */
export async function opened(
  t: { after(end: () => void): void },
  server: Server,
  place: ListenOptions = {},
): Promise<number> {
  server.listen({ host: '127.0.0.1', port: 0, ...place })
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}
