import type { NumberRange } from '../ruleset.ts'

/** `443`, or first and last with what a syntax has between them. */
export function portTexts(ports: readonly NumberRange[], between = '-'): readonly string[] {
  return ports.map(({ first, last }) => (first === last ? String(first) : `${first}${between}${last}`))
}
