import type { ProxyCredentials } from './proxy.ts'
import { basicOf } from './proxy.ts'

/** What a proxy was shown, in the forms in which a server may send it back. */
export interface SecretForms {
  /** Letter by letter, the longest first. */
  readonly written: readonly string[]
  /** What is looked for in the readings of a text that somebody rewrote. */
  readonly rewritten: readonly Sought[]
}

interface Sought {
  /** As {@link folded} leaves it. */
  readonly text: string
  /** So many characters of its beginning at the end of a text that was cut give something away. */
  readonly part: number
}

/** What is put in the place of a secret. */
const mark = '*'
/** Fewer characters of a secret give nothing away, and stand in half the texts there are. */
const fewest = 4

/** The forms of what says who asks. */
export function formsOfSecret(credentials: ProxyCredentials): SecretForms {
  const { user, password } = credentials
  const octets = Buffer.from(password)
  const written = [
    unpadded(basicOf(credentials)),
    `${user}:${password}`,
    password,
    encodeURIComponent(password.toWellFormed()),
    ...(octets.length < fewest ? [] : [unpadded(octets.toString('base64'))]),
  ]
  const distinct = [...new Set(written)].filter((form) => form !== '')
  return {
    written: distinct.sort((a, b) => b.length - a.length),
    rewritten: octets.length < fewest ? [] : soughtFor(octets, password),
  }
}

function soughtFor(octets: Buffer, password: string): readonly Sought[] {
  const plain = unescaped(password)
  const words = [password, plain].flatMap(foldings).filter(({ length }) => length >= fewest)
  // What a secret has of escapes is read as what they stand for, and may be short then.
  const short = plain === password ? [] : foldings(plain).filter(({ length }) => length > 1 && length < fewest)
  return [
    ...[...new Set([...words, ...short])].map((text) => ({ text, part: fewest })),
    { text: octets.toString('hex'), part: 2 * fewest },
    // Wherever it stands in what was encoded, behind the user's name or a scheme's.
    ...[0, 1, 2].map((before) => ({ text: folded(innerBase64(octets, before)), part: Math.ceil((4 * fewest) / 3) })),
  ]
}

/** Those characters of a Base64 text (RFC 4648 §4) that say nothing but these octets, where so many others stand before. */
function innerBase64(octets: Buffer, before: number): string {
  const [from, to] = [Math.ceil((8 * before) / 6), Math.floor((8 * (before + octets.length)) / 6)]
  return Buffer.concat([Buffer.alloc(before), octets])
    .toString('base64')
    .slice(from, to)
}

function unpadded(base64: string): string {
  return base64.replace(/=+$/, '')
}

/**
 * A text from outside without what a proxy was shown. What stands there letter by letter is cut out; a text in which it
 * stands rewritten, or of which that cannot be excluded, is no text any more. The work grows with the text only.
 *
 * Rewritten is: with characters of it as `%XX`, `%uXXXX`, `\xXX`, `\uXXXX`, `\"` or entities of HTML, one within the other to any
 * depth; as a form field; with blanks or line breaks in it; in other case; in another encoding; in hexadecimal; in Base64 of
 * either alphabet, by itself or within more. A secret of which less than four characters are left without the escapes
 * that it has of its own is struck out as it stands, and not in every mixture of these.
 */
export function withoutEcho(text: string, secrets: readonly SecretForms[]): string {
  let clean = text
  for (const { written } of secrets) {
    for (const form of written) clean = clean.replaceAll(form, mark)
  }
  // Its first character may have been the end of an escape that stands for it.
  if (clean !== text) clean = clean.replaceAll(openBeforeMark, mark)
  // Texts are kept up to a length: at their end may stand the beginning of a secret.
  for (const form of secrets.flatMap(({ written }) => written)) {
    const at = beginsAtEnd(clean, form, fewest)
    if (at !== undefined) clean = clean.slice(0, at) + mark
  }
  const readings = readingsOf(clean)
  const isRewritten = secrets
    .flatMap(({ rewritten }) => rewritten)
    .some(({ text: form, part }) =>
      readings.some((reading) => reading.includes(form) || beginsAtEnd(reading, form, part) !== undefined),
    )
  return isRewritten ? mark : clean
}

/** Where the end of a text is the beginning of a form, of `part` characters or more. */
function beginsAtEnd(text: string, form: string, part: number): number | undefined {
  if (form.length < part) return undefined
  const beginning = form.slice(0, part)
  const first = Math.max(0, text.length - form.length)
  for (let at = text.indexOf(beginning, first); at >= 0; at = text.indexOf(beginning, at + 1)) {
    if (form.startsWith(text.slice(at))) return at
  }
  return undefined
}

