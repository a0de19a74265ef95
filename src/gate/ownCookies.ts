import type { HeaderFields } from './exchange.ts'

/**
 * What the gate leaves with a browser. The prefix binds a cookie to this very host, over TLS and for all paths, so that
 * no neighbour can set one (RFC 6265bis §4.1.3.2); it does not bind it to the port.
 */
export const ownCookies = Object.freeze({
  /** The session: 256 bits that say nothing. */
  session: '__Host-postern',
  /** The browser that began sign-ins. */
  browser: '__Host-postern-b',
})

/** Cookie fields that are looked through, and cookies in them: what is beyond is nobody's. */
const mostCookies = 200

/** All values of a name, in whatever fields they come: HTTP/2 may send each cookie in one of its own (RFC 9113 §8.2.3). */
export function cookieValues(headers: HeaderFields, name: string): readonly string[] {
  const found: string[] = []
  for (const [field, value] of headers) {
    if (field !== 'cookie') continue
    for (const pair of value.split(';', mostCookies)) {
      const at = pair.indexOf('=')
      if (at > 0 && bare(pair.slice(0, at)) === name) found.push(bare(pair.slice(at + 1)))
    }
  }
  return found
}

/** Without the blanks of RFC 6265 §4.2.1 alone: a name behind any other one is another name, which neighbours can set. */
const bare = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '')

/**
 * The value of a cookie. Of two with one name nobody knows which the gate has set: then there is none.
 *
 * @returns undefined as well for what is no base64url of 256 bits
 */
export function cookieOf(headers: HeaderFields, name: string): string | undefined {
  const found = cookieValues(headers, name)
  const [only] = found
  return found.length === 1 && only !== undefined && /^[\w-]{43}$/.test(only) ? only : undefined
}

/**
 * Not sent from other sites but with a link that is followed there (`SameSite=Lax`): that is how Entra ID sends people back.
 *
 * @param seconds absent: until the browser is closed
 */
export function setCookie(name: string, value: string, seconds?: number): HeaderFields {
  const age = seconds === undefined ? '' : `; Max-Age=${seconds}`
  return [['set-cookie', `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax${age}`]]
}

export function clearCookie(name: string): HeaderFields {
  return setCookie(name, '', 0)
}
