import type { Finding } from '../../model/finding.ts'
import type { CheckReport, FlowReport } from '../../model/report.ts'
import {
  countOf,
  dialledOf,
  durationOf,
  flowsBy,
  groupBy,
  mappedInShort,
  mappedNames,
  portOf,
  throughOf,
  timeOf,
} from './flowWords.ts'
import { heldWords } from './heldWords.ts'
import { code, folded, list, prose, table } from './markdown.ts'
import { nextStepOf } from './nextStepOf.ts'
import { roleWords, stepOf } from './observationWords.ts'
import { graveFindings, otherFindings } from './otherFindings.ts'
import type { Page } from './page.ts'
import { postureMarkdown } from './postureMarkdown.ts'
import { seriesWords } from './seriesWords.ts'
import { sharedTargets } from './sharedTargets.ts'
import type { Standing } from './standing.ts'
import { lookOf, looks, standingOf, worstFirst } from './standing.ts'
import { headlineWords, summaryWords } from './summaryWords.ts'

/**
 * A check for a pull request or a wiki (CommonMark with GitHub's tables): the verdict, a table of what fails, the next
 * step; what is in doubt, well or not run, and the evidence, is folded until it is asked for.
 */
export function checkMarkdown(report: CheckReport, { again }: Pick<Page, 'again'> = {}): string {
  const flows = worstFirst(report.flows)
  const of = (standing: Standing) => sharedTargets(flows.filter((flow) => standingOf(flow) === standing))
  const [failed, doubtful] = [of('failed'), of('doubtful')]
  const bad = [...failed, ...doubtful]
  const grave = graveFindings(report.findings)
  const others = otherFindings(report.findings, bad.flat())
  const held = [heldWords(flows) ?? [], seriesWords(flows)].flat()
  const blocks = [
    `## ${prose(report.site)} from ${prose(report.from)}: ${prose(headlineWords(report).words + mappedInShort(report.context.names))}`,
    prose(summaryWords(report)),
    ...(report.interrupted ? ['**Stopped before its end:** what was not asked is not run.'] : []),
    ...(grave.length === 0 ? [] : ['### Before any port', findingTable(grave)]),
    ...(failed.length === 0 ? [] : [`### Fails: ${countOf(failed.flat().length, 'flow')}`, troubleTable(failed)]),
    ...(doubtful.length === 0
      ? []
      : [`### In doubt: ${countOf(doubtful.flat().length, 'flow')}`, troubleTable(doubtful)]),
    ...(others.length === 0 ? [] : ['### Findings', findingTable(others)]),
    ...held.map((told) => `**Connections** ${prose(told)}`),
    `**Next:** ${prose(nextStepOf(report, again))}`,
    ...evidenceBlock(bad),
    ...rest('As it must be', of('well')),
    ...postureMarkdown(flows),
    ...rest('Not run', of('not-run')),
    ...rest('Not required', of('not-required')),
    folded('About this check', list(about(report))),
  ]
  return `${blocks.join('\n\n')}\n`
}

type Shared = readonly [FlowReport, ...FlowReport[]]

function troubleTable(shared: readonly Shared[]): string {
  return table(
    ['Verdict', 'Port', 'Target', 'What was found', 'Fix or next', 'Owner', 'Cause'],
    shared.map((same) => {
      const [flow] = same
      return [
        `**${looks[lookOf(flow)].label}**`,
        code(portOf(flow.target)),
        code(dialledOf(flow.target)) + prose(throughOf(flow)),
        `${prose(flow.says)} (${flow.confidence}; ${same.map((each) => `${code(each.flow)}, ${needOf(each)}`).join('; ')})`,
        prose(flow.fix ?? flow.nextProbe ?? ''),
        flow.owner ?? '',
        flow.cause === undefined ? '' : code(flow.cause),
      ]
    }),
  )
}

function needOf({ expect, necessity }: FlowReport): string {
  if (expect === 'closed') return 'must be closed'
  return necessity === 'conditional' ? 'not settled' : necessity
}

function findingTable(findings: readonly Finding[]): string {
  return table(
    ['Severity', 'What', 'Why', 'Next', 'Finding'],
    findings.map(({ severity, what, why, next, code: id }) => [
      severity,
      prose(what),
      prose(why),
      prose(next),
      code(id),
    ]),
  )
}

/** What led to each verdict that needs action, step by step. */
function evidenceBlock(shared: readonly Shared[]): readonly string[] {
  const told = shared.filter(([{ evidence }]) => evidence.length > 0)
  if (told.length === 0) return []
  const parts = told.map(([{ target, evidence, decidedBy }]) => {
    const decided = new Set(decidedBy)
    const steps = evidence.map((seen) => {
      const { did, came } = stepOf(seen)
      const step = `${roleWords(seen)}: ${did}: ${came}, ${durationOf(seen.ms)}`
      return `${prose(step)}${decided.has(seen.id) ? ' **This decided.**' : ''}`
    })
    return `${code(portOf(target))} ${code(dialledOf(target))}\n\n${list(steps)}`
  })
  return [folded('Evidence', parts.join('\n\n'))]
}

/** What needs no action, by what is said of it. */
function rest(title: string, shared: readonly Shared[]): readonly string[] {
  if (shared.length === 0) return []
  const groups = [...groupBy(shared, ([{ says }]) => says)]
  const lines = groups.map(([says, ofOne]) => {
    const targets = ofOne.map(([{ target }]) => `${code(portOf(target))} ${code(dialledOf(target))}`)
    return `**${flowsBy(ofOne.flat().length, ofOne.length)}:** ${prose(says)}: ${targets.join(', ')}`
  })
  return [folded(`${title}: ${flowsBy(shared.flat().length, shared.length)}`, list(lines))]
}

function about(report: CheckReport): readonly string[] {
  const mapped = mappedNames(report.context.names)
  return [
    `Begun ${prose(timeOf(report.startedAt))}, took ${durationOf(report.durationMs)}`,
    `Client imitated: ${prose(report.imitates)}`,
    `Catalog of ${prose(report.catalog.asOf)}; Postern ${prose(report.postern)}`,
    ...(mapped.length === 0 ? [] : [`Names mapped: ${mapped.map(code).join('; ')}`]),
  ]
}
