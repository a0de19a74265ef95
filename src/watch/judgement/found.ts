import type { FindingNews } from '../news.ts'

/** Something that shows over time, as it stands now. */
export interface Found extends Omit<FindingNews, 'kind' | 'at'> {
  /** What is worth saying again when it is another: how grave it is, which address it is. */
  readonly mark: string
  /** What the judge needs to know of it later, such as the level before. */
  readonly detail?: Readonly<Record<string, number>>
}

/** `2026-03-28 12:00Z`. */
export function minuteOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')}Z`
}

/** Milliseconds with as many digits as anybody reads: `0.4 ms`, `12 ms`, `2.4 s`. */
export function msWords(ms: number): string {
  if (ms >= 2000) return `${Number((ms / 1000).toFixed(1))} s`
  return ms >= 10 ? `${Math.round(ms)} ms` : `${Number(ms.toFixed(1))} ms`
}

/** `1.2 %`. */
export function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`
}
