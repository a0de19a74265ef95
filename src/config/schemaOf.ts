import type { z } from 'zod'

type Unlocked<T> = T extends object ? { -readonly [Key in keyof T]: Unlocked<T[Key]> } : T
type Same<One, Other> =
  (<T>() => T extends Unlocked<One> ? 1 : 2) extends <T>() => T extends Unlocked<Other> ? 1 : 2 ? true : false

/** Does not compile when a schema and its type part ways in a key, a type, or what may be left out. */
export function schemaOf<Report>() {
  return <Schema extends z.ZodType>(
    schema: Schema & (Same<z.infer<Schema>, Report> extends true ? unknown : 'the schema and the type differ'),
  ): Schema => schema
}
