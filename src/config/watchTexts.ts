import { parseHostPort } from '../model/cidr.ts'
import type { Remedy } from './configError.ts'
import { quoted } from './quoted.ts'

type Read = { readonly ok: string } | Remedy

/** A share in percent, as `99.9%`; what it is read as is the share itself, 0.5 to 0.99999, as a text. */
export function readObjective(text: string): Read {
  const digits = /^(\d{2}(?:\.\d{1,3})?) ?%$/.exec(text)?.[1]
  // Of the digits alone: 99.9 / 100 has more of them than were written.
  const share = Number((Number(digits) / 100).toFixed(5))
  return share >= 0.5 && share < 1
    ? { ok: String(share) }
    : { what: `${quoted(text)} is no objective`, right: 'write a share in percent, such as 99.9%, from 50% to 99.999%' }
}

/** Where a directory is asked under TLS, or with StartTLS: what is changed there is changed with a password. */
export function readDirectoryUrl(text: string): Read {
  const right = 'write one such as ldaps://dc01.corp.example; ldap:// is spoken with StartTLS'
  const [, scheme = '', rest] = /^(ldaps?):\/\/([^/?#@\s]+)\/?$/i.exec(text) ?? []
  if (rest === undefined) return { what: `${quoted(text)} is no directory under TLS`, right }
  const isNamed = parseHostPort(rest) !== undefined || /^[A-Za-z0-9.-]+$/.test(rest)
  return isNamed ? { ok: `${scheme.toLowerCase()}://${rest}` } : { what: `${quoted(text)} names no host`, right }
}

/** What is asked by HTTPS: no credentials before the `@`, no fragment. */
export function readHttpsUrl(text: string): Read {
  const right = 'write one such as https://sts.contoso.com/adfs/ls'
  if (!/^https:\/\/[^/?#@\s\\]+([/?][^\s#\\]*)?$/i.test(text) || !URL.canParse(text)) {
    return { what: `${quoted(text)} is no HTTPS URL`, right }
  }
  return { ok: text }
}

/** Where something is posted to: HTTP is for what stands on this machine, or behind a tunnel. */
export function readHttpUrl(text: string): Read {
  const right = 'write one such as https://hooks.corp.example/postern'
  return /^https?:\/\/[^/?#@\s\\]+([/?][^\s#\\]*)?$/i.test(text) && URL.canParse(text)
    ? { ok: text }
    : { what: `${quoted(text)} is no URL`, right }
}

/** An address of mail as servers take it (RFC 5321 §4.1.2), without quotes. */
export function readMailAddress(text: string): Read {
  return text.length <= 254 && /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9.-]+$/.test(text)
    ? { ok: text }
    : { what: `${quoted(text)} is no mail address`, right: 'write one such as identity-team@corp.example' }
}
