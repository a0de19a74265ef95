import { z } from 'zod'

/** A setting, as the reference tells it. */
export interface Setting {
  /** Keys from the section on, with dots; `[]` is each of a list, `NAME` each of a mapping. */
  readonly key: string
  readonly type: string
  readonly range?: string
  readonly usual?: string
  readonly description: string
}

type Schema = z.core.JSONSchema.BaseSchema

/**
 * Every setting of a section of the site file, read off the schema that site files are judged by. Of what is of several
 * kinds the settings of none are told.
 *
 * @param key of the section
 */
export function settingsOfSection(section: z.ZodType, key: string): readonly Setting[] {
  return settingsIn(jsonOf(section), key)
}

/** The same of each kind of a mapping that is of several, by the word of its `kind`. */
export function settingsByKind(
  mapping: z.ZodType,
): readonly (readonly [kind: string, what: string, readonly Setting[]])[] {
  return (jsonOf(mapping).oneOf ?? []).flatMap((branch) => {
    if (typeof branch === 'boolean') return []
    const kind = branch.properties?.['kind']
    const word = typeof kind === 'object' ? String(kind.const) : ''
    return [[word, branch.description ?? '', settingsIn(branch, '').filter(({ key }) => key !== '.kind')] as const]
  })
}

function jsonOf(schema: z.ZodType): Schema {
  return z.toJSONSchema(schema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      const examples = z.globalRegistry.get(zodSchema)?.examples
      if (Array.isArray(examples)) jsonSchema.examples = examples
    },
  })
}

function settingsIn(schema: Schema, key: string): readonly Setting[] {
  const properties = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
    typeof inner === 'boolean' ? [] : settingsOf(inner, `${key}.${name}`),
  )
  const { additionalProperties: each } = schema
  return [...properties, ...(typeof each === 'object' ? settingsOf(each, `${key}.NAME`) : [])]
}

function settingsOf(schema: Schema, key: string): readonly Setting[] {
  const { items } = schema
  const isListOfMappings =
    schema.type === 'array' && typeof items === 'object' && !Array.isArray(items) && 'properties' in items
  const own = settingOf(schema, key)
  if (isListOfMappings) return [own, ...settingsIn(items, `${key}[]`)]
  return schema.type === 'object' ? [own, ...settingsIn(schema, key)] : [own]
}

function settingOf(schema: Schema, key: string): Setting {
  const { description = '', minimum, maximum, enum: words, title, examples } = schema
  const usual = schema.default === undefined || typeof schema.default === 'object' ? undefined : String(schema.default)
  const range =
    words !== undefined
      ? words.join(', ')
      : minimum !== undefined && maximum !== undefined
        ? `${spaced(minimum)} to ${spaced(maximum)}`
        : undefined
  return {
    key,
    type: typeOf(schema, title),
    ...(range !== undefined && { range }),
    ...(usual !== undefined && { usual: schema.type === 'integer' ? spaced(Number(usual)) : usual }),
    description:
      examples?.[0] === undefined ? description : `${description} Example: \`${JSON.stringify(examples[0])}\``,
  }
}

function typeOf({ type, items, enum: words }: Schema, title: string | undefined): string {
  if (words !== undefined) return 'word'
  switch (type) {
    case 'integer':
      return title ?? 'number'
    case 'array':
      return typeof items === 'object' && 'properties' in items ? 'list of mappings' : 'list'
    case 'object':
      return 'mapping'
    case 'boolean':
      return 'true or false'
    default:
      return type === 'string' ? 'text' : 'value'
  }
}

const spaced = (count: number): string => count.toLocaleString('en')

/** The rows of a table of settings: key, unit or type, range, usual value, what it is. */
export function settingRows(settings: readonly Setting[]): readonly (readonly string[])[] {
  return settings.map(({ key, type, range = '', usual = '', description }) => [
    `\`${key.replace(/^\./, '')}\``,
    type,
    range,
    usual === '' ? '' : `\`${usual}\``,
    description,
  ])
}
