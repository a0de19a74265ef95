import { z } from 'zod'
import type { Remedy } from './configError.ts'

/** What a text of the site file is read as, or what is wrong with it. */
type TextReader = (text: string) => { readonly ok: string } | Remedy

/** A text that a reader must understand; the value is what it made of it, such as the canonical text of an address. */
export function textAs(read: TextReader) {
  return z.string().transform((text, context) => {
    const found = read(text)
    if ('ok' in found) return found.ok
    context.addIssue({ code: 'custom', message: found.what, params: found })
    return z.NEVER
  })
}

/** Words of a closed list, each at most once. `title` is what one of them is called in an error. */
export function wordsOf<const Words extends readonly string[]>(title: string, words: Words) {
  return distinct(z.array(z.enum(words).meta({ title })))
}

export function distinct<Schema extends z.ZodArray>(list: Schema) {
  return list
    .superRefine((values, context) => {
      const seen = new Set<unknown>()
      for (const [index, value] of values.entries()) {
        if (seen.has(value)) {
          const params = { what: `${String(value)} stands here a second time`, right: 'once is enough' }
          context.addIssue({ code: 'custom', path: [index], message: params.what, params })
        }
        seen.add(value)
      }
    })
    .meta({ uniqueItems: true })
}
