import type { XmlElement } from '@rgrove/parse-xml'
import { XmlElement as Element, parseXml, XmlText as Text } from '@rgrove/parse-xml'
import { parseChallenges, schemesOfWindows } from './challenges.ts'
import { printableText } from './printable-text.ts'

/**
 * The Identify operation of WS-Management (DSP0226 §11), which Windows Remote Management answers without a sign-in when
 * it is told that there will be none. It names the product then, and gives zeros for the version of Windows (Microsoft,
 * "Detecting Whether a Remote Computer Supports WS-Management Protocol").
 */

const soap12 = 'http://www.w3.org/2003/05/soap-envelope'
const soap11 = 'http://schemas.xmlsoap.org/soap/envelope/'
const identity = 'http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd'

/** The request, as it goes to port 5985 in plain and to 5986 inside TLS. `Host` and the length are left to HTTP. */
export const identifyRequest = {
  method: 'POST',
  path: '/wsman',
  headers: { 'Content-Type': 'application/soap+xml;charset=UTF-8', WSMANIDENTIFY: 'unauthenticated' },
  body: `<s:Envelope xmlns:s="${soap12}" xmlns:wsmid="${identity}"><s:Header/><s:Body><wsmid:Identify/></s:Body></s:Envelope>`,
} as const

/** What HTTP says to it. Names of header fields are in lower case; several fields of a name are joined by commas. */
export interface WsManReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  /** As it was meant: without the framing of chunks. */
  readonly body: Uint8Array
}

/** Texts of the server are one line of at most 120 characters. */
export type WsManAnswer =
  | {
      readonly kind: 'identified'
      /** The namespace of the version that is spoken, such as `http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd`. */
      readonly protocol?: string
      readonly vendor?: string
      /** As the product writes it, such as `OS: 0.0.0 SP: 0.0 Stack: 3.0`: Windows tells its own to who signs in. */
      readonly version?: string
    }
  /**
   * 401 of Windows' own HTTP service with a scheme of Windows. It has no page of its own that asks for a sign-in: some
   * service has registered `/wsman` there, which only Windows Remote Management does. Its version stays unknown.
   */
  | { readonly kind: 'asks-for-sign-in'; readonly schemes: readonly string[] }
  /** Windows' own HTTP service answers, and nothing behind it has registered `/wsman`, or what has is not running. */
  | { readonly kind: 'not-registered'; readonly status: 404 | 503 }
  /** SOAP is spoken, and the question is refused. */
  | { readonly kind: 'fault'; readonly reason?: string }
  | { readonly kind: 'other'; readonly why: string }

const longestBody = 65_536
const windowsHttp = /^Microsoft-HTTPAPI\/\d/i

/** Judges what came back to `identifyRequest`. Any body gives a value. */
export function readWsManAnswer({ status, headers, body }: WsManReply): WsManAnswer {
  const said = soapBody(body)
  const response = said === undefined ? undefined : child(said, [identity], 'IdentifyResponse')
  if (status === 200 && response !== undefined) return identified(response)
  const fault = said === undefined ? undefined : child(said, [soap12, soap11], 'Fault')
  if (fault !== undefined) return faultOf(fault)
  const isWindows = windowsHttp.test(headers['server']?.trim() ?? '')
  if (isWindows && (status === 404 || status === 503)) return { kind: 'not-registered', status }
  if (isWindows && status === 401) {
    const schemes = parseChallenges(headers['www-authenticate'] ?? '').map(({ scheme }) => scheme)
    const distinct = [...new Set(schemes)]
    if (distinct.some((scheme) => schemesOfWindows.includes(scheme))) {
      return { kind: 'asks-for-sign-in', schemes: distinct }
    }
  }
  return { kind: 'other', why: `status ${status}, and nothing in the answer is of WS-Management` }
}

function identified(response: Placed): WsManAnswer {
  const protocol = textOf(child(response, [identity], 'ProtocolVersion'))
  const vendor = textOf(child(response, [identity], 'ProductVendor'))
  const version = textOf(child(response, [identity], 'ProductVersion'))
  return {
    kind: 'identified',
    ...(protocol !== '' && { protocol }),
    ...(vendor !== '' && { vendor }),
    ...(version !== '' && { version }),
  }
}

/** The words of a fault: SOAP 1.2 part 1 §5.4.2, SOAP 1.1 §4.4. */
function faultOf(fault: Placed): WsManAnswer {
  const reason = child(fault, [soap12], 'Reason')
  const text = reason === undefined ? child(fault, [''], 'faultstring') : child(reason, [soap12], 'Text')
  const words = textOf(text)
  return { kind: 'fault', ...(words !== '' && { reason: words }) }
}

/** An element and the namespaces that prefixes stand for where it stands; `''` is the prefix of names without one. */
interface Placed {
  readonly element: XmlElement
  readonly prefixes: ReadonlyMap<string, string>
}

/** The body of a SOAP envelope; undefined where the octets are none. */
function soapBody(octets: Uint8Array): Placed | undefined {
  const root = octets.length > longestBody ? undefined : rootOf(decoded(octets))
  if (root === undefined) return undefined
  const envelope = placed(root, new Map())
  return isNamed(envelope, [soap12, soap11], 'Envelope') ? child(envelope, [soap12, soap11], 'Body') : undefined
}

function decoded(octets: Uint8Array): string {
  const [first, second] = octets
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(octets)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(octets)
  return new TextDecoder().decode(octets)
}

function rootOf(text: string): XmlElement | undefined {
  try {
    return parseXml(text).root ?? undefined
  } catch {
    // No XML, or nested deeper than there is stack for.
    return undefined
  }
}

function placed(element: XmlElement, outer: ReadonlyMap<string, string>): Placed {
  const declared = Object.entries(element.attributes).filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'))
  if (declared.length === 0) return { element, prefixes: outer }
  const own = declared.map(([name, namespace]) => [name.slice('xmlns:'.length), namespace] as const)
  return { element, prefixes: new Map([...outer, ...own]) }
}

/** The first child of a name in one of some namespaces; `''` is none at all (Namespaces in XML 1.0 §6). */
function child({ element, prefixes }: Placed, namespaces: readonly string[], local: string): Placed | undefined {
  return element.children
    .values()
    .filter((node) => node instanceof Element)
    .map((node) => placed(node, prefixes))
    .find((node) => isNamed(node, namespaces, local))
}

function isNamed({ element, prefixes }: Placed, namespaces: readonly string[], local: string): boolean {
  const colon = element.name.indexOf(':')
  const prefix = colon === -1 ? '' : element.name.slice(0, colon)
  const namespace = prefixes.get(prefix) ?? ''
  return element.name.slice(colon + 1) === local && namespaces.includes(namespace)
}

/** What stands between an element's tags, without what stands in elements inside it. */
function textOf(of: Placed | undefined): string {
  const texts = (of?.element.children ?? []).filter((node) => node instanceof Text)
  return printableText(texts.map(({ text }) => text).join(''))
}
