import type { AskedFlow, JudgedPath, JudgedPathPart, PathDevice } from '../firewall/judged.ts'
import { portTexts, protocolText, rangeTexts } from '../firewall/rangeText.ts'
import type { Unknown } from '../firewall/unknown.ts'
import type {
  AuditDependency,
  AuditEnds,
  AuditFlowReport,
  AuditPart,
  AuditStep,
  AuditVerdict,
} from '../model/auditReport.ts'
import type { Flow } from '../model/flow.ts'
import { auditWords } from './auditWords.ts'
import { endsSeen } from './endsSeen.ts'

/** What a judged flow means for the flow of the plan that was asked. */
export interface Meaning {
  readonly asked: AskedFlow
  readonly devices: readonly PathDevice[]
  readonly judged: JudgedPath
  /** The source is somewhere among those that were asked, and nobody knows where. */
  readonly anySource?: true
}

/** Puts the answer of the judge into the report's words. */
export function auditedFlow(flow: Flow, meaning: Meaning): AuditFlowReport {
  const { asked, devices, judged } = meaning
  const whole = wholeFamilies(meaning)
  const parts = judged.parts.map((part) => partOf(part, meaning, whole))
  const verdict = verdictOf(flow, meaning, parts)
  const deciding =
    parts.find((part) => part.verdict === verdict) ?? parts.find((part) => part.verdict === 'allow') ?? parts.at(0)
  const denial = verdict === 'deny' ? denialOf(parts) : undefined
  const dependsOn = dependenciesOf(verdict, parts, meaning)
  const told = {
    ...flow,
    verdict,
    ...(denial !== undefined && { denial }),
    through: devices.map(({ label, passage }) => ({ device: label, passage })),
    ...(asked.destinationAsOf !== undefined && { addressesAsOf: asked.destinationAsOf }),
    decidedBy: untilDeciding(verdict, deciding?.decidedBy ?? []),
    dependsOn,
    parts,
  }
  return { ...told, ...auditWords(told, deciding, endsSeen(devices, told.decidedBy.at(-1)?.device)) }
}

/** Which step decides, by what it does; the way back comes after the way there, and decides only where it denies. */
const deciders: Readonly<Record<AuditVerdict, readonly (readonly AuditStep['does'][])[]>> = {
  allow: [['allows']],
  deny: [['drops', 'rejects']],
  // Where the doubt is no rule's own: what would deny it but for the doubt, else what it would be allowed by.
  may: [['may'], ['drops', 'rejects'], ['allows']],
  misdirected: [['translates']],
  'no-path': [['routes']],
  'unknown-ref': [['may']],
}

/** Steps up to the one that decides. */
function untilDeciding(verdict: AuditVerdict, steps: readonly AuditStep[]): readonly AuditStep[] {
  for (const kinds of deciders[verdict]) {
    for (const isBack of [false, true]) {
      const decides = ({ does, answer, later }: AuditStep): boolean =>
        kinds.includes(does) && (answer === true || later === true) === isBack
      // Of what lets it pass, a line of the file says more than what the vendor does of itself at a later stage.
      const inFile = kinds.includes('allows')
        ? steps.findLastIndex((step) => decides(step) && step.file !== undefined)
        : -1
      const at = inFile === -1 ? steps.findLastIndex(decides) : inFile
      if (at !== -1) return steps.slice(0, at + 1)
    }
  }
  return steps
}

function partOf(part: JudgedPathPart, meaning: Meaning, whole: ReadonlySet<4 | 6>): AuditPart {
  const { devices } = meaning
  const denial = part.verdict === 'drop' || part.verdict === 'reject' ? part.verdict : undefined
  const ends = part.to === undefined ? part.becomes : { ...part.becomes, destination: part.to }
  const named = part.toName === undefined ? {} : { destinations: [part.toName] }
  const to = ends === undefined ? undefined : { ...becomeOf(ends), ...named }
  return {
    verdict: denial === undefined && part.verdict !== 'drop' && part.verdict !== 'reject' ? part.verdict : 'deny',
    ...(denial !== undefined && { denial }),
    for: endsOf(part, meaning, whole),
    ...(to !== undefined && { to }),
    decidedBy: part.decidedBy.map((step) => stepOf(step, hasSeveral(devices, step.device))),
    dependsOn: part.dependsOn.map((unknown) => dependencyOf(unknown, part.at)),
    ...(part.inspected !== undefined && { inspected: part.inspected }),
    ...(part.by !== undefined && { by: part.by }),
  }
}

