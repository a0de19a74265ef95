import type { HttpExchange } from '../model/observation.ts'

/** What the body of an HTTP answer is, in the few words that a judgement uses. */
export type HttpPage = HttpExchange['body']

/** How much of a body is looked at for marks and titles; documents that matter show themselves well before. */
const lookedAtOctets = 65_536
const longestTitle = 120
const longestMember = 300

/**
 * Members of JSON documents that tell services and refusals apart: OpenID Connect Discovery 1.0 §3 with Entra's own
 * additions, OAuth 2.0 errors (RFC 6749 §5.2), and the error objects of Microsoft Graph.
 */
const wantedMembers = [
  'issuer',
  'authorization_endpoint',
  'token_endpoint',
  'jwks_uri',
  'end_session_endpoint',
  'tenant_region_scope',
  'cloud_instance_name',
  'error',
  'error_description',
  'access_token_issuer',
  'resource',
  'status',
  'message',
] as const

/**
 * Classifies the body of an HTTP answer and takes from it what a judgement uses. Any octets give a value; the work is
 * linear in the size of the body.
 *
 * @param contentType the header field as it came; the octets have the last word
 */
export function readHttpPage(body: Uint8Array, contentType = ''): HttpPage {
  const bytes = body.length
  if (bytes === 0) return { kind: 'empty', bytes, members: {} }
  const head = decoder(body).decode(body.subarray(0, lookedAtOctets))
  const text = head.trimStart()
  if (text === '') return { kind: 'text', bytes, members: {} }
  if (text.startsWith('{') || text.startsWith('[')) {
    const members = jsonMembers(body)
    if (members !== undefined) return { kind: 'json', bytes, members }
  }
  if (/^(\ufeff)?<(!doctype html|html|head|body)\b/i.test(text) || /\bhtml\b/i.test(mediaType(contentType))) {
    return htmlPage(bytes, text)
  }
  if (text.startsWith('<?xml') || /[/+]xml$/i.test(mediaType(contentType))) return xmlPage(body, text)
  if (text.startsWith('<')) return looksLikeHtml(text) ? htmlPage(bytes, text) : xmlPage(body, text)
  return { kind: isBinary(head) ? 'binary' : 'text', bytes, members: {} }
}

function decoder(body: Uint8Array): TextDecoder {
  if (body[0] === 0xff && body[1] === 0xfe) return new TextDecoder('utf-16le')
  if (body[0] === 0xfe && body[1] === 0xff) return new TextDecoder('utf-16be')
  return new TextDecoder()
}

function mediaType(contentType: string): string {
  return contentType.split(';', 1)[0]?.trim() ?? ''
}

function htmlPage(bytes: number, text: string): HttpPage {
  const title = titleOf(text)
  return { kind: 'html', bytes, ...(title !== undefined && { title }), members: {} }
}

/** Metadata is signed and long: where people sign in stands far behind its head. */
function xmlPage(body: Uint8Array, text: string): HttpPage {
  const bytes = body.length
  const entityId = entityIdOf(text)
  const service = entityId === undefined ? undefined : signInServiceOf(decoder(body).decode(body))
  return {
    kind: 'xml',
    bytes,
    members: {
      ...(entityId !== undefined && { entityID: entityId }),
      ...(service !== undefined && { SingleSignOnService: service }),
    },
  }
}

/** Pages of appliances often begin with a comment or a lone element: their tags give them away. */
function looksLikeHtml(text: string): boolean {
  return /<(html|head|body|title|script|meta|center|h1)\b/i.test(text.slice(0, 4096))
}

function titleOf(text: string): string | undefined {
  const opening = /<title\b/i.exec(text)
  if (opening === null) return undefined
  const from = text.indexOf('>', opening.index)
  if (from < 0) return undefined
  const to = text.indexOf('<', from)
  const title = plainText(text.slice(from + 1, to < 0 ? from + 1 + 4 * longestTitle : to)).slice(0, longestTitle)
  return title === '' ? undefined : title
}

/** The entityID of the outermost EntityDescriptor (SAML 2.0 Metadata §2.3.2), as AD FS publishes it. */
function entityIdOf(text: string): string | undefined {
  const opening = /<(?:[\w.-]{1,64}:)?EntityDescriptor[\s>]/.exec(text)
  if (opening === null) return undefined
  const to = text.indexOf('>', opening.index)
  const tag = text.slice(opening.index, to < 0 ? opening.index + 8192 : to)
  const value = /\sentityID\s{0,8}=\s{0,8}(?:"([^"]*)"|'([^']*)')/.exec(tag)
  const entityId = value?.[1] ?? value?.[2]
  return entityId === undefined ? undefined : plainText(entityId).slice(0, longestMember)
}

/** Where the first SingleSignOnService takes sign-ins (SAML 2.0 Metadata §2.4.3): under the name of whose metadata it is. */
function signInServiceOf(text: string): string | undefined {
  const opening = /<(?:[\w.-]{1,64}:)?SingleSignOnService\s/.exec(text)
  if (opening === null) return undefined
  const [tag = ''] = text.slice(opening.index, opening.index + 8192).split('>', 1)
  const value = /\sLocation\s{0,8}=\s{0,8}(?:"([^"]*)"|'([^']*)')/.exec(tag)
  const location = value?.[1] ?? value?.[2]
  return location === undefined ? undefined : plainText(location).slice(0, longestMember)
}

/** Undefined when the octets are no JSON text. */
function jsonMembers(body: Uint8Array): Record<string, string> | undefined {
  let document: unknown
  try {
    document = JSON.parse(decoder(body).decode(body))
  } catch {
    return undefined
  }
  const members: Record<string, string> = {}
  for (const name of wantedMembers) {
    const value = memberText(own(document, name))
    if (value !== undefined) members[name] = plainText(value).slice(0, longestMember)
  }
  return members
}

/** A string or number as it is; of an error object its code, which is what names the fault. */
function memberText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const code = own(value, 'code')
  return typeof code === 'string' || typeof code === 'number' ? String(code) : undefined
}

function own(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Readonly<Record<string, unknown>>)[name]
}

const entities: Readonly<Record<string, string>> = Object.freeze({
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&#39;': "'",
  '&nbsp;': ' ',
})

/** One line without control characters, whatever a hostile page put there. */
function plainText(text: string): string {
  return text
    .replaceAll(/&(?:amp|lt|gt|quot|apos|#39|nbsp);/g, (entity) => entities[entity] ?? entity)
    .replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
}

/** Text has no NUL, hardly a control character, and hardly an octet that its encoding cannot explain. */
function isBinary(head: string): boolean {
  const sample = head.slice(0, 1024)
  let odd = 0
  for (const character of sample) {
    const code = character.codePointAt(0) ?? 0
    if (code === 0) return true
    if (code === 0xfffd || (code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0c && code !== 0x0d)) odd += 1
  }
  return odd * 20 > sample.length
}
