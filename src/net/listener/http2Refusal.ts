import { errorCode } from '../errno.ts'
import type { Refusal } from '../listened.ts'

/** Numbers of nghttp2 for what came too often: answers that nobody fetches, CONTINUATION, SETTINGS with too much in them. */
const floods: ReadonlySet<number> = new Set([-904, -905, -537])

/** A client that sends as much as this outside of requests means to; what is wrong in less is a mistake. */
const mistakeOctets = 65_536

/**
 * What ended a session of HTTP/2 by the client's own fault; undefined for what the network, or the client by right, ended.
 *
 * @param strayOctets how many came that belong to no request: nghttp2 has one word for a wrong frame and for too many
 */
export function sessionRefusal(error: Error, strayOctets: number): Refusal | undefined {
  const code = errorCode(error) ?? ''
  if (code.startsWith('ERR_HTTP2_TOO_MANY')) return 'protocol-flood'
  if (code !== 'ERR_HTTP2_ERROR') return undefined
  const number = 'errno' in error && typeof error.errno === 'number' ? error.errno : 0
  return floods.has(number) || strayOctets > mistakeOctets ? 'protocol-flood' : 'bad-framing'
}
