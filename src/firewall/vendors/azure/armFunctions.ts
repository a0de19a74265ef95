import type { Span } from '../../source.ts'
import type { AzureValue } from './azureValue.ts'
import { arrayValue, isTrue, objectValue, scalarValue, unknownValue } from './azureValue.ts'
import { resourceIdText } from './resourceId.ts'

/** A function of template expressions. It is given values that are known, and answers undefined where it cannot tell. */
type ArmFunction = (args: readonly AzureValue[], span: () => Span) => AzureValue | undefined

/** Beyond it a text or list that a template makes of itself is not known: each doubling costs a few letters. */
const longestMade = 1_000_000
const mostMade = 100_000

/** What a function of the table makes of its arguments; undefined for other functions, and where it cannot tell. */
export function callArmFunction(name: string, args: readonly AzureValue[], span: () => Span): AzureValue | undefined {
  const own = functions.get(name)
  if (own === undefined) return undefined
  const unknown = args.find(({ kind }) => kind === 'unknown')
  if (unknown === undefined) return own(args, span)
  const symbols = args.map((arg) => arg.symbol ?? arg.text())
  const isTold = symbols.every((symbol) => symbol !== undefined)
  // An id of an unknown name still points at the resource that has the same one.
  const shown = args.map((arg) => (arg.symbol === undefined ? arg : scalarValue(arg.symbol, span)))
  if (own === scopedId && isTold) return own(shown, span)
  const composed = isTold && composing.has(name) ? own(shown, span)?.text() : undefined
  const symbol = composed ?? (isTold ? symbolOf(name, symbols) : undefined)
  return unknownValue(unknown.because ?? name, span, symbol)
}

/** Functions that put names together: what they make of symbols is a symbol, with its slashes where names have them. */
const composing: ReadonlySet<string> = new Set(['concat', 'format', 'tolower', 'toupper', 'trim'])

/** A text that stands for what a function gives for some arguments; ids are told apart at slashes. */
export function symbolOf(name: string, args: readonly (string | undefined)[]): string {
  return `{${name}(${args.join()})}`.replaceAll('/', '|')
}

const textFunction =
  (make: (...texts: string[]) => string | number | boolean | undefined): ArmFunction =>
  (args, span) => {
    const texts = args.map((arg) => arg.text())
    const known = texts.filter((text) => text !== undefined)
    const made = known.length === texts.length ? make(...known) : undefined
    return made === undefined ? undefined : scalarValue(made, span)
  }

const numberFunction =
  (make: (...numbers: number[]) => number | boolean): ArmFunction =>
  (args, span) => {
    const numbers = (args[0]?.kind === 'array' ? args[0].elements() : args).map((arg) => arg.number())
    const known = numbers.filter((number) => number !== undefined)
    if (known.length !== numbers.length || known.length === 0) return undefined
    const made = make(...known)
    return typeof made === 'number' && !Number.isSafeInteger(made) ? undefined : scalarValue(made, span)
  }

const truthFunction =
  (make: (truths: readonly boolean[]) => boolean): ArmFunction =>
  (args, span) =>
    scalarValue(make(args.map(isTrue)), span)

const scopedId: ArmFunction = (args, span) => {
  const texts = args.map((arg) => arg.text() ?? '')
  const at = texts.findIndex((text) => text.includes('/'))
  const [type = '', ...names] = texts.slice(Math.max(0, at))
  if (at < 0 || at > 2 || names.length === 0) return undefined
  const group = at > 0 ? texts[at - 1] : undefined
  const subscription = at > 1 ? texts[0] : undefined
  const scope = { ...(group !== undefined && { group }), ...(subscription !== undefined && { subscription }) }
  return scalarValue(resourceIdText(type, names.join('/'), scope), span)
}

