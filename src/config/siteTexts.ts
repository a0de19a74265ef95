import { isBuild, isHostName } from '../catalog/index.ts'
import { canonicalAddress, formatCidr, parseCidr, parseHostPort } from '../model/cidr.ts'
import { isGuid } from '../model/guid.ts'
import { hostPort } from '../model/hostPort.ts'
import { isPort } from '../model/ports.ts'
import type { Remedy } from './configError.ts'
import { quoted } from './quoted.ts'

/** Readers of the texts in a site file: each answers with the canonical text, or with what is wrong and what is right. */

type Read = { readonly ok: string } | Remedy

/** Names of hosts, networks, proxies, devices, flows and the site itself. */
export function readLabel(text: string): Read {
  if (text === 'internet' || text === 'any') {
    return { what: `${quoted(text)} has a meaning of its own`, right: 'choose another name' }
  }
  // What the reader of the file refuses as a key, init must not write as one.
  if (text === '__proto__') return { what: `${quoted(text)} can be no key`, right: 'choose another name' }
  return text.length <= 64 && /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(text)
    ? { ok: text }
    : {
        what: `${quoted(text)} is no name for a thing of the site`,
        right: 'use 1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit first',
      }
}

/** A DNS name in lower case, without its trailing dot. */
export function readHostName(text: string): Read {
  const right = 'write a DNS name such as dc01.corp.example'
  if (canonicalAddress(text) !== undefined) return { what: `${quoted(text)} is an address and no name`, right }
  if (text.includes('://')) return { what: `${quoted(text)} is a URL and no name`, right }
  return isName(text)
    ? { ok: text.toLowerCase().replace(/\.$/, '') }
    : { what: `${quoted(text)} is no host name`, right }
}

/** Whether text can be a host's name: no address is one, so the last label is no number (RFC 1123 §2.1). */
export function isName(text: string): boolean {
  const labels = text.replace(/\.$/, '').split('.')
  return (
    isHostName(text) &&
    labels.every((label) => !/^-|-$/.test(label)) &&
    !/^(\d+|0x[0-9a-f]*)$/i.test(labels.at(-1) ?? '')
  )
}

export function readTenant(text: string): Read {
  if (isGuid(text)) return { ok: text.toLowerCase() }
  return isName(text) && text.includes('.')
    ? { ok: text.toLowerCase() }
    : {
        what: `${quoted(text)} is no tenant`,
        right: 'write its name, such as contoso.onmicrosoft.com, or its id, which is a GUID',
      }
}

export function readAddress(text: string): Read {
  const canonical = canonicalAddress(text)
  if (canonical !== undefined) return { ok: canonical }
  const what = `${quoted(text)} is no IP address`
  const [alone = ''] = text.split(/[/%]/)
  const inner = canonicalAddress(alone)
  if (inner !== undefined) return { what, right: `write ${inner} alone` }
  return { what, right: 'write one such as 10.1.0.10 or 2001:db8::10' }
}

export function readPrefix(text: string): Read {
  const parsed = parseCidr(text)
  if ('ok' in parsed) return { ok: formatCidr(parsed.ok) }
  switch (parsed.error) {
    case 'host-bits':
      return { what: `${quoted(text)} has bits set behind its prefix`, right: `the network is ${parsed.canonical}` }
    case 'prefix-length':
      return { what: `${quoted(text)} has a prefix longer than its address`, right: 'at most /32, or /128 for IPv6' }
    case 'not-a-cidr': {
      const alone = canonicalAddress(text)
      const right =
        alone === undefined
          ? 'write one such as 10.2.0.0/16'
          : `write its length too: ${alone}/${alone.includes(':') ? 128 : 32} is that one address`
      return { what: `${quoted(text)} is no network`, right }
    }
    default:
      return parsed satisfies never
  }
}

