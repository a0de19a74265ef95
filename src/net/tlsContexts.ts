import { X509Certificate } from 'node:crypto'
import type { SecureContext, SecureContextOptions } from 'node:tls'
import { createSecureContext } from 'node:tls'
import type { CertificatePair } from './certificatePair.ts'
import { namesOf } from './certificatePair.ts'
import { tlsPolicy } from './tlsPolicy.ts'

/** What a server proves itself by, one or more; the first is for whoever asks for no name, or for one of no pair. */
export interface ServedCertificates {
  readonly pairs: readonly CertificatePair[]
  /** PEM texts of the CAs that client certificates may be of; none: no client certificate is verified. */
  readonly authorities: readonly string[]
}

/** Chooses the certificate of a handshake. What is swapped counts for handshakes that begin after it. */
export interface TlsContexts {
  /** By the name that the client asks for (RFC 6066 §3): its own pair, one with a wildcard, or the first. */
  current(serverName: string | undefined): SecureContext
  /** What the first is made of, for clients that ask for no name. */
  first(): SecureContextOptions
  /** How often the certificates have been swapped. */
  readonly swaps: number
  /** Takes others in their place, all of them or, where one cannot be used, none. */
  swap(certificates: ServedCertificates): { readonly ok: true } | { readonly error: string }
}

interface Table {
  readonly options: SecureContextOptions
  readonly first: SecureContext
  readonly byName: ReadonlyMap<string, SecureContext>
}

export type OpenedContexts = { readonly ok: TlsContexts } | { readonly error: string }

/** Makes the contexts of certificates that {@link judgePair} has found good; what OpenSSL refuses yet is the error. */
export function openTlsContexts(certificates: ServedCertificates): OpenedContexts {
  const opened = tableOf(certificates)
  if ('error' in opened) return opened
  let table = opened.ok
  let swaps = 0
  return {
    ok: {
      current: (serverName) => contextFor(table, serverName),
      first: () => table.options,
      get swaps() {
        return swaps
      },
      swap(others) {
        const made = tableOf(others)
        if ('error' in made) return made
        table = made.ok
        swaps += 1
        return { ok: true }
      },
    },
  }
}

function tableOf({ pairs, authorities }: ServedCertificates): { readonly ok: Table } | { readonly error: string } {
  const [firstPair] = pairs
  if (firstPair === undefined) return { error: 'there is no certificate' }
  const optionsOf = ({ chainPem, keyPem }: CertificatePair): SecureContextOptions => ({
    ...tlsPolicy,
    cert: chainPem,
    key: keyPem,
    // Without any, the platform would verify clients by the roots of the public web.
    ca: [...authorities],
  })
  try {
    const options = optionsOf(firstPair)
    const first = createSecureContext(options)
    const byName = new Map<string, SecureContext>()
    for (const pair of pairs) {
      const context = pair === firstPair ? first : createSecureContext(optionsOf(pair))
      for (const name of namesOf(new X509Certificate(pair.chainPem))) {
        if (!byName.has(name)) byName.set(name, context)
      }
    }
    return { ok: { options, first, byName } }
  } catch (error) {
    // OpenSSL's words, which are of the form of what it was given and never hold it.
    return { error: error instanceof Error ? error.message : 'OpenSSL refused it' }
  }
}

/** A wildcard stands for exactly one label, the first (RFC 9525 §6.3). */
function contextFor({ byName, first }: Table, serverName: string | undefined): SecureContext {
  if (serverName === undefined) return first
  const name = serverName.toLowerCase().replace(/\.$/, '')
  return byName.get(name) ?? byName.get(name.replace(/^[^.]+/, '*')) ?? first
}
