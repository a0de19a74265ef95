import { z } from 'zod'

/** What fields of the reports are made of. */

export const texts = z.array(z.string())
export const time = z
  .string()
  .refine(isInstant, 'a time in UTC, such as 2026-01-31T09:00:00.000Z')
  .meta({ format: 'date-time', description: 'ISO 8601, UTC' })
export const count = z.int().min(0)
export const ms = z.number().min(0).describe('Milliseconds')
/** Of two clocks, either of which may be ahead. */
export const offsetMs = z.number().describe('Milliseconds')
export const port = z.int().min(1).max(65535)
export const address = z.string().describe('An IP address in canonical text (RFC 5952)')
export const textByText = z.record(z.string(), z.string())

function isInstant(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text) && !Number.isNaN(Date.parse(text))
}
