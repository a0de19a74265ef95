import type { NumberRange } from '../../ruleset.ts'

/**
 * Reads a port, a range `a-b`, or `*` for all.
 *
 * @returns undefined for other texts, and for ranges that run backwards: Azure refuses them
 */
export function readPortText(text: string): NumberRange | undefined {
  const trimmed = text.trim()
  if (trimmed === '*' || trimmed.toLowerCase() === 'any') return { first: 0, last: 65535 }
  const match = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(trimmed)
  if (match === null) return undefined
  const first = Number(match[1])
  const last = match[2] === undefined ? first : Number(match[2])
  return last > 65535 || last < first ? undefined : { first, last }
}

/** Whether ports leave nothing out. */
export function areAllPorts(ports: readonly NumberRange[]): boolean {
  return ports.some(({ first, last }) => first === 0 && last === 65535)
}
