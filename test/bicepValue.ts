import assert from 'node:assert/strict'

/**
 * Reads a value of Bicep as far as Postern writes it: strings in single quotes, numbers, words, lists and objects a line
 * each. What stands there as a word is a string with a `$` before it.
 */
export function bicepValue(text: string): unknown {
  const tokens = text.match(/'(?:[^'\\]|\\.)*'|[{}[\]]|[^\s'{}[\]:]+|:/g) ?? []
  let at = 0
  const value = (): unknown => {
    const token = tokens[at]
    at += 1
    assert.ok(token !== undefined, 'the text ends within a value')
    if (token.startsWith("'")) return stringOf(token)
    if (token === '[') {
      const list: unknown[] = []
      while (tokens[at] !== ']') list.push(value())
      at += 1
      return list
    }
    if (token === '{') {
      const members: [string, unknown][] = []
      while (tokens[at] !== '}') {
        const key = tokens[at] ?? ''
        assert.equal(tokens[at + 1], ':', `what follows the key ${key}`)
        at += 2
        members.push([key.startsWith("'") ? stringOf(key) : key, value()])
      }
      at += 1
      return Object.fromEntries(members)
    }
    if (token === 'true' || token === 'false') return token === 'true'
    return /^\d+$/.test(token) ? Number(token) : `$${token}`
  }
  const read = value()
  assert.equal(at, tokens.length, 'something follows the value')
  return read
}

function stringOf(token: string): string {
  const inner = token.slice(1, -1)
  assert.doesNotMatch(inner, /(^|[^\\])\$\{/)
  return inner.replace(/\\(u\{[0-9a-f]+\}|.)/g, (_, sign: string) => {
    const known: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }
    return known[sign] ?? sign
  })
}
