import { z } from 'zod'
import { eventReasons } from '../../src/cli/eventReasons.ts'
import { gateSchema } from '../../src/config/gateSchema.ts'
import { steps } from '../../src/gate/steps/index.ts'
import { criteria } from '../../src/identity/index.ts'
import { page, table } from './markdown.ts'

/** A setting of the gate, as the reference tells it. */
export interface GateSetting {
  /** Keys from `gate` on, with dots; `[]` is each of a list, `NAME` each of a mapping. */
  readonly key: string
  readonly type: string
  readonly range?: string
  readonly usual?: string
  readonly description: string
}

type Schema = z.core.JSONSchema.BaseSchema

/** Every setting of the gate, read off the schema that site files are judged by. */
export function gateSettings(): readonly GateSetting[] {
  const whole = z.toJSONSchema(gateSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      const examples = z.globalRegistry.get(zodSchema)?.examples
      if (Array.isArray(examples)) jsonSchema.examples = examples
    },
  })
  return settingsIn(whole, 'gate')
}

function settingsIn(schema: Schema, key: string): readonly GateSetting[] {
  const properties = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
    typeof inner === 'boolean' ? [] : settingsOf(inner, `${key}.${name}`),
  )
  const { additionalProperties: each } = schema
  return [...properties, ...(typeof each === 'object' ? settingsOf(each, `${key}.NAME`) : [])]
}

function settingsOf(schema: Schema, key: string): readonly GateSetting[] {
  const { items } = schema
  const isListOfMappings =
    schema.type === 'array' && typeof items === 'object' && !Array.isArray(items) && 'properties' in items
  const own = settingOf(schema, key)
  if (isListOfMappings) return [own, ...settingsIn(items, `${key}[]`)]
  return schema.type === 'object' ? [own, ...settingsIn(schema, key)] : [own]
}

function settingOf(schema: Schema, key: string): GateSetting {
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

/** `docs/reference/gate.md`: every setting of the gate, what it asks in which order, and the words of its record. */
export function gatePage(): string {
  const settings = gateSettings().map(({ key, type, range = '', usual = '', description }) => [
    `\`${key}\``,
    type,
    range,
    usual === '' ? '' : `\`${usual}\``,
    description,
  ])
  const asked = steps.map(({ name, what }, at) => [String(at + 1), name, what])
  const reasons = Object.entries(criteria).flatMap(([key, { what, reasons }]) =>
    reasons.map(({ ok, denied, says }, at) => [at === 0 ? `\`${key}\`` : '', at === 0 ? what : '', ok, denied, says]),
  )
  return page(
    'The gate',
    `Settings of \`postern serve\`, under \`gate:\` of the site file, and the words of its record. A setting without a usual value that is
left out is not there: nothing is assumed for it.

Cookies do not tell ports apart (RFC 6265 §8.5): whatever else is served under the gate’s host name, at any port, is sent the cookie
of a session and can set one. Give the gate a host name of its own.`,
    [
      `## Settings\n\n${table(['key', 'unit or type', 'range', 'usual', 'what'], settings)}`,
      `## What a request is asked\n\nIn this order; the first that settles it does.\n\n${table(['', 'step', 'what'], asked)}`,
      `## Reasons of access\n\n${table(['criterion', 'asks for', 'held', 'denied', 'says'], reasons)}`,
      `## Reasons of the record\n\nBeside those of access, by the kind of the event. \`postern explain-access --recorded\` says them of a request.\n\n${table(
        ['kind', 'reason', 'outcome', 'says'],
        eventReasons
          .filter(({ asks }) => asks === undefined)
          .map(({ kinds, reason, outcome, says }) => [kinds.join(', '), `\`${reason}\``, outcome, says]),
      )}`,
    ].join('\n'),
  )
}
