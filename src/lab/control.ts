import { createHash, X509Certificate } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { request as requestHttp } from 'node:http'
import { createConnection, type Socket } from 'node:net'
import { addAbortSignal } from 'node:stream'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import dnsPacket from 'dns-packet'
import type { Network } from './network.ts'
import { loadX509 } from './servers/loadX509.ts'

// Plain clients that say in a word or two what they meet: a fault is in place when they meet what it promises. They
// share no code with the probes, so that neither can hide a mistake of the other.

/** How long silence lasts before it is called silence; loopback answers in well under a tenth of it. */
export const silenceMs = 400
/** How long an answer that has to come may take on a slow machine. */
export const patienceMs = 10_000

/** The type of an address record (RFC 1035 §3.2.2). */
const typeA = 1

interface Place {
  readonly address: string
  readonly port: number
}

/** Connects: `connected`, `refused`, or `silence`. */
export async function knock(network: Network, { address, port }: Place, limitMs = patienceMs): Promise<string> {
  const socket = createConnection({ host: address, port })
  return await told(network, limitMs, async (signal) => {
    try {
      await once(socket, 'connect', { signal })
      return 'connected'
    } finally {
      socket.on('error', () => {})
      socket.destroy()
    }
  })
}

/**
 * Shakes hands and says what is wrong with the certificate: `issued by NAME` for a strange issuer, `issuer missing`,
 * `expired`, `not yet valid`, `for NAME`, `for clientAuth`, or `genuine`; or else how the handshake ended: `refused`,
 * `reset`, `closed`, `alert`, `not TLS`, `silence`.
 */
export async function shake(
  network: Network,
  place: Place,
  serverName: string,
  limitMs = patienceMs,
  offer: Pick<ConnectionOptions, 'ecdhCurve'> = {},
): Promise<string> {
  return await told(network, limitMs, async (signal) => {
    const socket = await handshake(place, serverName, signal, offer)
    const face = faceOf(network, socket, serverName)
    socket.destroy()
    return face
  })
}

/** Asks for a page under TLS, whatever the certificate: the page's title, the media type of another answer, or as {@link shake}. */
export async function read(
  network: Network,
  place: Place,
  serverName: string,
  path: string,
  limitMs = patienceMs,
): Promise<string> {
  return await told(network, limitMs, async (signal) => {
    const text = await textOf(place, serverName, path, signal)
    return /<title>([^<]*)/.exec(text)?.[1] ?? /^content-type: *([^;\r]*)/im.exec(text)?.[1] ?? 'closed'
  })
}

/**
 * Where a page under TLS sends a browser to sign in: the first part of the path and the redirect_uri, `TENANT https://…`;
 * `a page` of its own, or `no redirect`.
 */
export async function signsInAt(network: Network, place: Place, serverName: string, path: string): Promise<string> {
  return await told(network, patienceMs, async (signal) => {
    const text = await textOf(place, serverName, path, signal)
    const location = /^location: *([^\r]*)/im.exec(text)?.[1]
    if (location === undefined) return text.includes('<form') ? 'a page' : 'no redirect'
    const { pathname, searchParams } = new URL(location)
    return `${pathname.split('/')[1]} ${searchParams.get('redirect_uri')}`
  })
}

/** Where a page under TLS sends whoever asks, or that it does not. */
export async function sendsOnTo(network: Network, place: Place, serverName: string, path: string): Promise<string> {
  return await told(
    network,
    patienceMs,
    async (signal) =>
      /^location: *([^\r]*)/im.exec(await textOf(place, serverName, path, signal))?.[1] ?? 'no redirect',
  )
}

/** How many minutes the Date field of a page under TLS is away from this machine's clock: `60 min`. */
export async function readClock(network: Network, place: Place, serverName: string): Promise<string> {
  return await told(network, patienceMs, async (signal) => {
    const date = /^date: *([^\r]*)/im.exec(await textOf(place, serverName, '/', signal))?.[1] ?? ''
    return `${Math.round((Date.parse(date) - network.clock()) / 60_000)} min`
  })
}

