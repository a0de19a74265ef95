import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** How much of the answer is kept: the whole first flight of a TLS server with a long chain. */
const mostKeptOctets = 16_384

/**
 * Stands between a connection and TLS and keeps what the server said first. TLS on its own consumes octets that it
 * cannot read, and those are the evidence: an HTTP status line, a banner, an alert.
 *
 * Destroying it destroys the connection, and the other way round.
 */
export class Tap extends Duplex {
  readonly #socket: Socket
  #kept: Buffer[] = []
  #keptLength = 0
  #keeping = true
  #firstWritten = 0
  #answered = false

  constructor(socket: Socket) {
    super({ allowHalfOpen: false })
    this.#socket = socket
    socket.on('data', (octets: Buffer) => {
      this.#answered = true
      if (this.#keeping) this.#keep(octets)
      if (!this.push(octets)) socket.pause()
    })
    socket.once('end', () => this.push(null))
    socket.once('error', (error) => this.destroy(error))
    socket.once('close', () => this.destroy())
  }

  /** The first octets that came, at most 16 KiB of them. */
  get firstOctets(): Buffer {
    return Buffer.concat(this.#kept)
  }

  /** How many octets were sent before the first one came: a ClientHello. */
  get firstWritten(): number {
    return this.#firstWritten
  }

  /** Lets go of the first octets: they are evidence of a failure, and this is none. */
  forget(): void {
    this.#keeping = false
    this.#kept = []
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(octets: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (!this.#answered) this.#firstWritten += octets.length
    this.#socket.write(octets, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }

  #keep(octets: Buffer): void {
    const part = octets.subarray(0, mostKeptOctets - this.#keptLength)
    this.#kept.push(part)
    this.#keptLength += part.length
    if (this.#keptLength >= mostKeptOctets) this.#keeping = false
  }
}
