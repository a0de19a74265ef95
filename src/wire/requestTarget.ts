/**
 * The target of an HTTP request in the one form that is judged and forwarded. Where two readers could take a target for
 * two different paths, whoever judges it by the one may let pass the other: such a target is not mended, it is refused.
 * RFC 9112 §3.2, RFC 3986 §6.2.2.
 */
export interface RequestTarget {
  /** Begins with a slash; percent-encoded octets in capitals, and none that need not be. ASCII. */
  readonly path: string
  /** What stands after the first question mark, as it was sent; absent where there is none. */
  readonly query?: string
}

/** Why a target is refused: a closed list, each with what is wrong. */
export const targetReasons = {
  'target-too-long': 'the request target is longer than the gate takes',
  'target-form': 'the request target is not a path: other forms are for proxies',
  'target-octet': 'the request target holds an octet that must be percent-encoded',
  'path-encoding': 'a percent sign in the path is not followed by two hexadecimal digits',
  'path-text': 'the path is not UTF-8',
  'path-control': 'the path holds an encoded control character',
  'path-slash': 'the path holds an encoded slash, a backslash, or two slashes in a row',
  'path-dots': 'the path holds a segment that is one dot or two',
  'path-segment-end': 'a segment of the path ends in a dot or a space, which some file systems leave out',
  'path-file-name': 'a segment of the path may be another name of a file: a stream, or a short name',
  'path-parameter': 'a segment of the path holds a semicolon, behind which some servers do not look',
} as const satisfies Readonly<Record<string, string>>

export type TargetReason = keyof typeof targetReasons

export type ReadTarget =
  | { readonly ok: true; readonly target: RequestTarget }
  | { readonly ok: false; readonly reason: TargetReason }

/** Characters of a request target at most: what most servers take as well. */
export const mostTargetLength = 8192

export interface TargetOptions {
  /** Apps with matrix parameters have semicolons in their paths; default: refused. */
  readonly parameters?: boolean
}

/**
 * Reads the target of a request line, of HTTP/1.1 or of the `:path` of HTTP/2.
 *
 * @param text one character an octet, as a header parser gives it
 */
export function readRequestTarget(text: string, { parameters = false }: TargetOptions = {}): ReadTarget {
  if (text.length > mostTargetLength) return no('target-too-long')
  if (!text.startsWith('/')) return no('target-form')
  const mark = text.indexOf('?')
  const sent = mark < 0 ? text : text.slice(0, mark)
  const asked = mark < 0 ? '' : text.slice(mark + 1)
  const query = mark < 0 ? {} : { query: asked }
  // What browsers send as it is, and `#` neither here nor there: who sends a fragment wants the path before it judged.
  if (!/^[\x21\x24-\x3b\x3d\x40-\x5d\x5f\x61-\x7a\x7c\x7e]*$/.test(sent)) return no('target-octet')
  if (!/^[\x21\x24-\x3b\x3d\x3f-\x7e]*$/.test(asked)) return no('target-octet')
  if (/%(?![0-9A-Fa-f]{2})/.test(sent)) return no('path-encoding')
  const reason = badPath(sent, parameters)
  return reason === undefined ? { ok: true, target: { path: normalPath(sent), ...query } } : no(reason)
}

/** What is wrong with a path whose encodings are well formed. */
function badPath(sent: string, parameters: boolean): TargetReason | undefined {
  let text: string
  try {
    text = decodeURIComponent(sent)
  } catch {
    return 'path-text'
  }
  // Encoded once more, by octets or as `%u0041`: who decodes twice would find what was hidden from this reader.
  if (/%(u|[0-9a-f]{2})/i.test(text)) return 'path-encoding'
  // Some servers map letters that look alike to one (NFKC, "best fit"): full-width dots and slashes are looked at as theirs.
  const mapped = text.normalize('NFKC')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f]/.test(mapped)) return 'path-control'
  if (/%2f|%5c/i.test(sent) || /\\|\/\//.test(mapped) || slashes(mapped) !== slashes(sent)) return 'path-slash'
  // Decoded, they would begin a query or a fragment: who reads the path after that has another one.
  if (/[?#]/.test(mapped)) return 'path-encoding'
  const segments = mapped.slice(1).split('/')
  if (segments.some(isDots)) return 'path-dots'
  if (!parameters && mapped.includes(';')) return 'path-parameter'
  // With parameters the name of a segment is what stands before them.
  const names = segments.map((segment) => segment.split(';', 1)[0] ?? '')
  if (names.some(isDots)) return 'path-dots'
  if (names.some((name) => /[. ]$/.test(name))) return 'path-segment-end'
  return names.some(isFileOfWindows) ? 'path-file-name' : undefined
}

const isDots = (segment: string): boolean => segment === '.' || segment === '..'
const slashes = (text: string): number => text.split('/').length

/** A stream of a file (`a::$DATA`), and the short name of a longer one (`ADMINI~1`): the same file by another name. */
function isFileOfWindows(name: string): boolean {
  return /:[:$]|~\d/.test(name)
}

/** Unreserved characters as they are, all others in capitals (RFC 3986 §6.2.2.1 and §6.2.2.2). */
function normalPath(sent: string): string {
  return sent.replaceAll(/%([0-9A-Fa-f]{2})/g, (encoded, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16))
    return /[A-Za-z0-9\-._~]/.test(character) ? character : encoded.toUpperCase()
  })
}

const no = (reason: TargetReason): ReadTarget => ({ ok: false, reason })