const functions: ReadonlyMap<string, ArmFunction> = new Map<string, ArmFunction>([
  ['concat', concat],
  ['union', union],
  ['format', format],
  ['tolower', textFunction((text) => text.toLowerCase())],
  ['toupper', textFunction((text) => text.toUpperCase())],
  ['trim', textFunction((text) => text.trim())],
  ['startswith', textFunction((text, start = '') => text.toLowerCase().startsWith(start.toLowerCase()))],
  ['endswith', textFunction((text, end = '') => text.toLowerCase().endsWith(end.toLowerCase()))],
  ['replace', textFunction((text, from = '', to = '') => bounded(text, from, to))],
  ['substring', substring],
  ['string', (args, span) => (args[0]?.scalar === undefined ? undefined : scalarValue(String(args[0].scalar), span))],
  ['int', numberFunction((number) => number)],
  ['bool', (args, span) => scalarValue(isTrue(args[0]), span)],
  ['true', (_, span) => scalarValue(true, span)],
  ['false', (_, span) => scalarValue(false, span)],
  ['null', (_, span) => scalarValue(null, span)],
  ['add', numberFunction((a, b = 0) => a + b)],
  ['sub', numberFunction((a, b = 0) => a - b)],
  ['mul', numberFunction((a, b = 0) => a * b)],
  ['div', numberFunction((a, b = 0) => Math.trunc(a / b))],
  ['mod', numberFunction((a, b = 0) => a % b)],
  ['min', numberFunction((...numbers) => numbers.reduce((a, b) => Math.min(a, b)))],
  ['max', numberFunction((...numbers) => numbers.reduce((a, b) => Math.max(a, b)))],
  ['less', numberFunction((a, b = 0) => a < b)],
  ['lessorequals', numberFunction((a, b = 0) => a <= b)],
  ['greater', numberFunction((a, b = 0) => a > b)],
  ['greaterorequals', numberFunction((a, b = 0) => a >= b)],
  ['equals', equals],
  ['not', (args, span) => scalarValue(!isTrue(args[0]), span)],
  ['and', truthFunction((truths) => truths.every(Boolean))],
  ['or', truthFunction((truths) => truths.some(Boolean))],
  ['empty', (args, span) => scalarValue(sizeOf(args[0]) === 0, span)],
  ['length', (args, span) => known(sizeOf(args[0]), span)],
  ['contains', contains],
  ['first', (args) => args[0]?.elements()[0]],
  ['last', (args) => args[0]?.elements().at(-1)],
  ['skip', (args, span) => slice(args, span, (list, number) => list.slice(number))],
  ['take', (args, span) => slice(args, span, (list, number) => list.slice(0, number))],
  ['array', (args, span) => (args[0]?.kind === 'array' ? args[0] : arrayValue(args, span))],
  ['createarray', (args, span) => arrayValue(args, span)],
  ['createobject', createObject],
  ['range', range],
  ['split', split],
  ['join', join],
  ['resourceid', scopedId],
  ['subscriptionresourceid', scopedId],
  ['tenantresourceid', scopedId],
])

function concat(args: readonly AzureValue[], span: () => Span): AzureValue | undefined {
  if (args.some(({ kind }) => kind === 'array')) {
    const total = args.reduce((sum, arg) => sum + arg.elements().length, 0)
    if (total > mostMade || args.some(({ kind }) => kind !== 'array')) return undefined
    return arrayValue(
      args.flatMap((arg) => arg.elements()),
      span,
    )
  }
  const texts = args.map((arg) => arg.text() ?? String(arg.scalar ?? ''))
  const total = texts.reduce((sum, text) => sum + text.length, 0)
  return total > longestMade ? undefined : scalarValue(texts.join(''), span)
}

function union(args: readonly AzureValue[], span: () => Span): AzureValue | undefined {
  if (args.every(({ kind }) => kind === 'array')) {
    const all = concat(args, span)?.elements()
    if (all === undefined) return undefined
    const seen = new Set<unknown>()
    const distinct = all.filter(({ scalar }) => {
      if (scalar === undefined) return true
      const isNew = !seen.has(scalar)
      seen.add(scalar)
      return isNew
    })
    return arrayValue(distinct, span)
  }
  if (!args.every(({ kind }) => kind === 'object')) return undefined
  const members = args.flatMap((arg) =>
    arg.names().map((name) => [name, () => arg.member(name) ?? scalarValue(null, span)] as const),
  )
  return members.length > mostMade ? undefined : objectValue(members, span)
}

function format(args: readonly AzureValue[], span: () => Span): AzureValue | undefined {
  const [pattern, ...rest] = args.map(
    (arg) => arg.text() ?? (arg.scalar === undefined ? undefined : String(arg.scalar)),
  )
  if (pattern === undefined || rest.some((text) => text === undefined)) return undefined
  // Patterns of .NET with widths and forms of numbers are left unknown.
  if (/\{(?!\d+\})/.test(pattern.replaceAll('{{', ''))) return undefined
  const longest = rest.reduce((most, text) => Math.max(most, text?.length ?? 0), 0)
  if (pattern.length * (longest + 1) > longestMade) return undefined
  return scalarValue(
    pattern.replace(/\{(\d+)\}/g, (_, at: string) => rest[Number(at)] ?? ''),
    span,
  )
}

