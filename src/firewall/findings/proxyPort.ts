import type { Finding } from '../../model/finding.ts'
import type { Audited, AuditedFlow } from '../audited.ts'
import { judgePath } from '../judgePath.ts'
import { portTexts } from '../rangeText.ts'
import { capped } from './capped.ts'
import { isProxy } from './flowEnds.ts'
import {
  denyingStep,
  gravityOf,
  isDenied,
  placeOfConcerns,
  spokenFlows,
  spokenStep,
  stepGroups,
  wanted,
} from './stepGroups.ts'

/** Flows that are asked once more with another port at most. */
const mostAsked = 200

/** Tunnels that a proxy refuses for their port alone: the same name on 443 it would open. */
export function proxyPort({ flows, knowledge }: Audited): readonly Finding[] {
  const refused = wanted(flows).flatMap((flow) => {
    if (flow.asked.request !== 'connect' || flow.asked.ports.some(({ first, last }) => first <= 443 && 443 <= last)) {
      return []
    }
    const part = flow.judged.parts.find((one) => isDenied(one) && isAtProxy(flow, denyingStep(one)?.device))
    return part === undefined ? [] : [{ flow, part, step: denyingStep(part) }]
  })
  const concerns = refused.slice(0, mostAsked).filter(({ flow: { asked, devices }, step }) => {
    const usual = judgePath(devices, { ...asked, ports: [{ first: 443, last: 443 }] }, knowledge, { most: 1_000_000 })
    return !usual.parts.some((one) => isDenied(one) && denyingStep(one)?.device === step?.device)
  })
  return capped(
    stepGroups(concerns).map((group): Finding => {
      const ports = [...new Set(group.flatMap(({ flow }) => portTexts(flow.asked.ports)))]
      return {
        code: 'proxy-port',
        severity: gravityOf(group),
        what: `${spokenStep(group[0].step)} refuses tunnels to port ${ports.join(', ')}: ${spokenFlows(group)}`,
        why: 'to the same name it opens them on 443: the port alone is in the way',
        next: `add ${ports.join(', ')} to the ports of tunnels, for these names alone; then audit again`,
        ...placeOfConcerns(group),
      }
    }),
  )
}

function isAtProxy({ devices }: AuditedFlow, label: string | undefined): boolean {
  return devices.some((device) => device.label === label && isProxy(device))
}
