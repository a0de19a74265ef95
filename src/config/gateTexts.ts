import { isAuthenticationContext } from '../identity/challenges.ts'
import { canonicalAddress } from '../model/cidr.ts'
import { isGuid } from '../model/guid.ts'
import { hostPort } from '../model/hostPort.ts'
import type { Remedy } from './configError.ts'
import { quoted } from './quoted.ts'

type Read = { readonly ok: string } | Remedy

/** The path of a route: one path, or with `/*` at its end that and everything below it. */
export function readRoutePath(text: string): Read {
  const right = 'write /reports for that path alone, or /reports/* for it and everything below it'
  const bare = text.endsWith('/*') ? text.slice(0, -1) : text
  if (!/^\/[\x21-\x7e\u00a0-\uffff]*$/.test(text) || /[?#]/.test(text)) {
    return { what: `${quoted(text)} is no path`, right }
  }
  if (bare.includes('*')) {
    return { what: `${quoted(text)} has a star that is not at its end, after a slash`, right }
  }
  if (/%(?![0-9a-f]{2})/i.test(bare)) {
    return { what: `${quoted(text)} has a % that is not followed by two hexadecimal digits`, right }
  }
  if (/\/\/|\\|\/\.{1,2}(\/|$)/.test(bare)) {
    return { what: `${quoted(text)} holds what no request passes with: dots alone, a backslash or two slashes`, right }
  }
  return { ok: text }
}

/** An HTTP method (RFC 9110 §9.1). */
export function readMethod(text: string): Read {
  return /^[A-Z][A-Z-]{0,30}$/.test(text)
    ? { ok: text }
    : { what: `${quoted(text)} is no method`, right: 'write it in capitals, such as GET' }
}

/** An id of a group or a tenant: names change, and are not unique. */
export function readObjectId(text: string): Read {
  return isGuid(text)
    ? { ok: text.toLowerCase() }
    : { what: `${quoted(text)} is no id`, right: 'write the object id that Entra ID shows, which is a GUID' }
}

export function readAuthenticationContext(text: string): Read {
  return isAuthenticationContext(text)
    ? { ok: text }
    : { what: `${quoted(text)} is no authentication context`, right: 'write c1 to c99, as conditional access shows it' }
}

/** A SHA-256 fingerprint, with colons or without. */
export function readFingerprint(text: string): Read {
  const bare = text.replaceAll(':', '').toLowerCase()
  return /^[0-9a-f]{64}$/.test(bare)
    ? { ok: bare }
    : {
        what: `${quoted(text)} is no SHA-256 fingerprint`,
        right: 'write 64 hexadecimal digits, with colons or without',
      }
}

/** A service tag, with its region or without. */
export function readServiceTag(text: string): Read {
  return /^[A-Za-z][A-Za-z0-9]{0,63}(\.[A-Za-z0-9]{1,64})?$/.test(text)
    ? { ok: text }
    : { what: `${quoted(text)} is no service tag`, right: 'write one such as AzureActiveDirectory' }
}

export function readTimeOfDay(text: string): Read {
  return /^([01][0-9]|2[0-3]):[0-5][0-9]$/.test(text)
    ? { ok: text }
    : { what: `${quoted(text)} is no time of day`, right: 'write it as 07:00, from 00:00 to 23:59' }
}

export function readTimeZone(text: string): Read {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: text })
    return { ok: text }
  } catch {
    return { what: `${quoted(text)} is no time zone`, right: 'write its IANA name, such as Europe/Berlin' }
  }
}

/** Scheme, host and port of an HTTPS origin (RFC 6454), as browsers write it: without the port 443. */
export function readOrigin(text: string): Read {
  const right = 'write scheme, host and port, such as https://payroll.corp.example:8443'
  const read = originOf(text, /^https:\/\//i)
  return read === undefined ? { what: `${quoted(text)} is no origin of the gate`, right } : { ok: read }
}

/** A server behind the gate: scheme, host and port. */
export function readBackendUrl(text: string): Read {
  const right = 'write scheme, host and port, such as https://app01.corp.example:8443'
  const read = originOf(text, /^https?:\/\//i)
  return read === undefined ? { what: `${quoted(text)} is no address of a server`, right } : { ok: read }
}

function originOf(text: string, scheme: RegExp): string | undefined {
  // Read by letters first: a URL reader would mend backslashes, spaces and much else.
  if (!scheme.test(text) || !/^https?:\/\/(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?\/?$/i.test(text)) return undefined
  if (!URL.canParse(text)) return undefined
  return new URL(text).origin
}

/** Where the gate listens: an address of this machine and a port. */
export function readListenPlace(text: string): Read {
  const parts = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  const address = canonicalAddress(parts?.[1] ?? parts?.[2] ?? '')
  const port = Number(parts?.[3])
  return address !== undefined && port <= 65_535 && address.includes(':') === (parts?.[1] !== undefined)
    ? { ok: hostPort(address, port) }
    : { what: `${quoted(text)} is no address to listen on`, right: 'write 0.0.0.0:8443 or [::]:8443' }
}

/** A path of the gate's own origin, which no browser takes for another place. */
export function readLocalPath(text: string): Read {
  return /^\/(?![/\\])[\x21\x23-\x5b\x5d-\x7e]*$/.test(text)
    ? { ok: text }
    : { what: `${quoted(text)} is no path of the gate`, right: 'write one such as /goodbye' }
}
