import { X509Certificate } from 'node:crypto'
import { resolve } from 'node:path'
import type { LoadedSite } from '../config/index.ts'
import { readBounded } from '../config/readBounded.ts'
import type { Expiring } from '../watch/judgement/index.ts'
import { watchOf } from './watchHistory.ts'

/** A chain of certificates has some KiB. */
const mostOctets = 1_048_576

/** What the site file names and that ends one day: its own CAs, and certificates that sign-ins prove themselves with. */
export async function siteExpiries(loaded: LoadedSite): Promise<readonly Expiring[]> {
  const own = loaded.trustPem.flatMap((pem) => {
    const certificate = certificateIn(pem)
    if (certificate === undefined) return []
    const sha256 = certificate.fingerprint256.replaceAll(':', '').toLowerCase()
    const name = `the certificate of ${/^CN=(.+)$/m.exec(certificate.subject)?.[1] ?? sha256.slice(0, 16)}`
    return [
      {
        subject: `certificate:${sha256}`,
        kind: 'certificate',
        name,
        where: 'trust.certificates',
        ...endsOf(certificate),
      } as const,
    ]
  })
  const signIns = await Promise.all(
    watchOf(loaded).signIns.map(async ({ name, certificate }): Promise<readonly Expiring[]> => {
      if (certificate === undefined) return []
      const read = await readBounded(resolve(loaded.folder, certificate.certificate), mostOctets)
      const found = 'octets' in read ? certificateIn(new TextDecoder().decode(read.octets)) : undefined
      if (found === undefined) return []
      const where = `watch.sign-ins.${name}`
      return [
        {
          subject: `secret:${name}`,
          kind: 'secret',
          name: `the certificate of the sign-in ${name}`,
          where,
          ...endsOf(found),
        },
      ]
    }),
  )
  return [...own, ...signIns.flat()]
}

function endsOf(certificate: X509Certificate): Pick<Expiring, 'notAfter' | 'notBefore'> {
  return { notAfter: certificate.validToDate.getTime(), notBefore: certificate.validFromDate.getTime() }
}

function certificateIn(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    // What cannot be read is told by whoever needs it.
    return undefined
  }
}
