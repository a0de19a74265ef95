/** One measured number with its goal; several runs give the median and the spread. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly median: number
  readonly min: number
  readonly max: number
  readonly runs: number
  /** What the figure is to be at most, or at least. */
  readonly goal?: { readonly most: number } | { readonly least: number }
}

/** What was found besides the figures, for a person to compare. */
export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** One question in one file: what is measured, side by side with what. */
export interface Bench {
  readonly question: string
  /** @param show takes what is shown, and accepted, with the figures */
  run(show: (table: Table) => void): Promise<readonly Figure[]>
}

/** Sums runs up; the median of an even count is the lower of the two in the middle, a number that was really seen. */
export function figure(name: string, unit: string, values: readonly number[], goal?: Figure['goal']): Figure {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (index: number): number => Math.round((sorted[index] ?? Number.NaN) * 1000) / 1000
  return {
    name,
    unit,
    median: at(Math.floor((sorted.length - 1) / 2)),
    min: at(0),
    max: at(sorted.length - 1),
    runs: sorted.length,
    ...(goal !== undefined && { goal }),
  }
}

export function isMet({ median, goal }: Figure): boolean {
  if (goal === undefined) return true
  return 'most' in goal ? median <= goal.most : median >= goal.least
}
