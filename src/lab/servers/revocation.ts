import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { sendPage } from './page.ts'
import type { AuthorityId, Pki, Publishing } from './pki.ts'

/** Authorities that publish; the others are nobody's, or an inspector's that hides. */
const publishing: ReadonlySet<string> = new Set(['root', 'issuing'] satisfies AuthorityId[])
const isPublishing = (name: string): name is AuthorityId => publishing.has(name)

/** What the two ways of telling a certificate's state do: what the authority says, or an answer in its place. */
export interface Revocation {
  readonly list?: Publishing | RequestListener
  readonly responder?: Publishing | RequestListener
}

/**
 * What the hosts of revocation lists, responders and missing issuers answer over plain HTTP (RFC 5280 §4.2.1.13,
 * §4.2.2.1; RFC 6960 A.1): real lists, answers and certificates of the lab's authorities, whatever the host is called.
 */
export function revocationAnswers(pki: Pki, { list = 'usual', responder = 'usual' }: Revocation = {}): RequestListener {
  return (request, response) => {
    const [, kind, name = '', question = ''] =
      /^\/(crl|aia|ocsp)\/([a-z]+)(?:\.cr[lt]|\/([^/]*))$/.exec(request.url ?? '') ?? []
    if (kind === undefined || !isPublishing(name)) {
      sendPage(response, 404, 'Not found', 'No list and no certificate is published here.')
      return
    }
    if (kind === 'aia') {
      response.writeHead(200, { 'content-type': 'application/pkix-cert' }).end(pki.certificateDer(name))
    } else if (kind === 'crl') {
      tell(request, response, list, 'application/pkix-crl', (how) => pki.revocationList(name, how))
    } else {
      const octets = Buffer.from(decoded(question), 'base64')
      tell(request, response, responder, 'application/ocsp-response', (how) => pki.ocspAnswer(name, octets, how))
    }
  }
}

function tell(
  request: IncomingMessage,
  response: ServerResponse,
  way: Publishing | RequestListener,
  type: string,
  answer: (how: Publishing) => Promise<Uint8Array | undefined>,
): void {
  if (typeof way === 'function') {
    way(request, response)
    return
  }
  void answer(way).then((octets) => {
    if (octets === undefined) sendPage(response, 400, 'Bad request', 'The question cannot be read.')
    else response.writeHead(200, { 'content-type': type }).end(octets)
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
