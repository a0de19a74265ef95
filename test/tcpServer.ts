import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import type { TestContext } from 'node:test'
import type { SecureContextOptions, TLSSocket } from 'node:tls'
import { createSecureContext, TLSSocket as ServerSocket } from 'node:tls'

/** A server on a free port of loopback that does one thing to each connection; it goes with the test. */
export interface TestServer {
  readonly address: string
  readonly port: number
  /** Connections that are open at this moment. */
  readonly open: ReadonlySet<Socket>
  /** Resolves when no connection is open any more. */
  idle(): Promise<void>
}

export async function tcpServer(
  t: TestContext,
  onConnection: (socket: Socket) => void,
  address = '127.0.0.1',
): Promise<TestServer> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => open.delete(socket))
    onConnection(socket)
  })
  server.listen(0, address)
  await once(server, 'listening')
  t.after(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return {
    address,
    port: (server.address() as AddressInfo).port,
    open,
    async idle() {
      for (const socket of open) await new Promise((resolve) => socket.once('close', resolve))
    },
  }
}

/** A TLS server that does one thing to each connection once the handshake is done. */
export async function tlsServer(
  t: TestContext,
  options: SecureContextOptions & { readonly requestCert?: boolean; readonly ALPNProtocols?: string[] },
  onSecure: (socket: TLSSocket) => void = (socket) => socket.resume(),
): Promise<TestServer> {
  const { requestCert, ALPNProtocols, ...contextOptions } = options
  const secureContext = createSecureContext(contextOptions)
  return tcpServer(t, (raw) => {
    const socket = new ServerSocket(raw, {
      isServer: true,
      secureContext,
      ...(requestCert !== undefined && { requestCert, rejectUnauthorized: true }),
      ...(ALPNProtocols !== undefined && { ALPNProtocols }),
    })
    socket.on('error', () => {})
    socket.once('secure', () => onSecure(socket))
  })
}

/** Writes the same octets again and again until the other end has enough. */
export function endless(start: string, piece: Buffer) {
  return (socket: Socket): void => {
    const pour = (): void => {
      while (!socket.destroyed && socket.write(piece)) {}
    }
    socket.on('drain', pour)
    socket.once('data', () => {
      socket.write(start)
      pour()
    })
  }
}
