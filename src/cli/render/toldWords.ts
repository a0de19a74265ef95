import type { FlowReport } from '../../model/report.ts'

/**
 * What a service that is proven said of itself, in the few words of a table's row: the rest is in the whole report.
 *
 * @returns undefined where it said nothing that a person looks for there
 */
export function toldWords({
  target,
  learnt,
  confidence,
}: Pick<FlowReport, 'target' | 'learnt' | 'confidence'>): string | undefined {
  if (confidence !== 'certain') return undefined
  const text = (key: string): string | undefined => {
    const value = learnt[key]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  }
  const list = (key: string): readonly string[] => {
    const value = learnt[key]
    return Array.isArray(value) ? value.map(String) : []
  }
  const bound = list('rpcPortsBound')
  if (target.port === null) return bound.length === 0 ? undefined : `bound on ${bound.join(', ')}`
  const ports = list('rpcPorts')
  if (ports.length > 0) return `names ${ports.map((port) => port.split(' ')[0]).join(', ')}`
  const dialect = text('smbDialect')
  if (dialect !== undefined) return `SMB ${dialect}, signing ${text('smbSigning')}`
  const version = text('sqlVersion')
  if (version !== undefined) return `${text('sqlProduct') ?? 'SQL Server'} (${version})`
  const host = text('dnsHostName')
  if (host !== undefined) return [host, siteOf(text('site'))].filter((part) => part !== undefined).join(', ')
  return undefined
}

function siteOf(site: string | undefined): string | undefined {
  return site === undefined ? undefined : `site ${site}`
}
