/**
 * Whether a cookie, in a field of a request or of an answer, is one of the gate's: nobody behind it is given one, and nobody
 * behind it sets one. A cookie without a name comes back as its value alone, which reads as name and value (RFC 6265bis §5.7).
 *
 * @param text as it begins, with or without its value
 */
export function isOwnCookie(text: string): boolean {
  return /^[\s=]*__(host|secure)-postern/i.test(text)
}
