import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { GateLimits } from '../../model/gate.ts'
import type { Refusal } from '../listened.ts'

type Problem = Extract<Refusal, 'bad-framing' | 'head-too-large'>

/** Octets that come between a name and its value, and after it. */
const fieldOverhead = 4

/**
 * What is wrong with the head of an HTTP/1 request that the platform's parser has let pass, but that whoever stands
 * before or behind the gate could read in another way (RFC 9112 §3.2 and §6.3, §11.2).
 */
export function http1Problem(request: IncomingMessage, limits: GateLimits): Problem | undefined {
  const { rawHeaders, httpVersion, url = '', method } = request
  if (isTooLarge(rawHeaders, limits)) return 'head-too-large'
  const hosts = valuesOf(rawHeaders, 'host')
  const lengths = valuesOf(rawHeaders, 'content-length')
  const codings = valuesOf(rawHeaders, 'transfer-encoding')
  const isFine =
    (httpVersion === '1.1' || httpVersion === '1.0') &&
    hosts.length === (httpVersion === '1.1' ? 1 : Math.min(hosts.length, 1)) &&
    lengths.length + codings.length <= 1 &&
    lengths.every((length) => /^\d{1,15}$/.test(length)) &&
    codings.every((coding) => httpVersion === '1.1' && coding.toLowerCase() === 'chunked') &&
    // Other forms name a host of their own (RFC 9112 §3.2), or none.
    (url.startsWith('/') || (url === '*' && method === 'OPTIONS'))
  return isFine ? undefined : 'bad-framing'
}

/** Whether an upgrade comes with a body, behind which the new protocol would begin: nobody sends such. */
export function upgradeHasBody({ rawHeaders }: IncomingMessage): boolean {
  const lengths = valuesOf(rawHeaders, 'content-length')
  return valuesOf(rawHeaders, 'transfer-encoding').length > 0 || lengths.some((length) => Number(length) !== 0)
}

/** The same of HTTP/2, whose frames have but one length: two hosts (RFC 9113 §8.3.1), and what is too large. */
export function http2Problem({ rawHeaders }: Http2ServerRequest, limits: GateLimits): Problem | undefined {
  if (isTooLarge(rawHeaders, limits)) return 'head-too-large'
  const hosts = [...valuesOf(rawHeaders, ':authority'), ...valuesOf(rawHeaders, 'host')]
  return new Set(hosts.map((host) => host.toLowerCase())).size > 1 ? 'bad-framing' : undefined
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === name) values.push(rawHeaders[at + 1] ?? '')
  }
  return values
}

function isTooLarge(rawHeaders: readonly string[], { headOctets, headFields }: GateLimits): boolean {
  let octets = 0
  let fields = 0
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    octets += name.length + (rawHeaders[at + 1] ?? '').length + fieldOverhead
    // The request line of HTTP/2 is written as fields too.
    if (!name.startsWith(':')) fields += 1
  }
  return octets > headOctets || fields > headFields
}
