import type { AiaFetch, HttpExchange, RevocationCheck, TlsHandshake, Unfiled } from '../model/observation.ts'
import type { ProxyCredentials } from './proxy.ts'
import { basicOf } from './proxy.ts'

/** Fewer characters of a secret at the end of a text that was cut give nothing away. */
const fewestOfPart = 4

/** The forms in which a server may send back what a proxy was shown, the longest first. */
export function formsOfSecret(credentials: ProxyCredentials): readonly string[] {
  const { user, password } = credentials
  const forms = [basicOf(credentials).replace(/=+$/, ''), `${user}:${password}`, password, encodeURIComponent(password)]
  return [...new Set(forms)].filter((form) => form !== '').sort((a, b) => b.length - a.length)
}

/** An exchange in which each secret that was sent back is struck out. */
export function exchangeWithout(seen: Unfiled<HttpExchange>, forms: readonly string[]): Unfiled<HttpExchange> {
  if (forms.length === 0) return seen
  const { headers, body, firstOctets } = seen
  const { title } = body
  return {
    ...seen,
    headers: valuesWithout(headers, forms),
    body: {
      ...body,
      ...(title !== undefined && { title: textWithout(title, forms) }),
      members: valuesWithout(body.members, forms),
    },
    ...(firstOctets !== undefined && { firstOctets: textWithout(firstOctets, forms) }),
  }
}

/** A handshake whose answer was no TLS, and may have been what a proxy makes of the request for the tunnel. */
export function handshakeWithout(seen: Unfiled<TlsHandshake>, forms: readonly string[]): Unfiled<TlsHandshake> {
  const { firstOctets } = seen
  return firstOctets === undefined || forms.length === 0
    ? seen
    : { ...seen, firstOctets: textWithout(firstOctets, forms) }
}

/** What came instead of a list or an answer, in the words of whoever sent it. */
export function checkWithout(seen: Unfiled<RevocationCheck>, forms: readonly string[]): Unfiled<RevocationCheck> {
  const { title, detail } = seen
  return {
    ...seen,
    ...(title !== undefined && { title: textWithout(title, forms) }),
    ...(detail !== undefined && { detail: textWithout(detail, forms) }),
  }
}

/** What came instead of an issuer, or as one: the name of a certificate is whatever its maker wrote. */
export function fetchWithout(seen: Unfiled<AiaFetch>, forms: readonly string[]): Unfiled<AiaFetch> {
  const { subject, detail } = seen
  return {
    ...seen,
    ...(subject !== undefined && { subject: textWithout(subject, forms) }),
    ...(detail !== undefined && { detail: textWithout(detail, forms) }),
  }
}

function valuesWithout(record: Readonly<Record<string, string>>, forms: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, textWithout(value, forms)]))
}

/** Texts are kept up to a length: at their end may stand the beginning of a secret. */
function textWithout(text: string, forms: readonly string[]): string {
  let clean = text
  for (const form of forms) clean = clean.replaceAll(form, '*')
  for (const form of forms) {
    for (let length = Math.min(form.length - 1, clean.length); length >= fewestOfPart; length -= 1) {
      if (clean.endsWith(form.slice(0, length))) clean = `${clean.slice(0, -length)}*`
    }
  }
  return clean
}
