import type { Socket } from 'node:net'

/** What begins a connection: a TLS handshake record (RFC 8446 §5.1), a request line without TLS, or neither. */
export type Beginning = 'tls' | 'plain-http' | 'not-tls'

const handshakeRecord = 22

/** Said to whoever speaks plain HTTP. Not a redirect: the name to redirect to would be what the client says it is. */
const plainText = 'This port speaks HTTPS only. Put https:// before the address.\n'
const plainAnswer = [
  'HTTP/1.1 400 Bad Request',
  'content-type: text/plain; charset=utf-8',
  `content-length: ${plainText.length}`,
  'cache-control: no-store',
  'connection: close',
  '',
  plainText,
].join('\r\n')

/** For whoever sends on while it is answered: what is not read when a socket closes takes the answer away with it. */
const lingerMs = 1000

function beginningOf(octet: number | undefined): Beginning {
  if (octet === handshakeRecord) return 'tls'
  const character = String.fromCharCode(octet ?? 0)
  return /[A-Za-z]/.test(character) ? 'plain-http' : 'not-tls'
}

/**
 * Looks at the first octets of a socket and leaves them there for whoever reads it next.
 *
 * @param seen is called once, or not at all where nothing comes
 */
export function lookAtFirst(raw: Socket, seen: (beginning: Beginning, octets: Uint8Array) => void): void {
  const onReadable = (): void => {
    const octets: Buffer | null = raw.read()
    if (octets === null) return
    raw.off('readable', onReadable)
    raw.unshift(octets)
    seen(beginningOf(octets[0]), octets)
  }
  raw.on('readable', onReadable)
}

/** Answers plain HTTP in plain HTTP, and closes. */
export function answerPlain(raw: Socket): void {
  const timer = setTimeout(() => raw.destroy(), lingerMs)
  raw.once('close', () => clearTimeout(timer))
  raw.resume()
  raw.end(plainAnswer)
}
