import { z } from 'zod'
import { severities } from '../model/finding.ts'
import type { OutletKind } from '../outlets/index.ts'
import { outlets } from '../outlets/index.ts'
import type { OutletRow } from '../outlets/outlet.ts'
import type { Setting, TextForm } from '../outlets/setting.ts'
import type { Remedy } from './configError.ts'
import { amount } from './gateSections.ts'
import { quoted } from './quoted.ts'
import { distinct, textAs } from './siteFields.ts'
import { isName, readCredentials } from './siteTexts.ts'
import { readHttpUrl, readMailAddress } from './watchTexts.ts'

type Read = { readonly ok: string } | Remedy

const readers: Readonly<Record<TextForm, (text: string) => Read>> = {
  host: (text) =>
    isName(text) || /^[0-9a-fA-F.:]+$/.test(text)
      ? { ok: text }
      : { what: `${quoted(text)} is no host`, right: 'write a name such as mail.corp.example, or an address' },
  // An address that is a secret is given by reference.
  url: (text) => ('ok' in readCredentials(text) ? { ok: text } : readHttpUrl(text)),
  'mail-address': readMailAddress,
  file: wordOf,
  word: wordOf,
}

function wordOf(text: string): Read {
  return text.trim() === '' ? { what: 'the text is empty', right: 'write one, or leave the key out' } : { ok: text }
}

const reference = textAs(readCredentials).meta({
  pattern: '^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|store:.+)$',
})

/** A setting of an outlet as the schema has it: its row says everything. */
function fieldOf(row: Setting): z.ZodType {
  const { what: description } = row
  switch (row.kind) {
    case 'count':
      return amount(row.unit, row.least, row.most, row.usual, description)
    case 'choice':
      return z
        .enum(row.words)
        .default(row.usual)
        .meta({ title: 'word', description, examples: [row.usual] })
    case 'flag':
      return z.boolean().default(row.usual).meta({ description })
    case 'text': {
      const text = textAs(readers[row.form])
      const told = { description, examples: [row.example] }
      if (row.usual !== undefined) return text.prefault(row.usual).meta(told)
      return row.isOptional === true ? text.exactOptional().meta(told) : text.meta(told)
    }
    case 'texts':
      return distinct(z.array(textAs(readers[row.form])).min(1)).meta({ description, examples: [row.example] })
    case 'secret': {
      const told = { description, examples: [row.example] }
      return row.isOptional === true ? reference.exactOptional().meta(told) : reference.meta(told)
    }
    case 'secrets':
      return z
        .record(z.string(), reference.meta({ description: 'Where its value is to be found.', examples: ['env:NAME'] }))
        .default({})
        .meta({ description, examples: [row.example] })
    default:
      return row satisfies never
  }
}

const kinds = Object.keys(outlets) as readonly OutletKind[]

function outletOfKind(kind: OutletKind) {
  const row: OutletRow = outlets[kind]
  const fields = Object.fromEntries(Object.entries(row.settings).map(([key, setting]) => [key, fieldOf(setting)]))
  const [first = 'alerts'] = row.takes
  return z
    .strictObject({
      kind: z.literal(kind).meta({ title: 'kind', description: 'Which kind of outlet it is.', examples: [kind] }),
      takes: distinct(z.array(z.enum(row.takes).meta({ title: 'word' })).min(1))
        .default([first])
        .meta({ description: `What it is given: ${row.takes.join(' or ')}.`, examples: [row.takes] }),
      least: z
        .enum(severities)
        .exactOptional()
        .meta({
          title: 'severity',
          description: 'What is not as grave is not told there; absent: everything.',
          examples: ['high'],
        }),
      ...fields,
    })
    .meta({ description: row.what })
}

const [first, ...others] = kinds.map(outletOfKind)

/** One outlet: its kind, what it takes, and the settings that its kind has. */
export const outletSchema = z
  .discriminatedUnion('kind', first === undefined ? [outletOfKind('file')] : [first, ...others])
  .meta({ description: 'An outlet; its further settings are those of its kind.' })
