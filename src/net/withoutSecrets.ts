import type {
  AiaFetch,
  HttpExchange,
  RevocationCheck,
  TlsHandshake,
  Unfiled,
  WebSocketUpgrade,
} from '../model/observation.ts'
import type { SignInRequest } from '../model/signInRequest.ts'
import type { SecretForms } from './secretForms.ts'
import { withoutEcho } from './secretForms.ts'

/** An exchange in which each secret that was sent back is struck out. */
export function exchangeWithout(seen: Unfiled<HttpExchange>, secrets: readonly SecretForms[]): Unfiled<HttpExchange> {
  if (secrets.length === 0) return seen
  const { headers, body, upgrade, signIn } = seen
  return {
    ...seen,
    headers: valuesWithout(headers, secrets),
    body: { ...body, ...textsWithout(body, ['title'], secrets), members: valuesWithout(body.members, secrets) },
    ...textsWithout(seen, ['firstOctets'], secrets),
    ...(upgrade !== undefined && { upgrade: upgradeWithout(upgrade, secrets) }),
    ...(signIn !== undefined && { signIn: signInWithout(signIn, secrets) }),
  }
}

function upgradeWithout(upgrade: WebSocketUpgrade, secrets: readonly SecretForms[]): WebSocketUpgrade {
  return { ...upgrade, ...textsWithout(upgrade, ['protocol', 'why', 'trackingId'], secrets) }
}

function signInWithout(signIn: SignInRequest, secrets: readonly SecretForms[]): SignInRequest {
  const { scopes } = signIn
  return {
    ...signIn,
    ...textsWithout(signIn, ['endpoint', 'clientId', 'redirectUri', 'responseType', 'responseMode'], secrets),
    ...(scopes !== undefined && { scopes: scopes.map((scope) => withoutEcho(scope, secrets)) }),
  }
}

/** A handshake whose answer was no TLS, and may have been what a proxy makes of the request for the tunnel. */
export function handshakeWithout(seen: Unfiled<TlsHandshake>, secrets: readonly SecretForms[]): Unfiled<TlsHandshake> {
  return { ...seen, ...textsWithout(seen, ['firstOctets'], secrets) }
}

/** What came instead of a list or an answer, in the words of whoever sent it. */
export function checkWithout(
  seen: Unfiled<RevocationCheck>,
  secrets: readonly SecretForms[],
): Unfiled<RevocationCheck> {
  return { ...seen, ...textsWithout(seen, ['title', 'detail'], secrets) }
}

/** What came instead of an issuer, or as one: the name of a certificate is whatever its maker wrote. */
export function fetchWithout(seen: Unfiled<AiaFetch>, secrets: readonly SecretForms[]): Unfiled<AiaFetch> {
  return { ...seen, ...textsWithout(seen, ['subject', 'detail'], secrets) }
}

/** Those of these texts that are there. */
function textsWithout<const Key extends string>(
  from: { readonly [Each in Key]?: string },
  keys: readonly Key[],
  secrets: readonly SecretForms[],
): { [Each in Key]?: string } {
  const clean: { [Each in Key]?: string } = {}
  for (const key of keys) {
    const text = from[key]
    if (text !== undefined) clean[key] = withoutEcho(text, secrets)
  }
  return clean
}

function valuesWithout(
  record: Readonly<Record<string, string>>,
  secrets: readonly SecretForms[],
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, withoutEcho(value, secrets)]))
}