export function readResolver(text: string): Read {
  const parsed = parseHostPort(text)
  return parsed !== undefined && canonicalAddress(parsed.host) !== undefined
    ? { ok: formatPlace(parsed.host, parsed.port) }
    : {
        what: `${quoted(text)} is no address of a resolver`,
        right: 'write one such as 10.1.0.5, 10.1.0.5:5353 or [2001:db8::5]:53',
      }
}

function formatPlace(host: string, port: number | undefined): string {
  return port === undefined ? host : hostPort(host, port)
}

/** A key of `names`: `name`, `name:port`, or `*:port` for every name at that port; in lower case. */
export function readMappedName(text: string): Read {
  const everyName = /^\*:(\d{1,5})$/.exec(text)?.[1]
  if (everyName !== undefined && isPort(Number(everyName))) return { ok: `*:${Number(everyName)}` }
  const parsed = parseHostPort(text)
  const name = parsed === undefined ? undefined : readHostName(parsed.host)
  return parsed !== undefined && name !== undefined && 'ok' in name
    ? { ok: formatPlace(name.ok, parsed.port) }
    : {
        what: `${quoted(text)} is no name that can be served elsewhere`,
        right: 'write name, name:port or *:port, such as login.microsoftonline.com:443',
      }
}

/** A value of `names`: an address, an address with a port, or a port alone. */
export function readPlace(text: string): Read {
  const right = 'write an address, address:port, or :port to resolve the name as usual and dial that port'
  const port = /^:(\d{1,5})$/.exec(text)?.[1]
  if (port !== undefined && isPort(Number(port))) return { ok: `:${Number(port)}` }
  const parsed = parseHostPort(text)
  return parsed !== undefined && canonicalAddress(parsed.host) !== undefined
    ? { ok: formatPlace(parsed.host, parsed.port) }
    : { what: `${quoted(text)} is no place where a name is served`, right }
}