function bounded(text: string, from: string, to: string): string | undefined {
  if (from === '') return text
  const pieces = text.split(from)
  return text.length + pieces.length * to.length > longestMade ? undefined : pieces.join(to)
}

function substring(args: readonly AzureValue[], span: () => Span): AzureValue | undefined {
  const [text, start, length] = args
  const from = start?.number()
  const whole = text?.text()
  if (whole === undefined || from === undefined) return undefined
  const size = length?.number()
  return scalarValue(whole.slice(from, size === undefined ? undefined : from + size), span)
}

function equals([a, b]: readonly AzureValue[], span: () => Span): AzureValue | undefined {
  if (a === undefined || b === undefined) return undefined
  if (a.kind === 'object' || a.kind === 'array' || b.kind === 'object' || b.kind === 'array') return undefined
  return scalarValue(a.kind === b.kind && a.scalar === b.scalar, span)
}

function sizeOf(value: AzureValue | undefined): number | undefined {
  if (value === undefined || value.kind === 'null') return 0
  if (value.kind === 'array') return value.elements().length
  if (value.kind === 'object') return value.names().length
  return value.text()?.length
}

function known(number: number | undefined, span: () => Span): AzureValue | undefined {
  return number === undefined ? undefined : scalarValue(number, span)
}

function contains([whole, part]: readonly AzureValue[], span: () => Span): AzureValue | undefined {
  if (whole === undefined || part?.scalar === undefined) return undefined
  if (whole.kind === 'array')
    return scalarValue(
      whole.elements().some(({ scalar }) => scalar === part.scalar),
      span,
    )
  const name = String(part.scalar)
  if (whole.kind === 'object') {
    return scalarValue(
      whole.names().some((own) => own.toLowerCase() === name.toLowerCase()),
      span,
    )
  }
  const text = whole.text()
  return text === undefined ? undefined : scalarValue(text.includes(name), span)
}

function slice(
  [list, count]: readonly AzureValue[],
  span: () => Span,
  cut: (list: readonly AzureValue[], number: number) => readonly AzureValue[],
): AzureValue | undefined {
  const number = count?.number()
  return list?.kind === 'array' && number !== undefined ? arrayValue(cut(list.elements(), number), span) : undefined
}

function createObject(args: readonly AzureValue[], span: () => Span): AzureValue {
  const members: (readonly [string, () => AzureValue])[] = []
  for (let at = 0; at + 1 < args.length; at += 2) {
    const value = args[at + 1]
    if (value !== undefined) members.push([args[at]?.text() ?? '', () => value])
  }
  return objectValue(members, span)
}

function range([start, count]: readonly AzureValue[], span: () => Span): AzureValue | undefined {
  const from = start?.number()
  const size = count?.number()
  if (from === undefined || size === undefined || size < 0 || size > mostMade) return undefined
  return arrayValue(
    Array.from({ length: size }, (_, at) => scalarValue(from + at, span)),
    span,
  )
}

function split([text, by]: readonly AzureValue[], span: () => Span): AzureValue | undefined {
  const whole = text?.text()
  const sign = by?.text()
  if (whole === undefined || sign === undefined || sign === '') return undefined
  return arrayValue(
    whole.split(sign).map((part) => scalarValue(part, span)),
    span,
  )
}

function join([list, by]: readonly AzureValue[], span: () => Span): AzureValue | undefined {
  const texts = list?.elements().map((element) => element.text()) ?? []
  const sign = by?.text()
  const all = texts.filter((text) => text !== undefined)
  if (list?.kind !== 'array' || sign === undefined || all.length !== texts.length) return undefined
  const total = all.reduce((sum, text) => sum + text.length + sign.length, 0)
  return total > longestMade ? undefined : scalarValue(all.join(sign), span)
}

/** A value of which an expression says that only a deployment would tell it. */
export function unknownCall(name: string, span: () => Span): AzureValue {
  return unknownValue(`what the template's function "${name}" gives`, span)
}
