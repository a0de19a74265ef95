import type { ApiGap, ApiMark, ApiSample } from '../../model/api.ts'
import type { Gap, Mark, Sample } from '../../model/sample.ts'

/** The last time that ISO 8601 writes with four digits of a year. */
const lastAt = 253_402_300_799_999

/** Milliseconds since 1970 as ISO 8601 in UTC. */
export function isoOf(at: number): string {
  return new Date(Math.min(Math.max(at, 0), lastAt)).toISOString()
}

export function gapAnswer({ from, to, why }: Gap): ApiGap {
  return { from: isoOf(from), to: isoOf(to), why }
}

export function markAnswer({ at, kind, name }: Mark): ApiMark {
  return { at: isoOf(at), kind, name }
}

export function sampleAnswer({ key: _, at, ...sample }: Sample): ApiSample {
  return { at: isoOf(at), ...sample }
}
