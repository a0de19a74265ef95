import { knowledgeOf } from '../audit/knowledgeOf.ts'
import type { Stand } from '../audit/openingsOf.ts'
import { permitsOf } from '../audit/permitsOf.ts'
import type { AskWay } from '../audit/proofByScript.ts'
import { proofByScript } from '../audit/proofByScript.ts'
import { proofOf } from '../audit/proofOf.ts'
import { publishedKnowledge } from '../audit/publishedKnowledge.ts'
import type { LoadedSite } from '../config/index.ts'
import { visible } from '../config/quoted.ts'
import { unknownWord } from '../config/unknownWord.ts'
import { rangesOfPrefix } from '../firewall/rangesOfPrefix.ts'
import type { VendorRow } from '../firewall/reader.ts'
import type { WriteOptions } from '../firewall/writer.ts'
import type { Flow } from '../model/flow.ts'
import type { RulesReport } from '../model/rulesReport.ts'
import { systemClock } from '../net/clock.ts'
import { auditTables } from './auditTables.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'
import { version } from './version.ts'

/** What the writing of rules needs to know of the command line. */
export interface RulesOptions {
  /** A vendor with a writer, or `all` of them. */
  readonly for: string
  readonly device?: string
  readonly tags?: readonly string[]
  readonly names?: readonly string[]
}

/** The word that stands for every vendor. */
export const everyVendor = 'all'

/**
 * Writes the rules that a plan asks of a firewall, reads them back and proves them; one report for each vendor.
 *
 * @param flows of the plan of the site
 * @param stage hears what is done, a line each
 * @throws UsageError for a vendor without a writer, or a device that the site file does not have
 */
export async function planRules(
  { site, file }: LoadedSite,
  flows: readonly Flow[],
  options: RulesOptions,
  shell: Shell,
  saying: { readonly stage: (says: string) => void; readonly note: (says: string) => void },
): Promise<readonly RulesReport[]> {
  const { vendorRows } = await import('../firewall/vendors/index.ts')
  const rows = rowsFor(options.for, vendorRows)
  const { device } = options
  if (device !== undefined && !Object.hasOwn(site.devices, device)) {
    const known = Object.keys(site.devices)
    const { what, right } = unknownWord('device', device, known)
    throw new UsageError(`--device: ${what}, ${known.length === 0 ? `${visible(file)} has no devices:` : right}`)
  }
  const { tables, doubts } = await auditTables(options.tags ?? [], options.names ?? [], shell)
  for (const doubt of doubts) saying.note(doubt)
  const knowledge = publishedKnowledge(knowledgeOf(tables, site), site.cloud)
  const standsOf = (name: string): Stand['stands'] => {
    const vendor = site.devices[name]?.vendor
    return vendor === 'pac' ? 'proxy' : (vendorRows.find((row) => row.vendor === vendor)?.stands ?? 'router')
  }
  const on = new Date(systemClock.now()).toISOString().slice(0, 10)
  const places = Object.fromEntries(
    Object.entries(device === undefined ? {} : (site.devices[device]?.interfaces ?? {})).map(([name, prefixes]) => [
      name,
      prefixes.flatMap(rangesOfPrefix),
    ]),
  )
  const reports: RulesReport[] = []
  for (const row of rows) {
    if (shell.signal.aborted) break
    saying.stage(`writing and proving rules for ${row.vendor}`)
    const stand = { stands: row.stands, standsOf, ...(device !== undefined && { device }) }
    const asked = permitsOf(flows, site, knowledge, stand)
    const { read, write } = await row.load()
    if (write === undefined) throw new TypeError(`the row of ${row.vendor} says that there is a writer`)
    const called = device === undefined ? site.site : `${site.site}-${device}`
    const [proxy, ...others] = Object.values(site.proxies)
    const given: WriteOptions = {
      ...{ site: called, passage: asked.passage, places, on },
      // Of several nobody knows which a script is to lead to.
      ...(proxy !== undefined && others.length === 0 && { proxy: proxy.url }),
    }
    const written = write(asked.permits, asked.denials, given)
    reports.push({
      postern: version,
      kind: 'rules',
      site: site.site,
      vendor: row.vendor,
      ...(device !== undefined && { device }),
      on,
      files: written.files.map(({ name, text }) => ({ name, text })),
      notSaid: [...asked.notPermitted, ...written.notSaid],
      duties: written.duties,
      proof:
        row.vendor === 'pac'
          ? await proofByScript({ written, permits: asked.permits, read }, await askWay(shell))
          : proofOf({ written, asked, options: given, knowledge, read }),
    })
  }
  return reports
}

/** How long a written script may take to answer all that it is asked, in milliseconds. */
const longestAnswerMs = 20_000

async function askWay({ signal }: Shell): Promise<AskWay> {
  const { askPac } = await import('../net/pac.ts')
  const means = { resolve: async () => undefined, ownAddress: '192.0.2.1' }
  return (script, url) => askPac(script, url, means, { signal, timeoutMs: longestAnswerMs })
}

function rowsFor(word: string, rows: readonly VendorRow[]): readonly VendorRow[] {
  const writing = rows.filter(({ says }) => says !== undefined)
  if (word === everyVendor) return writing
  const row = writing.find(({ vendor }) => vendor === word)
  if (row !== undefined) return [row]
  const names = writing.map(({ vendor }) => vendor)
  if (rows.some(({ vendor }) => vendor === word)) {
    throw new UsageError(`--for: no rules are written for ${word}, written are: ${names.join(', ')}`)
  }
  const { what, right } = unknownWord('vendor', word, [...names, everyVendor])
  throw new UsageError(`--for: ${what}, ${right}`)
}

/** Whether rules let pass and keep closed all that they were written for. */
export function isProven({ proof }: RulesReport): boolean {
  return proof.notAllowed.every(({ necessity }) => necessity !== 'required') && proof.notClosed.length === 0
}

/**
 * Required flows for which a report has no rule, or not one for each of their names: nothing in it lets them pass.
 *
 * @param flows of the plan that the rules were written for
 * @returns their ids, each once
 */
export function requiredWithoutRule({ notSaid }: RulesReport, flows: readonly Flow[]): readonly string[] {
  const required = new Set(
    flows.flatMap(({ flow, expect, necessity }) => (expect === 'open' && necessity === 'required' ? [flow] : [])),
  )
  return [...new Set(notSaid.flatMap(({ flow }) => (required.has(flow) ? [flow] : [])))]
}
