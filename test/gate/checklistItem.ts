import type { ChecklistItem, LeftOut } from './checklist.ts'

export const shown = (
  id: string,
  asks: string,
  shownBy: Readonly<Record<string, readonly string[]>>,
): ChecklistItem => ({
  id,
  asks,
  shownBy,
})

export const left = (leftOut: LeftOut, id: string, asks: string, because: string): ChecklistItem => ({
  id,
  asks,
  leftOut,
  because,
})
