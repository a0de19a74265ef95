import type { InspectionRule } from '../../catalog/index.ts'
import { inspectionForbidden } from '../../catalog/index.ts'
import type { Finding } from '../../model/finding.ts'
import type { Audited, AuditedFlow } from '../audited.ts'
import type { JudgedPathPart, PathStep } from '../judged.ts'
import { capped } from './capped.ts'
import { cloudOf, isOfService, listOfFlow, rowsOfName } from './flowEnds.ts'
import { allowingStep, gravityOf, placeOfConcerns, spokenFlows, spokenStep, stepGroups, wanted } from './stepGroups.ts'

/** TLS that is opened on the way to a name of which Microsoft says that it must be left alone. */
export function tlsInspection(audited: Audited): readonly Finding[] {
  const concerns = wanted(audited.flows).flatMap((flow) => {
    const part =
      flow.judged.parts.find(({ inspected }) => inspected === 'yes') ??
      flow.judged.parts.find(({ inspected }) => inspected === 'may')
    if (part === undefined || ruleFor(flow, audited) === undefined) return []
    return [{ flow, part, step: inspectingStep(flow, part) }]
  })
  return capped(
    stepGroups(concerns).map((group): Finding => {
      const [{ flow, part, step }] = group
      const rule = ruleFor(flow, audited)
      const isSure = group.some((one) => one.part.inspected === 'yes')
      const opens = isSure ? 'opens' : 'may open'
      return {
        code: 'tls-inspection',
        severity: isSure ? gravityOf(group) : 'medium',
        what: `${spokenStep(step)} ${opens} TLS of ${spokenFlows(group)}`,
        why: `Microsoft says of it: ${rule?.says ?? 'not supported'} (${rule?.source ?? ''}, ${rule?.asOf ?? ''})${isSure ? '' : `; it depends on ${part.dependsOn[0]?.what ?? 'what the configuration does not settle'}`}`,
        next: 'exempt the names before the rule that inspects; then audit again',
        ...placeOfConcerns(group),
      }
    }),
  )
}

/**
 * What Microsoft says about the TLS of a flow. Where the row has a list of names the rule of that list counts; else any of
 * the lists that have the name, for services: of a person's browser only what names the name itself.
 */
function ruleFor(flow: AuditedFlow, audited: Audited): InspectionRule | undefined {
  const { name, request } = flow.asked
  if (name === undefined || request !== 'connect') return undefined
  const list = listOfFlow(flow)
  const lists = new Set(
    rowsOfName(name, cloudOf(audited))
      .filter(({ scheme }) => scheme !== 'http')
      .map(({ feature }) => feature),
  )
  return inspectionForbidden.find((rule) => {
    if (rule.name !== undefined) return rule.name === name
    if (list !== undefined) return rule.feature === list && lists.has(list)
    return (flow.planned === undefined || isOfService(flow)) && lists.has(rule.feature)
  })
}

/** The rule that inspects, or that might; else that of which it is a setting. */
function inspectingStep({ devices }: AuditedFlow, part: JudgedPathPart): PathStep | undefined {
  const isOfInspection = ({ device, stage }: PathStep): boolean =>
    devices.some(
      ({ label, ruleSets }) =>
        label === device &&
        ruleSets.some(({ stages }) => stages.some(({ kind, name }) => kind === 'inspection' && name === stage)),
    )
  return (
    part.decidedBy.findLast(({ does }) => does === 'inspects') ??
    part.decidedBy.findLast(isOfInspection) ??
    allowingStep(part) ??
    part.decidedBy.at(-1)
  )
}
