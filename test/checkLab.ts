import { catalogAsOf } from '../src/catalog/index.ts'
import type { CheckEvent } from '../src/check/check.ts'
import { check } from '../src/check/check.ts'
import { parseSite } from '../src/config/parseSite.ts'
import type { Lab } from '../src/lab/index.ts'
import { parseHostPort } from '../src/model/cidr.ts'
import type { CheckReport } from '../src/model/report.ts'
import type { Site } from '../src/model/site.ts'
import { createNet } from '../src/net/createNet.ts'
import { planFlows } from '../src/plan/planFlows.ts'

export interface LabCheckOptions {
  readonly signal: AbortSignal
  /** Longest single wait in milliseconds. */
  readonly timeoutMs?: number
  readonly onEvent?: (event: CheckEvent) => void
}

/** The lab's site file, read as a user's would be. */
export function siteOfLab(lab: Lab): Site {
  const parsed = parseSite(lab.siteYaml, 'lab.yaml')
  if ('errors' in parsed) throw new Error(JSON.stringify(parsed.errors))
  return parsed.site
}

/** A whole check of the small network from its own machine, with the trust stores that its present fault asks for. */
export async function checkLab(lab: Lab, options: LabCheckOptions): Promise<CheckReport> {
  const site = siteOfLab(lab)
  const from = 'gate01'
  const plan = planFlows(site)
  const flows = plan.filter((flow) => flow.from === from)
  const net = createNet({
    trust: { site: [lab.caPem], machine: lab.machineRoots },
    userAgent: 'postern/test',
    names: site.names,
  })
  const resolver = (text: string) => {
    const parsed = parseHostPort(text)
    return { address: parsed?.host ?? text, port: parsed?.port ?? 53 }
  }
  const { X509Certificate } = await import('node:crypto')
  return check(
    {
      postern: '0.0.0',
      site: site.site,
      from,
      flows,
      elsewhere: plan.length - flows.length,
      context: {
        cloud: site.cloud,
        ...(site.domain !== undefined && { domain: site.domain }),
        trusted: [new X509Certificate(lab.caPem).fingerprint256.replaceAll(':', '')],
        names: site.names,
      },
      resolvers: { internal: site.resolvers.internal.map(resolver), control: site.resolvers.control.map(resolver) },
      families: ['ipv4'],
      catalogAsOf,
      imitates: 'test',
    },
    net,
    { timeoutMs: 1000, ...options },
  )
}
