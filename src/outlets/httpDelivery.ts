import type { Posted } from '../net/outletNet.ts'
import type { SecretForms } from '../net/secretForms.ts'
import { formsOfSecret, withoutEcho } from '../net/secretForms.ts'
import { printableText } from '../wire/printable-text.ts'
import type { Delivery } from './outlet.ts'

/** Longer waits than an hour are not waited for: nobody else is to say for how long nothing is told. */
export const longestWaitMs = 3_600_000

/** What is told of an answer: the beginning of its body. */
const longestQuote = 160

/** What a server answered to a POST, as what became of what was sent. `secrets` are struck out of its words. */
export function httpDelivery(posted: Posted, secrets: readonly SecretForms[], now: number): Delivery {
  if (posted.kind === 'failed') return { kind: 'later', says: posted.says }
  const { status, body, retryAfter } = posted
  const quote = withoutEcho(printableText(body, longestQuote), secrets)
  const says = `answers ${status}${quote === '' ? '' : `: ${quote}`}`
  if (status >= 200 && status < 300) return { kind: 'taken', says }
  if (status < 400) return { kind: 'later', says: `answers ${status}, and sends elsewhere: that is not followed` }
  // 425, as 408 and 429, speaks of the moment and not of what was sent (RFC 8470 §5.2).
  if (status < 500 && ![408, 425, 429].includes(status)) return { kind: 'refused', says }
  const afterMs = retryAfter === undefined ? undefined : retryAfterMs(retryAfter, now)
  return { kind: 'later', says, ...(afterMs !== undefined && { afterMs }) }
}

/** Milliseconds until `Retry-After` (RFC 9110 §10.2.3): seconds or a date; undefined for what is neither. At most an hour. */
export function retryAfterMs(field: string, now: number): number | undefined {
  const ms = /^\d{1,10}$/.test(field.trim()) ? Number(field) * 1000 : Date.parse(field) - now
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), longestWaitMs)
}

/** What of an address is a secret, in the forms in which a server may say it back: all behind its host, and each part. */
export function secretsOfUrl(url: string): readonly SecretForms[] {
  if (!URL.canParse(url)) return []
  const { pathname, search, searchParams } = new URL(url)
  const parts = [`${pathname}${search}`, ...pathname.split('/'), ...searchParams.values()]
  return parts.filter(({ length }) => length >= 8).map(secretForms)
}

/** A secret without a user. */
export function secretForms(secret: string): SecretForms {
  return formsOfSecret({ user: '', password: secret })
}
