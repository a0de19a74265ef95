/** The head of an HTTP/1.1 answer read for trust: whatever could be read in two ways is refused (RFC 9112 §2 to §5). */
export type StrictHead =
  | {
      readonly kind: 'head'
      readonly status: number
      /** In their order, names in lower case. */
      readonly fields: readonly (readonly [name: string, value: string])[]
      /** Octets of the head, with the empty line. */
      readonly used: number
    }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'refused'; readonly why: string }

const end = [0x0d, 0x0a, 0x0d, 0x0a] as const
const mostFields = 256

/**
 * Takes the head from the front of what arrived so far. Lines end in CRLF, no line is folded, names are tokens directly
 * before their colon, values hold no control character, and none of the fields that frame a message stands twice.
 *
 * @param most octets of a head; a longer one is refused
 */
export function readStrictHead(octets: Uint8Array, most: number): StrictHead {
  const used = headEnd(octets.subarray(0, most + end.length))
  if (used === undefined) {
    return octets.length > most
      ? { kind: 'refused', why: `a head of more than ${most} octets` }
      : { kind: 'incomplete' }
  }
  const text = Array.from(octets.subarray(0, used - end.length), (octet) => String.fromCharCode(octet)).join('')
  const [first = '', ...lines] = text.split('\r\n')
  const status = /^HTTP\/1\.[01] ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(first)?.[1]
  if (status === undefined) return { kind: 'refused', why: 'the first line is no status line' }
  if (lines.length > mostFields) return { kind: 'refused', why: `more than ${mostFields} header fields` }
  const fields: (readonly [string, string])[] = []
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) return { kind: 'refused', why: 'a line is no header field' }
    fields.push([name.toLowerCase(), value.replace(/[\t ]+$/, '')])
  }
  const framing = fields.filter(([name]) => name === 'content-length' || name === 'transfer-encoding')
  if (framing.length > 1) return { kind: 'refused', why: 'two fields say where the body ends' }
  return { kind: 'head', status: Number(status), fields, used }
}

function headEnd(octets: Uint8Array): number | undefined {
  for (let at = octets.indexOf(end[0]); at >= 0; at = octets.indexOf(end[0], at + 1)) {
    if (end.every((octet, index) => octets[at + index] === octet)) return at + end.length
  }
  return undefined
}
