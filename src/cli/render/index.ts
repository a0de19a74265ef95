import type { AuditLogReport } from '../../config/auditLogSchema.ts'
import type { AccessReport } from '../../model/accessReport.ts'
import type { AuditReport } from '../../model/auditReport.ts'
import type { ChangeReport } from '../../model/changeReport.ts'
import type { DoctorReport } from '../../model/doctorReport.ts'
import type { ListenReport } from '../../model/listenReport.ts'
import type { CheckReport, CompareReport, PlanReport } from '../../model/report.ts'
import type { SessionsReport } from '../../model/sessionsReport.ts'
import type { ExplainReport } from './explainReport.ts'
import type { Render, RenderPieces } from './page.ts'

/** One way to write one kind of report: what `--help` and the reference say of it, and the code, loaded when used. */
export interface Format<Report> {
  /** For whom it is, in one line. */
  readonly what: string
  load(): Promise<Render<Report>>
  /** For what a large site makes long: the same in pieces, so that it is never in memory as a whole. */
  loadPieces?(): Promise<RenderPieces<Report>>
}

const json = {
  what: 'the documented report, for programs and for --compare',
  load: async () => (await import('./json.ts')).json,
  loadPieces: async () => (await import('./json.ts')).jsonPieces,
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
  mermaid: {
    what: 'a picture for a wiki: who opens what, as a Mermaid flowchart',
    load: async () => (await import('./planMermaid.ts')).planMermaid,
  },
  html: {
    what: 'one file to send and to print: a picture and every flow',
    load: async () => (await import('./planHtml.ts')).planHtml,
  },
} as const satisfies Readonly<Record<string, Format<PlanReport>>>

/** Formats of `postern check`. */
export const checkFormats = {
  text: {
    what: 'to read on a terminal: what fails first, the next step last',
    load: async () => (await import('./checkText.ts')).checkText,
    loadPieces: async () => (await import('./checkText.ts')).checkTextPieces,
  },
  json,
  html: {
    what: 'one file to send and to print, with a picture and the evidence',
    load: async () => (await import('./checkHtml.ts')).checkHtml,
  },
  markdown: {
    what: 'for a pull request or a wiki: what fails, the rest folded',
    load: async () => (await import('./checkMarkdown.ts')).checkMarkdown,
  },
  mermaid: {
    what: 'a picture for a wiki, as a Mermaid flowchart by verdict',
    load: async () => (await import('./checkMermaid.ts')).checkMermaid,
  },
  junit: {
    what: 'a test a flow, for a pipeline (JUnit XML)',
    load: async () => (await import('./checkJunit.ts')).checkJunit,
  },
  sarif: {
    what: 'a result a flow, for a code scanning service (SARIF 2.1.0)',
    load: async () => (await import('./checkSarif.ts')).checkSarif,
  },
} as const satisfies Readonly<Record<string, Format<CheckReport>>>

/** Formats of `postern audit`. */
export const auditFormats = {
  text: {
    what: 'to read on a terminal: what is denied, by which rule, then the rest, the next step last',
    load: async () => (await import('./auditText.ts')).auditText,
  },
  json,
  html: {
    what: 'one file to send and to print: every flow with the rules that decide it',
    load: async () => (await import('./auditHtml.ts')).auditHtml,
  },
  markdown: {
    what: 'for a pull request or a wiki: what is denied, the rest folded',
    load: async () => (await import('./auditMarkdown.ts')).auditMarkdown,
  },
  junit: {
    what: 'a test a flow, for a pipeline (JUnit XML)',
    load: async () => (await import('./auditJunit.ts')).auditJunit,
  },
  sarif: {
    what: 'a result at the line of each rule that is wrong, for a pull request (SARIF 2.1.0)',
    load: async () => (await import('./auditSarif.ts')).auditSarif,
  },
} as const satisfies Readonly<Record<string, Format<AuditReport>>>

/** Formats of `postern check --compare`. */
export const compareFormats = {
  text: {
    what: 'to read on a terminal: only what is not alike, what broke first',
    load: async () => (await import('./compareText.ts')).compareText,
  },
  json,
  html: {
    what: 'one file to send: what changed, and nothing else',
    load: async () => (await import('./compareHtml.ts')).compareHtml,
  },
  markdown: {
    what: 'for a pull request or a wiki: what changed, what broke first',
    load: async () => (await import('./compareMarkdown.ts')).compareMarkdown,
  },
} as const satisfies Readonly<Record<string, Format<CompareReport>>>

/** Formats of `postern watch --change report`. */
export const changeFormats = {
  text: {
    what: 'to read on a terminal: what differs, what broke first',
    load: async () => (await import('./changeText.ts')).changeText,
  },
  json,
  markdown: {
    what: 'for the ticket of the change: what differs, the rest folded',
    load: async () => (await import('./changeMarkdown.ts')).changeMarkdown,
  },
} as const satisfies Readonly<Record<string, Format<ChangeReport>>>

/** Formats of `postern explain`. */
export const explainFormats = {
  text: {
    what: 'to read on a terminal: the answer first, its source last',
    load: async () => (await import('./explainText.ts')).explainText,
  },
  json,
} as const satisfies Readonly<Record<string, Format<ExplainReport>>>

/** Formats of `postern doctor`. */
export const doctorFormats = {
  text: {
    what: 'to read on a terminal: what limits, then everything by subject',
    load: async () => (await import('./doctorText.ts')).doctorText,
  },
  json,
} as const satisfies Readonly<Record<string, Format<DoctorReport>>>

/** Formats of `postern listen`. */
export const listenFormats = {
  text: {
    what: 'to read on a terminal: what came and what did not, flow by flow',
    load: async () => (await import('./listenText.ts')).listenText,
  },
  json,
} as const satisfies Readonly<Record<string, Format<ListenReport>>>

/** Formats of `postern audit-log verify`. */
export const auditLogFormats = {
  text: {
    what: 'to read on a terminal: whether the record is as it was written, and where it is not',
    load: async () => (await import('./auditLogText.ts')).auditLogText,
  },
  json,
} as const satisfies Readonly<Record<string, Format<AuditLogReport>>>

/** Formats of `postern sessions`. */
export const sessionsFormats = {
  text: {
    what: 'to read on a terminal: who is signed in',
    load: async () => (await import('./sessionsText.ts')).sessionsText,
  },
  json,
} as const satisfies Readonly<Record<string, Format<SessionsReport>>>

/** Formats of `postern explain-access`. */
export const accessFormats = {
  text: {
    what: 'to read on a terminal: whether it passes, and what is missing',
    load: async () => (await import('./accessText.ts')).accessText,
  },
  json,
} as const satisfies Readonly<Record<string, Format<AccessReport>>>
