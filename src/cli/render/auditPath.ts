import { unsaidSource } from '../../audit/auditWords.ts'
import type { AuditFlowReport, AuditPart, AuditStep } from '../../model/auditReport.ts'
import { auditLooks } from './auditStanding.ts'
import { groupBy } from './flowWords.ts'

/** One device on the way of a part of a flow, with the rules that had a say there. */
export interface PathStop {
  readonly device: string
  /** `through`, `out of the machine`, `in to the machine`. */
  readonly passage: string
  readonly steps: readonly { readonly does: string; readonly rule: string; readonly place: string }[]
}

/** The way of one part of a flow. */
export interface PartPath {
  readonly from: string
  readonly stops: readonly PathStop[]
  /** Where it ends: `10.1.0.5:636/tcp`, and what it was translated to. */
  readonly to: string
  readonly end: string
  readonly dependsOn: readonly string[]
}

const passageWords = { forward: 'through', output: 'out of the machine', input: 'in to the machine' } as const

/** A part of a flow, device by device: those that it was not asked of any more are left out. */
export function partPath({ through, target }: Pick<AuditFlowReport, 'through' | 'target'>, part: AuditPart): PartPath {
  const byDevice = groupBy(part.decidedBy, ({ device }) => device)
  const ended = part.verdict === 'allow' || part.verdict === 'may' ? undefined : part.decidedBy.at(-1)?.device
  const last = ended === undefined ? -1 : through.findLastIndex(({ device }) => device === ended)
  const met = last === -1 ? through : through.slice(0, last + 1)
  const { sources, destinations, ports, protocol } = part.for
  const told = new Set<string>()
  return {
    from: shortly(sources),
    stops: met.map(({ device, passage }) => {
      const steps = told.has(device) ? [] : (byDevice.get(device) ?? []).map(stepWords)
      told.add(device)
      return { device, passage: passageWords[passage], steps: steps.filter((step, at) => isFirst(step, at, steps)) }
    }),
    to: `${placeOf(target.pattern ?? target.name, destinations)}${ports.length === 0 ? '' : ` port ${ports.join(', ')}`}/${protocol}`,
    end: endWords(part),
    dependsOn: part.dependsOn.map(({ what }) => what),
  }
}

type StepWords = PathStop['steps'][number]

/** Whether a step was not told before: of a doubt both ways on may meet the same rule. */
function isFirst({ does, rule, place }: StepWords, at: number, steps: readonly StepWords[]): boolean {
  return at === steps.findIndex((one) => one.does === does && one.rule === rule && one.place === place)
}

/** So many ranges of addresses are drawn at an end. */
const mostRanges = 4

function shortly(texts: readonly string[]): string {
  const rest = texts.length - mostRanges
  return `${texts.slice(0, mostRanges).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** `login.microsoftonline.com, where it is 20.190.128.0/18`: a part of what a name can stand for. */
function placeOf(name: string | undefined, destinations: readonly string[]): string {
  const where = shortly(destinations)
  return name === undefined || destinations.includes(name) || name === where ? where : `${name}, where it is ${where},`
}

function stepWords(step: AuditStep): StepWords {
  const { stage, rule, does, file, line, answer, later } = step
  const which = answer === true ? 'the answer: ' : later === true ? 'all after it: ' : ''
  return {
    does: `${which}${does}`,
    rule: `${rule}, ${stage}`,
    place: file === undefined || line === undefined ? '' : `${file}:${line}`,
  }
}

function endWords({ verdict, denial, to, inspected }: AuditPart): string {
  const { sources = [], destinations = [], ports = [] } = to ?? {}
  const becomes = [
    ...(destinations.length === 0 ? [] : [`to ${shortly(destinations)}`]),
    ...(ports.length === 0 ? [] : [`port ${ports.join(', ')}`]),
    ...(sources.length === 0 ? [] : [`as ${sources.includes('any') ? unsaidSource : shortly(sources)}`]),
  ].join(' ')
  const how = denial === undefined ? auditLooks[verdict].label : denial === 'drop' ? 'dropped' : 'rejected'
  const opened = inspected === undefined ? '' : `; its TLS ${inspected === 'yes' ? 'is' : 'may be'} opened on the way`
  return `${how}${becomes === '' ? '' : `, ${becomes}`}${opened}`
}
