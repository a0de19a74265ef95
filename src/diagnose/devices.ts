import { consoleProductOf } from '../catalog/index.ts'
import type { HttpExchange, TlsHandshake } from '../model/observation.ts'

/** The product that made a certificate by itself, by the marks in its subject and issuer. */
export function deviceOfCertificate({ chain }: TlsHandshake): string | undefined {
  const leaf = chain[0]
  return leaf && consoleProductOf('certificate', `${leaf.subject}\n${leaf.issuer}`)
}

/** The product whose page or server answered. */
export function deviceOfPage({ body, headers }: HttpExchange): string | undefined {
  return consoleProductOf('page', `${body.title ?? ''}\n${headers['server'] ?? ''}`)
}
