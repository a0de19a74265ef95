import { flowRows } from '../../catalog/index.ts'
import { quoted, visible } from '../../config/quoted.ts'
import { nearestOr } from '../../config/unknownWord.ts'
import { features } from '../../model/feature.ts'
import type { Flow } from '../../model/flow.ts'
import type { Site } from '../../model/site.ts'
import { planFlows } from '../../plan/planFlows.ts'
import { planReport } from '../../plan/planReport.ts'
import { auditSaying } from '../auditSaying.ts'
import { pageFor } from '../pageFor.ts'
import type { RulesOptions } from '../planRules.ts'
import { isProven, planRules, requiredWithoutRule } from '../planRules.ts'
import { planFormats } from '../render/index.ts'
import { rulesProofText, rulesTable } from '../render/rulesProofText.ts'
import { paragraph } from '../render/textLines.ts'
import type { Shell } from '../shell.ts'
import { exitCodes, UsageError } from '../shell.ts'
import { siteFrom } from '../siteFrom.ts'
import { version } from '../version.ts'
import { expectResultAt, writeResult } from '../writeResult.ts'
import { rulesPlace, writeRules } from '../writeRules.ts'
import type { Configure } from './index.ts'
import type { SharedOptions } from './sharedOptions.ts'
import { addSharedOptions, addSiteOption, formatOf, listed } from './sharedOptions.ts'

interface PlanOptions extends SharedOptions {
  readonly site: string
  readonly from?: string
  readonly feature?: string
  readonly flow?: readonly string[]
  readonly for?: string
  readonly device?: string
  readonly tags?: readonly string[]
  readonly names?: readonly string[]
  readonly long?: boolean
}

/** `postern plan`: the flows of a site, or of one host or feature of it. */
export const configure: Configure = (command, shell, done) => {
  addSharedOptions(addSiteOption(command), Object.keys(planFormats))
    .option('--from <end>', 'only what this host, network or outside end of the plan opens')
    .option('--feature <feature>', 'only what this feature of the site calls for')
    .option(
      '--flow <ids>',
      'only the flows with this id, of the catalog or your own; several with commas, or given again',
      listed,
    )
    .option(
      '--for <vendor>',
      'rules in a vendor’s syntax, read back and proven; all: those of every vendor, into a folder',
    )
    .option('--device <name>', 'with --for: only what crosses this device of the site file')
    .option(
      '--tags <file>',
      'with --for: addresses as Microsoft publishes them, service tags or the list of Microsoft 365 endpoints',
      again,
    )
    .option('--names <file>', 'with --for: names with their addresses, a line each', again)
    .option('--long', 'with the source and the notes of every flow')
    .addHelpText(
      'after',
      `
Examples:
  postern plan                                        the plan of ./postern.yaml, by who opens the connection
  postern plan --site hq.yaml --format markdown       a change request to file
  postern plan --from connect01 --format csv          one host, for a spreadsheet
  postern plan --feature seamless-sso                 what one feature costs in openings
  postern plan --for nftables --device edge --out edge.nft
  postern plan --for azure-nsg --tags ServiceTags_Public_20261116.json --out rules/
  postern plan --for all --out rules/                 every vendor's rules, each proven

With --for the rules go to stdout or --out, and their proof to stderr: they are read back by the vendor's own
reader, every opening is asked of them, and what they allow beyond is listed. --out FOLDER/ takes all files where
there are several.

Exit codes: 0 all well; 1 with --for: the rules do not allow what is required, or leave open what has to be closed;
2 could not run; 130 stopped by Ctrl-C.
`,
    )
    .action(async (options: PlanOptions) => {
      if (options.for !== undefined) {
        done(await rulesOf({ ...options, for: options.for }, shell))
        return
      }
      expectNoRuleOptions(options)
      await expectResultAt(options.out, shell, { '--site': options.site })
      const { site } = await siteFrom(options.site, shell)
      const flows = asked(site, options)
      if (flows.length === 0 && options.quiet !== true) {
        shell.stderr.write(`postern: ${nothingWords(options)}\n`)
      }
      const render = await planFormats[formatOf(options) as keyof typeof planFormats].load()
      const text = render(planReport(site, flows, version), pageFor(shell, options, options.long === true))
      await writeResult(text, options.out, shell)
      done(exitCodes.well)
    })
}

