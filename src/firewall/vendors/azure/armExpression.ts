/** A template expression of Azure Resource Manager, as it is read between `[` and `]`. */
export type ArmExpression =
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly ArmExpression[] }
  | { readonly kind: 'member'; readonly of: ArmExpression; readonly name: string }
  | { readonly kind: 'index'; readonly of: ArmExpression; readonly at: ArmExpression }

/** Calls within each other that are read: people nest a handful. */
const deepest = 64

/**
 * Whether a string of a template is an expression (Microsoft Learn: *Syntax and expressions in ARM templates*): it
 * stands in brackets, and does not begin with two, which stand for one.
 */
export function isArmExpression(text: string): boolean {
  return text.startsWith('[') && text.endsWith(']') && !text.startsWith('[[')
}

/**
 * Reads what stands between the brackets of an expression: calls, texts in single quotes with the quote doubled, whole
 * numbers, `.member` and `[index]`.
 *
 * @returns undefined where it is none
 */
export function parseArmExpression(text: string): ArmExpression | undefined {
  const reading = { text, at: 0 }
  const expression = readValue(reading, 0)
  skipBlanks(reading)
  return reading.at === text.length ? expression : undefined
}

interface Reading {
  readonly text: string
  at: number
}

function readValue(reading: Reading, depth: number): ArmExpression | undefined {
  if (depth > deepest) return undefined
  let value = readHead(reading, depth)
  while (value !== undefined) {
    skipBlanks(reading)
    if (reading.text[reading.at] === '.') {
      reading.at += 1
      const name = readName(reading)
      if (name === undefined) return undefined
      value = { kind: 'member', of: value, name }
    } else if (reading.text[reading.at] === '[') {
      reading.at += 1
      const at = readValue(reading, depth + 1)
      if (at === undefined || !readSign(reading, ']')) return undefined
      value = { kind: 'index', of: value, at }
    } else break
  }
  return value
}

function readHead(reading: Reading, depth: number): ArmExpression | undefined {
  skipBlanks(reading)
  if (reading.text[reading.at] === "'") return readText(reading)
  const number = matchAt(reading, /-?\d{1,15}/y)
  if (number !== undefined) return { kind: 'literal', value: Number(number) }
  const first = readName(reading)
  if (first === undefined) return undefined
  // A function of the template's own stands behind its namespace.
  const name = reading.text[reading.at] === '.' ? `${first}${matchAt(reading, /\.[A-Za-z_]\w*/y) ?? ''}` : first
  if (!readSign(reading, '(')) return undefined
  const args: ArmExpression[] = []
  if (readSign(reading, ')')) return { kind: 'call', name: name.toLowerCase(), args }
  for (;;) {
    const arg = readValue(reading, depth + 1)
    if (arg === undefined) return undefined
    args.push(arg)
    if (readSign(reading, ')')) return { kind: 'call', name: name.toLowerCase(), args }
    if (!readSign(reading, ',')) return undefined
  }
}

function readText(reading: Reading): ArmExpression | undefined {
  const quoted = matchAt(reading, /'[^']*(?:''[^']*)*'/y)
  return quoted === undefined ? undefined : { kind: 'literal', value: quoted.slice(1, -1).replaceAll("''", "'") }
}

function readName(reading: Reading): string | undefined {
  skipBlanks(reading)
  return matchAt(reading, /[A-Za-z_]\w*/y)
}

function readSign(reading: Reading, sign: string): boolean {
  skipBlanks(reading)
  if (reading.text[reading.at] !== sign) return false
  reading.at += 1
  return true
}

function skipBlanks(reading: Reading): void {
  matchAt(reading, /\s*/y)
}

function matchAt(reading: Reading, pattern: RegExp): string | undefined {
  pattern.lastIndex = reading.at
  const found = pattern.exec(reading.text)?.[0]
  if (found !== undefined) reading.at += found.length
  return found
}
