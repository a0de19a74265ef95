import type * as X509 from '@peculiar/x509'

/** Brings in the certificate library when the first certificate is made: it takes longer than everything else at start. */
export async function loadX509(): Promise<typeof X509> {
  // It finds its parts through decorators, for which reflect-metadata has to be there first.
  await import('reflect-metadata')
  return await import('@peculiar/x509')
}