/** What a text may say, folded. */
function readingsOf(text: string): readonly string[] {
  const starts = [text, unquoted(text)].flatMap((each) => [each, each.replaceAll('+', ' ')])
  const readings = [...new Set(starts)].flatMap((start) => {
    const plain = unescaped(start)
    // What looks like the name of a character and is none may be the secret's own.
    const kept = unescaped(start, true)
    return [start, plain, unquoted(plain), plain.replace(openEscape, ''), kept, unquoted(kept)]
  })
  return [...new Set([...new Set(readings)].flatMap(foldings))]
}

/** Without the backslashes of quoted texts (RFC 9110 §5.6.4, RFC 8259 §7). */
function unquoted(text: string): string {
  return text.replaceAll(/\\(["'/\\])/g, '$1')
}

/**
 * What writers and readers agree on, and what is left of that where they do not agree on an encoding, or on which
 * backslash is quoted and which is the secret's own.
 */
function foldings(text: string): readonly string[] {
  const all = folded(text)
  const ascii = all.replaceAll(/[^\x21-\x7e]+/g, '')
  return [all, ascii, all.replaceAll('\\', ''), ascii.replaceAll('\\', '')]
}

/**
 * Without blanks and case; the two alphabets of Base64 (RFC 4648 §5) are one, and octets of UTF-8 (RFC 3629 §4) that were
 * each taken for a character, as in header fields, are what they stand for.
 */
function folded(text: string): string {
  return text
    .replaceAll(/[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g, (octets) =>
      Buffer.from(octets, 'latin1').toString(),
    )
    .toLowerCase()
    .replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/')
}

const lastEscape =
  /(?:%([0-9a-f]{2})|[%\\]u([0-9a-f]{4})|\\x([0-9a-f]{2})|&#x([0-9a-f]{1,8});|&#(\d{1,9});|&([a-z]\w{1,7});)$/i
/** Longer than any of them. */
const longestEscape = 13
/** At the end of a text that was cut. */
const openEscape = /(?:%(?:u?[0-9a-f]{0,3})|\\(?:[xu][0-9a-f]{0,3})?|&(?:#x?[0-9a-f]{0,8}|\w{0,8}))$/i
/** The same before what was struck out. */
const openBeforeMark = /(?:%u?[0-9a-f]{0,3}|\\[xu][0-9a-f]{0,3}|&#x?[0-9a-f]{0,8})\*/gi

/**
 * Every escape that is there, or that comes of another, is what it stands for.
 *
 * @param keepsUnknown names that no character has stay as they are
 */
function unescaped(text: string, keepsUnknown = false): string {
  if (!/[%&\\]/.test(text)) return text
  const plain: string[] = []
  for (const character of text) {
    plain.push(character)
    // An escape ends in one of these; what it stands for may be the end of another.
    while (/^[0-9a-f;]$/i.test(plain.at(-1) ?? '')) {
      const found = lastEscape.exec(plain.slice(-longestEscape).join(''))
      if (found === null) break
      const name = found[6]
      if (keepsUnknown && name !== undefined && !entities.has(name.toLowerCase())) break
      plain.length -= found[0].length
      plain.push(meantBy(found))
    }
  }
  return plain.join('')
}

function meantBy([, percent, unicode, octet, hexadecimal, decimal, name = '']: RegExpExecArray): string {
  const digits = percent ?? unicode ?? octet ?? hexadecimal
  const point = digits === undefined ? Number(decimal) : Number.parseInt(digits, 16)
  if (Number.isNaN(point)) return entities.get(name.toLowerCase()) ?? elsewhere
  return point > 0x10ffff ? elsewhere : String.fromCodePoint(point)
}

/** A character outside ASCII. */
const elsewhere = '\ufffd'

/** Names of characters of ASCII (HTML §13.5), in lower case; every other name is of one outside. */
const entities: ReadonlyMap<string, string> = new Map([
  ['tab', '\t'],
  ['newline', '\n'],
  ['nbsp', ' '],
  ['excl', '!'],
  ['quot', '"'],
  ['num', '#'],
  ['dollar', '$'],
  ['percnt', '%'],
  ['amp', '&'],
  ['apos', "'"],
  ['lpar', '('],
  ['rpar', ')'],
  ['ast', '*'],
  ['midast', '*'],
  ['plus', '+'],
  ['comma', ','],
  ['period', '.'],
  ['sol', '/'],
  ['colon', ':'],
  ['semi', ';'],
  ['lt', '<'],
  ['equals', '='],
  ['gt', '>'],
  ['quest', '?'],
  ['commat', '@'],
  ['lsqb', '['],
  ['lbrack', '['],
  ['bsol', '\\'],
  ['rsqb', ']'],
  ['rbrack', ']'],
  ['hat', '^'],
  ['lowbar', '_'],
  ['underbar', '_'],
  ['grave', '`'],
  ['lcub', '{'],
  ['lbrace', '{'],
  ['verbar', '|'],
  ['vert', '|'],
  ['vertline', '|'],
  ['rcub', '}'],
  ['rbrace', '}'],
])
