import type { CheckReport, CompareReport, PlanReport } from '../../model/report.ts'
import type { ExplainReport } from './explainReport.ts'
import type { Render } from './page.ts'

/** One way to write one kind of report: what `--help` and the reference say of it, and the code, loaded when used. */
export interface Format<Report> {
  /** For whom it is, in one line. */
  readonly what: string
  load(): Promise<Render<Report>>
}

const json = {
  what: 'the documented report, for programs and for --compare',
  load: async () => (await import('./json.ts')).json,
} as const satisfies Format<object>

/** Formats of `postern plan`, by the word that `--format` takes; the first is the default. */
export const planFormats = {
  text: {
    what: 'to read on a terminal: who opens what, and why',
    load: async () => (await import('./planText.ts')).planText,
  },
  json,
  csv: {
    what: 'one line a flow, for a spreadsheet (RFC 4180)',
    load: async () => (await import('./planCsv.ts')).planCsv,
  },
  markdown: {
    what: 'a change request to file',
    load: async () => (await import('./planMarkdown.ts')).planMarkdown,
  },
} as const satisfies Readonly<Record<string, Format<PlanReport>>>

/** Formats of `postern check`. */
export const checkFormats = {
  text: {
    what: 'to read on a terminal: what fails first, the next step last',
    load: async () => (await import('./checkText.ts')).checkText,
  },
  json,
  html: {
    what: 'one file to send and to print, with a picture and the evidence',
    load: async () => (await import('./checkHtml.ts')).checkHtml,
  },
} as const satisfies Readonly<Record<string, Format<CheckReport>>>

/** Formats of `postern check --compare`. */
export const compareFormats = {
  text: {
    what: 'to read on a terminal: only what is not alike, what broke first',
    load: async () => (await import('./compareText.ts')).compareText,
  },
  json,
} as const satisfies Readonly<Record<string, Format<CompareReport>>>

/** Formats of `postern explain`. */
export const explainFormats = {
  text: {
    what: 'to read on a terminal: the answer first, its source last',
    load: async () => (await import('./explainText.ts')).explainText,
  },
  json,
} as const satisfies Readonly<Record<string, Format<ExplainReport>>>
