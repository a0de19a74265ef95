import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:tls'
import type { XmlElement } from '@rgrove/parse-xml'
import { XmlElement as Element, parseXml } from '@rgrove/parse-xml'
import type { Certificate, Place, StandIn } from './standIn.ts'
import { openStandIn } from './standIn.ts'

/** What the service does with who speaks to it; all but `well` are wrong in one way. */
export const winrmConducts = [
  'well',
  'only-sign-in',
  'not-registered',
  'stopped',
  'another-web-server',
  'captive-page',
] as const
export type WinrmConduct = (typeof winrmConducts)[number]

export interface WinrmOptions {
  readonly conduct?: WinrmConduct
  /** With one, HTTP is spoken inside TLS, as on 5986; without, in the clear. */
  readonly certificate?: Certificate
}

const soap = 'http://www.w3.org/2003/05/soap-envelope'
const identity = 'http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd'
const soapType = 'application/soap+xml;charset=UTF-8'

/** What Windows says of itself to who has not signed in (DSP0226 §11). */
const identifyResponse = `<s:Envelope xml:lang="en-US" xmlns:s="${soap}"><s:Header/><s:Body><wsmid:IdentifyResponse xmlns:wsmid="${identity}"><wsmid:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd</wsmid:ProtocolVersion><wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor><wsmid:ProductVersion>OS: 0.0.0 SP: 0.0 Stack: 3.0</wsmid:ProductVersion></wsmid:IdentifyResponse></s:Body></s:Envelope>`

/** Octets of a request's body that are read. */
const longestBody = 65_536

/**
 * Windows Remote Management behind Windows' own HTTP service, up to the sign-in: it answers Identify to who says that no
 * sign-in follows, asks everybody else for one, and has nothing elsewhere.
 */
export function openWinrm(place: Place, options: WinrmOptions = {}): Promise<StandIn> {
  const { conduct = 'well', certificate } = options
  const http = createServer(answersOf(conduct))
  if (certificate === undefined) return openStandIn(place, (socket) => http.emit('connection', socket))
  const tls = createTlsServer({ ...certificate, ALPNProtocols: ['http/1.1'] })
  tls.on('tlsClientError', (_error, socket) => socket.destroy())
  tls.on('secureConnection', (secure) => http.emit('connection', secure))
  return openStandIn(place, (socket) => tls.emit('connection', socket))
}

function answersOf(conduct: WinrmConduct): RequestListener {
  switch (conduct) {
    case 'well':
      return (request, response) => windows(request, response, () => void identify(request, response))
    case 'only-sign-in':
      return (request, response) => windows(request, response, () => askForSignIn(response))
    case 'not-registered':
      return (_request, response) => page(response, 404, 'Not Found')
    case 'stopped':
      return (_request, response) => page(response, 503, 'Service Unavailable')
    case 'another-web-server':
      return (_request, response) => {
        response.setHeader('Server', 'nginx')
        response.writeHead(405, { 'Content-Type': 'text/html' }).end('<html><h1>405 Not Allowed</h1></html>\r\n')
      }
    case 'captive-page':
      return (_request, response) => {
        const text = '<!doctype html><title>Guest access</title><p>Accept the terms to go on.'
        response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' }).end(text)
      }
    default:
      return conduct satisfies never
  }
}

/** Only `/wsman` and what lies below is registered, and only POST is taken there. */
function windows(request: IncomingMessage, response: ServerResponse, registered: () => void): void {
  if (!/^\/wsman(\/|\?|$)/i.test(request.url ?? '')) page(response, 404, 'Not Found')
  else if (request.method !== 'POST') page(response, 405, 'Method Not Allowed', { Allow: 'POST' })
  else registered()
}

async function identify(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (String(request.headers['wsmanidentify']).toLowerCase() !== 'unauthenticated') {
    askForSignIn(response)
    return
  }
  if (!/^application\/soap\+xml *(;|$)/i.test(request.headers['content-type'] ?? '')) {
    page(response, 415, 'Unsupported Media Type')
    return
  }
  const body = await bodyOf(request)
  if (body === undefined) page(response, 413, 'Request Entity Too Large', { Connection: 'close' })
  else if (asksForIdentity(body)) sent(response, 200, soapType, identifyResponse)
  else askForSignIn(response)
}

/** The whole body; undefined where it is too long, or its client leaves. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = []
  let length = 0
  try {
    for await (const part of request) {
      length += part.length
      if (length > longestBody) return undefined
      parts.push(part)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Whether it is an envelope of SOAP 1.2 whose body holds Identify and nothing else. */
function asksForIdentity(text: string): boolean {
  try {
    const { root } = parseXml(text)
    if (root === null || !isNamed(root, {}, soap, 'Envelope')) return false
    const prefixes = declared(root, {})
    const body = elements(root).find((element) => isNamed(element, prefixes, soap, 'Body'))
    const [asked, ...more] = body === undefined ? [] : elements(body)
    if (body === undefined || asked === undefined || more.length > 0) return false
    return isNamed(asked, declared(body, prefixes), identity, 'Identify')
  } catch {
    // No XML, or nested deeper than there is stack for.
    return false
  }
}

type Prefixes = Readonly<Record<string, string>>

const elements = (of: XmlElement): XmlElement[] => of.children.filter((node) => node instanceof Element)

/** The namespaces that prefixes stand for inside of an element; `xmlns` is that of names without one. */
const declared = (element: XmlElement, outer: Prefixes): Prefixes => ({ ...outer, ...element.attributes })

function isNamed(element: XmlElement, outer: Prefixes, namespace: string, local: string): boolean {
  const [prefix, name] = element.name.includes(':') ? element.name.split(':') : [undefined, element.name]
  const key = prefix === undefined ? 'xmlns' : `xmlns:${prefix}`
  return name === local && declared(element, outer)[key] === namespace
}

function askForSignIn(response: ServerResponse): void {
  response.setHeader('WWW-Authenticate', ['Negotiate', 'Kerberos'])
  sent(response, 401, undefined, '')
}

/** A page of Windows' own HTTP service. */
function page(response: ServerResponse, status: number, words: string, headers: Record<string, string> = {}): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  const text = `<HTML><HEAD><TITLE>${words}</TITLE></HEAD>\r\n<BODY><h2>${words}</h2>\r\n<hr><p>HTTP Error ${status}.</p></BODY></HTML>\r\n`
  sent(response, status, 'text/html; charset=us-ascii', text)
}

function sent(response: ServerResponse, status: number, type: string | undefined, text: string): void {
  response.setHeader('Server', 'Microsoft-HTTPAPI/2.0')
  if (type !== undefined) response.setHeader('Content-Type', type)
  response.writeHead(status, { 'Content-Length': Buffer.byteLength(text) }).end(text)
}
