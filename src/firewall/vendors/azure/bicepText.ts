/** A value of a resource as ARM and Bicep have it; `{ expression }` is written as it stands: `location`. */
export type Resource =
  | string
  | number
  | boolean
  | { readonly expression: string }
  | readonly Resource[]
  | { readonly [key: string]: Resource }

/** Writes a value as Bicep does (Microsoft Learn: *Bicep data types*): lists and objects a line each, without commas. */
export function bicepText(value: Resource, margin = ''): string {
  if (typeof value === 'string') return `'${escaped(value)}'`
  if (typeof value !== 'object') return String(value)
  const inner = `${margin}  `
  if (isList(value)) {
    if (value.length === 0) return '[]'
    return `[\n${value.map((one) => `${inner}${bicepText(one, inner)}\n`).join('')}${margin}]`
  }
  if (isExpression(value)) return value.expression
  const members = Object.entries(value)
  if (members.length === 0) return '{}'
  const lines = members.map(([key, one]) => `${inner}${keyText(key)}: ${bicepText(one, inner)}\n`)
  return `{\n${lines.join('')}${margin}}`
}

/** The same value as ARM's JSON has it, where an expression stands in brackets within a string. */
export function armValue(value: Resource, expressions: Readonly<Record<string, string>>): unknown {
  // A string of ours that begins with a bracket would be read as an expression (ARM template syntax).
  if (typeof value === 'string') return value.startsWith('[') ? `[${value}` : value
  if (typeof value !== 'object') return value
  if (isList(value)) return value.map((one) => armValue(one, expressions))
  if (isExpression(value)) return expressions[value.expression] ?? `[${value.expression}]`
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, armValue(one, expressions)]))
}

function isList(value: Resource): value is readonly Resource[] {
  return Array.isArray(value)
}

function isExpression(value: Resource): value is { readonly expression: string } {
  return typeof value === 'object' && 'expression' in value && typeof value.expression === 'string'
}

function keyText(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? key : `'${escaped(key)}'`
}

function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('${', () => '\\${')
    .replaceAll('\r', '\\r')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
}
