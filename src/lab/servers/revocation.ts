import type { RequestListener } from 'node:http'
import { sendPage } from './page.ts'
import type { AuthorityId, Pki } from './pki.ts'

/** Authorities that publish; the others are nobody's, or an inspector's that hides. */
const publishing: ReadonlySet<string> = new Set(['root', 'issuing'] satisfies AuthorityId[])
const isPublishing = (name: string): name is AuthorityId => publishing.has(name)

/**
 * What the hosts of revocation lists and missing issuers answer over plain HTTP (RFC 5280 §4.2.1.13, §4.2.2.1): real
 * lists and certificates of the lab's authorities, whatever the host is called.
 */
export function revocationAnswers(pki: Pki): RequestListener {
  return (request, response) => {
    const [, kind, name = ''] = /^\/(crl|aia)\/([a-z]+)\.cr[lt]$/.exec(request.url ?? '') ?? []
    if (kind === undefined || !isPublishing(name)) {
      sendPage(response, 404, 'Not found', 'No list and no certificate is published here.')
      return
    }
    if (kind === 'aia') {
      response.writeHead(200, { 'content-type': 'application/pkix-cert' }).end(pki.certificateDer(name))
      return
    }
    void pki
      .revocationList(name)
      .then((list) => response.writeHead(200, { 'content-type': 'application/pkix-crl' }).end(list))
  }
}
