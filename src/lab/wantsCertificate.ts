import { once } from 'node:events'
import { createConnection } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { patienceMs, told } from './control.ts'
import type { Network } from './network.ts'

/** The type of a CertificateRequest (RFC 5246 §7.4), and that of the message which always follows it: ServerHelloDone, empty. */
const certificateRequest = 13
const serverHelloDone = Buffer.of(14, 0, 0, 0)

/**
 * Shakes hands in TLS 1.2, where a server's first flight can be read, and says whether it asks for a certificate of the
 * client: `asked` or `not asked`.
 */
export async function wantsCertificate(
  network: Pick<Network, 'signal'>,
  { address, port }: { readonly address: string; readonly port: number },
  serverName: string,
): Promise<string> {
  return await told(network, patienceMs, async (signal) => {
    const socket = createConnection({ host: address, port })
    let seen: Buffer = Buffer.alloc(0)
    // TLS straight over a socket takes the octets past whoever listens to that.
    const between = new Duplex({
      read() {},
      write: (octets, _encoding, done) => void socket.write(octets, done),
    })
    socket.on('data', (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk])
      between.push(chunk)
    })
    socket.on('end', () => between.push(null))
    socket.on('error', (error) => between.destroy(error))
    const secure = connectTls({
      socket: between,
      servername: serverName,
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
    })
    try {
      await once(secure, 'secureConnect', { signal })
      return typesOf(seen).includes(certificateRequest) ? 'asked' : 'not asked'
    } finally {
      secure.on('error', () => {})
      secure.destroy()
      socket.destroy()
    }
  })
}

/** The types of the handshake messages of a first flight, up to the one that ends it. */
function typesOf(octets: Buffer): readonly number[] {
  const parts: Buffer[] = []
  for (let at = 0; at + 5 <= octets.length && octets[at] === 22; at += 5 + octets.readUInt16BE(at + 3)) {
    parts.push(octets.subarray(at + 5, at + 5 + octets.readUInt16BE(at + 3)))
  }
  const messages = Buffer.concat(parts)
  const types: number[] = []
  for (let at = 0; at + 4 <= messages.length; at += 4 + messages.readUIntBE(at + 1, 3)) {
    types.push(messages[at] ?? 0)
    if (messages.subarray(at, at + 4).equals(serverHelloDone)) break
  }
  return types
}
