import { z } from 'zod'

/** What fields of the reports are made of. */

export const texts = z.array(z.string())
export const time = z.string().meta({ format: 'date-time', description: 'ISO 8601, UTC' })
export const count = z.int().min(0)
export const ms = z.number().describe('Milliseconds')
export const port = z.int().min(1).max(65535)
export const address = z.string().describe('An IP address in canonical text (RFC 5952)')
export const textByText = z.record(z.string(), z.string())
