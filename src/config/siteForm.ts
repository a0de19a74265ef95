import { nearest } from '../catalog/index.ts'
import type { Remedy } from './configError.ts'
import type { Path } from './parseYaml.ts'
import { quoted } from './quoted.ts'
import { siteJsonSchema } from './siteJsonSchema.ts'
import type { siteSchema } from './siteSchema.ts'
import { mostWords, nearestOr, unknownWord } from './unknownWord.ts'

/** A remedy with the place in the value that it speaks of. */
export interface Placed extends Remedy {
  readonly path: Path
  readonly on: 'key' | 'value'
}

type Issue = NonNullable<ReturnType<typeof siteSchema.safeParse>['error']>['issues'][number]

/** The parts of JSON Schema that describe one value of a site file. */
interface Form {
  readonly title?: string
  readonly type?: unknown
  readonly properties?: Readonly<Record<string, unknown>>
  readonly additionalProperties?: unknown
  readonly items?: unknown
  readonly examples?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly const?: unknown
  /** What it is depends on its `kind`. */
  readonly oneOf?: readonly Form[]
}

/**
 * Everything in which a value is not of the site file's form, in words that the schema itself gives: the keys that are
 * known, what a word is called, an example.
 *
 * @param issues what `siteSchema` found in the value
 */
export function formErrors(issues: readonly Issue[], value: unknown): readonly Placed[] {
  const root: Form = siteJsonSchema()
  const misspelt = new Set<string>()
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue
    for (const key of issue.keys) misspelt.add(pathKey([...issue.path, meantKey(root, issue.path, key, value) ?? '']))
  }
  return issues.flatMap((issue) => {
    const isMissing = issue.code === 'invalid_type' && valueAt(value, issue.path) === undefined
    // A key that is only misspelt is said once, where it stands.
    return isMissing && misspelt.has(pathKey(issue.path)) ? [] : placedBy(issue, value, root)
  })
}

function placedBy(issue: Issue, value: unknown, root: Form): Placed[] {
  const { path } = issue
  const found = valueAt(value, path)
  const form = formAt(root, path, value)
  const one = (remedy: Remedy, on: 'key' | 'value' = 'value', where: Path = path): Placed[] => [
    { path: where, on, ...remedy },
  ]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.flatMap((key) => one(unknownKey(root, path, key, value), 'key', [...path, key]))
    case 'invalid_key':
      return issue.issues.flatMap((inner) => one(remedyIn(inner.code === 'custom' ? inner.params : undefined), 'key'))
    case 'custom':
      return one(remedyIn(issue.params))
    case 'invalid_value':
      return typeof found === 'string'
        ? one(unknownWord(form?.title ?? 'word', found, issue.values.map(String)))
        : one(wrongType(path, found, form))
    case 'invalid_union': {
      const kinds = (form?.oneOf ?? formAt(root, path.slice(0, -1), undefined)?.oneOf ?? []).map(({ properties }) =>
        String(ownValue(properties?.['kind'], 'const')),
      )
      return typeof found === 'string'
        ? one(unknownWord('kind', found, kinds))
        : one({ what: `${nameOf(path)} is missing`, right: `it must be one of ${kinds.join(', ')}` })
    }
    case 'too_small':
    case 'too_big': {
      if (typeof found !== 'number')
        return one({ what: `${nameOf(path)} is empty`, right: `it must be ${wordsFor(form)}` })
      const name = form?.title ?? 'number'
      return one({
        what: `${name} ${found} is out of range`,
        right: `a ${name} is a whole number from ${form?.minimum} to ${form?.maximum}`,
      })
    }
    default:
      return one(found === undefined ? missing(path, form) : wrongType(path, found, form))
  }
}

function remedyIn(params: Readonly<Record<string, unknown>> | undefined): Remedy {
  const { what, right } = params ?? {}
  return typeof what === 'string' && typeof right === 'string'
    ? { what, right }
    : { what: 'this is not as documented', right: 'see docs/reference/site.schema.json' }
}

function missing(path: Path, form: Form | undefined): Remedy {
  return { what: `${nameOf(path)} is missing`, right: `it must be ${wordsFor(form)}` }
}

