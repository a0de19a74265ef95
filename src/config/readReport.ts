import { Buffer } from 'node:buffer'
import { z } from 'zod'
import type { CheckReport, FlowReport } from '../model/report.ts'
import { lineAndColumn, walkJson } from './jsonPosition.ts'
import { checkReportSchema, flowReportSchema } from './reportSchema.ts'
import type { SchemaProblem } from './schemaProblem.ts'
import { problemOf } from './schemaProblem.ts'

/** The largest report file that is read, in octets: 64 MiB, a check of some ten thousand flows with all evidence. */
export const maxReportBytes = 64 * 1024 * 1024

/** A report nests some ten levels deep, none of its lists comes near this many elements, and no text near this length. */
const limits = { depth: 64, elements: 100_000, characters: 65_536 } as const

const wanted = 'what is wanted is the report that postern check --json wrote'

/**
 * Reads the report of an earlier check, as `postern check --json` wrote it. Keys that are not known are left out: a
 * later version may have added them.
 *
 * @param text the whole file
 * @param fileName how the file is called in an error
 * @param postern the version that reads, which tells whether a report that does not fit is older or newer
 * @returns the report, or one line `file:line:column: what is wrong, what is right`
 */
export function readCheckReport(
  text: string,
  fileName: string,
  postern?: string,
): { readonly report: CheckReport } | { readonly error: string } {
  const fail = (offset: number, says: string) => {
    const { line, column } = lineAndColumn(text, offset)
    return { error: `${fileName}:${line}:${column}: ${says}` }
  }
  // A UTF-16 unit takes three octets at most: shorter texts need not be counted.
  if (text.length > maxReportBytes / 3 && Buffer.byteLength(text) > maxReportBytes) {
    return fail(0, `larger than a report is (${maxReportBytes / 1024 / 1024} MiB); ${wanted}`)
  }
  const json = withoutByteOrderMark(text)
  const foreign = foreignText(json)
  if (foreign !== undefined) return fail(0, `${foreign}; ${wanted}`)

  const walked = walkJson(json, [], limits)
  if ('fault' in walked) {
    const { offset, expected, tooLarge } = walked.fault
    if (tooLarge) return fail(offset, `more than ${expected}, which no report has; ${wanted}`)
    const found = offset >= json.length ? 'the end of the file' : shortly(json[offset])
    return fail(offset, `not JSON: expected ${expected}, found ${found}; ${wanted}`)
  }
  const value: unknown = JSON.parse(json)
  const other = otherThanCheck(value)
  if (other !== undefined) return fail(walked.offset, `${other}; ${wanted}`)

  const read = readValue(value)
  if ('report' in read) return read
  const { path, expected, found } = read.problem
  const place = walkJson(json, path, limits)
  const says =
    found === undefined ? `is missing: it must be ${expected}` : `must be ${expected}, and is ${shortly(found)}`
  return fail('offset' in place ? place.offset : 0, `${pathText(path)} ${says}${ageOf(value, postern)}`)
}

const frameSchema = checkReportSchema.extend({ flows: z.array(z.unknown()) })

/** Flow by flow, so that a file in which everything is wrong costs no more than one in which something is. */
function readValue(value: unknown): { readonly report: CheckReport } | { readonly problem: SchemaProblem } {
  const frame = frameSchema.safeParse(value)
  if (!frame.success) return { problem: problemOf(frame.error.issues, value, []) }
  const flows: FlowReport[] = []
  for (const [at, given] of frame.data.flows.entries()) {
    const flow = flowReportSchema.safeParse(given)
    if (!flow.success) return { problem: problemOf(flow.error.issues, given, ['flows', at]) }
    flows.push(flow.data)
  }
  return { report: { ...frame.data, flows } }
}

/** A byte order mark is no part of JSON (RFC 8259 §8.1), and Windows programs write it; a space keeps the columns. */
function withoutByteOrderMark(text: string): string {
  return text.startsWith('\uFEFF') ? ` ${text.slice(1)}` : text
}

/** What the text is, when it is nothing like JSON. */
function foreignText(text: string): string | undefined {
  const head = text.slice(0, 512)
  if (text.trim() === '') return 'the file is empty'
  if (head.startsWith('\u001f')) return 'a compressed file: unpack it first'
  if (head.includes('\0')) return 'not UTF-8 (PowerShell’s > writes UTF-16): write the report with --out FILE'
  if (/^\s*</.test(head)) return 'a page of HTML or XML, not JSON'
  if (/^\s*(#|---|site:)/.test(head)) return 'this looks like a site file, not a report'
  return undefined
}

/** What the JSON is, when it is no report of a check. */
function otherThanCheck(value: unknown): string | undefined {
  if (Array.isArray(value)) return 'a list, not a report'
  if (typeof value !== 'object' || value === null) return `${shortly(value)} alone is no report`
  const kind = 'kind' in value ? value.kind : undefined
  if (kind === 'check') return undefined
  if (kind === 'plan') return 'the report of a plan, which was not checked yet'
  if (kind === 'compare') return 'a comparison of two checks, not a check'
  if ('runs' in value && 'version' in value) return 'a SARIF log, not a report'
  if (typeof kind === 'string') return `a report of the kind ${shortly(kind)}, not of a check`
  return 'JSON, but no report of Postern: it has no "kind"'
}

/** `flows[3].timing.connectMs` */
function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the report'
  return path
    .map((step, at) => {
      if (typeof step === 'number') return `[${step}]`
      const key = String(step)
      return /^\w+$/.test(key) ? `${at === 0 ? '' : '.'}${key}` : `[${shortly(key)}]`
    })
    .join('')
}

/** A value as it stands in the file, cut to what one line can hold; nothing in it can move a terminal's cursor. */
function shortly(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, 60) : value) ?? 'nothing'
  return text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Says so when the report was written by another version: then the schemas may differ, and nothing is broken. */
function ageOf(value: unknown, postern: string | undefined): string {
  const written = typeof value === 'object' && value !== null && 'postern' in value ? value.postern : undefined
  if (typeof written !== 'string' || !/^\d+\.\d+\.\d+/.test(written) || postern === undefined) return ''
  const [theirs, ours] = [written, postern].map((version) =>
    version.split('.', 3).map((part) => Number.parseInt(part, 10)),
  )
  const apart = theirs?.map((part, at) => part - (ours?.[at] ?? 0)).find((difference) => difference !== 0) ?? 0
  if (apart === 0) return ''
  return apart > 0
    ? `; it was written by the newer version ${shortly(written)}: read it with that one`
    : `; it was written by the older version ${shortly(written)}: take the report again`
}
