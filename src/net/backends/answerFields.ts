import { isOwnCookie } from '../../wire/isOwnCookie.ts'
import type { Fields } from './plan.ts'

/** Fields of one connection (RFC 9110 §7.6.1), none of which may stand in HTTP/2 (RFC 9113 §8.2.2), and trailers, which are dropped. */
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * What servers before an app act on and nobody else: files and places that are sent in its stead, and how it is kept. One
 * before the gate would act on it too. That streams are not to be buffered may be told to it.
 */
const ofFrontServer = /^x-(accel-(?!buffering$)|sendfile|lighttpd-|litespeed-|reproxy-)/

/**
 * What tells strangers about the servers behind, and `Alt-Svc`, by which an answer would send browsers past the gate
 * (RFC 7838).
 */
const untold: ReadonlySet<string> = new Set([
  'alt-svc',
  'server',
  'via',
  'x-aspnet-version',
  'x-aspnetmvc-version',
  'x-powered-by',
])

/**
 * The fields of an answer as they may be handed on; undefined where the framing of it has no one meaning.
 *
 * @param raw names and values by turns
 */
export function answerFields(status: number, raw: readonly string[]): Fields | undefined {
  const fields: [string, string][] = []
  const listed = new Set<string>()
  let coding: string | undefined
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name, value] = [(raw[at] ?? '').toLowerCase(), raw[at + 1] ?? '']
    if (name === 'connection') for (const each of value.split(',')) listed.add(each.trim().toLowerCase())
    if (name === 'transfer-encoding') coding = coding === undefined ? value : `${coding},${value}`
    fields.push([name, value])
  }
  // Any other coding would be handed on without the field that says so (RFC 9112 §6.1).
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') return undefined
  return fields.filter(
    ([name, value]) =>
      !ofConnection.has(name) &&
      !untold.has(name) &&
      !ofFrontServer.test(name) &&
      // Framing is never named away: without its length an answer that was cut would look whole.
      (!listed.has(name) || name === 'content-length') &&
      !(name === 'content-length' && (status === 204 || coding !== undefined)) &&
      !(name === 'set-cookie' && isOwnCookie(value)) &&
      !(name === 'www-authenticate' && signsConnectionIn(value)),
  )
}

/** They sign a connection in and not a request (RFC 4559 §6), and connections to backends are shared by all who ask. */
function signsConnectionIn(value: string): boolean {
  return /^\s*(ntlm|negotiate)\b/i.test(value)
}
