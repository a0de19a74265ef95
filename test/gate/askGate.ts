import type { IncomingHttpHeaders } from 'node:http'
import type { RequestOptions } from 'node:https'
import { request } from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { TestGate } from './openTestGate.ts'

/** How the gate answered a whole request. */
export interface GateAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** SHA-256 of the certificate that the gate showed, with colons. */
  readonly certificate: string
}

/** One request over a connection of its own, as a program sends it. */
export function askGate(
  { origin, caPem }: Pick<TestGate, 'origin' | 'caPem'>,
  path: string,
  options: RequestOptions & { readonly body?: string } = {},
): Promise<GateAnswer> {
  const { body = '', ...rest } = options
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, origin), { ca: caPem, agent: false, ...rest }, (response) => {
      const certificate = (response.socket as TLSSocket).getPeerCertificate().fingerprint256
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.once('error', reject)
      response.once('end', () => {
        const { statusCode = 0, headers } = response
        resolve({ status: statusCode, headers, body: Buffer.concat(parts).toString(), certificate })
      })
    })
    asked.once('error', reject)
    asked.end(body)
  })
}