/** Of a name whose addresses nobody knows, a part is the name where it is about all that there can be, else those. */
function endsOf(part: JudgedPathPart, { asked }: Meaning, whole: ReadonlySet<4 | 6>): AuditEnds {
  return {
    sources: rangeTexts(part.source),
    destinations: whole.has(part.family) ? [asked.name ?? ''] : rangeTexts(part.destination),
    protocol: protocolText(part.protocol),
    ports: portTexts(part.ports),
  }
}

/** The families in which every part is about all addresses that a name of unknown addresses can have. */
function wholeFamilies({ asked, judged }: Meaning): ReadonlySet<4 | 6> {
  if (!isAnywhere(asked)) return new Set()
  const texts = { 4: new Set<string>(), 6: new Set<string>() }
  for (const { family, destination } of judged.parts) texts[family].add(rangeTexts(destination).join())
  return new Set(([4, 6] as const).filter((family) => texts[family].size === 1))
}

function isAnywhere({ destination, name }: AskedFlow): boolean {
  return destination === undefined && name !== undefined
}

function becomeOf({ source, destination, ports }: NonNullable<JudgedPathPart['becomes']>): AuditPart['to'] {
  return {
    ...(source !== undefined && { sources: rangeTexts(source) }),
    ...(destination !== undefined && { destinations: rangeTexts(destination) }),
    ...(ports !== undefined && { ports: portTexts(ports) }),
  }
}

function hasSeveral(devices: readonly PathDevice[], label: string): boolean {
  return devices.some((device) => device.label === label && device.ruleSets.length > 1)
}

function stepOf(
  { device, ruleSet, stage, rule, does, span, answer, later }: JudgedPathPart['decidedBy'][number],
  isOneOfSeveral: boolean,
): AuditStep {
  return {
    device,
    stage: isOneOfSeveral && !stage.includes(ruleSet) ? `${ruleSet}: ${stage}` : stage,
    rule,
    does,
    // What a vendor does of itself has no file.
    ...(span !== undefined &&
      span.file !== '' && {
        file: span.file,
        line: span.line,
        ...(span.lastLine !== undefined && { lastLine: span.lastLine }),
        ...(span.path !== undefined && { path: span.path }),
        text: span.text,
      }),
    ...(answer === true && { answer }),
    ...(later === true && { later }),
  }
}

function dependencyOf({ kind, what }: Unknown, device: string | undefined): AuditDependency {
  return { kind, what, ...(device !== undefined && { device }) }
}

/** What of a flow that must be closed is told before the rest: any part of it that is open. */
const closedOrder: readonly AuditVerdict[] = ['allow', 'misdirected', 'may', 'unknown-ref', 'deny', 'no-path']

function verdictOf({ expect }: Flow, { judged, anySource }: Meaning, parts: readonly AuditPart[]): AuditVerdict {
  const has = (verdict: AuditVerdict): boolean => parts.some((part) => part.verdict === verdict)
  if (expect === 'closed') return closedOrder.find(has) ?? judged.verdict
  // Of sources of which nobody knows the right one, some that pass make it neither passed nor denied.
  if (anySource === true && judged.verdict === 'deny' && (has('allow') || has('may'))) return 'may'
  return judged.verdict
}

function denialOf(parts: readonly AuditPart[]): AuditFlowReport['denial'] {
  const kinds = new Set(parts.flatMap(({ denial }) => denial ?? []))
  return kinds.size > 1 ? 'mixed' : [...kinds][0]
}

function dependenciesOf(
  verdict: AuditVerdict,
  parts: readonly AuditPart[],
  { anySource, asked, judged }: Meaning,
): readonly AuditDependency[] {
  if (verdict !== 'may' && verdict !== 'unknown-ref') return []
  const all = new Map<string, AuditDependency>()
  if (isAnywhere(asked) && new Set(parts.map((part) => part.verdict)).size > 1) {
    all.set('names', { kind: 'names', what: `the addresses of ${asked.name}` })
  }
  for (const one of parts.filter((part) => part.verdict === verdict).flatMap(({ dependsOn }) => dependsOn)) {
    all.set(`${one.kind} ${one.what} ${one.device ?? ''}`, one)
  }
  if (anySource === true && judged.verdict === 'deny') {
    all.set('source', { kind: 'tag', what: 'from which addresses Microsoft opens it (--tags FILE)' })
  }
  return [...all.values()]
}