/** The URL is not repeated when it holds an @: what stands before it may be a password. */
export function readProxyUrl(text: string): Read {
  const right = 'write one such as http://proxy.corp.example:3128'
  if (text.includes('@')) {
    return {
      what: 'the address of a proxy holds what may be a password',
      right: 'take out what stands before the @, and write credentials: env:NAME, file:PATH or store:NAME',
    }
  }
  const parts = /^(https?):\/\/([^/?#\s\\]+)\/?$/i.exec(text)
  if (parts === null) return { what: `${quoted(text)} is no address of a proxy`, right }
  const where = parseHostPort(parts[2] ?? '')
  if (where === undefined || (canonicalAddress(where.host) === undefined && !isName(where.host))) {
    return { what: `${quoted(text)} has no host, or a port that is not 1 to 65535`, right }
  }
  return { ok: `${parts[1]?.toLowerCase()}://${hostPort(where.host, where.port ?? null)}` }
}

/** Where a secret is to be found; a value that is none of these is not repeated: it may be the secret. */
export function readCredentials(text: string): Read {
  return /^(env:[A-Za-z_][A-Za-z0-9_]*|(file|store):\S.*)$/.test(text)
    ? { ok: text }
    : {
        what: 'this is no reference to a secret',
        right: 'secrets are never written in the file: write env:NAME, file:PATH or store:NAME',
      }
}

/** The build of a program of Microsoft's. */
export function readBuild(text: string): Read {
  return isBuild(text)
    ? { ok: text }
    : { what: `${quoted(text)} is no build of Entra Connect`, right: 'write four numbers, such as 2.5.79.0' }
}

/** A path of an HTTP request, with its query. */
export function readPath(text: string): Read {
  return /^\/[\x21-\x7e]*$/.test(text) && !text.includes('#')
    ? { ok: text }
    : { what: `${quoted(text)} is no path of a URL`, right: 'begin with / and write other characters as %XX' }
}

/** Where an own app is opened: scheme, host, port and path. */
export function readAppUrl(text: string): Read {
  const right = 'write one such as https://app01.corp.example:8443'
  if (holdsUser(text)) return namesUser
  const parts = urlParts(text)
  if (parts === undefined || parts.scheme !== 'https') {
    return { what: `${quoted(text)} is no address of an app behind a sign-in`, right }
  }
  if (parts.beyond !== '') {
    return { what: `${quoted(text)} holds more than host, port and path`, right: 'leave out what begins with ? or #' }
  }
  return { ok: `https://${hostPort(parts.host, parts.port ?? null)}${parts.path}` }
}

/** Loopback is where Entra ID takes http, and where it looks at no port. */
const loopbackNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1'])
/** More are registered by no app of Entra ID (reply-url: restrictions and limitations). */
const longestRedirectUri = 256

/** A redirect URI, letter by letter: it is compared so. */
export function readRedirectUri(text: string): Read {
  const right = 'write it as it is registered, such as https://app01.corp.example:8443/signin-oidc'
  if (holdsUser(text)) return namesUser
  const parts = urlParts(text)
  if (parts === undefined) return { what: `${quoted(text)} is no redirect URI of a web app`, right }
  if (text.length > longestRedirectUri) {
    return {
      what: `a redirect URI has ${text.length} characters`,
      right: `Entra ID registers at most ${longestRedirectUri}`,
    }
  }
  if (parts.scheme === 'http' && !loopbackNames.has(parts.host.toLowerCase())) {
    return { what: `${quoted(text)} begins with http`, right: 'https, since http is registered for localhost only' }
  }
  if (parts.beyond.includes('#')) {
    return { what: `${quoted(text)} has a fragment`, right: 'leave out what begins with #: no redirect URI has one' }
  }
  return { ok: text }
}

/** The application (client) id of an app registration, in lower case. */
export function readClientId(text: string): Read {
  return isGuid(text)
    ? { ok: text.toLowerCase() }
    : {
        what: `${quoted(text)} is no application (client) id`,
        right: 'write the GUID of its app registration, such as 00001111-aaaa-2222-bbbb-3333cccc4444',
      }
}

/** Who issues tokens (OpenID Connect Discovery 1.0 §3); AD FS has http in its name. */
export function readIssuer(text: string): Read {
  if (holdsUser(text)) return namesUser
  const parts = urlParts(text)
  return parts !== undefined && parts.beyond === ''
    ? { ok: text }
    : {
        what: `${quoted(text)} is no issuer`,
        right: 'write it as the metadata has it, such as https://login.microsoftonline.com/TENANT-ID/v2.0',
      }
}

/** What may be a password is not repeated in an error. */
const namesUser: Read = {
  what: 'the address holds what may be a user and a password',
  right: 'take out what stands before the @',
}

/** Whether a user, and perhaps a password, stands before the host: a path may hold an @ of its own. */
function holdsUser(text: string): boolean {
  return /^[^/?#]*(:\/\/)?[^/?#]*@/.test(text)
}

/** A URL of the web in its parts: no user, no space. */
function urlParts(text: string):
  | {
      readonly scheme: string
      readonly host: string
      readonly port?: number
      readonly path: string
      /** Query and fragment. */
      readonly beyond: string
    }
  | undefined {
  const url = /^(https?):\/\/([^/?#@\s\\]+)(\/[\x21-\x22\x24-\x3e\x40-\x7e]*)?([?#][\x21-\x7e]*)?$/i.exec(text)
  const where = url === null ? undefined : parseHostPort(url[2] ?? '')
  if (url === null || where === undefined) return undefined
  if (canonicalAddress(where.host) === undefined && !isName(where.host)) return undefined
  const { host, port } = where
  return {
    scheme: (url[1] ?? '').toLowerCase(),
    host: canonicalAddress(host) ?? host.toLowerCase(),
    ...(port !== undefined && { port }),
    path: url[3] ?? '',
    beyond: url[4] ?? '',
  }
}
