/** Status line and header fields of an HTTP/1.x answer (RFC 9112 §4 and §5). */
export interface HttpHead {
  readonly status: number
  /** In the order in which they came, names in lower case, folded lines put together. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** Lines that are no header field. */
  readonly unread: number
}

/** The head taken from the front of what arrived so far, with the octets it used. */
export type SplitHead =
  | { readonly kind: 'head'; readonly head: HttpHead; readonly used: number }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'not-http' }

const protocol = 'HTTP/'
const lineFeed = 0x0a
const carriageReturn = 0x0d

/**
 * Takes the head of an answer from the front of what arrived so far. Lines may end in LF alone, and fields are taken as
 * browsers take them: this is for evidence, not for trust. Any octets give a value, in time linear in their number.
 *
 * @param searched how many of the octets were there when the head was last incomplete: they are not gone through again
 */
export function splitHttpHead(octets: Uint8Array, searched = 0): SplitHead {
  for (const [at, character] of [...protocol].entries()) {
    const octet = octets[at]
    if (octet === undefined) return { kind: 'incomplete' }
    if (octet !== character.charCodeAt(0)) return { kind: 'not-http' }
  }
  const used = headEnd(octets, Math.max(0, searched - 2))
  if (used === undefined) return { kind: 'incomplete' }
  const [statusLine = '', ...lines] = latin1(octets.subarray(0, used)).split('\n')
  const status = statusOf(statusLine)
  if (status === undefined) return { kind: 'not-http' }
  return { kind: 'head', head: { status, ...fieldsOf(lines) }, used }
}

/**
 * The status at the beginning of an answer (RFC 9112 §4), of a class that nobody has defined as well: three digits.
 *
 * @param text a status line, or as much of one as came
 */
export function statusOf(text: string): number | undefined {
  const status = /^HTTP\/\d(?:\.\d)? +([1-9]\d\d)(?!\d)/.exec(text)?.[1]
  return status === undefined ? undefined : Number(status)
}

/** The value of a field; several of one name are one list (RFC 9110 §5.3). */
export function fieldValue({ fields }: HttpHead, name: string): string | undefined {
  const values = fields.filter(([each]) => each === name).map(([, value]) => value)
  return values.length === 0 ? undefined : values.join(', ')
}

/** Behind the first empty line. */
function headEnd(octets: Uint8Array, from: number): number | undefined {
  for (let at = octets.indexOf(lineFeed, from); at >= 0; at = octets.indexOf(lineFeed, at + 1)) {
    if (octets[at + 1] === lineFeed) return at + 2
    if (octets[at + 1] === carriageReturn && octets[at + 2] === lineFeed) return at + 3
  }
  return undefined
}

function fieldsOf(lines: readonly string[]): Pick<HttpHead, 'fields' | 'unread'> {
  const fields: [string, string][] = []
  let unread = 0
  for (const line of lines) {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line
    if (text === '') continue
    const colon = text.indexOf(':')
    const name = text.slice(0, Math.max(0, colon)).trimEnd().toLowerCase()
    const last = fields.at(-1)
    if ((text.startsWith(' ') || text.startsWith('\t')) && last !== undefined) last[1] += ` ${text.trim()}`
    else if (/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) fields.push([name, text.slice(colon + 1).trim()])
    else unread += 1
  }
  return { fields, unread }
}

/** ISO 8859-1, as header fields are read (RFC 9110 §5.5): each octet is a character. */
function latin1(octets: Uint8Array): string {
  return Array.from(octets, (octet) => String.fromCharCode(octet)).join('')
}

/** A body that came in chunks (RFC 9112 §7.1), put together as far as it is whole and sound. */
export function unchunked(octets: Uint8Array): Uint8Array {
  const body = new Uint8Array(octets.length)
  let length = 0
  for (let at = 0; ; ) {
    const end = octets.indexOf(lineFeed, at)
    // The longest size that is worth reading, and a short extension.
    const size =
      end < 0 || end - at > 64 ? undefined : /^[0-9a-f]{1,8}(?=[\s;])/i.exec(latin1(octets.subarray(at, end + 1)))
    const wanted = Number.parseInt(size?.[0] ?? '0', 16)
    if (wanted === 0) return body.subarray(0, length)
    const piece = octets.subarray(end + 1, end + 1 + wanted)
    body.set(piece, length)
    length += piece.length
    const after = end + 1 + wanted
    at = after + (octets[after] === carriageReturn ? 2 : 1)
  }
}
