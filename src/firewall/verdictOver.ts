import type { JudgedPath, JudgedPathPart } from './judged.ts'

/** The verdict over all parts of a flow, and how denials deny. */
export interface VerdictOver {
  readonly verdict: JudgedPath['verdict']
  readonly denial?: 'drop' | 'reject' | 'mixed'
}

/**
 * Draws parts together. Of addresses that are known all must pass; of an address that nobody knows nothing is denied
 * unless all of them are. Without parts, source and destination have no family in common, and there is no path.
 *
 * @param isAnywhere the flow was asked by a name whose addresses nobody knows
 */
export function verdictOver(
  parts: readonly { readonly verdict: JudgedPathPart['verdict'] }[],
  isAnywhere: boolean,
): VerdictOver {
  const found = new Set(parts.map(({ verdict }) => verdict))
  const denial = found.has('drop')
    ? found.has('reject')
      ? ('mixed' as const)
      : ('drop' as const)
    : found.has('reject')
      ? ('reject' as const)
      : undefined
  const tell = denial !== undefined && { denial }
  const failure: VerdictOver['verdict'] | undefined =
    denial !== undefined
      ? 'deny'
      : found.has('misdirected')
        ? 'misdirected'
        : found.has('no-path') || found.size === 0
          ? 'no-path'
          : undefined
  const open: VerdictOver['verdict'] | undefined = found.has('may')
    ? 'may'
    : found.has('unknown-ref')
      ? 'unknown-ref'
      : undefined
  if (failure === undefined) return { verdict: open ?? 'allow' }
  if (!isAnywhere) return { verdict: failure, ...tell }
  return { verdict: open ?? (found.has('allow') ? 'may' : failure), ...tell }
}
