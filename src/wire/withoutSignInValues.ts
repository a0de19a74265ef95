/** Of a value no more is read to know whether it belongs to a sign-in; codes of errors are shorter. */
const tellingLength = 20

/**
 * Fields of an address whose values are secrets, or belong to one sign-in or one person alone, in lower case. Of `code`
 * those that are longer than the code of an error, and of `request` those that are a token and so hold the rest.
 */
const fleeting: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ...[
    'state',
    'nonce',
    'code_challenge',
    'code_verifier',
    'device_code',
    'user_code',
    'authorization_code',
    'session_code',
    'session_state',
    'client_data',
    'jsessionid',
    'phpsessid',
    'sid',
    'otp',
    'id_token',
    'access_token',
    'refresh_token',
    'logout_token',
    'token',
    'ticket',
    'client_secret',
    'client_assertion',
    'assertion',
    'id_token_hint',
    'login_hint',
    'password',
    'passwd',
    'pwd',
    'secret',
    'api_key',
    'apikey',
    'sig',
    'samlrequest',
    'samlresponse',
    'samlart',
    'signature',
    'relaystate',
    'wctx',
    'wresult',
  ].map((name) => [name, () => true] as const),
  ['code', (value: string) => value.length >= tellingLength],
  ['request', (value: string) => value.startsWith('eyJ')],
])

/** A character of an address, in whatever way it was written, and where. */
interface Written {
  readonly means: string
  /** How often it was escaped: what divides a value lies no deeper than the sign that begins it. */
  readonly depth: number
  readonly from: number
  readonly to: number
}

/** What is cut out of an address: from one character to before another, and what is put there. */
interface Cut {
  readonly from: number
  readonly to: number
  readonly shown: string
}

/**
 * An address as it can be shown: of fields that belong to one sign-in alone only the name is left, and no password. Names
 * and what divides them may be escaped (RFC 3986 §2.1) in part, and again, as in an address within an address.
 *
 * @param most so many characters are read, and what is behind them is left out. What it would end is not shown, for it may
 *   have been a password, or belonged to a sign-in.
 */
export function withoutSignInValues(address: string, most = Number.POSITIVE_INFINITY): string {
  const read = address.slice(0, most)
  const text = writtenIn(read)
  let shown = ''
  let done = 0
  for (const { from, to, shown: instead } of cutsOf(text, read.length < address.length)) {
    const [first, last] = [text[from]?.from ?? read.length, text[to]?.from ?? read.length]
    shown += read.slice(done, first) + instead
    done = last
  }
  return shown + read.slice(done)
}

/** @param goesOn the address has more characters than these */
function* cutsOf(text: readonly Written[], goesOn: boolean): Generator<Cut> {
  for (let at = 0; at < text.length; ) {
    const cut =
      userInfoAt(text, at, goesOn) ?? (at === 0 || divides(text[at - 1]) ? valueAt(text, at, goesOn) : undefined)
    if (cut !== undefined) yield cut
    at = Math.max(at + 1, cut?.to ?? 0)
  }
}

const divides = (one: Written | undefined): boolean => one !== undefined && '?&#;/!'.includes(one.means)
/** Longer than any of the names, however they are numbered or blanks stand in them. */
const longestName = 64

/** The value of a field of those whose name begins here. */
function valueAt(text: readonly Written[], at: number, goesOn: boolean): Cut | undefined {
  let equals = at
  while (equals - at < longestName && text[equals]?.means !== '=' && !divides(text[equals])) equals += 1
  const sign = text[equals]
  if (sign?.means !== '=') return undefined
  const belongs = fleeting.get(nameIn(text.slice(at, equals)))
  if (belongs === undefined) return undefined
  const from = equals + 1
  let to = from
  const readTo = (end: number): void => {
    while (to < end && !endsValue(text[to], sign.depth)) to += 1
  }
  readTo(Math.min(text.length, from + tellingLength))
  const isOpen = goesOn && to === text.length
  if (!isOpen && !belongs(text.slice(from, to).map(meaning).join(''))) return undefined
  readTo(text.length)
  return { from, to, shown: '…' }
}

const meaning = ({ means }: Written): string => means

/** `Token[0]` is one of `token`; blanks and what readers of addresses pass over are no part of it. */
function nameIn(letters: readonly Written[]): string {
  return letters
    .map(meaning)
    .join('')
    .replaceAll(/[\s\p{Cc}+]+/gu, '')
    .replace(/\[[^[\]]*\]$/, '')
    .toLowerCase()
}

function endsValue(one: Written | undefined, depth: number): boolean {
  return one !== undefined && one.depth <= depth && '&#;'.includes(one.means)
}

/** User name and password before a host (RFC 3986 §3.2.1), behind two slashes; browsers take either kind. */
function userInfoAt(text: readonly Written[], at: number, goesOn: boolean): Cut | undefined {
  const slash = text[at - 1]
  if (slash === undefined || !isSlash(slash) || !isSlash(text[at - 2])) return undefined
  let sign: number | undefined
  let to = at
  for (; to < text.length; to += 1) {
    const one = text[to]
    if (one === undefined || (one.depth <= slash.depth && /[\\/?#\s]/.test(one.means))) break
    if (one.means === '@') sign = to
  }
  if (goesOn && to === text.length) sign = to
  return sign === undefined ? undefined : { from: at, to: sign, shown: '…' }
}

const isSlash = (one: Written | undefined): boolean => one !== undefined && /[\\/]/.test(one.means)

const hexDigit = /^[0-9a-f]$/i

/** Every character that is there, or that an escape stands for, also where parts of the escape are escaped themselves. */
function writtenIn(address: string): readonly Written[] {
  const text: Written[] = []
  for (let at = 0; at < address.length; at += 1) {
    text.push({ means: address[at] ?? '', depth: 0, from: at, to: at + 1 })
    // An escape ends in a digit; what it stands for may be the end of another.
    for (let found = escapeAtEnd(text); found !== undefined; found = escapeAtEnd(text)) {
      text.length -= found.length
      text.push(found.stands)
    }
  }
  return text
}

function escapeAtEnd(text: readonly Written[]): { readonly length: number; readonly stands: Written } | undefined {
  if (!hexDigit.test(text.at(-1)?.means ?? '')) return undefined
  // `%uXXXX` is no escape of any standard, and read by some all the same.
  for (const [length, sign] of [
    [3, /^%$/],
    [6, /^%u$/i],
  ] as const) {
    const parts = text.slice(-length)
    const digits = parts.slice(length === 3 ? 1 : 2).map(meaning)
    const [first] = parts
    const begins = parts
      .slice(0, length - digits.length)
      .map(meaning)
      .join('')
    if (first === undefined || parts.length < length || !sign.test(begins)) continue
    if (!digits.every((digit) => hexDigit.test(digit))) continue
    const depth = 1 + Math.max(...parts.map((part) => part.depth))
    const means = String.fromCharCode(Number.parseInt(digits.join(''), 16))
    return { length, stands: { means, depth, from: first.from, to: text.at(-1)?.to ?? first.to } }
  }
  return undefined
}
