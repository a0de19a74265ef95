import { isAuthenticationContext } from '../identity/challenges.ts'
import { isGuid } from '../model/guid.ts'
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
