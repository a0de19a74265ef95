import type { Flow } from '../../model/flow.ts'

/** Where the site file speaks of a flow, or its beginning: a path with the separators of this platform; from 1. */
export type PlaceOf = (flow: Flow | undefined) => {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** What a report is shown on: given by the caller, so that rendering looks at no terminal and no environment. */
export interface Page {
  /** Escape sequences for colour are written only when this is true. */
  readonly colour: boolean
  /** Columns of the terminal; Infinity for a file or pipe, where nothing is wrapped or cut. */
  readonly width: number
  /** `--long`: sources and notes of a plan, evidence of a check. */
  readonly long: boolean
  /** What calls the program, when it is not `postern`: hints are written so that they can be copied. */
  readonly program?: string
  /** The command that asks the same again, without how its result is written: `postern check --site hq.yaml`. */
  readonly again?: string
  /** For what points at lines of files; absent where no site file was read. */
  readonly placeOf?: PlaceOf
}

/** Turns a report into text that ends in a line break. Pure: the same report on the same page gives the same octets. */
export type Render<Report> = (report: Report, page: Page) => string

/** The same text in pieces, each made when it is asked for. */
export type RenderPieces<Report> = (report: Report, page: Page) => Iterable<string>

/** Narrower terminals are written to as if they had this many columns: nothing readable fits less. */
const leastWidth = 40

export function widthOf(page: Page): number {
  return Number.isNaN(page.width) ? Infinity : Math.max(leastWidth, page.width)
}