function wrongType(path: Path, found: unknown, form: Form | undefined): Remedy {
  if (form?.type === 'string' && typeof found !== 'object') {
    return { what: `${nameOf(path)} is ${typeOf(found)}`, right: `put it in quotes to make it ${wordsFor(form)}` }
  }
  return { what: `${nameOf(path)} is ${typeOf(found)}`, right: `it must be ${wordsFor(form)}` }
}

function nameOf(path: Path): string {
  const last = path.at(-1)
  if (last === undefined) return 'the file'
  return typeof last === 'number' ? `entry ${last + 1} of ${nameOf(path.slice(0, -1))}` : quoted(String(last))
}

/** The value is not repeated: in the wrong place somebody may have written anything, a secret too. */
function typeOf(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  switch (typeof value) {
    case 'object':
      return 'a mapping'
    case 'string':
      return 'a text'
    default:
      return typeof value === 'boolean' ? String(value) : `a ${typeof value}`
  }
}

/** What belongs in a place, with an example of the schema's own. */
function wordsFor(form: Form | undefined): string {
  const example = form?.examples?.[0]
  const such = example === undefined ? '' : ` such as ${flowStyle(example)}`
  switch (form?.type) {
    case 'string':
      return `a text${such}`
    case 'integer':
      return `a whole number${form.maximum === undefined ? '' : ` from ${form.minimum} to ${form.maximum}`}`
    case 'boolean':
      return 'true or false'
    case 'array':
      return `a list${such === '' ? ' with dashes or in [ ]' : such}`
    case 'object': {
      const keys = Object.keys(form.properties ?? {})
      const known =
        keys.length > 0 && keys.length <= mostWords ? ` with the keys ${keys.join(', ')}` : ' of keys and values'
      return `a mapping${such === '' ? known : such}`
    }
    default:
      return 'as documented in docs/reference/site.schema.json'
  }
}

/** A value of an example as one would write it in brackets and braces. */
function flowStyle(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowStyle).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${flowStyle(inner)}`)
    .join(', ')} }`
}

/** Keys whose values are secrets, by what people call them. */
export const secretKey = /pass|secret|token|credential|pwd|api-?key/i

function unknownKey(root: Form, path: Path, key: string, value: unknown): Remedy {
  const known = keysAt(root, path, value)
  const near = meantKey(root, path, key, value)
  const right =
    near === undefined && secretKey.test(key)
      ? 'secrets are never written in the file: a proxy has credentials, such as env:PROXY_AUTH'
      : nearestOr(key, known)
  return { what: `unknown key ${quoted(key)}`, right }
}

/** The key that a misspelt one stands for. */
function meantKey(root: Form, path: Path, key: string, value: unknown): string | undefined {
  return nearest(key, keysAt(root, path, value), 1)[0]
}

function keysAt(root: Form, path: Path, value: unknown): readonly string[] {
  return Object.keys(formAt(root, path, value)?.properties ?? {})
}

function formAt(root: Form, path: Path, value: unknown): Form | undefined {
  let form: Form | undefined = root
  for (const [at, step] of path.entries()) {
    form = form?.oneOf === undefined ? form : kindOf(form.oneOf, valueAt(value, path.slice(0, at)))
    const inner: unknown =
      typeof step === 'number' ? form?.items : (ownValue(form?.properties, step) ?? form?.additionalProperties)
    form = typeof inner === 'object' && inner !== null ? inner : undefined
  }
  return form?.oneOf === undefined ? form : (kindOf(form.oneOf, valueAt(value, path)) ?? form)
}

/** Of forms of several kinds the one that a value says it is of. */
function kindOf(forms: readonly Form[], value: unknown): Form | undefined {
  return forms.find(({ properties }) => ownValue(properties?.['kind'], 'const') === ownValue(value, 'kind'))
}

function ownValue(record: unknown, key: PropertyKey): unknown {
  return typeof record === 'object' && record !== null && Object.hasOwn(record, key)
    ? Reflect.get(record, key)
    : undefined
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(ownValue, value)
}

function pathKey(path: Path): string {
  return JSON.stringify(path.map(String))
}
