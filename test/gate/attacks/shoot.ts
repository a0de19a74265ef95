/** Clients that send exactly what an attack says, over TLS. */
import type { TLSSocket } from 'node:tls'
import { shaken } from '../../gateListener.ts'
import type { TestGate } from '../openTestGate.ts'

type Gate = Pick<TestGate, 'port'>

/** How an attack was answered. */
export interface Shot {
  /** Of the client, by which the record is looked through. */
  readonly port: number
  /** All that came, one character an octet. */
  readonly text: string
  readonly statuses: readonly number[]
}

export const hostOf = ({ port }: Gate): string => `localhost:${port}`

/** Lines of a head, with what ends it. */
export function headOf(...lines: readonly string[]): string {
  return [...lines, '', ''].join('\r\n')
}

/** A head with `Host`, after which the connection ends. */
export function closing(line: string, ...fields: readonly string[]): string {
  return headOf(`${line} HTTP/1.1`, 'Host: {host}', ...fields, 'Connection: close')
}

/** Sends octets as they are, and reads until the gate closes. */
export async function shootAt(gate: Gate, octets: string | Uint8Array): Promise<Shot> {
  const socket = await openSocket(gate)
  const port = socket.localPort ?? 0
  const text = await new Promise<string>((resolve) => {
    let came = ''
    socket.on('data', (chunk: Buffer) => {
      came += chunk.toString('latin1')
    })
    socket.once('close', () => resolve(came))
    socket.write(typeof octets === 'string' ? octetsOf(gate, octets) : octets)
  })
  return { port, text, statuses: statusesIn(text) }
}

export function octetsOf(gate: Gate, text: string): Buffer {
  return Buffer.from(text.replaceAll('{host}', hostOf(gate)), 'latin1')
}

export function openSocket({ port }: Gate): Promise<TLSSocket> {
  return shaken(port, { servername: 'localhost', ALPNProtocols: ['http/1.1'] })
}

export function statusesIn(text: string): readonly number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}

/** The head of the first answer: its fields, names in lower case. */
export function fieldsIn(text: string): readonly (readonly [name: string, value: string])[] {
  const [, ...lines] = (text.split('\r\n\r\n', 1)[0] ?? '').split('\r\n')
  return lines.map((line) => {
    const at = line.indexOf(':')
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]
  })
}

export function fieldIn(text: string, wanted: string): string | undefined {
  return fieldsIn(text).find(([name]) => name === wanted)?.[1]
}

/** Somebody who asks for the same thing again and again over one connection. */
export interface Bystander {
  readonly port: number
  /** The answer; rejects where the gate has closed the connection. */
  ask(): Promise<string>
  end(): void
}

export async function openBystander(gate: Gate): Promise<Bystander> {
  const socket = await openSocket(gate)
  let came = ''
  return {
    port: socket.localPort ?? 0,
    ask: () =>
      new Promise((resolve, reject) => {
        const onClose = (): void => reject(new Error('the gate has closed the connection of a bystander'))
        const onData = (chunk: Buffer): void => {
          came += chunk.toString('latin1')
          if (!came.endsWith('well\n')) return
          socket.off('data', onData)
          socket.off('close', onClose)
          const answer = came
          came = ''
          resolve(answer)
        }
        if (socket.destroyed) return onClose()
        socket.on('data', onData)
        socket.once('close', onClose)
        socket.write(octetsOf(gate, headOf('GET /open/bystander HTTP/1.1', 'Host: {host}')))
      }),
    end: () => void socket.destroy(),
  }
}
