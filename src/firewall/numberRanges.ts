import type { NumberRange } from './ruleset.ts'

export const everyPort: readonly NumberRange[] = Object.freeze([{ first: 0, last: 65535 }])
export const everyOctet: readonly NumberRange[] = Object.freeze([{ first: 0, last: 255 }])

/** The range of one number. */
export function one(number: number): NumberRange {
  return { first: number, last: number }
}

export function numbers(...values: readonly number[]): readonly NumberRange[] {
  return mergedNumbers(values.map(one))
}

/** Sorted, none over or beside another. */
export function mergedNumbers(ranges: readonly NumberRange[]): readonly NumberRange[] {
  if (ranges.length < 2) return ranges
  const merged: NumberRange[] = []
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = merged.at(-1)
    if (before === undefined || before.last + 1 < range.first) merged.push(range)
    else if (range.last > before.last) merged[merged.length - 1] = { first: before.first, last: range.last }
  }
  return merged
}

/** What is in both; each as {@link mergedNumbers} gives it. */
export function commonNumbers(some: readonly NumberRange[], others: readonly NumberRange[]): readonly NumberRange[] {
  const common: NumberRange[] = []
  for (let i = 0, j = 0; i < some.length && j < others.length; ) {
    const a = some[i] as NumberRange
    const b = others[j] as NumberRange
    const first = Math.max(a.first, b.first)
    const last = Math.min(a.last, b.last)
    if (first <= last) common.push({ first, last })
    if (a.last < b.last) i += 1
    else j += 1
  }
  return common
}

/** What of `all` is not in a set, as {@link mergedNumbers} gives it. */
export function numbersWithout(all: readonly NumberRange[], set: readonly NumberRange[]): readonly NumberRange[] {
  const left: NumberRange[] = []
  for (const { first, last } of all) {
    let next = first
    for (const range of set) {
      if (range.last < next || range.first > last) continue
      if (range.first > next) left.push({ first: next, last: range.first - 1 })
      next = range.last + 1
    }
    if (next <= last) left.push({ first: next, last })
  }
  return left
}
