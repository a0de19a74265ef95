import type { FlowReport } from '../../model/report.ts'
import { durationOf } from './flowWords.ts'

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
  const redirectUri = text('redirectUri')
  if (redirectUri !== undefined) return `signs in with redirect_uri ${redirectUri}`
  if (text('signIn')?.startsWith('none seen') === true) return 'no sign-in seen, so none compared'
  // A domain controller says more of itself below; of another directory only this is worth a word.
  const product = learnt['activeDirectory'] === false ? text('directoryProduct') : undefined
  if (product !== undefined) return product
  const primary = text('soaPrimary')
  if (primary !== undefined) return `zone of ${primary}`
  const host = text('dnsHostName')
  if (host !== undefined) return [host, siteOf(text('site'))].filter((part) => part !== undefined).join(', ')
  const stratum = text('ntpStratum')
  if (stratum !== undefined) return [offsetWords(learnt['clockOffsetMs']), `stratum ${stratum}`].join('')
  // Of a KDC nothing else is worth a word: Samba's repeats whatever realm it was asked for.
  const clockMs = learnt['kerberosError'] === undefined ? undefined : learnt['serverClockMs']
  const realm = text('realmAsked')
  const asked = realm === undefined ? '' : `; asked about ${realm}: give domain: or the full name of the host`
  return typeof clockMs === 'number' ? `clock ${clockWords(clockMs)}${asked}` : undefined
}

function clockWords(ahead: number): string {
  const seconds = Math.round(Math.abs(ahead) / 1000)
  return seconds === 0 ? 'in step' : `${seconds} s ${ahead > 0 ? 'ahead' : 'behind'}`
}

/** A time server tells its clock more finely than a ticket needs it. */
function offsetWords(ahead: unknown): string {
  if (typeof ahead !== 'number') return ''
  const away = Math.round(Math.abs(ahead))
  return away === 0 ? 'clock in step, ' : `clock ${durationOf(away)} ${ahead > 0 ? 'ahead' : 'behind'}, `
}

function siteOf(site: string | undefined): string | undefined {
  return site === undefined ? undefined : `site ${site}`
}
