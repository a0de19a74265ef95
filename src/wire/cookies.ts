/** What an app has left with a visitor: values by name, as they came. Nothing of it is ever reported. */
export type Cookies = ReadonlyMap<string, string>

/** RFC 6265 §6.1 asks of browsers no fewer cookies of a host, and no shorter ones. */
const mostCookies = 50
const longestCookie = 4096

/**
 * The cookies of a visit after one more answer. They go back to where they came from only, over TLS, within seconds: their
 * attributes narrow nothing there, but for those that take a cookie back (RFC 6265 §5.3).
 *
 * @param fields `Set-Cookie` of the answer, each as it came; what no request can carry is passed over
 */
export function withCookies(known: Cookies, fields: readonly string[]): Cookies {
  const kept = new Map(known)
  for (const field of fields) {
    const [pair = '', ...attributes] = field.slice(0, 2 * longestCookie).split(';')
    const at = pair.indexOf('=')
    const [name, value] = [pair.slice(0, Math.max(at, 0)).trim(), pair.slice(at + 1).trim()]
    // A field that a request could not be written with is worse than a cookie less.
    if (!/^[!#$%&'*+.^`|~\w-]+$/.test(name) || !/^[\x20-\x7e]*$/.test(value)) continue
    if (isTakenBack(attributes)) kept.delete(name)
    else if (name.length + value.length <= longestCookie && (kept.has(name) || kept.size < mostCookies)) {
      kept.set(name, value)
    }
  }
  return kept
}

/**
 * Past its end when it came: of ages that are one the last counts, and of dates the last where there is no age (RFC 6265
 * §5.3). A date is held against no clock, but for those long gone that frameworks write.
 */
function isTakenBack(attributes: readonly string[]): boolean {
  const last = (pattern: RegExp): string | undefined =>
    attributes.flatMap((each) => pattern.exec(each)?.[1] ?? []).at(-1)
  const age = last(/^\s*max-age\s*=\s*(-?\d+)\s*$/i)
  if (age !== undefined) return Number(age) <= 0
  const year = last(/^\s*expires\s*=.*\b(\d{4})\b/i)
  return year !== undefined && year >= '1970' && year < '2010'
}

/** The field by which a request carries them (RFC 6265 §4.2.1); none: undefined. */
export function cookieField(cookies: Cookies): string | undefined {
  const pairs = [...cookies].map(([name, value]) => `${name}=${value}`)
  return pairs.length === 0 ? undefined : pairs.join('; ')
}