/** The whole answer to a request under TLS, as it came. */
async function textOf(place: Place, serverName: string, path: string, signal: AbortSignal): Promise<string> {
  const socket = await handshake(place, serverName, signal)
  try {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${serverName}\r\nConnection: close\r\n\r\n`)
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
    })
    await once(socket, 'close', { signal })
    return text
  } finally {
    socket.destroy()
  }
}

/** Which version of TLS is agreed on when none above `highest` is offered; or else how it ended, as {@link shake}. */
export async function agree(
  network: Network,
  place: Place,
  serverName: string,
  highest: 'TLSv1.2' | 'TLSv1.3',
): Promise<string> {
  return await told(network, patienceMs, async (signal) => {
    const socket = await handshake(place, serverName, signal, { maxVersion: highest })
    const version = socket.getProtocol()
    socket.destroy()
    return version ?? 'closed'
  })
}

/** Asks for a page without TLS: its status, or `closed`. */
export async function readPlain(network: Network, { address, port }: Place, path: string): Promise<string> {
  return await told(network, patienceMs, async (signal) => {
    const socket = createConnection({ host: address, port })
    try {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${address}\r\nConnection: close\r\n\r\n`)
      let text = ''
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1')
      })
      await once(socket, 'close', { signal })
      return /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 'closed'
    } finally {
      socket.on('error', () => {})
      socket.destroy()
    }
  })
}

/** How many days the Date field of a plain answer is away from this machine's clock: `0 days`. */
export async function readDate(network: Network, { address, port }: Place): Promise<string> {
  return await told(network, patienceMs, async (signal) => {
    const { headers } = await fetch(`http://${address}:${port}/`, { signal })
    const away = Date.parse(headers.get('date') ?? '') - network.clock()
    return `${Math.round(away / 86_400_000)} days`
  })
}

/**
 * Wishes for a tunnel of a proxy: the status of a refusal, or what a handshake in the tunnel meets, as {@link shake} says
 * it.
 */
export async function wish(network: Network, proxy: Place, authority: string, limitMs = patienceMs): Promise<string> {
  return await told(network, limitMs, async (signal) => {
    const request = requestHttp({ host: proxy.address, port: proxy.port, method: 'CONNECT', path: authority, signal })
    const { promise, resolve, reject } = Promise.withResolvers<string | Socket>()
    request.once('connect', ({ statusCode }, socket, head) => {
      if (head.length > 0) socket.unshift(head)
      socket.on('error', () => {})
      if (statusCode === 200) resolve(socket as Socket)
      else {
        socket.destroy()
        resolve(String(statusCode))
      }
    })
    request.once('error', reject)
    request.end()
    const met = await promise
    if (typeof met === 'string') return met
    const serverName = authority.slice(0, authority.lastIndexOf(':'))
    const secure = connectTls({ socket: met, servername: serverName, rejectUnauthorized: false })
    try {
      await once(secure, 'secureConnect', { signal })
      return faceOf(network, secure, serverName)
    } finally {
      secure.on('error', () => {})
      secure.destroy()
    }
  })
}

/**
 * Fetches the issuing CA's list: `list in order`, `list of another CA`, `list signed by another`, `list past its end`, or
 * `no list`.
 */
export async function stateOf(network: Network): Promise<string> {
  const { pki, web, clock } = network
  const { X509Certificate: Certificate, X509Crl } = await loadX509()
  return await told(network, patienceMs, async (signal) => {
    const response = await fetch(`http://${web.address}:${web.port}/crl/issuing.crl`, { signal })
    const octets = await response.arrayBuffer()
    if (response.headers.get('content-type') !== 'application/pkix-crl') return 'no list'
    const list = new X509Crl(octets)
    const issuing = new Certificate(pki.certificatePem('issuing'))
    if (list.issuer !== issuing.subject) return 'list of another CA'
    if (!(await list.verify({ publicKey: issuing.publicKey }))) return 'list signed by another'
    return list.nextUpdate !== undefined && list.nextUpdate.getTime() < clock() ? 'list past its end' : 'list in order'
  })
}

