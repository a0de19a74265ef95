import type { HeaderFields } from './exchange.ts'

export interface AnswerOptions {
  /** Somebody had to come in for it: no cache may keep it for others. */
  readonly isAuthenticated: boolean
  /** As in {@link import('../model/gate.ts').Gate}. */
  readonly transportSecuritySeconds: number
}

/**
 * Strict-Transport-Security (RFC 6797); nothing for 0. Subdomains are other people's, and not said to be ours.
 */
export function transportSecurity(seconds: number): HeaderFields {
  return seconds === 0 ? [] : [['strict-transport-security', `max-age=${seconds}`]]
}

/**
 * What a browser is sent of a backend's answer. What the app says of its own security stays; where it says nothing, the
 * safe thing is said. What somebody had to sign in for is stored by no cache, unless the app itself says `private` or
 * `no-store`, and then by its words.
 *
 * @param headers of the backend, names in lower case, without fields of one connection
 */
export function answerHeaders(
  headers: HeaderFields,
  { isAuthenticated, transportSecuritySeconds }: AnswerOptions,
): HeaderFields {
  const said = new Set(headers.map(([name]) => name))
  const kept = isAuthenticated ? uncached(headers) : headers
  const added: [string, string][] = []
  const unlessSaid = (name: string, value: string): void => void (said.has(name) || added.push([name, value]))
  for (const [name, value] of transportSecurity(transportSecuritySeconds)) unlessSaid(name, value)
  unlessSaid('x-content-type-options', 'nosniff')
  unlessSaid('referrer-policy', 'strict-origin-when-cross-origin')
  if (!saysWhoFrames(headers)) unlessSaid('x-frame-options', 'SAMEORIGIN')
  return [...kept, ...added]
}

/** `frame-ancestors` counts in the place of X-Frame-Options (CSP 3 §6.4.2), which would only be in an app's way. */
function saysWhoFrames(headers: HeaderFields): boolean {
  return headers.some(
    ([name, value]) => name === 'content-security-policy' && /(^|[;,\s])frame-ancestors\b/i.test(value),
  )
}

/** Names of fields that tell caches of one kind something else than `Cache-Control` does (RFC 9213). */
const otherCacheFields = /^(surrogate-control|edge-control|x-accel-expires|([a-z0-9-]+-)?cdn-cache-control)$/

function uncached(headers: HeaderFields): HeaderFields {
  const others = headers.filter(([name]) => !otherCacheFields.test(name))
  const words = others
    .flatMap(([name, value]) => (name === 'cache-control' ? value.toLowerCase().split(',') : []))
    .map((word) => word.trim())
  // `private="field"` speaks of that field alone, and `public` beside it is what some caches go by.
  const isKept = words.includes('no-store') || (words.includes('private') && !words.includes('public'))
  if (isKept) return others
  return [...others.filter(([name]) => name !== 'cache-control' && name !== 'expires'), ['cache-control', 'no-store']]
}
