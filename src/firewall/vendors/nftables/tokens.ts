import { parseAddress } from '../../../model/cidr.ts'

/** A piece of an nft script with where it stands, in UTF-16 units. */
export interface Token {
  readonly kind: 'word' | 'string' | 'sign' | 'newline' | 'handle' | 'foreign'
  readonly text: string
  readonly start: number
  readonly end: number
}

const blank = /[ \t\f\v\u00a0\ufeff]+|\\(?:\r\n|\n|\r)/y
const lineEnd = /\r\n|\n|\r/y
/** `nft` without libxtables writes what it cannot show as a comment: what looks like a remark is part of the rule. */
const foreign = /#\s*(?:xt_|match |target )[^\r\n]*?(?=\s(?:counter|accept|drop|jump|goto|return)\b|[\r\n]|$)/y
const handle = /#\s*handle\s+(\d+)/y
const comment = /#[^\r\n]*/y
const quoted = /"[^"\r\n]*"?/y
/** No address is longer: a line of nothing but colons is looked at once. */
const colons = /[0-9a-fA-F:][0-9a-fA-F:.]{1,44}/y
const word = /\d+\.\d+\.\d+\.\d+|0[xX][0-9a-fA-F]+|\d+[A-Za-z][\w-]*|\d+|[A-Za-z_][\w./-]*\*?|[A-Za-z_][\w./-]*/y
const sign = /==|!=|<=|>=|<<|>>|[^\s]/y

/**
 * Cuts an nft script into words, strings and signs. Comments and blanks are left out, ends of lines are kept: they end a
 * rule. Takes any text, in time that grows with it.
 */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  const found = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0]
  }
  const push = (kind: Token['kind'], source: string, value = source): void => {
    tokens.push({ kind, text: value, start: at, end: at + source.length })
    at += source.length
  }
  while (at < text.length) {
    const skipped = found(blank)
    if (skipped !== undefined) {
      at += skipped.length
      continue
    }
    const ended = found(lineEnd)
    if (ended !== undefined) {
      push('newline', ended, '\n')
      continue
    }
    if (text[at] === '#') {
      const handled = found(handle)
      const kept = handled ?? found(foreign)
      if (handled !== undefined) push('handle', handled, handled.replace(/\D+/g, ''))
      else if (kept !== undefined) push('foreign', kept, kept.replace(/^#\s*/, ''))
      else at += found(comment)?.length ?? 1
      continue
    }
    const string = found(quoted)
    if (string !== undefined) {
      push('string', string, string.replaceAll('"', ''))
      continue
    }
    const address = addressAt(found(colons))
    if (address !== undefined) {
      push('word', address)
      continue
    }
    const plain = found(word)
    if (plain !== undefined) push('word', plain)
    else push('sign', found(sign) ?? text.charAt(at))
  }
  return tokens
}

/** An address with colons (IPv6 or of Ethernet): what follows one may be the colon of a map. */
function addressAt(found: string | undefined): string | undefined {
  if (found === undefined || !found.includes(':')) return undefined
  for (const text of [found, found.replace(/:$/, '')]) {
    if (parseAddress(text) !== undefined || /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text)) return text
  }
  return undefined
}