/** Writes the rules of a vendor, or of all of them, and says on stderr what was proven. */
async function rulesOf(options: PlanOptions & RulesOptions, shell: Shell): Promise<number> {
  const isJson = formatOf(options) === 'json'
  if (!isJson && formatOf(options) !== 'text') {
    throw new UsageError('--format: with --for there are the rules themselves, or the report of them with --json')
  }
  const files = [...(options.tags ?? []), ...(options.names ?? [])].map((file) => [`FILE ${file}`, file] as const)
  const read = { '--site': options.site, ...Object.fromEntries(files) }
  const place = await rulesPlace(options.out, options.for, isJson, shell, read)
  const loaded = await siteFrom(options.site, shell)
  const saying = auditSaying(shell, options.quiet === true)
  const flows = asked(loaded.site, options)
  const reports = await planRules(loaded, flows, options, shell, saying).finally(saying.end)
  await writeRules(reports, place, isJson, shell, saying.note)
  // The proof goes to stderr, whatever becomes of the rules.
  const width = shell.stderr.isTerminal ? shell.stderr.columns : Number.POSITIVE_INFINITY
  const page = { ...pageFor(shell, options, options.long === true), colour: false, width }
  if (options.quiet !== true) {
    if (reports.length === 1 && reports[0] !== undefined) shell.stderr.write(rulesProofText(reports[0], page))
    else shell.stderr.write(rulesTable(reports))
  }
  const lacking = reports.map((report) => ({ vendor: report.vendor, ids: requiredWithoutRule(report, flows) }))
  const isLacking = lacking.some(({ ids }) => ids.length > 0)
  if (options.quiet !== true) {
    for (const { vendor, ids } of lacking) {
      if (ids.length > 0) shell.stderr.write(`${paragraph(lackingWords(vendor, ids), page).join('\n')}\n`)
    }
  }
  if (shell.signal.aborted) return exitCodes.interrupted
  return reports.every(isProven) && !isLacking ? exitCodes.well : exitCodes.findings
}

function lackingWords(vendor: string, ids: readonly string[]): string {
  const are = ids.length === 1 ? '1 required flow is' : `${ids.length} required flows are`
  return `postern: ${are} without a rule of ${vendor}, or have names without one: ${ids.join(', ')}`
}

function expectNoRuleOptions({ device, tags, names }: PlanOptions): void {
  const given = Object.entries({ '--device': device, '--tags': tags, '--names': names }).find(
    ([, value]) => value !== undefined,
  )
  if (given !== undefined) throw new UsageError(`${given[0]}: goes with --for VENDOR, which writes rules`)
}

/** Collects an option that may be given again and again; a comma is part of the word. */
function again(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text]
}

/** The part of the plan that the options ask for; a word that can match nothing is told instead of an empty plan. */
function asked(site: Site, { site: file, from, feature, flow }: PlanOptions): readonly Flow[] {
  const plan = planFlows(site)
  if (from !== undefined) {
    const opening = plan.map((planned) => planned.from)
    const ends = new Set([...Object.keys(site.hosts), ...Object.keys(site.networks), ...opening])
    if (!ends.has(from)) throw unknown('--from', from, 'the ends that can open a flow here', [...ends])
  }
  if (feature !== undefined) {
    if (!features.some((known) => known === feature)) throw unknown('--feature', feature, 'the features', features)
    if (!site.features.some((on) => on === feature)) {
      const on = site.features.length === 0 ? 'none is on' : `on are ${site.features.join(', ')}`
      throw new UsageError(`--feature: ${feature} is off in ${visible(file)}; add it under features: (${on})`)
    }
  }
  const ids = new Set(plan.map((planned) => planned.flow))
  for (const id of flow ?? []) {
    if (ids.has(id)) continue
    if (!flowRows.some((row) => row.id === id)) throw unknown('--flow', id, 'the flows of this plan', [...ids])
    throw new UsageError(`--flow: ${id} is not in the plan of this site; postern explain ${id} says when it would be`)
  }
  return plan.filter(
    (planned) =>
      (from === undefined || planned.from === from) &&
      (feature === undefined || planned.features.some((because) => because === feature)) &&
      (flow === undefined || flow.includes(planned.flow)),
  )
}

function unknown(flag: string, word: string, among: string, known: readonly string[]): UsageError {
  return new UsageError(`${flag}: ${quoted(word)} is none of ${among}; ${nearestOr(word, known)}`)
}

/** Each word by itself is right, and still nothing is left. */
function nothingWords({ from, feature, flow }: PlanOptions): string {
  if (from === undefined && flow === undefined) {
    return feature === undefined
      ? 'no flow is planned: give hosts their roles in the site file'
      : `${feature} is on and has no flow of its own; postern explain ${feature} says what it is`
  }
  const words = [
    from === undefined ? [] : ['--from'],
    feature === undefined ? [] : ['--feature'],
    flow ? ['--flow'] : [],
  ]
  return `no flow of the plan fits ${words.flat().join(' and ')}`
}
