import { z } from 'zod'

/** A report's schema as it is published (JSON Schema 2020-12). */
export function jsonSchema(kind: string, description: string, schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    // What a reader may be given: keys of later versions are not refused.
    io: 'input',
    override: ({ jsonSchema: part }) => {
      delete part.id
      // Said of every whole number, and of use to nobody.
      if (part.maximum === Number.MAX_SAFE_INTEGER) delete part.maximum
      if (part.minimum === Number.MIN_SAFE_INTEGER) delete part.minimum
    },
  })
  return { ...($schema !== undefined && { $schema }), title: `Postern ${kind} report`, description, ...rest }
}