/** Who calls the app’s certificate revoked: `the list`, `the responder`, or `nobody`. */
export async function revokedBy(network: Network, place: Place, serverName: string): Promise<string> {
  const { pki, web } = network
  const { X509Certificate: Certificate, X509Crl } = await loadX509()
  const published = `http://${web.address}:${web.port}`
  return await told(network, patienceMs, async (signal) => {
    const socket = await handshake(place, serverName, signal)
    const leaf = new Certificate(socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0))
    socket.destroy()
    const list = new X509Crl(await (await fetch(`${published}/crl/issuing.crl`, { signal })).arrayBuffer())
    if (list.entries.some(({ serialNumber }) => serialNumber === leaf.serialNumber)) return 'the list'
    const issuing = new Certificate(pki.certificatePem('issuing'))
    // A number is positive by a zero before its highest bit (X.690 §8.3).
    const number = der(
      0x02,
      Buffer.from(`${/^[89a-f]/.test(leaf.serialNumber) ? '00' : ''}${leaf.serialNumber}`, 'hex'),
    )
    const name = createHash('sha1').update(Buffer.from(issuing.subjectName.toArrayBuffer())).digest()
    const key = Buffer.from(await issuing.publicKey.getKeyIdentifier())
    const sha1 = der(0x30, der(0x06, Buffer.from('2b0e03021a', 'hex')), der(0x05))
    const question = der(
      0x30,
      der(0x30, der(0x30, der(0x30, der(0x30, sha1, der(0x04, name), der(0x04, key), number)))),
    )
    const path = `/ocsp/issuing/${encodeURIComponent(question.toString('base64'))}`
    const answer = Buffer.from(await (await fetch(`${published}${path}`, { signal })).arrayBuffer())
    // What follows the number in the answer is the state: [1] is revoked (RFC 6960 §4.2.1).
    return answer.includes(Buffer.concat([number, Buffer.of(0xa1)])) ? 'the responder' : 'nobody'
  })
}

/** One short element of DER. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents)
  return Buffer.concat([Buffer.of(tag, body.length), body])
}

/** Asks for the address of a name: the address, `aliases alone`, `no address`, `no such name`, `server failure`, `denied`, `cut short`, `refused` or `silence`. */
export async function ask(
  network: Network,
  place: Place,
  name: string,
  transport: 'udp' | 'tcp' = 'udp',
  limitMs = patienceMs,
): Promise<string> {
  const query = dnsPacket.encode({
    type: 'query',
    id: 1,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ type: 'A', name }],
    additionals: [],
  })
  return await told(network, limitMs, async (signal) => {
    const answer = await (transport === 'udp' ? overUdp : overTcp)(query, place, signal)
    const flags = answer.readUInt16BE(2)
    if ((flags & 0x0200) !== 0) return 'cut short'
    if ((flags & 0x000f) === 2) return 'server failure'
    if ((flags & 0x000f) === 3) return 'no such name'
    if ((flags & 0x000f) === 5) return 'denied'
    if (answer.readUInt16BE(6) === 0) return 'no address'
    // The lab writes names out, so that a record begins with its name, whose end is a zero, and goes on with its type.
    const record = answer.indexOf(0, 12) + 5
    if (answer.readUInt16BE(answer.indexOf(0, record) + 1) !== typeA) return 'aliases alone'
    // Without EDNS the answer section is the last one, and its only record ends in the four octets of the address.
    return [...answer.subarray(-4)].join('.')
  })
}

