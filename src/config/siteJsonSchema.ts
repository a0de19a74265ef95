import { z } from 'zod'
import { siteSchema } from './siteSchema.ts'

/**
 * The site file's form as JSON Schema, for editors: completion, descriptions, and red marks while typing. Draft 7 is
 * what every editor's YAML support reads. What only a whole reading shows (names that lead nowhere, roles that a
 * feature needs) `postern` says.
 */
export function siteJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(siteSchema, {
    io: 'input',
    target: 'draft-07',
    override: ({ zodSchema, jsonSchema }) => {
      // Left out by the library where a text is read into another form; ours are texts as they are written.
      const examples = z.globalRegistry.get(zodSchema)?.examples
      if (Array.isArray(examples)) jsonSchema.examples = examples
    },
  })
}
