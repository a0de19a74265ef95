import type { RequestListener } from 'node:http'
import { sendPage } from './page.ts'

const titles = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const

export type ErrorStatus = keyof typeof titles

/** A front end that answers everything with one error, as a page for people. */
export function errorAnswers(status: ErrorStatus): RequestListener {
  return (_request, response) => sendPage(response, status, titles[status], 'The request cannot be answered.')
}

/** A network that lets nobody out before they have signed in: whatever is asked leads to its own page. */
export const captiveAnswers: RequestListener = (request, response) => {
  const from = encodeURIComponent(`${request.headers.host ?? ''}${request.url ?? ''}`)
  response
    .writeHead(302, { location: `http://login.hotspot.example/welcome?from=${from}`, 'content-type': 'text/html' })
    .end('<!doctype html><title>Sign in to the network</title><p>Sign in to go on.</p>')
}

/** A front end that sees each request come without TLS, and sends it where it came from, as servers do: with a small page. */
export const circleAnswers: RequestListener = (request, response) => {
  response.setHeader('location', `https://${request.headers.host ?? ''}${request.url ?? '/'}`)
  sendPage(response, 302, '302 Found', 'The document has moved.')
}