/** Asks for the service records of a name: the hosts that they lead to, in the order of their names. */
export async function askServices(network: Network, { address, port }: Place, name: string): Promise<string> {
  return await told(network, patienceMs, async (signal) => {
    const client = new Resolver({ timeout: patienceMs, tries: 1 })
    client.setServers([`${address}:${port}`])
    const cancel = (): void => client.cancel()
    signal.addEventListener('abort', cancel)
    try {
      const records = await client.resolveSrv(name)
      return records
        .map((record) => record.name)
        .toSorted()
        .join(', ')
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  })
}

/** Runs a client under its limit and puts its failure into words; the end of the lab is no failure of the client. */
export async function told(
  network: Pick<Network, 'signal'>,
  limitMs: number,
  client: (signal: AbortSignal) => Promise<string>,
): Promise<string> {
  const signal = AbortSignal.any([network.signal, AbortSignal.timeout(limitMs)])
  try {
    return await client(signal)
  } catch (error) {
    network.signal.throwIfAborted()
    if (signal.aborted) return 'silence'
    const { code, syscall, message }: NodeJS.ErrnoException = error instanceof Error ? error : new Error()
    if (code === 'ECONNREFUSED') return 'refused'
    // Node calls an end before the handshake by the same code; only a reset is one that a read met.
    if (code === 'ECONNRESET') return syscall === 'read' ? 'reset' : 'closed'
    if (/alert/.test(message)) return 'alert'
    if (/wrong version number/.test(message)) return 'not TLS'
    throw error
  }
}

/** Shakes hands whatever the certificate; the caller destroys the connection. */
export async function handshake(
  { address, port }: Place,
  serverName: string,
  signal: AbortSignal,
  offer: Pick<ConnectionOptions, 'maxVersion' | 'ecdhCurve'> = {},
): Promise<TLSSocket> {
  const socket = connectTls({ host: address, port, servername: serverName, rejectUnauthorized: false, ...offer })
  try {
    await once(socket, 'secureConnect', { signal })
    // What happens after the handshake shows in what was read before it.
    socket.on('error', () => socket.destroy())
    return socket
  } catch (error) {
    socket.on('error', () => {})
    socket.destroy()
    throw error
  }
}

/** What is wrong with the chain that was sent, the gravest first, by the lab's own clock. */
/** The purpose of a TLS client (RFC 5280 §4.2.1.12). */
const clientAuth = '1.3.6.1.5.5.7.3.2'

function faceOf({ pki, clock }: Network, socket: TLSSocket, serverName: string): string {
  const leaf = socket.getPeerX509Certificate()
  if (leaf === undefined) return 'no certificate'
  const issuing = new X509Certificate(pki.certificatePem('issuing'))
  if (!leaf.checkIssued(issuing) || !leaf.verify(issuing.publicKey)) return `issued by ${commonName(leaf.issuer)}`
  if (leaf.issuerCertificate === undefined) return 'issuer missing'
  if (clock() > leaf.validToDate.getTime()) return 'expired'
  if (clock() < leaf.validFromDate.getTime()) return 'not yet valid'
  if (leaf.checkHost(serverName) === undefined) return `for ${commonName(leaf.subject)}`
  if (leaf.keyUsage?.every((purpose) => purpose === clientAuth)) return 'for clientAuth'
  return 'genuine'
}

function commonName(distinguishedName: string): string {
  return /^CN=(.*)$/m.exec(distinguishedName)?.[1] ?? distinguishedName
}

async function overUdp(query: Buffer, { address, port }: Place, signal: AbortSignal): Promise<Buffer> {
  const socket = createSocket('udp4')
  try {
    socket.send(query, port, address)
    const [octets] = await once(socket, 'message', { signal })
    return octets
  } finally {
    socket.close()
  }
}

async function overTcp(query: Buffer, { address, port }: Place, signal: AbortSignal): Promise<Buffer> {
  const socket = createConnection({ host: address, port })
  try {
    const length = Buffer.alloc(2)
    length.writeUInt16BE(query.length)
    socket.write(Buffer.concat([length, query]))
    let seen: Buffer = Buffer.alloc(0)
    for await (const chunk of addAbortSignal(signal, socket)) {
      seen = Buffer.concat([seen, chunk])
      if (seen.length >= 2 && seen.length >= 2 + seen.readUInt16BE(0)) break
    }
    return seen.subarray(2)
  } finally {
    socket.on('error', () => {})
    socket.destroy()
  }
}
